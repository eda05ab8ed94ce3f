"""The sequence after a held session: its steps as Reminders, moved with the session, ended for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from app.models.aftercare import AftercareSequence, AftercareStep, EndedBecause, StepKind
from app.models.check_in import standing_check_in
from app.models.feedback import Feedback
from app.models.patient import PatientProfile
from app.models.push import Delivery, DeliveryState
from app.models.reminder import Reminder, ReminderKind
from app.models.treatment_session import TreatmentSession, is_ahead, same_hands
from app.reminders.decide import VALID_FOR, QuietHours, Suppression
from app.reminders.schedule import EVERY_DAY, Occurrence
from app.reminders.step_times import Around, step_times

_NEVER_SENT = (DeliveryState.SUPPRESSED.value, DeliveryState.EXPIRED.value)


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its time, None while it waits for the next session to be booked. It is due at `due_at`,
    unless it is over already or what it asks was answered."""

    step: AftercareStep
    at: Occurrence | None
    due_at: datetime | None
    waits: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What decides about the steps after a held session. `around` is None once a later one was held or
    something is wrong, and `answered` is what need not be asked any more."""

    around: Around | None
    answered: frozenset[StepKind]
    now: datetime

    def on(self, steps: Sequence[AftercareStep]) -> list[PlannedStep]:
        """What becomes of each step."""
        times = step_times(steps, self.around) if self.around else [None] * len(steps)
        return [self._planned(step, at) for step, at in zip(steps, times, strict=True)]

    def _planned(self, step: AftercareStep, at: Occurrence | None) -> PlannedStep:
        if at is None:
            waits = self.around is not None and self.around.next_starts_at is None
            return PlannedStep(step, None, None, waits)
        is_over = step.kind in self.answered or self.now >= at.instant + VALID_FOR[ReminderKind.AFTERCARE]
        return PlannedStep(step, at, None if is_over else at.instant, waits=False)


def start_sequence(
    db: Session,
    patient: PatientProfile,
    session: TreatmentSession,
    steps: Sequence[AftercareStep],
    template_version_id: UUID | None,
    now: datetime,
) -> AftercareSequence:
    """What a session that was just held plans. It takes the place of what earlier ones with the same
    therapist still planned, and is over at once when a later one was held already or something is wrong."""
    sequence = db.get(AftercareSequence, session.id) or AftercareSequence(
        session_id=session.id, patient_id=patient.id, steps=[], started_at=now
    )
    sequence.steps = [step.stored() for step in steps]
    sequence.template_version_id = template_version_id
    sequence.go_on()
    wrong_since = _wrong_since(db, session.id)
    if wrong_since is not None:
        sequence.end(EndedBecause.SOMETHING_WRONG, at=wrong_since)
    db.add(sequence)
    db.flush()
    plan_sequences(db, patient, now)
    return sequence


def plan_sequences(db: Session, patient: PatientProfile, now: datetime) -> None:
    """Work out every open sequence anew, because a session was held, corrected, booked, moved or cancelled.

    One that ended with the next session goes on when that was not held after all. What has come already
    stays as it was, so that no step comes twice.
    """
    busy: list[datetime] = []
    for sequence, session, is_followed in _open_sequences(db, patient.id):
        if is_followed:
            end_sequence(db, sequence, EndedBecause.NEXT_SESSION, now)
        else:
            sequence.go_on()
            busy += _plan(db, patient, sequence, session, busy, now)
    db.flush()


def outlook_once_held(
    db: Session, patient: PatientProfile, session: TreatmentSession, now: datetime
) -> Outlook:
    """What will decide about the steps of a session once it is held as it says."""
    others = (*same_hands(session), col(TreatmentSession.id) != session.id)
    later = select(func.count()).where(*others, col(TreatmentSession.held_at) > session.held_at)
    if _wrong_since(db, session.id) is not None or db.scalar(later):
        return Outlook(None, frozenset(), now)
    busy: list[datetime] = []
    for sequence, other, is_followed in _open_sequences(db, patient.id):
        if not is_followed and other.id != session.id and _is_later(other, session):
            busy += _instants(_outlook(db, patient, other, busy, now).on(_steps_of(sequence)))
    return _outlook(db, patient, session, busy, now)


def end_sequence(db: Session, sequence: AftercareSequence, because: EndedBecause, now: datetime) -> None:
    """No further step comes, and one on its way is held back."""
    sequence.end(because, at=now)
    of_session = col(Reminder.session_id) == sequence.session_id
    _hold_back(db, select(col(Reminder.id)).where(of_session), Suppression.REVOKED)
    db.execute(update(Reminder).where(of_session).values(switched_off_at=now, due_at=None))
    db.flush()


def answer_step(db: Session, session_id: UUID, kind: StepKind) -> None:
    """What a step asks was answered, so it does not come any more."""
    asking = (col(Reminder.session_id) == session_id, col(Reminder.step) == kind.value)
    _hold_back(db, select(col(Reminder.id)).where(*asking), Suppression.ALREADY_DONE)
    db.execute(update(Reminder).where(*asking).values(due_at=None))


def _open_sequences(
    db: Session, patient_id: UUID
) -> Sequence[Row[AftercareSequence, TreatmentSession, bool]]:
    """The latest first, because its steps go first; with whether a later session with the same therapist was
    held. Of two that ended at the same time one counts as the later."""
    later, held_at = aliased(TreatmentSession), col(TreatmentSession.held_at)
    is_later = tuple_(col(later.held_at), col(later.id)) > tuple_(held_at, col(TreatmentSession.id))
    is_followed = select(col(later.id)).where(*same_hands(later), is_later).exists()
    ended_with_it = col(AftercareSequence.ended_because) == EndedBecause.NEXT_SESSION.value
    is_wrong = col(Feedback.something_wrong_at).is_not(None)
    goes_on = and_(ended_with_it, held_at.is_not(None), ~is_followed, ~is_wrong)
    return db.execute(
        select(AftercareSequence, TreatmentSession, is_followed)
        .join(TreatmentSession, col(TreatmentSession.id) == col(AftercareSequence.session_id))
        .outerjoin(Feedback, col(Feedback.session_id) == col(AftercareSequence.session_id))
        .where(
            col(AftercareSequence.patient_id) == patient_id,
            or_(col(AftercareSequence.ended_at).is_(None), goes_on),
        )
        .order_by(held_at.desc())
    ).all()


def _plan(
    db: Session,
    patient: PatientProfile,
    sequence: AftercareSequence,
    session: TreatmentSession,
    busy: Sequence[datetime],
    now: datetime,
) -> list[datetime]:
    """Put each step's time into its reminder; the instants at which steps come."""
    planned = _outlook(db, patient, session, busy, now).on(_steps_of(sequence))
    known = {one.step_number: one for one in _reminders_of(db, session.id)}
    come = _that_came(db, session.id)
    for number, one in enumerate(planned):
        reminder = known.pop(number, None) or _new_reminder(patient.id, session.id, number, now)
        if reminder.id not in come:
            _set(reminder, one)
        reminder.switched_off_at = None
        db.add(reminder)
    for leftover in known.values():
        leftover.due_at, leftover.on_day, leftover.switched_off_at = None, None, now
    return _instants(planned)


def _steps_of(sequence: AftercareSequence) -> list[AftercareStep]:
    return [AftercareStep.model_validate(step) for step in sequence.steps]


def _instants(planned: Sequence[PlannedStep]) -> list[datetime]:
    return [one.at.instant for one in planned if one.at is not None]


def _is_later(one: TreatmentSession, other: TreatmentSession) -> bool:
    return one.held_at is not None and other.held_at is not None and one.held_at > other.held_at


def _outlook(
    db: Session, patient: PatientProfile, session: TreatmentSession, busy: Sequence[datetime], now: datetime
) -> Outlook:
    if session.held_at is None:
        return Outlook(None, frozenset(), now)
    coming = _next_of(db, session, now)
    quiet = QuietHours(patient.quiet_from, patient.quiet_until)
    around = Around(session.held_at, coming.starts_at if coming else None, patient.zone, quiet, tuple(busy))
    return Outlook(around, frozenset(_answered(db, session, coming)), now)


def _wrong_since(db: Session, session_id: UUID) -> datetime | None:
    return db.scalar(select(col(Feedback.something_wrong_at)).where(col(Feedback.session_id) == session_id))


def _next_of(db: Session, session: TreatmentSession, now: datetime) -> TreatmentSession | None:
    return db.scalar(
        select(TreatmentSession)
        .where(*same_hands(session), is_ahead(now), col(TreatmentSession.starts_at) > session.held_at)
        .where(col(TreatmentSession.id) != session.id)
        .order_by(col(TreatmentSession.starts_at))
        .limit(1)
    )


def _answered(db: Session, session: TreatmentSession, coming: TreatmentSession | None) -> set[StepKind]:
    """The questions that need not be asked any more."""
    feedback = db.get(Feedback, session.id)
    checked_in = coming is not None and standing_check_in(db, session.patient_id, coming) is not None
    gave_feedback = feedback is not None and feedback.pressure is not None
    answers = {StepKind.FEEDBACK: gave_feedback, StepKind.BEFORE_NEXT: checked_in}
    return {kind for kind, is_answered in answers.items() if is_answered}


def _reminders_of(db: Session, session_id: UUID) -> Sequence[Reminder]:
    return db.scalars(select(Reminder).where(col(Reminder.session_id) == session_id)).all()


def _that_came(db: Session, session_id: UUID) -> set[UUID | None]:
    """The reminders of a session of which something was sent or is being sent."""
    return set(
        db.scalars(
            select(col(Delivery.reminder_id))
            .join(Reminder, col(Reminder.id) == col(Delivery.reminder_id))
            .where(col(Reminder.session_id) == session_id, col(Delivery.state).not_in(_NEVER_SENT))
        )
    )


def _new_reminder(patient_id: UUID, session_id: UUID, number: int, now: datetime) -> Reminder:
    return Reminder(
        patient_id=patient_id,
        kind=ReminderKind.AFTERCARE.value,
        session_id=session_id,
        step_number=number,
        times=[],
        days=list(EVERY_DAY),
        created_at=now,
    )


def _set(reminder: Reminder, planned: PlannedStep) -> None:
    step, at = planned.step, planned.at
    reminder.step, reminder.text = step.kind.value, step.text
    reminder.snoozed_until, reminder.snoozed_day = None, None
    reminder.on_day = at.day if at else None
    reminder.times = [at.slot] if at else []
    reminder.due_at = planned.due_at


def _hold_back(db: Session, reminder_ids: object, because: Suppression) -> None:
    """Nothing leaves any more that waits to be sent."""
    db.execute(
        update(Delivery)
        .where(
            col(Delivery.reminder_id).in_(reminder_ids),  # type: ignore[arg-type]
            col(Delivery.state) == DeliveryState.CLAIMED.value,
        )
        .values(state=DeliveryState.SUPPRESSED.value, reason=because.value, lease_until=None)
    )
