"""A patient's own reminders: arranging them, putting one off, pausing them all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import local_time
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.language import _
from app.models.patient import Patient, PatientProfile, note_answer
from app.models.plan_in_force import plan_history
from app.models.reminder import Reminder, ReminderChange, ReminderIn, ReminderKind
from app.reminders.ledger import hold_back
from app.reminders.of_the_plan import ONE_OF_EACH, target_in
from app.reminders.own_reminders import OwnReminder, as_seen, reminders_of, stored_reminders
from app.reminders.plan import (
    counts_for,
    next_look,
    plan_for,
    put_off_at_most_until,
)
from app.reminders.schedule import occurrence_from

REMINDERS_PER_PATIENT = 40
LONGEST_PAUSE = timedelta(days=366)


def ensure_check_in(db: Session, patient: PatientProfile, at: str, now: datetime) -> OwnReminder:
    """The patient's check-in reminder; one every day at `at` ("HH:MM") when there is none yet."""
    # Of two first visits at once, the second waits here and finds what the first has made.
    db.get_one(Patient, patient.id, with_for_update={"key_share": True})
    for own in reminders_of(db, patient, now):
        if own.kind is ReminderKind.CHECK_IN:
            return own
    return arrange(db, patient, ReminderIn.model_validate({"kind": "check_in", "times": [at]}), now)


def arrange_once(
    db: Session, patient: PatientProfile, reminder_id: UUID, wanted: ReminderIn, now: datetime
) -> OwnReminder:
    """A new reminder. The page that asks gives it its id, so twice is once; what was removed since is there
    again."""
    # Of two taps at once, the second waits here and finds what the first has made.
    db.get_one(Patient, patient.id, with_for_update={"key_share": True})
    made = db.get(Reminder, reminder_id)
    if made is None:
        return arrange(db, patient, wanted, now, reminder_id)
    if made.patient_id != patient.id:
        raise NotFound
    if made.removed_at is not None:
        return take_back_removing(db, patient, reminder_id, wanted.on, now)
    (own,) = as_seen(db, [made], patient, now)
    return own


def arrange(
    db: Session, patient: PatientProfile, wanted: ReminderIn, now: datetime, reminder_id: UUID | None = None
) -> OwnReminder:
    """A new reminder; raises Conflict when there are too many already."""
    _require_room(stored_reminders(db, patient.id))
    reminder = Reminder(
        id=reminder_id or uuid4(),
        patient_id=patient.id,
        kind=wanted.kind.value,
        times=[f"{at:%H:%M}" for at in wanted.times],
        days=[day.value for day in wanted.days],
        text=wanted.text or None,
        created_at=now,
        switched_off_at=None if wanted.on else now,
        target=target_in(plan_history(db, patient.id), wanted.kind, patient, now),
    )
    return _settled(db, reminder, patient, now)


def change_reminder(
    db: Session, patient: PatientProfile, reminder_id: UUID, change: ReminderChange, now: datetime
) -> OwnReminder:
    """Changes what is named and works out the next time anew; raises NotFound.

    Whoever changes a reminder has not forgotten it, so it comes as often as it says again.
    """
    reminder = _arranged(db, patient.id, reminder_id)
    note_answer(db, patient.id, now)
    if change.times is not None:
        reminder.times = [f"{at:%H:%M}" for at in change.times]
    if change.days is not None:
        reminder.days = [day.value for day in change.days]
    if "text" in change.model_fields_set:
        reminder.text = change.text or None
    if change.on is not None:
        reminder.switched_off_at = None if change.on else reminder.switched_off_at or now
    return _settled(db, reminder, patient, now)


def remove_reminder(db: Session, patient: PatientProfile, reminder_id: UUID, now: datetime) -> bool:
    """Take a reminder away; answers whether it was on. What it did before stays on record; what was on its
    way is held back.

    One that a plan asked for stays known as unwanted, so that the next version does not bring it back; one of
    the patient's own until `forget_removed`.
    """
    reminder = _arranged(db, patient.id, reminder_id)
    hold_back(db, reminder)
    was_on = reminder.switched_off_at is None
    reminder.remove(at=now)
    db.flush()
    return was_on


def remove_once(db: Session, patient: PatientProfile, reminder_id: UUID, now: datetime) -> bool:
    """The same from a form, which may be sent twice: once more changes nothing and answers the same."""
    reminder = _ever_arranged(db, patient.id, reminder_id)
    if reminder.removed_at is not None:
        return reminder.was_on_when_removed
    return remove_reminder(db, patient, reminder_id, now)


def take_back_removing(
    db: Session, patient: PatientProfile, reminder_id: UUID, on: bool, now: datetime
) -> OwnReminder:
    """The reminder is there again, switched on or off. Raises Conflict when that is too long ago, or when
    something else took its place."""
    # Of two taps at once, the second waits here and finds what the first has brought back.
    db.get_one(Patient, patient.id, with_for_update={"key_share": True})
    reminder = _ever_arranged(db, patient.id, reminder_id)
    if reminder.removed_at is not None:
        _require_reason(db, reminder, now)
        _require_place(reminder, stored_reminders(db, patient.id))
    reminder.take_back_removing(on=on, at=now)
    return _settled(db, reminder, patient, now)


def forget_removed(db: Session, now: datetime) -> None:
    """The patients' own that were removed too long ago to come back."""
    db.execute(
        delete(Reminder).where(
            col(Reminder.removed_at) < now - Reminder.UNDO_FOR, col(Reminder.plan_item).is_(None)
        )
    )


def snooze(
    db: Session, patient: PatientProfile, reminder_id: UUID, minutes: int, now: datetime
) -> OwnReminder:
    """Remind once more in `minutes`, for the day it is now.

    Raises Conflict when that would be in quiet hours, on another day or after what is put off would have
    ended, or when the reminder is off.
    """
    reminder = _of_patient(db, patient.id, reminder_id)
    if reminder.removed_at is not None:
        raise NotFound
    plan = plan_for(reminder, patient)
    # In an hour that the clocks repeat, a time may have been reminded of already.
    until = occurrence_from(now + timedelta(minutes=minutes), patient.zone).instant
    ends = put_off_at_most_until(plan, now)
    if reminder.switched_off_at is not None:
        raise Conflict(_("This reminder is switched off."))
    if plan.quiet.cover(local_time(until, patient.zone).time()):
        raise Conflict(_("That is in your quiet hours. Choose a shorter time."))
    if counts_for(plan, until) != counts_for(plan, now):
        raise Conflict(_("That is tomorrow already. Choose a shorter time."))
    if ends is not None and until >= ends:
        raise Conflict(_("That is too late for this reminder. Choose a shorter time."))
    reminder.snoozed_until, reminder.snoozed_day = until, counts_for(plan, now)
    return _settled(db, reminder, patient, now)


def end_put_off(db: Session, patient: PatientProfile, reminder_id: UUID, day: date, now: datetime) -> None:
    """What was put off on that day is done, so it does not come again."""
    reminder = db.get(Reminder, reminder_id, with_for_update={"key_share": True})
    if reminder is not None and reminder.snoozed_day == day:
        reminder.snoozed_until, reminder.snoozed_day = None, None
        _settled(db, reminder, patient, now)


def pause(db: Session, patient: PatientProfile, until: datetime | None, now: datetime) -> datetime | None:
    """Send nothing until then; None goes on at once. Raises Invalid for more than a year."""
    if until is not None and until > now + LONGEST_PAUSE:
        raise Invalid(FieldError("until", "too_far", _("Choose a day within the next year.")))
    stands = until if until is not None and until > now else None
    db.execute(update(Patient).where(col(Patient.id) == patient.id).values(reminders_paused_until=stands))
    return stands


def _require_room(there: Sequence[Reminder]) -> None:
    if len(there) >= REMINDERS_PER_PATIENT:
        raise Conflict(_("There can be %(num)s reminders. Remove one first.", num=REMINDERS_PER_PATIENT))


def _require_reason(db: Session, reminder: Reminder, now: datetime) -> None:
    """What a plan brought along is there for as long as its item."""
    if reminder.plan_item is None:
        return
    items = [one.item(reminder.plan_item) for one in plan_history(db, reminder.patient_id).in_force_at(now)]
    if not any(item and item.reminder_times for item in items):
        raise Conflict(_("Your plan does not ask for this reminder any more. Add one of your own."))


def _require_place(reminder: Reminder, there: Sequence[Reminder]) -> None:
    """One of the patient's own and one of a plan for the same habit exclude each other; plans may ask for
    several."""
    _require_room(there)
    same = [one for one in there if one.kind == reminder.kind and one.kind in ONE_OF_EACH]
    if any(reminder.plan_item is None or one.plan_item is None for one in same):
        raise Conflict(_("There is another reminder for this now. Remove that one first."))


def _arranged(db: Session, patient_id: UUID, reminder_id: UUID) -> Reminder:
    reminder = _ever_arranged(db, patient_id, reminder_id)
    if reminder.removed_at is not None:
        raise NotFound
    return reminder


def _ever_arranged(db: Session, patient_id: UUID, reminder_id: UUID) -> Reminder:
    """Also one that was removed. A step after a session can be put off, and nothing else: the session decides
    about it."""
    reminder = _of_patient(db, patient_id, reminder_id)
    if reminder.session_id is not None:
        raise NotFound
    return reminder


def _of_patient(db: Session, patient_id: UUID, reminder_id: UUID) -> Reminder:
    reminder = db.get(Reminder, reminder_id, with_for_update={"key_share": True})
    if reminder is None or reminder.patient_id != patient_id:
        raise NotFound
    return reminder


def _settled(db: Session, reminder: Reminder, patient: PatientProfile, now: datetime) -> OwnReminder:
    """Stored, with the instant at which the worker looks at it next.

    What is due already stays due: the worker has yet to say what becomes of it.
    """
    if reminder.switched_off_at is not None:
        reminder.due_at, reminder.snoozed_until, reminder.snoozed_day = None, None, None
    elif reminder.due_at is None or reminder.due_at > now:
        reminder.due_at = next_look(plan_for(reminder, patient), now)
    db.add(reminder)
    db.flush()
    (own,) = as_seen(db, [reminder], patient, now)
    return own
