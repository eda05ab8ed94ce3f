"""Browsers where an account is signed in, and slowing down those who guess."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, insert, or_, select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.browsers import browser_in_words
from app.access.tokens import hash_of, new_token
from app.errors import NotFound, TooMany
from app.language import _
from app.models.access_log import NOBODY, note
from app.models.account import Account, Role, SignIn, SignInAttempt
from app.models.patient import Patient, PatientProfile

ATTEMPTS_COUNT_FOR = timedelta(minutes=15)
ATTEMPTS_PER_ACCOUNT = 10
ATTEMPTS_PER_ADDRESS = 50


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is asking. `clock` holds the patient's day start and quiet hours.

    `sign_in_id` is the sign-in of the browser; a program that asks with a personal token has none.
    `last_seen_at` is when that browser or program was last noted, `proved_at` when its person last showed who
    they are, and `second_factor` whether more than a password was shown. `may_read` is false for a program
    whose token only writes.
    """

    sign_in_id: UUID | None
    last_seen_at: datetime
    account_id: UUID
    email: str
    role: Role
    name: str
    zone: str
    locale: str
    clock: tuple[time, time, time] | None
    proved_at: datetime
    second_factor: bool
    may_read: bool = True

    def has_proved_lately(self, now: datetime) -> bool:
        """A program has nobody who could prove anything: what it may do its scopes say."""
        return self.sign_in_id is None or now - self.proved_at < SignIn.PROOF_LASTS

    @property
    def as_patient(self) -> PatientProfile | None:
        if self.clock is None:
            return None
        return PatientProfile(self.account_id, self.name, self.zone, self.locale, *self.clock)


@dataclass(frozen=True, slots=True)
class SignInRow:
    """One browser in the list a person sees of their own sign-ins."""

    id: UUID
    browser: str
    created_at: datetime
    last_seen_at: datetime
    this_one: bool


PERSON = (
    col(Account.id),
    col(Account.email),
    col(Account.role),
    col(Account.name),
    col(Account.zone),
    col(Account.locale),
    col(Patient.day_starts_at),
    col(Patient.quiet_from),
    col(Patient.quiet_until),
)
"""What a query asks for to make a SignedIn."""

_WHO_IS = (
    select(
        col(SignIn.id),
        col(SignIn.last_seen_at),
        col(SignIn.expires_at),
        func.coalesce(col(SignIn.proved_at), col(SignIn.created_at)),
        col(SignIn.second_factor_at).is_not(None),
        *PERSON,
    )
    .join(Account, col(Account.id) == col(SignIn.account_id))
    .outerjoin(Patient, col(Patient.id) == col(Account.id))
    .where(col(SignIn.token_hash) == bindparam("token_hash"), col(SignIn.ended_at).is_(None))
)


def who_is(db: Session, token: str, now: datetime) -> SignedIn | None:
    """Whose token this is, or None when it is unknown, ended or expired."""
    row = db.connection().execute(_WHO_IS, {"token_hash": hash_of(token)}).one_or_none()
    if row is None:
        return None
    sign_in_id, seen_at, expires_at, proved_at, second_factor, *person = row
    if expires_at <= now:
        return None
    return signed_in_as(person, sign_in_id, seen_at, proved_at, second_factor)


def signed_in_as(
    person: Sequence[Any],
    sign_in_id: UUID | None,
    seen_at: datetime,
    proved_at: datetime,
    second_factor: bool,
    may_read: bool = True,
) -> SignedIn:
    """`person` are the values of PERSON."""
    account_id, email, role, name, zone, locale, day_starts_at, quiet_from, quiet_until = person
    clock = None if day_starts_at is None else (day_starts_at, quiet_from, quiet_until)
    return SignedIn(
        sign_in_id,
        seen_at,
        account_id,
        email,
        Role(role),
        name,
        zone,
        locale,
        clock,
        proved_at,
        bool(second_factor),
        may_read,
    )


def start_sign_in(
    db: Session, account_id: UUID, browser: str, now: datetime, second_factor_at: datetime | None = None
) -> str:
    """Sign a browser in and answer its token, which is stored only as a hash."""
    token = new_token()
    sign_in = SignIn(
        account_id=account_id,
        token_hash=hash_of(token),
        browser=browser[:100],
        created_at=now,
        last_seen_at=now,
        expires_at=now,
        second_factor_at=second_factor_at,
    )
    sign_in.use(_role_of(db, account_id), at=now)
    db.add(sign_in)
    note(db, account_id, "account:sign_in:started", sign_in.browser, account_id, now)
    return token


def note_refused_sign_in(db: Session, account_id: UUID | None, browser: str, now: datetime) -> None:
    """Record that somebody did not know a password. With an address nobody has, as much is written, so that
    the answer takes as long."""
    note(db, account_id or NOBODY, "account:sign_in:refused", browser[:100], None, now)


def note_refused_proof(db: Session, account_id: UUID, browser: str, now: datetime) -> None:
    """Record that somebody at a browser of this account did not show that it is them."""
    note(db, account_id, "account:proof:refused", browser[:100], None, now)


def note_seen(db: Session, sign_in_id: UUID, now: datetime) -> None:
    """A browser that is used stays signed in, as long as one may at all."""
    sign_in = db.get_one(SignIn, sign_in_id)
    sign_in.use(_role_of(db, sign_in.account_id), at=now)


def _role_of(db: Session, account_id: UUID) -> Role:
    return Role(db.scalars(select(col(Account.role)).where(col(Account.id) == account_id)).one())


def sign_ins_of(db: Session, account_id: UUID, this_one: UUID | None, now: datetime) -> list[SignInRow]:
    rows = db.scalars(
        select(SignIn)
        .where(
            col(SignIn.account_id) == account_id,
            col(SignIn.ended_at).is_(None),
            col(SignIn.expires_at) > now,
        )
        .order_by(col(SignIn.last_seen_at).desc())
    )
    return [
        SignInRow(r.id, browser_in_words(r.browser), r.created_at, r.last_seen_at, r.id == this_one)
        for r in rows
    ]


def end_sign_in(db: Session, account_id: UUID, sign_in_id: UUID, now: datetime) -> None:
    sign_in = db.get(SignIn, sign_in_id)
    if sign_in is None or sign_in.account_id != account_id or sign_in.ended_at is not None:
        raise NotFound
    sign_in.end(at=now)
    note(db, account_id, "account:sign_in:ended", sign_in.browser, account_id, now)


def end_every_sign_in(db: Session, account_id: UUID, now: datetime, but: UUID | None = None) -> None:
    """End them all, `but` one if it is named."""
    open_ones = [col(SignIn.account_id) == account_id, col(SignIn.ended_at).is_(None)]
    others = [col(SignIn.id) != but] if but else []
    ended = update(SignIn).where(*open_ones, *others).values(ended_at=now).returning(col(SignIn.browser))
    for browser in sorted(db.scalars(ended)):
        note(db, account_id, "account:sign_in:ended", browser, account_id, now)


def password_hash_of(db: Session, email: str) -> tuple[UUID, str] | None:
    """The account with this e-mail address and its password hash."""
    row = db.execute(
        select(col(Account.id), col(Account.password_hash)).where(col(Account.email) == email.lower())
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def subjects_of_attempt(key: bytes, email: str, address: str) -> list[str]:
    """What attempts are counted by: keyed hashes, so the table holds no e-mail and no address.

    An IPv6 address counts as its /64, the least that anybody is given: one computer has all the rest.
    """
    return [
        hmac.new(key, subject.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        for subject in (f"account:{email.lower()}", f"address:{_network_of(address)}")
    ]


def _network_of(address: str) -> str:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))


def count_attempt(db: Session, subjects: Sequence[str], now: datetime) -> None:
    """Count one attempt, or raise TooMany. Counting first keeps parallel guesses inside the limit."""
    _one_at_a_time(db)
    since = now - ATTEMPTS_COUNT_FOR
    db.execute(delete(SignInAttempt).where(col(SignInAttempt.at) <= since))
    for subject, limit in zip(subjects, (ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS), strict=True):
        counted, oldest = db.execute(
            select(func.count(), func.min(col(SignInAttempt.at))).where(
                col(SignInAttempt.subject_hash) == subject
            )
        ).one()
        if counted >= limit:
            wait = int((oldest + ATTEMPTS_COUNT_FOR - now).total_seconds()) + 1
            raise TooMany(_("Too many attempts. Wait a few minutes, then try again."), retry_after=wait)
    db.execute(insert(SignInAttempt), [{"subject_hash": subject, "at": now} for subject in subjects])


def forget_attempts(db: Session, subjects: Sequence[str], now: datetime) -> None:
    """A right password clears what was counted against its account, and this one attempt of its address."""
    account, address = subjects
    counted = col(SignInAttempt.subject_hash)
    db.execute(
        delete(SignInAttempt).where(
            or_(counted == account, and_(counted == address, col(SignInAttempt.at) == now))
        )
    )


def _one_at_a_time(db: Session) -> None:
    """SQLite has one writer anyway; on PostgreSQL parallel guesses would not see each other."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("select pg_advisory_xact_lock(hashtext('sign_in_attempt'))"))
