"""Codes of six digits from an app on the phone, and the ones on paper for when it is lost."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class CodeApp(SQLModel, table=True):
    """The secret that an account shares with an app. `sealed_secret` opens with a key of the data folder.

    `last_step` is the half minute of the newest code that was used: no code counts twice.
    """

    __tablename__ = "code_app"

    account_id: UUID = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    sealed_secret: str = Field(max_length=200)
    last_step: int = Field(sa_type=BigInteger)
    added_at: datetime


class RecoveryCode(SQLModel, table=True):
    """Stands in for one code of the app, once. Only a keyed hash is stored."""

    __tablename__ = "recovery_code"
    GIVEN: ClassVar[int] = 10

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    code_hash: str = Field(unique=True, max_length=64)
    used_at: datetime | None = None
