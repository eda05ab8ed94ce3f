"""A crowd of patients, each with one phone and one daily check-in."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.account import Account
from app.models.patient import Patient
from app.models.push import Delivery, PushSubscription
from app.models.reminder import Reminder, Weekday

Phone = tuple[str, str, str]
"""Endpoint, public key and secret of a device, the latter two as base64url."""


def a_phone(endpoint: str) -> Phone:
    """A device with a key of its own."""
    public_key = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return endpoint, _text(point), _text(os.urandom(16))


def seed_crowd(
    db: Session, size: int, phone_of: Callable[[int], Phone], now: datetime, due_at: datetime | None = None
) -> list[UUID]:
    """So many patients whose check-in was a minute ago; the worker looks at `due_at`, None: not yet.

    They have no quiet hours, so that it can run at night. Answers the reminders' ids.
    """
    people, planned = [uuid4() for _ in range(size)], a_minute_before(now)
    db.execute(insert(Account), [_account(person, now) for person in people])
    db.execute(
        insert(Patient), [{"id": person, "quiet_from": time(8), "quiet_until": time(8)} for person in people]
    )
    phones = zip(people, map(phone_of, range(size)), strict=True)
    db.execute(
        insert(PushSubscription),
        [
            {"account_id": person, "endpoint": endpoint, "p256dh": p256dh, "auth": auth, "created_at": now}
            for person, (endpoint, p256dh, auth) in phones
        ],
    )
    reminders = [
        {
            "id": uuid4(),
            "patient_id": person,
            "kind": "check_in",
            "times": [f"{planned:%H:%M}"],
            "days": list(Weekday),
            "created_at": now - timedelta(days=1),
            "due_at": due_at,
        }
        for person in people
    ]
    db.execute(insert(Reminder), reminders)
    return [reminder["id"] for reminder in reminders]  # type: ignore[misc]


def fall_due(db: Session, now: datetime) -> None:
    """All that nobody looks at yet is due, for the check-in of `now` as the crowd was seeded with it."""
    not_yet = col(Reminder.due_at).is_(None)
    db.execute(update(Reminder).where(not_yet).values(due_at=a_minute_before(now)))


def a_minute_before(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0) - timedelta(minutes=1)


def deliveries_by_state(db: Session) -> dict[str, int]:
    return dict(db.execute(select(col(Delivery.state), func.count()).group_by(col(Delivery.state))).all())  # type: ignore[arg-type]


def _account(person: UUID, now: datetime) -> dict[str, object]:
    return {
        "id": person,
        "email": f"{person.hex}@people.example",
        "password_hash": "",
        "role": "patient",
        "name": "Ana",
        "zone": "UTC",
        "created_at": now - timedelta(days=30),
    }


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
