"""The sequence after a held session: its steps as Reminders, moved with the session, ended for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, and_, or_, select, tuple_, update
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
    feedback = db.get(Feedback, session.id)
    if feedback is not None and feedback.something_wrong_at is not None:
        sequence.end(EndedBecause.SOMETHING_WRONG, at=feedback.something_wrong_at)
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
            busy += _plan(db, patient, sequence, session, tuple(busy), now)
    db.flush()


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
    busy: tuple[datetime, ...],
    now: datetime,
) -> list[datetime]:
    """Put each step's time into its reminder; the instants at which steps come."""
    if session.held_at is None:
        return []
    steps = [AftercareStep.model_validate(step) for step in sequence.steps]
    quiet = QuietHours(patient.quiet_from, patient.quiet_until)
    coming = _next_of(db, session, now)
    around = Around(session.held_at, coming.starts_at if coming else None, patient.zone, quiet, busy)
    times = step_times(steps, around)
    answered = _answered(db, session, coming)
    known = {one.step_number: one for one in _reminders_of(db, session.id)}
    come = _that_came(db, session.id)
    for number, (step, at) in enumerate(zip(steps, times, strict=True)):
        reminder = known.pop(number, None) or _new_reminder(patient.id, session.id, number, now)
        if reminder.id not in come:
            _set(reminder, step, at, step.kind in answered, now)
        reminder.switched_off_at = None
        db.add(reminder)
    for leftover in known.values():
        leftover.due_at, leftover.on_day, leftover.switched_off_at = None, None, now
    return [at.instant for at in times if at is not None]


def _next_of(db: Session, session: TreatmentSession, now: datetime) -> TreatmentSession | None:
    return db.scalar(
        select(TreatmentSession)
        .where(*same_hands(session), is_ahead(now), col(TreatmentSession.starts_at) > session.held_at)
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


def _set(
    reminder: Reminder, step: AftercareStep, at: Occurrence | None, is_answered: bool, now: datetime
) -> None:
    reminder.step, reminder.text = step.kind.value, step.text
    reminder.snoozed_until, reminder.snoozed_day = None, None
    reminder.on_day = at.day if at else None
    reminder.times = [at.slot] if at else []
    is_over = is_answered or at is None or now >= at.instant + VALID_FOR[ReminderKind.AFTERCARE]
    reminder.due_at = None if is_over or at is None else at.instant


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
