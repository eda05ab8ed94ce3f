"""Book, move, cancel and hold treatment sessions: a therapist their own, a patient those they keep alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Conflict, FieldError, Invalid, NotFound
from app.language import _
from app.models.aftercare import STANDARD, AftercareSequence, AftercareStep, EndedBecause
from app.models.care import therapists_of
from app.models.check_in import CheckIn
from app.models.treatment_session import (
    BookSession,
    SessionChange,
    SessionHeld,
    TreatmentSession,
    is_kept_alone,
)
from app.reminders.aftercare import Outlook, end_sequence, outlook_once_held, plan_sequences, start_sequence
from app.treatment.intake import one_at_a_time
from app.treatment.seen import Caller, SessionSeen, session_seen
from app.treatment.templates import steps_in

FURTHEST = timedelta(days=730)
AHEAD_AT_MOST = 200
"""Sessions of one patient that were booked and neither held nor cancelled."""


def book(db: Session, caller: Caller, wanted: BookSession, now: datetime) -> SessionSeen:
    """A new session. Raises Conflict for a second one at the same time, and for a patient whose therapist
    here keeps their sessions."""
    return book_once(db, caller, uuid4(), wanted, now)


def book_once(
    db: Session, caller: Caller, session_id: UUID, wanted: BookSession, now: datetime
) -> SessionSeen:
    """The same; the page that asks gives the session its id, so a form sent twice is one session."""
    one_at_a_time(db, caller.patient.id)
    if db.get(TreatmentSession, session_id) is not None:
        return _booked_as(db, caller, _own(db, caller, session_id, now), wanted)
    _require_own_keeping(db, caller, now)
    _require_near(wanted.starts_at, now)
    booked = _booked(db, caller)
    _require_free(booked, wanted.starts_at)
    if len(booked) >= AHEAD_AT_MOST:
        raise Conflict(_("There are too many sessions ahead. Cancel some first."))
    session = _new(caller, session_id, wanted.starts_at, wanted.minutes)
    db.add(session)
    db.flush()
    _take_waiting_check_in(db, session)
    plan_sequences(db, caller.patient, now)
    return session_seen(db, caller, session.id)


def change(
    db: Session, caller: Caller, session_id: UUID, wanted: SessionChange, now: datetime
) -> SessionSeen:
    """Move, cancel, or correct what was kept of a held session; what hangs on it moves along. Raises Conflict
    where it would stand beside another at the same time."""
    one_at_a_time(db, caller.patient.id)
    session = _own(db, caller, session_id, now)
    stood_at = session.stands_at
    if wanted.cancelled is False:
        session.take_back_cancelling()
    if wanted.starts_at is not None or wanted.minutes is not None:
        starts_at = wanted.starts_at or session.starts_at
        _require_near(starts_at, now)
        if wanted.starts_at is not None and starts_at < now - TreatmentSession.AHEAD_UNTIL:
            raise Invalid(FieldError("starts_at", "past", _("Choose a time that is still to come.")))
        session.move(starts_at, wanted.minutes)
    if wanted.cancelled:
        session.cancel(at=now)
    if "held_at" in wanted.model_fields_set:
        _correct(db, session, wanted.held_at, now)
    _rewrite(session, caller, wanted)
    db.flush()
    if session.stands_at not in (None, stood_at):
        _require_free([one for one in _booked(db, caller) if one.id != session.id], session.starts_at)
    plan_sequences(db, caller.patient, now)
    return session_seen(db, caller, session_id)


def hold(db: Session, caller: Caller, session_id: UUID, held: SessionHeld, now: datetime) -> SessionSeen:
    """Mark a session as held, once, and start its aftercare."""
    one_at_a_time(db, caller.patient.id)
    return _hold(db, caller, _own(db, caller, session_id, now), held, now)


def hold_unbooked(
    db: Session, caller: Caller, session_id: UUID, minutes: int, held: SessionHeld, now: datetime
) -> SessionSeen:
    """The same for a session nobody had booked. The page that asks gives it its id, so twice is once."""
    one_at_a_time(db, caller.patient.id)
    _require_own_keeping(db, caller, now)
    session = db.get(TreatmentSession, session_id)
    if session is None:
        session = _new(caller, session_id, held.held_at - timedelta(minutes=minutes), minutes)
        db.add(session)
        db.flush()
    session = _own(db, caller, session_id, now)
    if _was_held_as(db, caller, session, held):
        return session_seen(db, caller, session_id)
    return _hold(db, caller, session, held, now)


def outlook(db: Session, caller: Caller, session_id: UUID, held_at: datetime, now: datetime) -> Outlook:
    """What will decide about the steps of this session once it is marked as held."""
    session = _new(caller, session_id, held_at, 0)
    session.held_at = held_at
    return outlook_once_held(db, caller.patient, session, now)


def _hold(
    db: Session, caller: Caller, session: TreatmentSession, held: SessionHeld, now: datetime
) -> SessionSeen:
    steps, version_id = _chosen_steps(db, caller, held)
    session.hold(held, caller.account_id, now=now)
    db.flush()
    _take_waiting_check_in(db, session)
    if steps:
        start_sequence(db, caller.patient, session, steps, version_id, now)
    plan_sequences(db, caller.patient, now)
    return session_seen(db, caller, session.id)


def _booked_as(db: Session, caller: Caller, session: TreatmentSession, wanted: BookSession) -> SessionSeen:
    """A session that was booked before by the same form. Raises Conflict where it does not stand so."""
    if (session.stands_at, session.minutes) != (wanted.starts_at, wanted.minutes):
        raise Conflict(_("This form was sent before. Open the page again to book another session."))
    return session_seen(db, caller, session.id)


def _was_held_as(db: Session, caller: Caller, session: TreatmentSession, held: SessionHeld) -> bool:
    steps, _version_id = _chosen_steps(db, caller, held)
    sequence = db.get(AftercareSequence, session.id)
    return session.is_held_as(held) and [step.stored() for step in steps] == (
        sequence.steps if sequence else []
    )


def _own(db: Session, caller: Caller, session_id: UUID, now: datetime) -> TreatmentSession:
    """A session the caller keeps. One kept by somebody else is not there to be changed."""
    session = db.get(TreatmentSession, session_id, with_for_update={"key_share": True})
    if session is None or session.patient_id != caller.patient.id:
        raise NotFound
    treating = therapists_of(db, caller.patient.id, caller.patient.day_at(now))
    if not caller.keeps(session, treating):
        raise NotFound
    return session


def _require_own_keeping(db: Session, caller: Caller, now: datetime) -> None:
    if caller.therapist_id is None and therapists_of(db, caller.patient.id, caller.patient.day_at(now)):
        raise Conflict(_("Your therapist here keeps your sessions. Ask them to book it."))


def _require_near(starts_at: datetime, now: datetime) -> None:
    if not now - TreatmentSession.HELD_BACK <= starts_at <= now + FURTHEST:
        raise Invalid(FieldError("starts_at", "too_far", _("Choose a time within the next two years.")))


def _require_free(booked: Sequence[TreatmentSession], starts_at: datetime) -> None:
    if any(one.starts_at == starts_at for one in booked):
        raise Conflict(_("There is a session at that time already."))


def _booked(db: Session, caller: Caller) -> Sequence[TreatmentSession]:
    """The caller's sessions that were neither held nor cancelled."""
    by_therapist = col(TreatmentSession.therapist_id) == caller.therapist_id
    return db.scalars(
        select(TreatmentSession).where(
            col(TreatmentSession.patient_id) == caller.patient.id,
            is_kept_alone() if caller.therapist_id is None else by_therapist,
            col(TreatmentSession.held_at).is_(None),
            col(TreatmentSession.cancelled_at).is_(None),
        )
    ).all()


def _new(caller: Caller, session_id: UUID, starts_at: datetime, minutes: int) -> TreatmentSession:
    return TreatmentSession(
        id=session_id,
        patient_id=caller.patient.id,
        therapist_id=caller.therapist_id,
        starts_at=starts_at.astimezone(UTC),
        minutes=minutes,
    )


def _take_waiting_check_in(db: Session, session: TreatmentSession) -> None:
    """What the patient said for the next session, whenever that would be, was said for this one, unless they
    said it once this one was over."""
    if db.scalar(select(func.count()).where(col(CheckIn.session_id) == session.id)):
        return
    ended_at = session.held_at or session.starts_at + timedelta(minutes=session.minutes)
    waiting = (col(CheckIn.patient_id) == session.patient_id, col(CheckIn.session_id).is_(None))
    said_before = col(CheckIn.updated_at) < ended_at
    db.execute(update(CheckIn).where(*waiting, said_before).values(session_id=session.id))


def _correct(db: Session, session: TreatmentSession, held_at: datetime | None, now: datetime) -> None:
    if held_at is not None:
        session.correct_held_at(held_at, now=now)
        return
    session.take_back_holding()
    db.flush()
    sequence = db.get(AftercareSequence, session.id)
    if sequence is not None:
        end_sequence(db, sequence, EndedBecause.NOT_HELD, now)


def _rewrite(session: TreatmentSession, caller: Caller, wanted: SessionChange) -> None:
    """Correct what was written, by whoever wrote it."""
    said = {"regions", "findings", "done", "visibility"} & wanted.model_fields_set
    if not said:
        return
    if session.held_at is None:
        raise Conflict(_("This session was not held yet."))
    if session.written_by != caller.account_id:
        raise NotFound
    session.sqlmodel_update(wanted.model_dump(mode="json", include=said))


def _chosen_steps(
    db: Session, caller: Caller, held: SessionHeld
) -> tuple[Sequence[AftercareStep], UUID | None]:
    if held.aftercare is not None:
        version_id = steps_in(db, caller.therapist_id, held.template)[1] if held.template else None
        return held.aftercare, version_id
    return steps_in(db, caller.therapist_id, held.template) if held.template else (STANDARD, None)
