"""What people change about their own devices: how much a notification says, and that one gets no more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import NotFound
from app.language import _
from app.models.push import PushSubscription
from app.reminders.mailbox import no_mailbox


def show_detail(db: Session, account_id: UUID, device_id: UUID, wanted: bool) -> None:
    """Whether notifications there say what they are about, on the lock screen too. Raises NotFound."""
    _own(db, account_id, device_id).detail = wanted
    db.flush()


def let_go(db: Session, account_id: UUID, device_id: UUID, now: datetime) -> None:
    """Send nothing more there. Said twice is once; raises NotFound for a device of somebody else."""
    _own(db, account_id, device_id).forget(at=now)
    db.flush()


def forget_devices_of(db: Session, sign_in_id: UUID, now: datetime) -> None:
    """Whoever signs out of a browser gets no more reminders there."""
    _forget(db, col(PushSubscription.sign_in_id) == sign_in_id, now)


def forget_every_browser(db: Session, account_id: UUID, now: datetime, but: UUID | None = None) -> None:
    """Whoever is signed out everywhere, `but` where it is named, gets reminders in no other browser. The
    mailbox is theirs whoever was signed in."""
    mine = col(PushSubscription.account_id) == account_id
    elsewhere = col(PushSubscription.sign_in_id).is_distinct_from(but) if but else true()
    _forget(db, and_(mine, elsewhere, no_mailbox()), now)


def _forget(db: Session, those: ColumnElement[bool], now: datetime) -> None:
    for device in db.scalars(select(PushSubscription).where(those)):
        device.forget(at=now)
    db.flush()


def _own(db: Session, account_id: UUID, device_id: UUID) -> PushSubscription:
    device = db.get(PushSubscription, device_id)
    if device is None or device.account_id != account_id:
        raise NotFound(_("This device gets no reminders here."))
    return device
