"""Tokens for a person's own programs: made, listed, revoked, and recognised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.proofs import has_second_factor
from app.access.sign_ins import PERSON, SignedIn, signed_in_as
from app.access.tokens import hash_of, new_token
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.language import _
from app.models.access_log import note
from app.models.account import Account
from app.models.patient import Patient
from app.models.personal_token import PersonalToken, PersonalTokenIn, TokenScope

PREFIX = "aftercare_"
"""By which a token left in some program's files is recognised for what it is."""


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as its owner sees it in the list."""

    id: UUID
    name: str
    scopes: list[TokenScope]
    created_at: datetime
    expires_on: date
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewToken(TokenRow):
    """A token just made: the only time that it is shown."""

    token: str


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """A program that asks with a token, and whose it is."""

    token_id: UUID
    scopes: frozenset[TokenScope]
    owner: SignedIn


def make_token(db: Session, account_id: UUID, wanted: PersonalTokenIn, now: datetime) -> NewToken:
    """Raises Invalid for a day that has passed or is too far away, Conflict when there are many tokens."""
    latest = now.date() + PersonalToken.LASTS
    expires_on = wanted.expires_on or latest
    if not now.date() <= expires_on <= latest:
        raise Invalid(FieldError("expires_on", "day", _("Choose a day from today to a year from now.")))
    if (db.scalar(select(func.count()).where(_in_force(account_id, now))) or 0) >= PersonalToken.AT_MOST:
        raise Conflict(
            _("There are %(num)s tokens already. Revoke one that is not used.", num=PersonalToken.AT_MOST)
        )
    token = PREFIX + new_token()
    made = PersonalToken(
        account_id=account_id,
        name=wanted.name,
        token_hash=hash_of(token),
        scopes=" ".join(sorted(set(wanted.scopes))),
        created_at=now,
        expires_on=expires_on,
    )
    db.add(made)
    db.flush()
    note(db, account_id, "account:token:made", wanted.name, account_id, now)
    return NewToken(*_seen(made), token)


def tokens_of(db: Session, account_id: UUID, now: datetime) -> list[TokenRow]:
    """The tokens in force, the newest first."""
    mine = select(PersonalToken).where(_in_force(account_id, now))
    newest_first = mine.order_by(col(PersonalToken.created_at).desc())
    return [TokenRow(*_seen(token)) for token in db.scalars(newest_first)]


def revoke_token(db: Session, account_id: UUID, token_id: UUID, now: datetime) -> None:
    """Raises NotFound for a token that is not there, not theirs, or no longer in force."""
    mine = select(PersonalToken).where(_in_force(account_id, now), col(PersonalToken.id) == token_id)
    token = db.scalar(mine)
    if token is None:
        raise NotFound
    token.revoke(at=now)
    note(db, account_id, "account:token:revoked", token.name, account_id, now)


def revoke_once(db: Session, account_id: UUID, token_id: UUID, now: datetime) -> None:
    """As `revoke_token`; a form sent twice is one."""
    token = db.get(PersonalToken, token_id)
    if token is None or token.account_id != account_id or token.revoked_at is None:
        revoke_token(db, account_id, token_id, now)


def revoke_all_tokens(db: Session, account_id: UUID, now: datetime) -> None:
    revoked = update(PersonalToken).where(_in_force(account_id, now)).values(revoked_at=now)
    for name in sorted(db.scalars(revoked.returning(col(PersonalToken.name)))):
        note(db, account_id, "account:token:revoked", name, account_id, now)


def holder_of(db: Session, token: str, now: datetime) -> TokenHolder | None:
    """Whose token this is, or None when it is unknown, revoked or expired."""
    row = db.execute(
        select(PersonalToken, has_second_factor(), *PERSON)
        .join(Account, col(Account.id) == col(PersonalToken.account_id))
        .outerjoin(Patient, col(Patient.id) == col(Account.id))
        .where(col(PersonalToken.token_hash) == hash_of(token))
    ).one_or_none()
    if row is None or row[0].revoked_at or row[0].expires_on < now.date():
        return None
    found, second_factor, *person = row
    seen_at = found.last_used_at or found.created_at
    scopes = frozenset(_scopes(found))
    may_read = TokenScope.READ in scopes
    owner = signed_in_as(person, None, seen_at, found.created_at, second_factor, may_read)
    return TokenHolder(found.id, scopes, owner)


def note_used(db: Session, token_id: UUID, now: datetime) -> None:
    db.execute(update(PersonalToken).where(col(PersonalToken.id) == token_id).values(last_used_at=now))


def _in_force(account_id: UUID, now: datetime) -> ColumnElement[bool]:
    return and_(
        col(PersonalToken.account_id) == account_id,
        col(PersonalToken.revoked_at).is_(None),
        col(PersonalToken.expires_on) >= now.date(),
    )


_Seen = tuple[UUID, str, list[TokenScope], datetime, date, datetime | None]


def _seen(token: PersonalToken) -> _Seen:
    return token.id, token.name, _scopes(token), token.created_at, token.expires_on, token.last_used_at


def _scopes(token: PersonalToken) -> list[TokenScope]:
    return [TokenScope(scope) for scope in token.scopes.split()]
