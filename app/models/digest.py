"""The daily letter to a therapist: one row for each local day, whatever became of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class DigestState(StrEnum):
    """SENDING stays when a worker died meanwhile: nobody can tell whether the letter went out, so it is not
    sent again. NOTHING_NEW sends no letter."""

    SENDING = "sending"
    SENT = "sent"
    NOTHING_NEW = "nothing_new"
    FAILED = "failed"


class Digest(SQLModel, table=True):
    """One day's letter. `at` is when its news were counted; `again_at` when a failed one is tried again.

    `news` counts the patients with something new; no name is kept here.
    """

    __table_args__ = (
        CheckConstraint("state in ('sending', 'sent', 'nothing_new', 'failed')", name="digest_state"),
        CheckConstraint("news >= 0", name="digest_news"),
    )

    therapist_id: UUID = Field(foreign_key="therapist.id", ondelete="CASCADE", primary_key=True)
    day: date = Field(primary_key=True)
    state: str = Field(max_length=16)
    news: int = 0
    tries: int = 1
    at: datetime
    again_at: datetime | None = None
