"""Accounts that were erased, so that a backup from before can be erased again when it is restored."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel


class Erasure(SQLModel, table=True):
    """All that is left of an account: an id nobody can look up any more, and when it went."""

    account_id: UUID = Field(primary_key=True)
    erased_at: datetime
