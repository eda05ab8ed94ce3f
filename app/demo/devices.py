"""The phones of the demo people: one reminder each, and what became of it over the last two weeks.

The phones do not exist, so their push service has a name that can never be found (RFC 2606), and they have
no keys: a demo that is left running says "no phone" for their reminders instead of failing to send.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.demo.people import DemoPatient
from app.models.patient import PatientProfile, note_answer
from app.models.push import Delivery, DeliveryState, PushSubscription
from app.models.reminder import Reminder, ReminderKind
from app.reminders.back_off import Ignored
from app.reminders.decide import VALID_FOR, Suppression
from app.reminders.schedule import EVERY_DAY, Occurrence, Schedule, next_occurrence, occurrences_between

_Fate = Literal["opened", "ignored", "rested", "refused", "no_device"]
_ENDPOINT = "https://push.demo.invalid/"
_LATEST = 21
"""The last full hour before the usual quiet hours."""
_SHOWN_AFTER, _OPENED_AFTER = timedelta(seconds=2), timedelta(minutes=4)


def seed_devices(db: Session, demo: DemoPatient, patient: PatientProfile, now: datetime) -> None:
    """The evening reminder and, if there is a phone, what it did with it for two weeks."""
    schedule = Schedule((time(min(demo.evening, _LATEST)),), EVERY_DAY, patient.zone)
    coming = next_occurrence(schedule, now)
    reminder = Reminder(
        patient_id=patient.id,
        kind=ReminderKind.CHECK_IN.value,
        times=[f"{at:%H:%M}" for at in schedule.times],
        days=list(schedule.days),
        created_at=now - timedelta(days=14),
        due_at=coming.instant if coming else None,
    )
    db.add(reminder)
    db.flush()
    if demo.device is None:
        return
    past = occurrences_between(schedule, now - timedelta(days=14), now)
    fell_silent_at = now - timedelta(days=demo.logged_until) if demo.logged_until else now
    lost_at = now - timedelta(days=demo.reached_until) if demo.reached_until else now
    evenings = _evenings(past, fell_silent_at, lost_at)
    phone = _phone(demo.device, patient, evenings, now)
    db.add(phone)
    db.flush()
    db.execute(insert(Delivery), [_delivery(reminder, phone, evening) for evening in evenings])
    note_answer(db, patient.id, max(one.at for one in evenings if one.fate == "opened") + _OPENED_AFTER)


@dataclass(frozen=True, slots=True)
class _Evening:
    """One occurrence, and what became of it."""

    occurrence: Occurrence
    fate: _Fate

    @property
    def at(self) -> datetime:
        return self.occurrence.instant


def _evenings(past: list[Occurrence], fell_silent_at: datetime, lost_at: datetime) -> list[_Evening]:
    """Opened until they fell silent; from then on ever rarer. A phone that was lost is refused once."""
    evenings: list[_Evening] = []
    ignored, is_gone = Ignored(), False
    for occurrence in past:
        evening = _Evening(occurrence, _fate(occurrence, fell_silent_at, lost_at, ignored, is_gone))
        evenings.append(evening)
        is_gone = is_gone or evening.fate == "refused"
        if evening.fate == "ignored":
            ignored = Ignored(ignored.in_a_row + 1, occurrence.day)
    return evenings


def _fate(
    occurrence: Occurrence, fell_silent_at: datetime, lost_at: datetime, ignored: Ignored, is_gone: bool
) -> _Fate:
    if occurrence.instant > lost_at:
        return "no_device" if is_gone else "refused"
    if occurrence.instant <= fell_silent_at:
        return "opened"
    return "rested" if ignored.rests_on(occurrence.day) else "ignored"


def _phone(name: str, patient: PatientProfile, evenings: list[_Evening], now: datetime) -> PushSubscription:
    """A phone that took its reminders; one that was lost is forgotten at the first reminder after that."""
    reached = max(one.at for one in evenings if one.fate in ("opened", "ignored"))
    return PushSubscription(
        account_id=patient.id,
        endpoint=f"{_ENDPOINT}{uuid4()}",
        p256dh="",
        auth="",
        device_name=name,
        created_at=now - timedelta(days=14),
        last_accepted_at=reached,
        last_shown_at=reached + _SHOWN_AFTER,
        forgotten_at=next((one.at for one in evenings if one.fate == "refused"), None),
    )


def _delivery(reminder: Reminder, phone: PushSubscription, evening: _Evening) -> dict[str, Any]:
    at, day = evening.at, evening.occurrence.day
    return {
        "id": uuid4(),
        "account_id": phone.account_id,
        "reminder_id": reminder.id,
        "kind": reminder.kind,
        "day": day,
        "slot": evening.occurrence.slot,
        "counts_for": day,
        "planned_at": at,
        "valid_until": at + VALID_FOR[ReminderKind.CHECK_IN],
        **_what_became_of_it(evening, phone),
    }


def _what_became_of_it(evening: _Evening, phone: PushSubscription) -> dict[str, Any]:
    at, columns = evening.at, ("subscription_id", "sent_at", "shown_at", "opened_at", "reason")
    fate: dict[str, Any] = dict.fromkeys(columns)
    shown = {"sent_at": at, "shown_at": at + _SHOWN_AFTER} | _attempt(phone, DeliveryState.SHOWN, 201)
    match evening.fate:
        case "opened":
            return fate | shown | {"opened_at": at + _OPENED_AFTER}
        case "ignored":
            return fate | shown
        case "refused":
            return fate | _attempt(phone, DeliveryState.FAILED, 410) | {"reason": "gone"}
        case "rested":
            return fate | _held_back(Suppression.BACKED_OFF) | {"subscription_id": phone.id}
        case "no_device":
            return fate | _held_back(Suppression.NO_DEVICE)


def _attempt(phone: PushSubscription, state: DeliveryState, http_status: int) -> dict[str, Any]:
    return {"subscription_id": phone.id, "state": state.value, "http_status": http_status, "attempts": 1}


def _held_back(reason: Suppression) -> dict[str, Any]:
    state = DeliveryState.SUPPRESSED.value
    return {"state": state, "reason": reason.value, "http_status": None, "attempts": 0}
