"""The page of sessions and its forms, alike on both sides of care: who asks decides what can be changed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.deps import CurrentPatient, CurrentTherapist, InTransaction, Now, PatientInCare, Read, Write
from app.errors import AftercareError, Conflict, Invalid
from app.language import _, marked
from app.models.care import therapists_of
from app.models.treatment_session import SessionChange, TreatmentSession
from app.treatment.seen import Caller, SessionSeen, sessions_of
from app.treatment.sessions import book_once, change
from app.web.page import render, see_other
from app.web.saved import NOT_SAVED, Notice, refused_notice
from app.web.session_forms import USUAL_MINUTES, booking_in, correction_in, day_and_time, move_in
from app.web.submitted import id_in, text_in

SHOWN_AT_MOST = 60
CANCELLED_SHOWN_FOR = timedelta(days=30)
RECENT_FOR = timedelta(days=21)
DONE = {
    "booked": marked("Booked."),
    "moved": marked("Moved."),
    "cancelled": marked("Cancelled."),
    "back": marked("The session is back."),
    "held": marked("Saved. The steps of the next days are on their way."),
    "held_only": marked("Saved."),
    "corrected": marked("Corrected. The steps moved along."),
    "not_held": marked("Noted: it was not held. No further step comes."),
    "thanks": marked("Saved. Thank you."),
}
ENTERED = ("held", "held_only", "corrected")
"""After these a session can be corrected at once, however long ago it was."""


def done_with(seen: SessionSeen) -> str:
    """What to say of a session that was just held."""
    return "held" if is_under_way(seen) else "held_only"


def is_under_way(seen: SessionSeen) -> bool:
    """Whether steps of its aftercare are still to come."""
    steps = seen.aftercare.steps if seen.aftercare else []
    return any(step.state == "coming" for step in steps)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as the page shows it; `day` and `time` fill the fields that move or correct it.

    `whose` says with whom it is, where the page does not say so itself. What is recent can be corrected.
    """

    seen: SessionSeen
    is_own: bool
    is_recent: bool
    whose: str
    day: str
    time: str

    @property
    def is_under_way(self) -> bool:
        return is_under_way(self.seen)


@dataclass(frozen=True, slots=True)
class SessionsShown:
    """`ahead` are booked and still to come or to be marked as held, the next one first.

    `to_hold` is the one that took place, or a new id, so that two taps make one session; so is `to_book`.
    """

    ahead: list[SessionLine]
    held: list[SessionLine]
    cancelled: list[SessionLine]
    may_book: bool
    new_day: str
    new_time: str
    new_minutes: str
    to_book: UUID
    to_hold: UUID
    held_day: str
    held_time: str


class SessionsDesk:
    """Who asks, by which clock, and how the page answers."""

    def __init__(
        self,
        request: Request,
        caller: Caller,
        zone: str,
        read: InTransaction,
        write: InTransaction,
        now: datetime,
    ) -> None:
        self.request, self.caller, self.zone = request, caller, zone
        self.read, self.write, self.now = read, write, now

    @property
    def is_therapist(self) -> bool:
        return self.caller.therapist_id is not None

    @property
    def path(self) -> str:
        return f"/patients/{self.caller.patient.id}/sessions" if self.is_therapist else "/sessions"

    def done(self, what: str, about: UUID | None = None) -> Response:
        """Show the page anew, and have the worker look at what has changed."""
        self.request.app.state.worker.wake()
        return see_other(f"{self.path}?done={what}" + (f"&about={about}" if about else ""))

    async def page(
        self,
        notice: Notice | None = None,
        undo: str = "",
        status: int = 200,
        entered: UUID | None = None,
        **typed: Any,
    ) -> Response:
        """`entered` is a held session that was just written down, and `typed` fills the fields of a form that
        could not be taken."""
        shown = await self.read(read_sessions, self.caller, self.zone, self.now)
        return render(
            self.request,
            "patient_sessions.html" if self.is_therapist else "own_sessions.html",
            status,
            patient=self.caller.patient,
            shown=replace(shown, **typed),
            is_typed=bool(typed),
            entered=entered,
            path=self.path,
            zone=self.zone,
            now=self.now,
            notice=notice,
            undo=undo,
        )

    async def refused(self, error: AftercareError, **typed: Any) -> Response:
        why = refused_notice(error) if isinstance(error, Invalid) else None
        notice = why or Notice(_(NOT_SAVED, why=error.message), tone="heed")
        return await self.page(notice, status=error.status, **typed)

    async def show(self, done: str, about: UUID | None) -> Response:
        words = DONE.get(done)
        undo = f"{self.path}/{about}/back" if done == "cancelled" and about else ""
        entered = about if done in ENTERED else None
        return await self.page(Notice(_(words)) if words else None, undo, entered=entered)

    async def book(self, form: FormData) -> Response:
        try:
            await self.write(
                book_once, self.caller, id_in(form, "session"), booking_in(form, self.zone), self.now
            )
        except (Invalid, Conflict) as error:
            typed = {f"new_{name}": text_in(form, name) for name in ("day", "time", "minutes")}
            return await self.refused(error, **typed)
        return self.done("booked")

    async def change(self, session_id: UUID, wanted: SessionChange, what: str) -> Response:
        try:
            await self.write(change, self.caller, session_id, wanted, self.now)
        except (Invalid, Conflict) as error:
            return await self.refused(error)
        return self.done(what, session_id)

    async def by_form(self, session_id: UUID, form: FormData, what: str) -> Response:
        """Move, or correct when it was held, by the day and the time in the form."""
        read: Callable[[FormData, str], SessionChange] = move_in if what == "moved" else correction_in
        try:
            wanted = read(form, self.zone)
        except Invalid as error:
            return await self.refused(error)
        return await self.change(session_id, wanted, what)

    async def act(self, session_id: UUID, action: str, form: FormData) -> Response:
        match action:
            case "move":
                return await self.by_form(session_id, form, "moved")
            case "correct" if text_in(form, "not_held"):
                return await self.change(session_id, SessionChange(held_at=None), "not_held")
            case "correct":
                return await self.by_form(session_id, form, "corrected")
            case "cancel":
                return await self.change(session_id, SessionChange(cancelled=True), "cancelled")
            case _back:
                return await self.change(session_id, SessionChange(cancelled=False), "back")


async def _therapists_desk(
    request: Request, patient: PatientInCare, therapist: CurrentTherapist, read: Read, write: Write, now: Now
) -> SessionsDesk:
    return SessionsDesk(request, Caller.therapist_of(patient), therapist.zone, read, write, now)


async def _patients_desk(
    request: Request, patient: CurrentPatient, read: Read, write: Write, now: Now
) -> SessionsDesk:
    return SessionsDesk(request, Caller.patient_self(patient), patient.zone, read, write, now)


TherapistsDesk = Annotated[SessionsDesk, Depends(_therapists_desk)]
PatientsDesk = Annotated[SessionsDesk, Depends(_patients_desk)]


def read_sessions(db: Session, caller: Caller, zone: str, now: datetime) -> SessionsShown:
    sessions = sessions_of(db, caller, at_most=SHOWN_AT_MOST).sessions
    treated_here = therapists_of(db, caller.patient.id, caller.patient.day_at(now))
    lines = [_line(one, caller, zone, treated_here, now) for one in sessions]
    day, _time = day_and_time(now + timedelta(days=7), zone)
    begun = next((one for one in lines if _is_ahead(one.seen, now) and one.seen.starts_at <= now), None)
    ended = begun.seen.starts_at + timedelta(minutes=begun.seen.minutes) if begun else now
    held_day, held_time = day_and_time(min(ended, now), zone)
    return SessionsShown(
        ahead=[line for line in reversed(lines) if _is_ahead(line.seen, now)],
        held=[line for line in lines if line.seen.held_at],
        cancelled=[line for line in lines if _is_lately_cancelled(line.seen, now)],
        may_book=caller.therapist_id is not None or not treated_here,
        new_day=day,
        new_time="10:00",
        new_minutes=str(USUAL_MINUTES),
        to_book=uuid4(),
        to_hold=begun.seen.id if begun else uuid4(),
        held_day=held_day,
        held_time=held_time,
    )


def _line(
    seen: SessionSeen, caller: Caller, zone: str, treating: Collection[UUID], now: datetime
) -> SessionLine:
    day, clock = day_and_time(seen.held_at or seen.starts_at, zone)
    is_own = caller.keeps(seen, treating)
    is_recent = seen.held_at is not None and seen.held_at > now - RECENT_FOR
    return SessionLine(seen, is_own, is_recent, _whose(seen, caller), day, clock)


def _whose(seen: SessionSeen, caller: Caller) -> str:
    if caller.therapist_id is None:
        return seen.therapist_name or ""
    return "" if seen.therapist_id else _("kept by the patient")


def _is_ahead(seen: SessionSeen, now: datetime) -> bool:
    """Booked; one nobody marked as held stays for a week, so that it still can be."""
    is_open = seen.held_at is None and seen.cancelled_at is None
    return is_open and seen.starts_at > now - timedelta(days=7) - TreatmentSession.AHEAD_UNTIL


def _is_lately_cancelled(seen: SessionSeen, now: datetime) -> bool:
    return seen.cancelled_at is not None and seen.cancelled_at > now - CANCELLED_SHOWN_FOR
