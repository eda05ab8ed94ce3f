"""A secret link under which a calendar fetches somebody's sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import Field as Limits
from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from app.models.field_types import InputShape


class CalendarLink(SQLModel, table=True):
    """One in force for an account, until `revoked_at`. Only a hash of its token is stored.

    `names` is whether a patient's calendar says with whom a session is.
    """

    __tablename__ = "calendar_link"
    __table_args__ = (
        Index(
            "one_calendar_link",
            "account_id",
            unique=True,
            sqlite_where=text("revoked_at is null"),
            postgresql_where=text("revoked_at is null"),
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    names: bool = False
    made_at: datetime
    revoked_at: datetime | None = None

    def revoke(self, *, at: datetime) -> None:
        self.revoked_at = self.revoked_at or at


class CalendarLinkIn(InputShape):
    """What a new link tells: with `names`, a patient's calendar says with whom a session is."""

    names: Annotated[bool, Limits(strict=True)] = False
