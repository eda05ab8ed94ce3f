"""A link with which somebody chooses a new password."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from app.models.account import Password
from app.models.field_types import InputShape


class PasswordLink(SQLModel, table=True):
    """Opens one account once, for a short while. Only a hash of its token is stored.

    A link sent by e-mail lasts 30 minutes; one that the operator hands over in person, a day.
    """

    __tablename__ = "password_link"
    BY_EMAIL_LASTS: ClassVar[timedelta] = timedelta(minutes=30)
    BY_EMAIL_AT_MOST: ClassVar[int] = 3
    """So many letters within the time that one of them lasts."""
    BY_OPERATOR_LASTS: ClassVar[timedelta] = timedelta(days=1)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def is_open(self, *, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at


class NewPassword(InputShape):
    """A password of 10 to 256 characters, not among those that guessers try first."""

    password: Password
