"""Work out all reminders anew: the rules of time zones have changed, or the computer's clock was set back.

That is done some at a time beside the sending of what is due. How far it has come stands in the database, so
any worker goes on where another stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import zone_data_version
from app.database import Database, insert_into
from app.models.push import Delivery, DeliveryState
from app.models.zone_data import ZoneData
from app.reminders.due import plan_anew
from app.reminders.given import given_ids, ids_of

SET_BACK = timedelta(minutes=1)
"""Less than this is a clock being kept right."""
PLANNED_AT_ONCE = 1000
"""In one short transaction; on SQLite everybody else who writes waits for it."""
SECONDS_BETWEEN = 0.05
LOOKS_EVERY_SECONDS = 10
"""Another worker may have stopped halfway."""
START = UUID(int=0)
_WRITTEN_OFF = (DeliveryState.EXPIRED.value, DeliveryState.SUPPRESSED.value)

log = structlog.get_logger()


class Replanning:
    """A worker's watch over what its plans rest on. It looks once at the zone data, then at the clock.

    `jitter` is in seconds, as for claiming.
    """

    def __init__(self, database: Database, jitter: int) -> None:
        self._database = database
        self._jitter = jitter
        self._latest: datetime | None = None
        self._begun = asyncio.Event()

    async def look(self, now: datetime) -> None:
        """See whether all has to be planned anew; `keep_going` does it."""
        if self._latest is None:
            await self._database.write(replan_by_zone_data, zone_data_version(), now)
            self._begun.set()
        elif now < self._latest - SET_BACK:
            await self._database.write(begin_replanning)
            self._begun.set()
        self._latest = now

    async def keep_going(self, clock: Callable[[], datetime]) -> None:
        """Plan anew whatever has to be, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOKS_EVERY_SECONDS):
                    await self._begun.wait()
            self._begun.clear()
            try:
                while await self._database.read(is_replanning) and await self._plan_some(clock()):
                    await asyncio.sleep(SECONDS_BETWEEN)
            except Exception as error:
                log.error("reminders.replan_failed", error=error)

    async def _plan_some(self, now: datetime) -> bool:
        version = zone_data_version()
        return await self._database.write(replan_some, version, now, self._jitter, PLANNED_AT_ONCE)


def replan_by_zone_data(db: Session, version: str, now: datetime) -> bool:
    """Whether all has to be planned anew, because it was planned by another edition of the zone data."""
    this = {"id": 1, "version": version, "since": now}
    db.execute(insert_into(db, ZoneData).values(this).on_conflict_do_nothing())
    # Of several workers that start together, the others wait here and find it done.
    known = db.scalars(select(ZoneData).with_for_update()).one()
    if known.version == version:
        return False
    known.version, known.since, known.reached = version, now, START
    db.flush()
    return True


def begin_replanning(db: Session) -> None:
    """Have all planned anew, from the start."""
    db.execute(update(ZoneData).values(reached=START))


def is_replanning(db: Session) -> bool:
    return db.scalar(select(col(ZoneData.reached))) is not None


def replan_some(db: Session, version: str, now: datetime, jitter: int, at_most: int) -> bool:
    """Plan the next reminders anew by this edition of the zone data; whether more are left to us.

    What was written off for times that are still to come, because a clock ran ahead, is taken back. What was
    sent for them stays on record, so that nothing comes twice.
    """
    # While another worker is at it there is nothing to do for us.
    known = db.scalars(select(ZoneData).with_for_update(skip_locked=True)).one_or_none()
    if known is None or known.reached is None or known.version != version:
        return False
    planned = plan_anew(db, known.reached, now, jitter, at_most)
    _take_back(db, planned, now)
    known.reached = planned[-1] if len(planned) == at_most else None
    db.flush()
    return known.reached is not None


def _take_back(db: Session, reminder_ids: Collection[UUID], now: datetime) -> None:
    """Two days earlier than `now` it is yet today nowhere."""
    db.execute(
        delete(Delivery).where(
            col(Delivery.reminder_id).in_(given_ids("ids")),
            col(Delivery.day) >= now.date() - timedelta(days=2),
            col(Delivery.planned_at) > now,
            col(Delivery.attempts) == 0,
            col(Delivery.state).in_(_WRITTEN_OFF),
        ),
        {"ids": ids_of(reminder_ids)},
    )
