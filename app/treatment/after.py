"""What Today shows a patient around their sessions: open aftercare, and what is asked before the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import local_time
from app.models.aftercare import AftercareSequence
from app.models.care import therapists_of
from app.models.check_in import standing_check_in
from app.models.feedback import Feedback
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession, session_is_near
from app.treatment.check_ins import next_session
from app.treatment.seen import Caller, SequenceSeen, SessionSeen, as_seen

FEEDBACK_ASKED_FOR = timedelta(days=3)
CHECK_IN_DAYS_AHEAD = 1
"""The check-in is offered on the day before the session, and on the day."""
STAYS_AFTER_LAST_STEP = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class OpenAftercare:
    """The aftercare of one session. `asks_feedback` says whether it was not given yet."""

    session_id: UUID
    therapist_name: str | None
    held_at: datetime
    asks_feedback: bool
    aftercare: SequenceSeen


@dataclass(frozen=True, slots=True)
class CheckInOffered:
    """The next session, now that it is near, and whether the patient has answered before it."""

    session_id: UUID
    session_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class SomethingWrong:
    """The patient ticked after this session that something is wrong, and has not taken it back."""

    session_id: UUID
    ticked_at: datetime


@dataclass(frozen=True, slots=True)
class AroundSessions:
    """What the days around a session ask of a patient: open aftercare, and the check-in before the next.

    `something_wrong` stands until it is taken back or the next session was held.
    """

    aftercare: list[OpenAftercare]
    check_in: CheckInOffered | None
    something_wrong: SomethingWrong | None = None


@dataclass(frozen=True, slots=True)
class AfterSession:
    """What Today says above everything else: whether aftercare is open, and after which session something
    is wrong."""

    session_is_near: bool
    is_open: bool
    something_wrong: UUID | None


def around_sessions(db: Session, patient: PatientProfile, now: datetime) -> AroundSessions:
    ticked = db.execute(_something_wrong(patient.id)).one_or_none()
    return AroundSessions(
        open_aftercare(db, patient, now),
        _offered(db, patient, now),
        SomethingWrong(ticked.session_id, ticked.something_wrong_at) if ticked else None,
    )


def after_session(db: Session, patient: PatientProfile, now: datetime) -> AfterSession:
    ticked = _something_wrong(patient.id).with_only_columns(col(Feedback.session_id)).scalar_subquery()
    is_near, wrong = db.execute(select(session_is_near(patient.id, now), ticked)).one()
    return AfterSession(is_near, is_near and bool(open_aftercare(db, patient, now)), wrong)


def _something_wrong(patient_id: UUID) -> Select[UUID, datetime | None]:
    """The last tick that was not taken back and after which no other session was held."""
    held_since = select(col(TreatmentSession.id)).where(
        col(TreatmentSession.patient_id) == patient_id,
        col(TreatmentSession.id) != col(Feedback.session_id),
        col(TreatmentSession.held_at) > col(Feedback.something_wrong_at),
    )
    return (
        select(col(Feedback.session_id), col(Feedback.something_wrong_at))
        .where(col(Feedback.patient_id) == patient_id, col(Feedback.something_wrong_at).is_not(None))
        .where(~held_since.exists())
        .order_by(col(Feedback.something_wrong_at).desc())
        .limit(1)
    )


def open_aftercare(db: Session, patient: PatientProfile, now: datetime) -> list[OpenAftercare]:
    """What is open at `now`. A therapist who was let go reaches nobody any more."""
    sessions = db.scalars(
        select(TreatmentSession)
        .join(AftercareSequence, col(AftercareSequence.session_id) == col(TreatmentSession.id))
        .where(col(AftercareSequence.patient_id) == patient.id, col(AftercareSequence.ended_at).is_(None))
        .order_by(col(TreatmentSession.held_at).desc())
    ).all()
    if not sessions:
        return []
    treating = therapists_of(db, patient.id, patient.day_at(now))
    reaching = [one for one in sessions if one.is_kept_alone or one.therapist_id in treating]
    seen = as_seen(db, reaching, Caller.patient_self(patient))
    return [shown for one in seen if (shown := _as_open(one, now)) is not None]


def _as_open(session: SessionSeen, now: datetime) -> OpenAftercare | None:
    """None once the last step is over; the eve of the next session, once booked, opens it again."""
    if session.aftercare is None or session.held_at is None:
        return None
    last = max((step.at for step in session.aftercare.steps if step.at), default=session.held_at)
    if now >= last + STAYS_AFTER_LAST_STEP:
        return None
    unanswered = session.feedback is None or session.feedback.pressure is None
    asks = unanswered and now < session.held_at + FEEDBACK_ASKED_FOR
    return OpenAftercare(session.id, session.therapist_name, session.held_at, asks, session.aftercare)


def _offered(db: Session, patient: PatientProfile, now: datetime) -> CheckInOffered | None:
    coming = next_session(db, patient.id, now)
    if coming is None:
        return None
    ahead = local_time(coming.starts_at, patient.zone).date() - local_time(now, patient.zone).date()
    if ahead.days > CHECK_IN_DAYS_AHEAD:
        return None
    said = standing_check_in(db, patient.id, coming)
    return CheckInOffered(coming.id, coming.starts_at, said.answered_at if said else None)
