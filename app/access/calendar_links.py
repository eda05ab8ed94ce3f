"""Making, revoking and following the link under which a calendar fetches somebody's sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.tokens import hash_of, new_token
from app.errors import NotFound
from app.models.access_log import AccessLog, note
from app.models.account import Account
from app.models.calendar_link import CalendarLink, CalendarLinkIn

FETCHED = "account:calendar:fetched"
FETCHES_NOTED_ONCE_IN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CalendarSeen:
    """The link of an account as its owner sees it; the address itself is shown once."""

    made_at: datetime
    names: bool


@dataclass(frozen=True, slots=True)
class Follower:
    """Whose sessions a link leads to, and in which language they are told."""

    account_id: UUID
    role: str
    locale: str
    names: bool


def make_calendar_link(db: Session, account_id: UUID, wanted: CalendarLinkIn, now: datetime) -> str:
    """The token of a new link; an earlier one leads nowhere from now on."""
    db.get_one(Account, account_id, with_for_update={"key_share": True})
    revoke_calendar_link(db, account_id, now)
    token = new_token()
    db.add(CalendarLink(account_id=account_id, token_hash=hash_of(token), names=wanted.names, made_at=now))
    db.flush()
    note(db, account_id, "account:calendar:made", "", account_id, now)
    return token


def revoke_calendar_link(db: Session, account_id: UUID, now: datetime) -> None:
    """It counts from the next time a calendar asks. Revoking again changes nothing."""
    revoked = (
        update(CalendarLink)
        .where(col(CalendarLink.account_id) == account_id, col(CalendarLink.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    if db.scalars(revoked.returning(col(CalendarLink.id))).all():
        note(db, account_id, "account:calendar:revoked", "", account_id, now)


def calendar_link_of(db: Session, account_id: UUID) -> CalendarSeen | None:
    link = db.scalar(
        select(CalendarLink).where(
            col(CalendarLink.account_id) == account_id, col(CalendarLink.revoked_at).is_(None)
        )
    )
    return CalendarSeen(link.made_at, link.names) if link else None


def note_fetched(db: Session, token: str, now: datetime) -> None:
    """Record that somebody followed a link; once a day says it as well as every six hours."""
    follower = follower_of(db, token)
    lately = select(col(AccessLog.number)).where(
        col(AccessLog.by_id).is_(None),
        col(AccessLog.account_id) == follower.account_id,
        col(AccessLog.what) == FETCHED,
        col(AccessLog.at) > now - FETCHES_NOTED_ONCE_IN,
    )
    if db.scalar(lately.limit(1)) is None:
        note(db, follower.account_id, FETCHED, "", None, now)


def follower_of(db: Session, token: str) -> Follower:
    """Raises NotFound for a link that is unknown or revoked."""
    row = db.execute(
        select(CalendarLink, Account)
        .join(Account, col(Account.id) == col(CalendarLink.account_id))
        .where(col(CalendarLink.token_hash) == hash_of(token), col(CalendarLink.revoked_at).is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    return Follower(row.Account.id, row.Account.role, row.Account.locale, row.CalendarLink.names)
