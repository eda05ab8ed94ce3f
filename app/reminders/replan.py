"""Work out all reminders anew: the rules of time zones have changed, or the computer's clock was set back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import zone_data_version
from app.database import Database
from app.models.push import Delivery, DeliveryState
from app.models.reminder import look_again_at_all_reminders
from app.models.zone_data import ZoneData

SET_BACK = timedelta(minutes=1)
"""Less than this is a clock being kept right."""


class Replanning:
    """A worker's watch over what its plans rest on. It looks once at the zone data, then at the clock."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._latest: datetime | None = None

    async def look(self, now: datetime) -> None:
        if self._latest is None:
            await self._database.write(replan_by_zone_data, zone_data_version(), now)
        elif now < self._latest - SET_BACK:
            await self._database.write(replan_after_clock_was_set_back, now)
        self._latest = now


def replan_by_zone_data(db: Session, version: str, now: datetime) -> bool:
    """Whether all has to be planned anew, because it was planned by another edition of the zone data."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    this = {"id": 1, "version": version, "since": now}
    db.execute(insert(ZoneData).values(this).on_conflict_do_nothing())
    # Of several workers that start together, the others wait here and find it done.
    known = db.scalars(select(ZoneData).with_for_update()).one()
    if known.version == version:
        return False
    known.version, known.since = version, now
    db.flush()
    look_again_at_all_reminders(db, now)
    return True


def replan_after_clock_was_set_back(db: Session, now: datetime) -> None:
    """Take back what was written off for times that are now still to come, and plan them again.

    What was sent for them stays on record, so that nothing comes twice.
    """
    written_off = (DeliveryState.EXPIRED.value, DeliveryState.SUPPRESSED.value)
    db.execute(
        delete(Delivery).where(
            col(Delivery.planned_at) > now, col(Delivery.attempts) == 0, col(Delivery.state).in_(written_off)
        )
    )
    look_again_at_all_reminders(db, now)
