"""How sure it is who uses a browser: a second proof beside the password, and a recent one."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.code_app import has_code_app, remove_code_app, use_code
from app.errors import CodeNeeded
from app.language import _
from app.models.account import Account, SignIn
from app.models.code_app import CodeApp
from app.models.passkey import Passkey

TICKET_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """What an account can prove itself with beside its password."""

    passkeys: bool
    codes: bool

    @property
    def any(self) -> bool:
        return self.passkeys or self.codes


def second_factors(db: Session, account_id: UUID) -> SecondFactors:
    passkeys = db.scalar(select(exists().where(col(Passkey.account_id) == account_id)))
    return SecondFactors(bool(passkeys), has_code_app(db, account_id))


def has_second_factor() -> ColumnElement[bool]:
    """For a query about accounts."""
    return or_(
        exists().where(col(Passkey.account_id) == col(Account.id)),
        exists().where(col(CodeApp.account_id) == col(Account.id)),
    )


def note_proof(db: Session, sign_in_id: UUID, now: datetime, *, with_second_factor: bool) -> None:
    """Whoever uses this browser has just shown who they are."""
    proved = {"proved_at": now} | ({"second_factor_at": now} if with_second_factor else {})
    db.execute(update(SignIn).where(col(SignIn.id) == sign_in_id).values(**proved))


def doubt_without_second_factor(db: Session, account_id: UUID) -> None:
    """Once the last passkey and the codes are gone, no browser counts as proved by them."""
    if not second_factors(db, account_id).any:
        mine = col(SignIn.account_id) == account_id
        db.execute(update(SignIn).where(mine).values(second_factor_at=None))


def forget_second_factors(db: Session, account_id: UUID) -> None:
    """For somebody who lost them: the password alone counts again."""
    db.execute(delete(Passkey).where(col(Passkey.account_id) == account_id))
    remove_code_app(db, account_id)
    doubt_without_second_factor(db, account_id)


def use_code_if_needed(db: Session, key: bytes, account_id: UUID, code: str | None, now: datetime) -> bool:
    """Whether a code was used; raises CodeNeeded when this account signs in with one and it was not right."""
    if not has_code_app(db, account_id):
        return False
    if not code:
        raise CodeNeeded(_("Write the code that the app on your phone shows now."))
    if not use_code(db, key, account_id, code, now):
        raise CodeNeeded(_("This code does not match, or was used already. Wait for the next one."))
    return True


def ticket_for(key: bytes, account_id: UUID, password_hash: str, now: datetime) -> str:
    """Says for five minutes that the password of this account was right, so that only the code is missing."""
    until = int((now + TICKET_LASTS).timestamp())
    return f"{account_id}.{until}.{_signature(key, account_id, until, password_hash)}"


def behind_ticket(db: Session, key: bytes, ticket: str, now: datetime) -> tuple[UUID, str] | None:
    """Whose ticket this is, and their e-mail address; None when it is too old or no longer true."""
    account_id, until = _said_by(ticket)
    account = db.get(Account, account_id) if account_id else None
    if account is None or now.timestamp() >= until:
        return None
    signature = _signature(key, account.id, until, account.password_hash)
    fits = hmac.compare_digest(ticket.rpartition(".")[2].encode("utf-8", "surrogatepass"), signature.encode())
    return (account.id, account.email) if fits else None


def _said_by(ticket: str) -> tuple[UUID | None, int]:
    try:
        account_id, until, _signed = ticket.split(".")
        return UUID(account_id), int(until[:12])
    except ValueError:
        return None, 0


def _signature(key: bytes, account_id: UUID, until: int, password_hash: str) -> str:
    said = f"code-ticket:{account_id}:{until}:{password_hash}".encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()
