"""Which edition of the time zone database all reminders were last planned by."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class ZoneData(SQLModel, table=True):
    """One row. Clocks are changed by law, so a new edition may move what is already planned.

    While reminders are planned anew, `reached` is the id up to which they are; None once all are.
    """

    __tablename__ = "zone_data"
    __table_args__ = (CheckConstraint("id = 1", name="one_zone_data"),)

    id: int = Field(default=1, primary_key=True)
    version: str = Field(max_length=64)
    since: datetime
    reached: UUID | None = None
