"""A therapist's practice: who belongs to it, inviting a colleague, joining and leaving."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.care import code_in
from app.access.practices import (
    end_membership,
    found_practice,
    invite_colleague,
    join_practice,
    practice_if_any,
    preview_practice,
    rename_practice,
)
from app.deps import AppSettings, CurrentTherapist, InTransaction, Now, Read, Write
from app.errors import AftercareError, Conflict, FieldError, Invalid
from app.language import _, marked
from app.models.practice import PracticeIn
from app.models.therapist import TherapistProfile
from app.web.filled_form import FilledForm, checked, refused
from app.web.invitations import qr_code
from app.web.page import render, see_other
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)

DONE = {
    "founded": marked("Your practice is there. Invite a colleague when you like."),
    "renamed": marked("Saved."),
    "joined": marked("You belong to this practice now."),
    "left": marked("You have left. Your own templates stay with you."),
    "removed": marked("They do not belong to the practice any more."),
}


@router.get("/practice")
async def show_practice(
    request: Request, therapist: CurrentTherapist, read: Read, done: Annotated[str, Query(max_length=16)] = ""
) -> Response:
    words = _(DONE[done]) if done in DONE else ""
    return await _page(request, therapist, read, FilledForm({"name": "", "code": ""}), words)


@router.post("/practice")
async def post_practice(
    request: Request, form: Submitted, therapist: CurrentTherapist, read: Read, write: Write, now: Now
) -> Response:
    """Start a practice, or give it another name."""
    values = {"name": text_in(form, "name"), "code": ""}
    is_new = await read(practice_if_any, therapist.id) is None
    try:
        wanted = checked(PracticeIn, {"name": values["name"]})
        if is_new:
            await write(found_practice, therapist.id, wanted, now)
        else:
            await write(rename_practice, therapist.id, wanted)
    except (Invalid, Conflict) as error:
        return await _page(request, therapist, read, refused(values, error, about="name"))
    return see_other(f"/practice?done={'founded' if is_new else 'renamed'}")


@router.post("/practice/invitation")
async def post_code(request: Request, form: Submitted, therapist: CurrentTherapist, read: Read) -> Response:
    """Come in with a code or a link that a colleague sent."""
    pasted = text_in(form, "code")
    if code := code_in(pasted):
        return see_other(f"/practice/invitations/{code}")
    wrong = Invalid(FieldError("code", "unknown", _("Paste the whole code or link from your colleague.")))
    return await _page(request, therapist, read, refused({"name": "", "code": pasted}, wrong))


@router.post("/practice/invitations")
async def make_practice_invitation(therapist: CurrentTherapist, write: Write, now: Now) -> Response:
    code, _expires_at = await write(invite_colleague, therapist.id, now)
    return see_other(f"/practice/invitations/{code}")


@router.get("/practice/invitations/{code}")
async def show_practice_invitation(
    request: Request, code: str, therapist: CurrentTherapist, settings: AppSettings, read: Read, now: Now
) -> Response:
    """A member gets the link to hand on, a colleague what there is to join."""
    return await _invitation(request, code, therapist, settings.practice_invitation_url(code), read, now)


@router.post("/practice/invitations/{code}/accept")
async def post_join(
    request: Request,
    code: str,
    therapist: CurrentTherapist,
    settings: AppSettings,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    try:
        await write(join_practice, code, therapist.id, now)
    except Conflict as error:
        link = settings.practice_invitation_url(code)
        return await _invitation(request, code, therapist, link, read, now, error)
    return see_other("/practice?done=joined")


@router.post("/practice/members/{member_id}/end")
async def post_end(member_id: UUID, therapist: CurrentTherapist, write: Write, now: Now) -> Response:
    await write(end_membership, therapist.id, member_id, now)
    return see_other(f"/practice?done={'left' if member_id == therapist.id else 'removed'}")


async def _page(
    request: Request, therapist: TherapistProfile, read: InTransaction, form: FilledForm, words: str = ""
) -> Response:
    practice = await read(practice_if_any, therapist.id)
    return render(
        request,
        "colleagues.html",
        form.status,
        therapist=therapist,
        practice=practice,
        form=form,
        words=words,
        zone=therapist.zone,
    )


async def _invitation(
    request: Request,
    code: str,
    therapist: TherapistProfile,
    link: str,
    read: InTransaction,
    now: Now,
    error: AftercareError | None = None,
) -> Response:
    invitation = await read(preview_practice, code, now)
    own = await read(practice_if_any, therapist.id)
    is_member = own is not None and own.id == invitation.practice_id
    return render(
        request,
        "practice_invitation.html",
        error.status if error else 200,
        invitation=invitation,
        own=own,
        is_member=is_member,
        link=link,
        qr=qr_code(link) if is_member else "",
        refused=error.message if error else "",
        zone=therapist.zone,
    )
