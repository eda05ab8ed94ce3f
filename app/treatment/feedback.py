"""What a patient says after a session: how it was, and that something is wrong."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.diary.record import record_one
from app.errors import Conflict, NotFound
from app.language import _
from app.models.aftercare import AftercareSequence, EndedBecause, StepKind
from app.models.daily_log import SORENESS_ASKED_UNTIL, day_on
from app.models.feedback import Feedback, FeedbackIn
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession
from app.reminders.aftercare import answer_step, end_sequence, plan_sequences
from app.treatment.intake import one_at_a_time
from app.treatment.seen import Caller, SessionSeen, session_seen


def give_feedback(
    db: Session, patient: PatientProfile, session_id: UUID, said: FeedbackIn, now: datetime
) -> SessionSeen:
    """Keep the answer, in place of an earlier one. How sore one is now is today's soreness."""
    session = _held(db, patient, session_id)
    feedback = _of(db, session, now)
    # The form shows the last answer again, so the same number sent once more says nothing of today.
    said_anew = said.soreness if said.soreness != feedback.soreness else None
    feedback.sqlmodel_update(said.model_dump(mode="json"))
    feedback.updated_at = now
    db.add(feedback)
    db.flush()
    answer_step(db, session_id, StepKind.FEEDBACK)
    _log_soreness(db, patient, session, said_anew, now)
    return session_seen(db, Caller.patient_self(patient), session_id)


def say_something_is_wrong(
    db: Session, patient: PatientProfile, session_id: UUID, now: datetime
) -> SessionSeen:
    """End the aftercare of a session. Nobody is told: the page says how to get help."""
    session = _held(db, patient, session_id)
    feedback = _of(db, session, now)
    if feedback.something_wrong_at is None:
        feedback.something_wrong_at, feedback.updated_at = now, now
    db.add(feedback)
    db.flush()
    sequence = db.get(AftercareSequence, session_id)
    if sequence is not None and sequence.ended_at is None:
        end_sequence(db, sequence, EndedBecause.SOMETHING_WRONG, now)
    return session_seen(db, Caller.patient_self(patient), session_id)


def take_back_something_is_wrong(
    db: Session, patient: PatientProfile, session_id: UUID, now: datetime
) -> SessionSeen:
    """A slip of the finger: what the session planned goes on."""
    session = _held(db, patient, session_id)
    feedback = _of(db, session, now)
    feedback.something_wrong_at = None
    db.add(feedback)
    sequence = db.get(AftercareSequence, session_id)
    if sequence is not None and sequence.ended_because == EndedBecause.SOMETHING_WRONG:
        sequence.go_on()
    db.flush()
    plan_sequences(db, patient, now)
    return session_seen(db, Caller.patient_self(patient), session_id)


def _held(db: Session, patient: PatientProfile, session_id: UUID) -> TreatmentSession:
    one_at_a_time(db, patient.id)
    session = db.get(TreatmentSession, session_id)
    if session is None or session.patient_id != patient.id:
        raise NotFound
    if session.held_at is None:
        raise Conflict(_("This session was not held yet."))
    return session


def _of(db: Session, session: TreatmentSession, now: datetime) -> Feedback:
    return db.get(Feedback, session.id) or Feedback(
        session_id=session.id, patient_id=session.patient_id, given_at=now, updated_at=now
    )


def _log_soreness(
    db: Session, patient: PatientProfile, session: TreatmentSession, soreness: int | None, now: datetime
) -> None:
    """On the days on which it is asked."""
    day = patient.day_at(now)
    if soreness is None or session.held_at is None:
        return
    days_after = (day - patient.day_at(session.held_at)).days
    logged = day_on(db, patient.id, day)
    if days_after <= SORENESS_ASKED_UNTIL and (logged is None or logged.soreness != soreness):
        entry = {"id": uuid4(), "day": day, "recorded_at": now, "set": {"soreness": soreness}}
        record_one(db, patient, entry, now)
