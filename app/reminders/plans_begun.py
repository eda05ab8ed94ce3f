"""A worker's watch over plans: a version written for tomorrow brings its reminders when its day begins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.database import Database
from app.models.home_care import HomeCarePlan
from app.reminders.of_the_plan import arrange_begun


class PlansBegun:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, now: datetime) -> None:
        begins = await self._database.read(next_beginning)
        if begins is not None and begins <= now:
            await self._database.write(arrange_begun, now)


def next_beginning(db: Session) -> datetime | None:
    """When the next version begins to count whose reminders are not arranged yet."""
    return db.scalar(
        select(func.min(col(HomeCarePlan.effective_at))).where(
            col(HomeCarePlan.arranged_at).is_(None), col(HomeCarePlan.withdrawn_at).is_(None)
        )
    )
