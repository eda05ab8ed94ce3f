"""Sharing: who may look, at what and until when; every look they took; and how to stop it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.access.care import (
    Relationship,
    change_share,
    code_in,
    ended_just_now,
    relationships_of,
    revoke,
    take_back_revoking,
)
from app.access.looks import Look, looks_at
from app.deps import CurrentPatient, InTransaction, Now, Read, Write
from app.errors import Conflict, FieldError, Invalid
from app.language import _, marked
from app.models.brief_read import Reading, readings_of
from app.models.care import Scope, ShareChange
from app.models.patient import PatientProfile
from app.web.filled_form import checked
from app.web.look_words import look_in_words
from app.web.page import render, see_other
from app.web.saved import NOT_SAVED, Notice, refused_notice
from app.web.submitted import Submitted, text_in, texts_in

router = APIRouter(include_in_schema=False)

LOOKS_SHOWN = 30
DONE = {
    "changed": marked("Saved. It counts from now on."),
    "stopped": marked(
        "Sharing has stopped. They can no longer open anything of yours. After an hour it takes a new"
        " invitation to share again."
    ),
    "goes-on": marked("You are sharing again, as before."),
    "before": marked("You accepted this invitation before. What you share now is below."),
    "accepted": marked("You are sharing now. You can change or stop it here at any time."),
}


@dataclass(frozen=True, slots=True)
class LookInWords:
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """`sharing` is in force today, `ended` is not; of that, `ended_just_now` can still be taken back. `older`
    is the record to go on from, if there are more.

    `readings` are the last briefs marked as read, by therapist.
    """

    sharing: list[Relationship]
    ended: list[Relationship]
    ended_just_now: set[UUID]
    looks: list[LookInWords]
    older: int | None
    readings: dict[UUID, Reading]


@router.get("/sharing")
async def show_sharing(
    request: Request,
    patient: CurrentPatient,
    read: Read,
    now: Now,
    done: Annotated[str, Query(max_length=16)] = "",
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
    about: UUID | None = None,
) -> Response:
    undoes = about if done == "stopped" else None
    notice = Notice(_(DONE[done]), undoes) if done in DONE else None
    return await _page(request, patient, read, now, notice, before=before)


@router.post("/sharing/{relationship_id}/change")
async def post_change(
    request: Request,
    relationship_id: UUID,
    form: Submitted,
    patient: CurrentPatient,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    try:
        await write(change_share, patient, relationship_id, _change_in(form), now)
    except Invalid as invalid:
        return await _page(request, patient, read, now, refused_notice(invalid), status=422)
    return see_other("/sharing?done=changed")


@router.post("/sharing/{relationship_id}/stop")
async def post_stop(relationship_id: UUID, patient: CurrentPatient, write: Write, now: Now) -> Response:
    """One tap, no question asked: Undo takes it back, and after an hour a new invitation starts it again."""
    await write(revoke, patient.id, relationship_id, now)
    return see_other(f"/sharing?done=stopped&about={relationship_id}")


@router.post("/sharing/{relationship_id}/go-on")
async def post_go_on(
    request: Request, relationship_id: UUID, patient: CurrentPatient, read: Read, write: Write, now: Now
) -> Response:
    try:
        await write(take_back_revoking, patient, relationship_id, now)
    except Conflict as error:
        notice = Notice(_(NOT_SAVED, why=error.message), tone="heed")
        return await _page(request, patient, read, now, notice, status=error.status)
    return see_other("/sharing?done=goes-on")


@router.post("/sharing/invitation")
async def post_invitation(
    request: Request, form: Submitted, patient: CurrentPatient, read: Read, now: Now
) -> Response:
    """A pasted code or link leads to the invitation's own page, where nothing is accepted yet."""
    pasted = text_in(form, "code")
    if code := code_in(pasted):
        return see_other(f"/invitations/{code}")
    wrong = Invalid(FieldError("code", "code", _("This is not an invitation. Paste the whole code or link.")))
    return await _page(request, patient, read, now, refused_notice(wrong), pasted=pasted, status=422)


def read_sharing(db: Session, patient: PatientProfile, now: datetime, before: int | None) -> Sharing:
    today = patient.day_at(now)
    relationships = relationships_of(db, patient.id)
    looks = looks_at(db, patient.id, before, LOOKS_SHOWN + 1)
    return Sharing(
        sharing=[one for one in relationships if _is_in_force(one, today)],
        ended=[one for one in relationships if not _is_in_force(one, today)],
        ended_just_now=ended_just_now(db, patient.id, now),
        looks=_in_words(looks[:LOOKS_SHOWN]),
        older=looks[LOOKS_SHOWN - 1].number if len(looks) > LOOKS_SHOWN else None,
        readings=readings_of(db, patient.id),
    )


async def _page(
    request: Request,
    patient: PatientProfile,
    read: InTransaction,
    now: datetime,
    notice: Notice | None,
    *,
    before: int | None = None,
    pasted: str = "",
    status: int = 200,
) -> Response:
    page = await read(read_sharing, patient, now, before)
    return render(
        request,
        "sharing.html",
        status,
        page=page,
        notice=notice,
        pasted=pasted,
        today=patient.day_at(now),
        now=now,
        zone=patient.zone,
        scopes=list(Scope),
    )


def _change_in(form: FormData) -> ShareChange:
    scopes = texts_in(form, "scope")
    if not scopes:
        raise Invalid(
            FieldError("scopes", "empty", _("Choose at least one thing to share, or stop sharing."))
        )
    return checked(ShareChange, {"scopes": scopes, "expires_on": text_in(form, "expires_on") or None})


def _is_in_force(relationship: Relationship, today: date) -> bool:
    expired = relationship.expires_on is not None and relationship.expires_on < today
    return relationship.revoked_at is None and not expired


def _in_words(looks: Iterable[Look]) -> list[LookInWords]:
    return [LookInWords(look.at, look_in_words(look)) for look in looks]
