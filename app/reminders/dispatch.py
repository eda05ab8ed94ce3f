"""Claim what is due. While it is sent nothing holds a transaction; `outcomes` records how it went.

Every due reminder becomes Delivery rows (`due`), and rows that were given back are free again (`free`).
Each is decided: suppressed with the reason, or leased to one worker, which sends and records. A lease that
runs out, because the worker died or has to wait before trying again, frees the row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models.push import Delivery
from app.models.reminder import Reminder
from app.reminders.decide import Suppression
from app.reminders.due import plan_due_reminders
from app.reminders.free import (
    IN_FLIGHT,
    LEASE,
    Fate,
    FreeDelivery,
    given_back,
    write_given_back,
    write_planned,
)
from app.reminders.message import Message
from app.reminders.situation import decided, importance

_REMINDER = Reminder.__table__  # type: ignore[attr-defined]
_DELIVERY = Delivery.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A claimed delivery with all a sender needs. `attempt` counts from 1, and until
    `leased_until` nobody else sends it."""

    delivery_id: UUID
    subscription_id: UUID
    endpoint: str
    p256dh: str
    auth: str
    server_key: str | None
    message: Message
    valid_until: datetime
    attempt: int
    leased_until: datetime


def next_due_at(db: Session) -> datetime | None:
    """The next instant at which there is something to claim."""
    return min((instant for instant in map(db.scalar, _NEXT) if instant is not None), default=None)


def claim_due(db: Session, now: datetime, jitter: int, at_most: int) -> list[Parcel]:
    """Everything to be sent now, leased to the caller. `jitter` is in seconds."""
    free = given_back(db, now, at_most)
    again = [delivery for delivery in free if not delivery.is_unclear]
    write_given_back(db, [(delivery, Fate.unclear()) for delivery in free if delivery.is_unclear])
    room = at_most - len(again)
    planned, missed = plan_due_reminders(db, now, jitter, room)
    # Some may be left for the next look, and then the most important must not find its place taken.
    planned.sort(key=importance)
    fates = [(one, _fate(reason, now)) for one, reason in decided(db, again + planned[:room], now)]
    known = {delivery.id for delivery in again}
    write_given_back(db, [fated for fated in fates if fated[0].id in known])
    left = [(delivery, Fate.left(now)) for delivery in planned[room:]]
    expired = [(delivery, Fate.held_back(Suppression.EXPIRED)) for delivery in missed]
    fresh = [fated for fated in fates if fated[0].id not in known]
    known |= write_planned(db, fresh + left + expired)
    return [_parcel(delivery, now) for delivery, fate in fates if fate.claimed_at and delivery.id in known]


_NEXT = (
    select(func.min(_REMINDER.c.due_at)).where(_REMINDER.c.due_at.is_not(None)),
    select(func.min(_DELIVERY.c.lease_until)).where(IN_FLIGHT),
)


def _fate(reason: Suppression | None, now: datetime) -> Fate:
    return Fate.sent(now) if reason is None else Fate.held_back(reason)


def _parcel(delivery: FreeDelivery, now: datetime) -> Parcel:
    assert delivery.subscription_id is not None  # noqa: S101 - else it had been held back
    assert delivery.endpoint is not None  # noqa: S101
    return Parcel(
        delivery_id=delivery.id,
        subscription_id=delivery.subscription_id,
        endpoint=delivery.endpoint,
        p256dh=delivery.p256dh,
        auth=delivery.auth,
        server_key=delivery.server_key,
        message=_message(delivery),
        valid_until=delivery.valid_until,
        attempt=delivery.attempts + 1,
        leased_until=now + LEASE,
    )


def _message(delivery: FreeDelivery) -> Message:
    return Message(
        delivery_id=delivery.id,
        kind=delivery.kind,
        counts_for=delivery.counts_for,
        text=delivery.text,
        detail=delivery.detail,
        locale=delivery.locale,
        step=delivery.step,
    )
