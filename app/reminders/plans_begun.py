"""A worker's watch over plans: a version written for tomorrow brings its reminders when its day begins."""

from __future__ import annotations

from datetime import datetime

from app.database import Database
from app.reminders.of_the_plan import arrange_begun, next_beginning


class PlansBegun:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def look(self, now: datetime) -> None:
        begins = await self._database.read(next_beginning)
        if begins is not None and begins <= now:
            await self._database.write(arrange_begun, now)
