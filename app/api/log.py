"""The patient's log: entries in, days out."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.period import AskedPeriod
from app.api.strict_route import StrictJSONRoute
from app.deps import CurrentPatient, CurrentWriter, Now, Read, Write
from app.diary.record import change_day
from app.errors import NotFound
from app.language import _
from app.models.daily_log import Day, LogEntry, Measures, day_on, days_between, entries_about
from app.models.field_types import LocalDay

router = APIRouter(tags=["log"], route_class=StrictJSONRoute)

DAYS_PER_PAGE = 200


class Days(BaseModel):
    """A page of logged days, oldest first. `next_cursor` is the first day of the next page."""

    days: list[Day]
    next_cursor: date | None = None


class EntryOut(BaseModel):
    """An entry as it was received."""

    id: str
    day: date
    recorded_at: datetime
    received_at: datetime
    source: str
    late: bool
    set: dict[str, Any]
    add: dict[str, int]


class Entries(BaseModel):
    """All entries of one day, in the order they fold."""

    entries: list[EntryOut]
    next_cursor: None = None


@router.get("/days")
async def list_days(patient: CurrentPatient, read: Read, asked: AskedPeriod, now: Now) -> Days:
    """Logged days only, oldest first; by default of the last thirty days."""
    first, last = asked.until(patient.day_at(now))
    days = await read(days_between, patient.id, first, last, DAYS_PER_PAGE + 1)
    more = days[DAYS_PER_PAGE].day if len(days) > DAYS_PER_PAGE else None
    return Days(days=days[:DAYS_PER_PAGE], next_cursor=more)


@router.get("/days/{day}")
async def read_day(day: LocalDay, patient: CurrentPatient, read: Read) -> Day:
    """One day of the diary; 404 when nothing is logged for it."""
    found = await read(day_on, patient.id, day)
    if found is None:
        raise NotFound(_("Nothing is logged on this day."))
    return found


@router.patch("/days/{day}")
async def patch_day(day: LocalDay, measures: Measures, writer: CurrentWriter, write: Write, now: Now) -> Day:
    """Set some measures by one entry, for scripts. null clears a measure. Without the scope `read` the day
    comes back blank."""
    changed = await write(change_day, writer.patient, day, measures, now)
    return changed if changed and writer.may_read else Day.blank(day, now)


@router.get("/days/{day}/history")
async def read_history(day: LocalDay, patient: CurrentPatient, read: Read) -> Entries:
    """Every entry about a day, in the order they fold."""
    return Entries(entries=[_entry_out(entry) for entry in await read(entries_about, patient.id, day)])


def _entry_out(entry: LogEntry) -> EntryOut:
    content = json.loads(entry.content)
    return EntryOut(id=str(entry.id), **entry.model_dump(include=_SHOWN), **content)


_SHOWN = {"day", "recorded_at", "received_at", "source", "late"}
