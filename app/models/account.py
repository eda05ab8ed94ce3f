"""Who can sign in, and the browsers where they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from pydantic import StringConstraints
from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.models.field_types import Email, InputShape, PersonName, TypedAddress, ZoneName


class Role(StrEnum):
    """What somebody is here; no account is both."""

    PATIENT = "patient"
    THERAPIST = "therapist"


class Account(SQLModel, table=True):
    """A person who can sign in; also the patient or the therapist with the same id."""

    __table_args__ = (CheckConstraint("role in ('patient', 'therapist')", name="account_role"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    password_hash: str
    role: str
    name: str = Field(max_length=100)
    zone: str = Field(max_length=64)
    locale: str = Field(default="en", max_length=16)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SignInLimits:
    """How long a browser stays signed in: `idle` without being used, `lasts` at the longest.

    `noted_every` is how often its use is written down.
    """

    idle: timedelta
    lasts: timedelta
    noted_every: timedelta


class SignIn(SQLModel, table=True):
    """One browser where an account is signed in. Only a hash of its token is stored.

    A phone is its patient's own; the computer in a treatment room is not, so a therapist's sign-in is short.
    `proved_at` is when its person last showed who they are, unless that was when it began; `second_factor_at`
    when they did so with a passkey or a code.
    """

    __tablename__ = "sign_in"
    LIMITS: ClassVar[Mapping[Role, SignInLimits]] = {
        Role.PATIENT: SignInLimits(timedelta(days=30), timedelta(days=180), timedelta(hours=1)),
        Role.THERAPIST: SignInLimits(timedelta(minutes=30), timedelta(hours=12), timedelta(minutes=1)),
    }

    PROOF_LASTS: ClassVar[timedelta] = timedelta(minutes=5)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    browser: str = Field(max_length=100)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    proved_at: datetime | None = None
    second_factor_at: datetime | None = None

    def use(self, role: Role, *, at: datetime) -> None:
        limits = self.LIMITS[role]
        self.last_seen_at = at
        self.expires_at = min(self.created_at + limits.lasts, at + limits.idle)

    def end(self, *, at: datetime) -> None:
        self.ended_at = self.ended_at or at


class SignInAttempt(SQLModel, table=True):
    """A refused sign-in, counted to slow guessing. `subject_hash` is a keyed hash of e-mail or address."""

    __tablename__ = "sign_in_attempt"

    id: int | None = Field(default=None, primary_key=True)
    subject_hash: str = Field(max_length=64, index=True)
    at: datetime = Field(index=True)


PASSWORD_AT_LEAST = 10
Password = Annotated[str, StringConstraints(strict=True, min_length=PASSWORD_AT_LEAST, max_length=256)]


class SignUp(InputShape):
    """A new account. `password` has 10 to 256 characters; `zone` is an IANA name such as Europe/Berlin."""

    email: Email
    password: Password
    name: PersonName
    role: Role
    zone: ZoneName


class SignInWith(InputShape):
    """The password and, where the account has codes, one from the app or a recovery code."""

    email: TypedAddress
    password: Annotated[str, StringConstraints(strict=True, max_length=256)]
    code: Annotated[str, StringConstraints(strict=True, max_length=64)] | None = None


class ForgotPassword(InputShape):
    """Where to send a link that opens a new password, if there is such an account."""

    email: TypedAddress


class NewEmail(InputShape):
    """The address to sign in with from now on."""

    email: Email


class EraseMe(InputShape):
    """The password again, because erasing cannot be undone."""

    password: Annotated[str, StringConstraints(strict=True, max_length=256)]
