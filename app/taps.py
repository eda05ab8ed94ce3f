"""What a tap on a notification does, the same through both doors: as a command, never as a toggle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.diary.fold import Said
from app.diary.record import record_one
from app.diary.tick import tick
from app.diary.undo import Words, said_in, undo_entry, was_undone
from app.errors import Conflict
from app.language import _, ngettext
from app.language.saying import clock_in_words, day_from
from app.models.daily_log import EntrySource, day_on, entries_about
from app.models.home_care import STRETCHING, WATER
from app.models.patient import PatientProfile, patient_profile
from app.models.push import Delivery
from app.models.reminder import LATER_MINUTES, Reminder, ReminderKind
from app.reminders.arrange import end_put_off, snooze
from app.reminders.heard import (
    Action,
    DeliveryEvent,
    Happening,
    delivery_to,
    delivery_with,
    entry_id_of,
    note,
    when,
)

LATER = timedelta(minutes=LATER_MINUTES)


@dataclass(frozen=True, slots=True)
class DeliveryNow:
    """A delivery as it stands. `entry_id` is the log entry that came of it, if any.

    `title` and `body` answer a tap, on the lock screen or on a page; both are empty before one.
    `asks_again_at` is when "Later" brings it back; None after a "Later" means that it was too late for that.
    """

    id: UUID
    state: str
    action: str | None
    entry_id: UUID | None
    title: str
    body: str
    can_undo: bool
    asks_again_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Whether putting it off was tapped, and leads nowhere any more."""
        return self.action == "later" and self.asks_again_at is None


def take_report(
    db: Session, delivery_id: UUID, said: DeliveryEvent, key: bytes, now: datetime
) -> DeliveryNow:
    """Note what a notification reports, and do what was tapped; the token in it is the permission."""
    return _taken(db, delivery_with(db, delivery_id, said.token, key, now), said, now)


def take_tap(
    db: Session, patient: PatientProfile, delivery_id: UUID, said: Happening, now: datetime
) -> DeliveryNow:
    """The same for somebody signed in, about a delivery of their own."""
    delivery = delivery_to(db, delivery_id, patient.id, now)
    # Of two taps at once, the second waits here and finds what the first has done.
    db.refresh(delivery, with_for_update=True)
    return _taken(db, delivery, said, now)


def as_it_stands(db: Session, patient: PatientProfile, delivery_id: UUID, now: datetime) -> DeliveryNow:
    """One's own delivery, unchanged. Raises NotFound for any other."""
    return _as_it_stands(db, patient, delivery_to(db, delivery_id, patient.id, now), now)


def _taken(db: Session, delivery: Delivery, said: Happening, now: datetime) -> DeliveryNow:
    patient = patient_profile(db, delivery.account_id)
    if note(db, delivery, said, now):
        _act(db, patient, delivery, said, now)
    return _as_it_stands(db, patient, delivery, now)


def _act(db: Session, patient: PatientProfile, delivery: Delivery, said: Happening, now: datetime) -> None:
    """Do what was tapped, for the day the reminder asked about."""
    if said.action in ("add_glass", "done") and delivery.reminder_id is not None:
        end_put_off(db, patient, delivery.reminder_id, delivery.counts_for, now)
    match said.event, said.action:
        case "acted", "add_glass":
            _say(db, patient, delivery, said, {"add": {WATER.measure: 1}}, now)
        case "acted", "done":
            _do(db, patient, delivery, said, now)
        case "acted", "later":
            _put_off(db, patient, delivery, when(said, delivery, now) + LATER, now)
        case "undone", _ if delivery.entry_id is not None:
            undo_entry(db, patient, delivery.counts_for, delivery.entry_id, now)


def _do(db: Session, patient: PatientProfile, delivery: Delivery, said: Happening, now: datetime) -> None:
    """Tick the item of the plan that this reminder exists for, and log the minutes of stretching."""
    reminder = _reminder(db, delivery)
    stretching = delivery.kind == ReminderKind.STRETCH
    asked = {STRETCHING.measure: _minutes(reminder)} if stretching else {}
    words: Words | None = {"add": asked} if asked else None
    if reminder is not None and reminder.plan_item is not None:
        words = tick(reminder.plan_item, "done", asked, _said_elsewhere(db, patient, delivery, said))
    if words:
        _say(db, patient, delivery, said, words, now)


def _said_elsewhere(db: Session, patient: PatientProfile, delivery: Delivery, said: Happening) -> list[Said]:
    """About the day, but for this tap on another device: Undo on either takes the same back."""
    entry_id = said.entry_id or _entry_id(db, patient, delivery, "done")
    return [one for one in said_in(entries_about(db, patient.id, delivery.counts_for)) if one.id != entry_id]


def _minutes(reminder: Reminder | None) -> int:
    """What the plan in force asks for, or what is usual."""
    return max(1, round(reminder.target if reminder and reminder.target else STRETCHING.least))


def _say(
    db: Session,
    patient: PatientProfile,
    delivery: Delivery,
    said: Happening,
    words: Words,
    now: datetime,
) -> None:
    action: Action = said.action or "done"
    delivery.entry_id = said.entry_id or _entry_id(db, patient, delivery, action)
    entry = {
        "id": delivery.entry_id,
        "day": delivery.counts_for,
        "recorded_at": when(said, delivery, now),
        "source": EntrySource.NOTIFICATION,
        **words,
    }
    try:
        record_one(db, patient, entry, now)
    except Conflict:
        # The same was said on another device, at another moment: then it is said.
        if said.entry_id is not None:
            raise
    db.flush()


def _entry_id(db: Session, patient: PatientProfile, delivery: Delivery, action: Action) -> UUID:
    """One for all devices that show this occurrence. Once it was taken back, a tap elsewhere is a new one."""
    shared = entry_id_of(delivery, action)
    known = {entry.id for entry in entries_about(db, patient.id, delivery.counts_for)}
    return uuid5(shared, str(delivery.id)) if was_undone(shared, known) else shared


def _put_off(
    db: Session, patient: PatientProfile, delivery: Delivery, until: datetime, now: datetime
) -> None:
    """Once more at `until`, unless that is over, past the reminder's own end, or in quiet hours."""
    if delivery.reminder_id is None or not now < until < delivery.valid_until:
        return
    try:
        snooze(db, patient, delivery.reminder_id, ceil((until - now) / timedelta(minutes=1)), now)
    except Conflict:
        return


def _as_it_stands(db: Session, patient: PatientProfile, delivery: Delivery, now: datetime) -> DeliveryNow:
    title, body = _answer(db, patient, delivery, now)
    can_undo = delivery.entry_id is not None and delivery.undone_at is None
    return DeliveryNow(
        id=delivery.id,
        state=delivery.state,
        action=delivery.action,
        entry_id=delivery.entry_id,
        title=title,
        body=body,
        can_undo=can_undo,
        asks_again_at=_asks_again_at(db, delivery, now),
    )


def _answer(db: Session, patient: PatientProfile, delivery: Delivery, now: datetime) -> tuple[str, str]:
    """Title and body. They stand on a lock screen, so they say no more than the button that was tapped."""
    day = day_from(delivery.counts_for, patient.day_at(now))
    match delivery.action:
        case None:
            return "", ""
        case "later":
            return _("Later"), _when_again(patient, _asks_again_at(db, delivery, now))
        case "add_glass" if delivery.undone_at is not None:
            return _("Taken back"), _glasses(db, patient, delivery)
        case "add_glass":
            return _glasses(db, patient, delivery), _("Added to %(day)s.", day=day)
        case _ if delivery.undone_at is not None:
            return _("Taken back"), ""
        case _ if minutes := _minutes_added(db, patient, delivery):
            return _("Done"), _("%(minutes)s minutes added to %(day)s.", minutes=minutes, day=day)
        case _:
            return _("Done"), _("Noted for %(day)s.", day=day)


def _minutes_added(db: Session, patient: PatientProfile, delivery: Delivery) -> int:
    """Less than the reminder asks for where some of it was logged already."""
    about_day = said_in(entries_about(db, patient.id, delivery.counts_for))
    return sum(one.add.get(STRETCHING.measure, 0) for one in about_day if one.id == delivery.entry_id)


def _asks_again_at(db: Session, delivery: Delivery, now: datetime) -> datetime | None:
    reminder = _reminder(db, delivery)
    until = reminder.snoozed_until if reminder and delivery.action == "later" else None
    return until if until and until > now else None


def _when_again(patient: PatientProfile, at: datetime | None) -> str:
    if at is None:
        return _("It is too late to ask again, so this one ends here.")
    return _("You are asked again at %(time)s.", time=clock_in_words(at, patient.zone))


def _glasses(db: Session, patient: PatientProfile, delivery: Delivery) -> str:
    day, reminder = day_on(db, patient.id, delivery.counts_for), _reminder(db, delivery)
    glasses = (day.water_glasses or 0) if day else 0
    target = round(reminder.target if reminder and reminder.target else WATER.least)
    return ngettext("%(glasses)s of %(num)s glass", "%(glasses)s of %(num)s glasses", target, glasses=glasses)


def _reminder(db: Session, delivery: Delivery) -> Reminder | None:
    return db.get(Reminder, delivery.reminder_id) if delivery.reminder_id else None
