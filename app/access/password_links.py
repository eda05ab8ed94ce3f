"""Getting back in without the old password: a link, once, and every other way in is closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.calendar_links import revoke_calendar_link
from app.access.personal_tokens import revoke_all_tokens
from app.access.sign_ins import end_every_sign_in
from app.access.tokens import hash_of, new_token
from app.errors import NotFound
from app.language import _
from app.models.access_log import note
from app.models.account import Account
from app.models.password_link import PasswordLink


@dataclass(frozen=True, slots=True)
class BehindLink:
    """Whose password a link changes."""

    account_id: UUID
    name: str
    email: str
    role: str


def account_with(db: Session, email: str) -> UUID | None:
    """Whose e-mail address this is."""
    return db.scalar(select(col(Account.id)).where(col(Account.email) == email.lower()))


def make_password_link(db: Session, account_id: UUID, lasts: timedelta, now: datetime) -> str:
    """The token of a new link; those made before it open nothing any more."""
    end_links_of(db, account_id, now)
    token = new_token()
    db.add(
        PasswordLink(account_id=account_id, token_hash=hash_of(token), made_at=now, expires_at=now + lasts)
    )
    return token


def links_since(db: Session, account_id: UUID, since: datetime) -> int:
    """How many links were made for this account, used or not."""
    mine = col(PasswordLink.account_id) == account_id, col(PasswordLink.made_at) > since
    return db.scalar(select(func.count()).select_from(PasswordLink).where(*mine)) or 0


def behind_link(db: Session, token: str, now: datetime) -> BehindLink:
    """Raises NotFound when the link is unknown, used or too old."""
    row = db.execute(
        select(PasswordLink, col(Account.name), col(Account.email), col(Account.role))
        .join(Account, col(Account.id) == col(PasswordLink.account_id))
        .where(col(PasswordLink.token_hash) == hash_of(token))
    ).one_or_none()
    if row is None or not row[0].is_open(at=now):
        raise NotFound(_("This link was used already or is too old. Ask for a new one."))
    return BehindLink(row[0].account_id, *row[1:])


def set_password(db: Session, token: str, password_hash: str, now: datetime) -> UUID:
    """Whoever was signed in before, or had a token, is not any more. Raises NotFound as `behind_link`."""
    # Of two who open it at the same moment, the second waits here until the first has used it.
    db.execute(
        select(col(PasswordLink.id)).where(col(PasswordLink.token_hash) == hash_of(token)).with_for_update()
    )
    account_id = behind_link(db, token, now).account_id
    end_links_of(db, account_id, now)
    db.execute(update(Account).where(col(Account.id) == account_id).values(password_hash=password_hash))
    note(db, account_id, "account:password:changed", "", account_id, now)
    end_every_sign_in(db, account_id, now)
    revoke_all_tokens(db, account_id, now)
    revoke_calendar_link(db, account_id, now)
    return account_id


def end_links_of(db: Session, account_id: UUID, now: datetime) -> None:
    mine = col(PasswordLink.account_id) == account_id
    db.execute(update(PasswordLink).where(mine, col(PasswordLink.used_at).is_(None)).values(used_at=now))
