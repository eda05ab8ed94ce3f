"""Passkeys: keys on a phone, a computer or a stick, with which somebody signs in without a password."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from pydantic import Strict, StringConstraints
from sqlalchemy import BigInteger, CheckConstraint, LargeBinary
from sqlmodel import Field, SQLModel

from app.models.field_types import GivenName, InputShape


class Passkey(SQLModel, table=True):
    """One key of one person, under the name they gave it. What is secret of it never leaves their device.

    `sign_count` is how often the device says it has signed; many always say 0.
    """

    AT_MOST: ClassVar[int] = 20

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    credential_id: bytes = Field(sa_type=LargeBinary, unique=True)
    public_key: bytes = Field(sa_type=LargeBinary)
    sign_count: int = Field(sa_type=BigInteger)
    name: str = Field(max_length=100)
    created_at: datetime
    last_used_at: datetime | None = None


class ChallengeFor(StrEnum):
    """What the answer to a challenge will be good for, and for nothing else."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    PROVE = "prove"


class PasskeyChallenge(SQLModel, table=True):
    """What a passkey has to sign, answered once within five minutes. Nobody's before somebody signs in."""

    __tablename__ = "passkey_challenge"
    __table_args__ = (
        CheckConstraint("purpose in ('register', 'sign_in', 'prove')", name="passkey_challenge_purpose"),
    )
    LASTS: ClassVar[timedelta] = timedelta(minutes=5)

    challenge: bytes = Field(sa_type=LargeBinary, primary_key=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="CASCADE", index=True)
    purpose: str = Field(max_length=16)
    expires_at: datetime = Field(index=True)


Base64Url = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,8192}$")]
"""Bytes as browsers write them in JSON: base64url without padding."""


class PasskeyIn(InputShape):
    """A new passkey as the browser hands it over, and what its owner calls it."""

    name: GivenName
    id: Base64Url
    client_data: Base64Url
    attestation: Base64Url


class PasskeyAnswer(InputShape):
    """A challenge as a passkey signed it."""

    id: Base64Url
    client_data: Base64Url
    authenticator_data: Base64Url
    signature: Base64Url
    user_handle: Base64Url | None = None


class SignInWithPasskey(PasskeyAnswer):
    """A challenge to sign in, as a passkey signed it."""

    shared: Annotated[bool, Strict()] = False
    """Whether this is a shared device, on which nothing may stay."""
