"""Invitations and consent."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from app.access.care import (
    InvitationPreview,
    OpenInvitation,
    Relationship,
    accept_invitation,
    change_share,
    invite,
    invite_within_limit,
    open_invitations,
    preview_invitation,
    relationships_of,
    revoke,
)
from app.api.strict_route import StrictJSONRoute
from app.deps import AppSettings, CurrentAccount, CurrentPatient, CurrentTherapist, Now, Read, Write
from app.models.care import AcceptInvitation, ShareChange

router = APIRouter(tags=["care"], route_class=StrictJSONRoute)


class InvitationOut(BaseModel):
    """Shown once: the code is stored only as a hash."""

    code: str
    url: str
    expires_at: datetime


class OpenInvitations(BaseModel):
    """Every invitation of a therapist that somebody can still accept, the newest first."""

    invitations: list[OpenInvitation]


class Relationships(BaseModel):
    """Every accepted relationship of an account, the newest first, ended ones included."""

    relationships: list[Relationship]


@router.post("/invitations", status_code=201)
async def create_invitation(
    therapist: CurrentTherapist, settings: AppSettings, write: Write, now: Now
) -> InvitationOut:
    """A single-use invitation, valid for seven days."""
    make = invite_within_limit if settings.limits_rates else invite
    code, expires_at = await write(make, therapist.id, now)
    return InvitationOut(code=code, url=settings.invitation_url(code), expires_at=expires_at)


@router.get("/invitations")
async def list_invitations(therapist: CurrentTherapist, read: Read, now: Now) -> OpenInvitations:
    """My invitations that nobody has accepted yet. `DELETE /api/care/{id}` withdraws one."""
    return OpenInvitations(invitations=await read(open_invitations, therapist.id, now))


@router.get("/invitations/{code}")
async def read_invitation(code: str, read: Read, now: Now) -> InvitationPreview:
    """Who invites, before anything is accepted. Whoever holds the code may see this."""
    return await read(preview_invitation, code, now)


@router.post("/invitations/{code}/accept", status_code=201)
async def accept(
    code: str, consent: AcceptInvitation, patient: CurrentPatient, write: Write, now: Now
) -> Relationship:
    """Let the therapist who invited near the chosen parts of my diary."""
    return await write(accept_invitation, code, patient, consent, now)


@router.get("/care")
async def list_relationships(account: CurrentAccount, read: Read, now: Now) -> Relationships:
    """Ended ones included; of those a therapist sees when, and no longer who."""
    return Relationships(relationships=await read(relationships_of, account.account_id, now))


@router.patch("/care/{relationship_id}")
async def change_relationship(
    relationship_id: UUID, change: ShareChange, patient: CurrentPatient, write: Write, now: Now
) -> Relationship:
    """Change what a therapist may see, or until when."""
    return await write(change_share, patient, relationship_id, change, now)


@router.delete("/care/{relationship_id}", status_code=204)
async def revoke_relationship(relationship_id: UUID, account: CurrentAccount, write: Write, now: Now) -> None:
    """End the sharing, or withdraw an open invitation; it counts from the next request on."""
    await write(revoke, account.account_id, relationship_id, now)
