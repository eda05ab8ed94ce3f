"""Tokens with which a person's own programs ask for their data."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from pydantic import Field as Limits
from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from app.models.field_types import GivenName, InputShape, LocalDay


class TokenScope(StrEnum):
    """What a token may do. To write is not to read: a scale that logs needs no diary."""

    READ = "read"
    WRITE = "write"


class PersonalToken(SQLModel, table=True):
    """A token its owner made for one program; shown once, stored as a hash.

    `scopes` are joined by a blank. `expires_on` is its last day, by UTC because a
    program has no zone; it ends earlier when its owner revokes it.
    """

    __tablename__ = "personal_token"
    __table_args__ = (
        CheckConstraint("scopes in ('read', 'write', 'read write')", name="personal_token_scopes"),
    )
    LASTS: ClassVar[timedelta] = timedelta(days=365)
    AT_MOST: ClassVar[int] = 20

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=100)
    token_hash: str = Field(unique=True, max_length=64)
    scopes: str = Field(max_length=20)
    created_at: datetime
    expires_on: date
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    def revoke(self, *, at: datetime) -> None:
        self.revoked_at = self.revoked_at or at


class PersonalTokenIn(InputShape):
    """A token to be made. Its last day is `expires_on`; by default, and at the latest, a year from now."""

    name: GivenName
    scopes: Annotated[list[TokenScope], Limits(min_length=1, max_length=2)] = Limits(
        default_factory=lambda: list(TokenScope)
    )
    expires_on: LocalDay | None = None
