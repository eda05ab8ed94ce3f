"""A mailbox as a device: for people whose phone takes no push messages, and only once they confirmed it.

It is a PushSubscription whose endpoint is `mailto:` and the address. Until its owner opened the link that was
sent there (at `last_seen_at`), `p256dh` is empty, so nothing else is ever sent to it. It is theirs while the
address is: one they had before gets nothing, whoever reads it now.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, literal, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound, TooMany
from app.language import _
from app.models.account import Account
from app.models.push import PushSubscription

MAILTO = "mailto:"
CONFIRMED = "mailbox"
LINK_AGAIN_AFTER = timedelta(minutes=5)
LINK_LASTS = timedelta(days=2)


class MailboxState(StrEnum):
    """WAITING: a link was sent there and not opened yet. OFF too after letters were refused for a day."""

    OFF = "off"
    WAITING = "waiting"
    ON = "on"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox of an account, and whether reminders go there."""

    address: str
    state: MailboxState


@dataclass(frozen=True, slots=True)
class Asked:
    """To whom the link goes that turns a mailbox on, and in which language."""

    address: str
    locale: str
    token: str


def is_mailbox(endpoint: str | None) -> bool:
    return endpoint is not None and endpoint.startswith(MAILTO)


def no_mailbox() -> ColumnElement[bool]:
    """Of devices: those that are browsers."""
    return col(PushSubscription.endpoint).not_like(f"{MAILTO}%")


def no_former_mailbox() -> ColumnElement[bool]:
    """Of devices beside their account: browsers, and the mailbox at the address of now."""
    return or_(no_mailbox(), col(PushSubscription.endpoint) == literal(MAILTO) + col(Account.email))


def mailbox_of(db: Session, account_id: UUID) -> Mailbox:
    account = db.get_one(Account, account_id)
    device = _device(db, account)
    if device is None or device.forgotten_at is not None or device.disabled_at is not None:
        state = MailboxState.OFF
    else:
        state = MailboxState.ON if device.p256dh == CONFIRMED else MailboxState.WAITING
    return Mailbox(account.email, state)


def ask_mailbox(db: Session, account_id: UUID, key: bytes, now: datetime) -> Asked:
    """A new link to be sent to the owner's address; whoever opens it there wants letters."""
    account = db.get_one(Account, account_id, with_for_update={"key_share": True})
    device = _device(db, account)
    if device is not None and device.last_seen_at and now - device.last_seen_at < LINK_AGAIN_AFTER:
        raise TooMany(
            _("A link was sent a moment ago. Look for it, also among unwanted mail."),
            retry_after=int(LINK_AGAIN_AFTER.total_seconds()),
        )
    return _asked(db, account, device, key, now)


def follow_address(db: Session, account_id: UUID, former: str, key: bytes, now: datetime) -> Asked | None:
    """Once the owner's address has changed: whoever had letters, or was about to, is asked at the new one.
    None goes to the former."""
    account = db.get_one(Account, account_id)
    left = _device_at(db, account_id, former)
    if former == account.email or left is None or left.forgotten_at is not None:
        return None
    left.forget(at=now)
    return _asked(db, account, _device(db, account), key, now)


def confirm_mailbox(db: Session, account_id: UUID, token: str, key: bytes, now: datetime) -> None:
    """Turn it on with the link; opened again it stays on. Raises NotFound for any other link."""
    device = _device(db, db.get_one(Account, account_id))
    wrong = NotFound(_("This link does not count any more. Ask for a new one on your Reminders page."))
    if device is None or device.forgotten_at is not None:
        raise wrong
    if not hmac.compare_digest(token.encode("utf-8", "replace"), _token(device, key).encode()):
        raise wrong
    if device.p256dh != CONFIRMED and now - (device.last_seen_at or now) > LINK_LASTS:
        raise wrong
    device.p256dh = CONFIRMED
    db.flush()


def close_mailbox(db: Session, account_id: UUID, now: datetime) -> None:
    """No letter goes there any more. Said twice is once."""
    device = _device(db, db.get_one(Account, account_id))
    if device is not None:
        device.forget(at=now)
        db.flush()


def _asked(
    db: Session, account: Account, device: PushSubscription | None, key: bytes, now: datetime
) -> Asked:
    if device is None:
        device = PushSubscription(
            account_id=account.id, endpoint=f"{MAILTO}{account.email}", p256dh="", auth="", created_at=now
        )
        _take_from_former_owner(db, device.endpoint, now)
        db.add(device)
    device.p256dh, device.last_seen_at, device.forgotten_at = "", now, None
    device.strikes, device.failing_since, device.disabled_at = 0, None, None
    db.flush()
    return Asked(account.email, account.locale, _token(device, key))


def _take_from_former_owner(db: Session, endpoint: str, now: datetime) -> None:
    """An address is free for others once its owner has another."""
    device = db.scalar(select(PushSubscription).where(col(PushSubscription.endpoint) == endpoint))
    if device is not None:
        device.give_up_endpoint(at=now)
        db.flush()


def _token(device: PushSubscription, key: bytes) -> str:
    """It follows from when it was asked for, so a newer one ends it."""
    about = f"mailbox:{device.id}:{device.last_seen_at.isoformat() if device.last_seen_at else ''}"
    return base64.urlsafe_b64encode(hmac.digest(key, about.encode(), hashlib.sha256)).decode().rstrip("=")


def _device(db: Session, account: Account) -> PushSubscription | None:
    return _device_at(db, account.id, account.email)


def _device_at(db: Session, account_id: UUID, address: str) -> PushSubscription | None:
    return db.scalar(
        select(PushSubscription).where(
            col(PushSubscription.account_id) == account_id,
            col(PushSubscription.endpoint) == f"{MAILTO}{address}",
        )
    )
