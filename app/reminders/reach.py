"""Whether reminders reach a patient, as far as devices and push services tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.account import Account
from app.models.push import PushSubscription
from app.reminders.mailbox import is_mailbox, no_former_mailbox, no_mailbox

FAILING_FOR = timedelta(hours=24)
SILENT_FOR = timedelta(hours=48)
"""A push service may take messages for a phone that never shows them; after this long we say so."""


@dataclass(frozen=True, slots=True)
class ReminderReach:
    """Whether reminders reach a patient. None: nobody knows, or no device was ever subscribed.

    `last` is when a phone last told that it showed one. `taken` is when a push service last took one,
    which says nothing about the phone.
    """

    reaches: bool | None
    last: datetime | None
    taken: datetime | None = None


def reach_of(db: Session, account_id: UUID, now: datetime) -> ReminderReach:
    return reach_of_all(db, [account_id], now)[account_id]


def reach_of_all(db: Session, account_ids: Sequence[UUID], now: datetime) -> dict[UUID, ReminderReach]:
    """Whether reminders reach each of these people."""
    devices: dict[UUID, list[PushSubscription]] = defaultdict(list)
    for device in db.scalars(
        select(PushSubscription)
        .join(Account)
        .where(
            col(PushSubscription.account_id).in_(account_ids),
            or_(no_mailbox(), col(PushSubscription.p256dh) != ""),
            no_former_mailbox(),
        )
    ):
        devices[device.account_id].append(device)
    return {account_id: reach_through(devices[account_id], now) for account_id in account_ids}


def reach_through(devices: Iterable[PushSubscription], now: datetime) -> ReminderReach:
    """One device that is reached is enough; the newest sign of life counts."""
    known = list(devices)
    verdicts = {_reached(device, now) for device in known}
    reaches = True if True in verdicts else None if None in verdicts or not verdicts else False
    last = max(filter(None, (device.last_shown_at for device in known)), default=None)
    taken = max(filter(None, (device.last_accepted_at for device in known)), default=None)
    return ReminderReach(reaches, last, taken)


def _reached(device: PushSubscription, now: datetime) -> bool | None:
    if device.forgotten_at is not None or device.disabled_at is not None:
        return False
    if device.failing_since is not None and now - device.failing_since >= FAILING_FOR:
        return False
    if device.last_accepted_at is None or device.last_shown_at is None:
        return None
    if device.last_accepted_at - device.last_shown_at < SILENT_FOR:
        return True
    return None if tells_only_of_taps(device.endpoint) else False


def tells_only_of_taps(endpoint: str) -> bool:
    """An iPhone shows our notifications by itself, and so does a mailbox: silence may only mean that none was
    tapped."""
    return is_mailbox(endpoint) or (urlsplit(endpoint).hostname or "").endswith(".push.apple.com")
