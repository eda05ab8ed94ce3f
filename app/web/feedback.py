"""Feedback on a session, and the button for when something is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.deps import CurrentPatient, Now, Read, Write
from app.errors import Invalid, NotFound
from app.models.feedback import FeedbackIn
from app.models.patient import PatientProfile
from app.treatment.feedback import give_feedback, say_something_is_wrong, take_back_something_is_wrong
from app.treatment.seen import Caller, SessionSeen, session_seen, who_sees_ticks
from app.web.filled_form import FilledForm, checked, refused
from app.web.page import render, see_other
from app.web.session_forms import whole
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class FeedbackPage:
    """A held session, and the names of those who see it when something is wrong."""

    session: SessionSeen
    seen_by: list[str]


@router.get("/sessions/{session_id}/feedback")
async def show_feedback(
    request: Request, session_id: UUID, patient: CurrentPatient, read: Read, now: Now
) -> Response:
    page = await read(_read_feedback, patient, session_id, now)
    given = page.session.feedback
    values = {
        "pressure": given.pressure if given else None,
        "soreness": given.soreness if given else None,
        "comment": (given.comment if given else "") or "",
    }
    return _shown(request, page, patient, FilledForm(values), now)


@router.post("/sessions/{session_id}/feedback")
async def post_feedback(
    request: Request,
    session_id: UUID,
    form: Submitted,
    patient: CurrentPatient,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    typed = {
        "pressure": text_in(form, "pressure") or None,
        "soreness": whole(text_in(form, "soreness")),
        "comment": text_in(form, "comment"),
    }
    try:
        await write(give_feedback, patient, session_id, checked(FeedbackIn, typed), now)
    except Invalid as invalid:
        page = await read(_read_feedback, patient, session_id, now)
        return _shown(request, page, patient, refused(typed, invalid), now)
    return see_other("/sessions?done=thanks")


@router.get("/sessions/{session_id}/something-wrong")
async def show_something_wrong(
    request: Request, session_id: UUID, patient: CurrentPatient, read: Read
) -> Response:
    """How to get help; and, once it was ticked, the way back."""
    session = _held(await read(session_seen, Caller.patient_self(patient), session_id))
    ticked = session.feedback is not None and session.feedback.something_wrong_at is not None
    return render(request, "something_wrong.html", session=session, ticked=ticked)


@router.post("/sessions/{session_id}/something-wrong")
async def post_something_wrong(session_id: UUID, patient: CurrentPatient, write: Write, now: Now) -> Response:
    await write(say_something_is_wrong, patient, session_id, now)
    return see_other(f"/sessions/{session_id}/something-wrong")


@router.post("/sessions/{session_id}/something-wrong/back")
async def post_nothing_wrong(
    request: Request, session_id: UUID, patient: CurrentPatient, write: Write, now: Now
) -> Response:
    await write(take_back_something_is_wrong, patient, session_id, now)
    request.app.state.worker.wake()
    return see_other("/aftercare?done=back")


def _read_feedback(db: Session, patient: PatientProfile, session_id: UUID, now: datetime) -> FeedbackPage:
    session = _held(session_seen(db, Caller.patient_self(patient), session_id))
    return FeedbackPage(session, who_sees_ticks(db, patient, session_id, now))


def _held(session: SessionSeen) -> SessionSeen:
    if session.held_at is None:
        raise NotFound
    return session


def _shown(
    request: Request, page: FeedbackPage, patient: PatientProfile, form: FilledForm, now: datetime
) -> Response:
    return render(
        request,
        "feedback.html",
        form.status,
        session=page.session,
        seen_by=page.seen_by,
        form=form,
        zone=patient.zone,
        now=now,
    )
