"""Which edition of the time zone database all reminders were last planned by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel


class ZoneData(SQLModel, table=True):
    """One row. Clocks are changed by law, so a new edition may move what is already planned."""

    __tablename__ = "zone_data"
    __table_args__ = (CheckConstraint("id = 1", name="one_zone_data"),)

    id: int = Field(default=1, primary_key=True)
    version: str = Field(max_length=64)
    since: datetime
