"""The phones of the demo people: one reminder each, and what became of it over the last two weeks.

The phones do not exist, so their push service has a name that can never be found (RFC 2606), and they have
no keys: a demo that is left running says "no phone" for their reminders instead of failing to send.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.demo.people import DemoPatient
from app.models.patient import PatientProfile
from app.models.push import Delivery, DeliveryState, PushSubscription
from app.models.reminder import Reminder, ReminderKind
from app.reminders.decide import VALID_FOR, Suppression
from app.reminders.schedule import EVERY_DAY, Occurrence, Schedule, next_occurrence, occurrences_between

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
    lost_at = now - timedelta(days=demo.reached_until) if demo.reached_until else None
    phone = _phone(demo.device, patient, past, lost_at, now)
    db.add(phone)
    db.flush()
    db.execute(insert(Delivery), [_delivery(reminder, phone, occurrence) for occurrence in past])


def _phone(
    name: str, patient: PatientProfile, past: list[Occurrence], lost_at: datetime | None, now: datetime
) -> PushSubscription:
    """A phone that took its reminders; one that was lost is forgotten at the first reminder after that."""
    missed = [occurrence.instant for occurrence in past if lost_at and occurrence.instant > lost_at]
    reached = [occurrence.instant for occurrence in past if not missed or occurrence.instant < missed[0]]
    return PushSubscription(
        account_id=patient.id,
        endpoint=f"{_ENDPOINT}{uuid4()}",
        p256dh="",
        auth="",
        device_name=name,
        created_at=now - timedelta(days=14),
        last_accepted_at=reached[-1],
        last_shown_at=reached[-1] + _SHOWN_AFTER,
        forgotten_at=missed[0] if missed else None,
    )


def _delivery(reminder: Reminder, phone: PushSubscription, occurrence: Occurrence) -> dict[str, Any]:
    at = occurrence.instant
    return {
        "id": uuid4(),
        "account_id": phone.account_id,
        "reminder_id": reminder.id,
        "kind": reminder.kind,
        "day": occurrence.day,
        "slot": occurrence.slot,
        "counts_for": occurrence.day,
        "planned_at": at,
        "valid_until": at + VALID_FOR[ReminderKind.CHECK_IN],
        **_what_became_of_it(at, phone),
    }


def _what_became_of_it(at: datetime, phone: PushSubscription) -> dict[str, Any]:
    """Shown and opened; refused when the phone was found to be gone; afterwards there was no phone."""
    fate: dict[str, Any] = dict.fromkeys(("subscription_id", "sent_at", "shown_at", "opened_at", "reason"))
    if phone.forgotten_at is None or at < phone.forgotten_at:
        shown = {"sent_at": at, "shown_at": at + _SHOWN_AFTER, "opened_at": at + _OPENED_AFTER}
        return fate | shown | _attempt(phone, DeliveryState.SHOWN, 201)
    if at == phone.forgotten_at:
        return fate | _attempt(phone, DeliveryState.FAILED, 410) | {"reason": "gone"}
    suppressed = {"state": DeliveryState.SUPPRESSED.value, "reason": Suppression.NO_DEVICE.value}
    return fate | suppressed | {"http_status": None, "attempts": 0}


def _attempt(phone: PushSubscription, state: DeliveryState, http_status: int) -> dict[str, Any]:
    return {"subscription_id": phone.id, "state": state.value, "http_status": http_status, "attempts": 1}
