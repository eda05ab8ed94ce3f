"""Treatment sessions as a patient or a therapist may see them. The number of queries does not depend on how
many there are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.looks import SharedPatient
from app.errors import NotFound
from app.models.account import Account
from app.models.aftercare import AftercareSequence
from app.models.care import Scope, therapists_of
from app.models.feedback import Feedback
from app.models.patient import PatientProfile
from app.models.reminder import Reminder
from app.models.treatment_session import TreatmentSession, known_to
from app.reminders.schedule import instant_of
from app.reminders.step_words import step_in_words
from app.reminders.steps import Step, steps_of

SESSIONS_PER_PAGE = 200
ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks about a patient's sessions: the patient, or a therapist who was let near them."""

    account_id: UUID
    patient: PatientProfile
    therapist_id: UUID | None
    scopes: frozenset[Scope]

    @classmethod
    def patient_self(cls, patient: PatientProfile) -> Caller:
        return cls(patient.id, patient, None, ALL_SCOPES)

    @classmethod
    def therapist_of(cls, shared: SharedPatient) -> Caller:
        return cls(shared.therapist_id, shared.profile, shared.therapist_id, shared.scopes)

    def keeps(self, session: TreatmentSession | SessionSeen, treating: Collection[UUID]) -> bool:
        """Whether a session is the caller's to change: their own, or a patient's that was booked by a
        therapist who was let go since, because nobody else can take it away any more."""
        if self.therapist_id is not None:
            return session.therapist_id == self.therapist_id
        is_alone = session.therapist_id is None and session.therapist_name is None
        is_left_behind = session.held_at is None and session.therapist_id not in treating
        # Whoever erased their account cancelled for good what they had booked.
        is_over = session.therapist_id is None and session.cancelled_at is not None
        return is_alone or (is_left_behind and not is_over)


StepState = Literal["coming", "waits", "over"]


@dataclass(frozen=True, slots=True)
class StepSeen:
    """One step of the aftercare. `at` is None while it waits for the next session to be booked. It is over
    once it came, and where its therapist reaches the patient no more.

    `text` is None where the product's own words say it; `words` are what the patient reads.
    """

    kind: str
    text: str | None
    words: str
    at: datetime | None
    state: StepState


@dataclass(frozen=True, slots=True)
class SequenceSeen:
    """The aftercare of a session. When it ended before its last step, `ended_because` says why."""

    started_at: datetime
    ended_at: datetime | None
    ended_because: str | None
    steps: list[StepSeen]


@dataclass(frozen=True, slots=True)
class FeedbackSeen:
    """What the patient said after the session. What is not shared is None."""

    pressure: str | None
    soreness: int | None
    comment: str | None
    something_wrong_at: datetime | None
    given_at: datetime


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """One session. `findings` and `done` are None for whom they are not meant.

    `therapist_id` is None for a session that the patient keeps alone, and where the therapist who gave it has
    no account here.
    """

    id: UUID
    therapist_id: UUID | None
    therapist_name: str | None
    starts_at: datetime
    minutes: int
    held_at: datetime | None
    cancelled_at: datetime | None
    regions: list[dict[str, Any]] | None
    findings: str | None
    done: str | None
    visibility: str | None
    feedback: FeedbackSeen | None
    aftercare: SequenceSeen | None


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """Sessions, the latest first; `next_cursor` is the id of the last one when there are more."""

    sessions: list[SessionSeen]
    next_cursor: UUID | None


def sessions_of(
    db: Session, caller: Caller, after: UUID | None = None, at_most: int = SESSIONS_PER_PAGE
) -> SessionsPage:
    """The sessions the caller may know of, cancelled ones included, continued after the session `after`."""
    query = (
        select(TreatmentSession)
        .where(*_may_know(caller))
        .order_by(col(TreatmentSession.starts_at).desc(), col(TreatmentSession.id))
        .limit(at_most + 1)
    )
    last = db.get(TreatmentSession, after) if after else None
    if last is not None:
        starts_at, session_id = col(TreatmentSession.starts_at), col(TreatmentSession.id)
        same_instant = and_(starts_at == last.starts_at, session_id > last.id)
        query = query.where(or_(starts_at < last.starts_at, same_instant))
    found = db.scalars(query).all()
    more = found[at_most - 1].id if len(found) > at_most else None
    return SessionsPage(as_seen(db, found[:at_most], caller), more)


def session_seen(db: Session, caller: Caller, session_id: UUID) -> SessionSeen:
    """One session the caller may know of; raises NotFound for any other."""
    session = db.scalar(
        select(TreatmentSession).where(col(TreatmentSession.id) == session_id, *_may_know(caller))
    )
    if session is None:
        raise NotFound
    return as_seen(db, [session], caller)[0]


def who_sees_ticks(db: Session, patient: PatientProfile, session_id: UUID | None, now: datetime) -> list[str]:
    """The therapists in care, by name, who see what is ticked around a session, whatever else is shared.

    Around a session the patient keeps alone, or one not booked yet, it is everybody in care.
    """
    session = db.get(TreatmentSession, session_id) if session_id else None
    treating = therapists_of(db, patient.id, patient.day_at(now))
    if session is not None and not session.is_kept_alone:
        treating &= {session.therapist_id}
    named = select(col(Account.name)).where(col(Account.id).in_(treating)).order_by(col(Account.name))
    return list(db.scalars(named))


def as_seen(db: Session, sessions: Sequence[TreatmentSession], caller: Caller) -> list[SessionSeen]:
    ids = [session.id for session in sessions]
    therapists = {session.therapist_id for session in sessions}
    named = db.execute(select(col(Account.id), col(Account.name)).where(col(Account.id).in_(therapists)))
    names = {account_id: name for account_id, name in named}
    said = db.scalars(select(Feedback).where(col(Feedback.session_id).in_(ids)))
    feedback = {one.session_id: _feedback(one, caller.scopes) for one in said}
    sequences = _sequences(db, ids, caller.patient)
    return [_seen(one, caller, names, feedback.get(one.id), sequences.get(one.id)) for one in sessions]


def _may_know(caller: Caller) -> tuple[Any, ...]:
    of_patient = col(TreatmentSession.patient_id) == caller.patient.id
    return (of_patient,) if caller.therapist_id is None else (of_patient, known_to(caller.therapist_id))


def _seen(
    session: TreatmentSession,
    caller: Caller,
    names: dict[UUID, str],
    feedback: FeedbackSeen | None,
    sequence: SequenceSeen | None,
) -> SessionSeen:
    may_read = session.is_readable_by(caller.account_id)
    return SessionSeen(
        id=session.id,
        therapist_id=session.therapist_id,
        therapist_name=names.get(session.therapist_id) if session.therapist_id else session.therapist_name,
        starts_at=session.starts_at,
        minutes=session.minutes,
        held_at=session.held_at,
        cancelled_at=session.cancelled_at,
        regions=session.regions,
        findings=session.findings if may_read else None,
        done=session.done if may_read else None,
        visibility=session.visibility,
        feedback=feedback,
        aftercare=sequence,
    )


def _feedback(said: Feedback, scopes: frozenset[Scope]) -> FeedbackSeen | None:
    """Numbers belong to the measures, words to the notes. That something is wrong is never withheld."""
    if said.something_wrong_at is None and not scopes & {Scope.MEASURES, Scope.NOTES}:
        return None
    measured = Scope.MEASURES in scopes
    return FeedbackSeen(
        pressure=said.pressure if measured else None,
        soreness=said.soreness if measured else None,
        comment=said.comment if Scope.NOTES in scopes else None,
        something_wrong_at=said.something_wrong_at,
        given_at=said.given_at,
    )


def _sequences(db: Session, ids: Sequence[UUID], patient: PatientProfile) -> dict[UUID, SequenceSeen]:
    reminders: dict[UUID | None, list[Reminder]] = {}
    planned = db.scalars(
        select(Reminder).where(col(Reminder.session_id).in_(ids)).order_by(col(Reminder.step_number))
    ).all()
    known = steps_of(db, [one.id for one in planned])
    for reminder in planned:
        reminders.setdefault(reminder.session_id, []).append(reminder)
    found = db.scalars(select(AftercareSequence).where(col(AftercareSequence.session_id).in_(ids)))
    return {
        one.session_id: SequenceSeen(
            one.started_at,
            one.ended_at,
            one.ended_because,
            _in_order(_step(each, known[each.id], patient) for each in reminders.get(one.session_id, ())),
        )
        for one in found
    }


def _in_order(steps: Iterable[StepSeen]) -> list[StepSeen]:
    """As they come; what waits for the next session last."""
    return sorted(steps, key=lambda step: step.at.timestamp() if step.at else math.inf)


def _step(reminder: Reminder, known: Step, patient: PatientProfile) -> StepSeen:
    at = _instant(reminder, patient)
    if not known.may_reach_on(reminder.on_day or date.min):
        state: StepState = "over"
    elif at is None and reminder.switched_off_at is None:
        state = "waits"
    else:
        state = "coming" if reminder.due_at is not None else "over"
    kind = reminder.step or "custom"
    return StepSeen(kind, reminder.text, step_in_words(kind, reminder.text), at, state)


def _instant(reminder: Reminder, patient: PatientProfile) -> datetime | None:
    """When a step comes or came, by the patient's clock of now."""
    if reminder.on_day is None or not reminder.times:
        return None
    return instant_of(reminder.on_day, time.fromisoformat(reminder.times[0]), patient.zone)
