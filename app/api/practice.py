"""A practice of several therapists: what they share is templates, never patients."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from app.access.practices import (
    PracticePreview,
    PracticeSeen,
    end_membership,
    found_practice,
    invite_colleague,
    join_practice,
    practice_of,
    preview_practice,
    rename_practice,
)
from app.api.strict_route import StrictJSONRoute
from app.deps import AppSettings, CurrentTherapist, Now, Read, Write
from app.models.practice import PracticeIn

router = APIRouter(prefix="/practice", tags=["practice"], route_class=StrictJSONRoute)


class PracticeInvitationOut(BaseModel):
    """Shown once: the code is stored only as a hash."""

    code: str
    url: str
    expires_at: datetime


@router.get("")
async def read_practice(therapist: CurrentTherapist, read: Read) -> PracticeSeen:
    """Your practice and who belongs to it; 404 when you work alone."""
    return await read(practice_of, therapist.id)


@router.post("", status_code=201)
async def post_practice(
    wanted: PracticeIn, therapist: CurrentTherapist, write: Write, now: Now
) -> PracticeSeen:
    """Start a practice, to share templates and stand in for one another."""
    return await write(found_practice, therapist.id, wanted, now)


@router.patch("")
async def patch_practice(wanted: PracticeIn, therapist: CurrentTherapist, write: Write) -> PracticeSeen:
    """Change the name of my practice."""
    return await write(rename_practice, therapist.id, wanted)


@router.post("/invitations", status_code=201)
async def create_practice_invitation(
    therapist: CurrentTherapist, settings: AppSettings, write: Write, now: Now
) -> PracticeInvitationOut:
    """A single-use invitation for a colleague, valid for seven days."""
    code, expires_at = await write(invite_colleague, therapist.id, now)
    url = settings.practice_invitation_url(code)
    return PracticeInvitationOut(code=code, url=url, expires_at=expires_at)


@router.get("/invitations/{code}")
async def read_practice_invitation(
    code: str, therapist: CurrentTherapist, read: Read, now: Now
) -> PracticePreview:
    """Who invites you, and who belongs to the practice."""
    return await read(preview_practice, code, now)


@router.post("/invitations/{code}/accept", status_code=201)
async def accept_practice_invitation(
    code: str, therapist: CurrentTherapist, write: Write, now: Now
) -> PracticeSeen:
    """Join the practice that invited me."""
    return await write(join_practice, code, therapist.id, now)


@router.delete("/members/{member_id}", status_code=204)
async def delete_member(member_id: UUID, therapist: CurrentTherapist, write: Write, now: Now) -> None:
    """Leave with your own id; who founded the practice removes others."""
    await write(end_membership, therapist.id, member_id, now)
