"""Wall-clock times on weekdays in a zone, turned into instants. The only place that does.

Occurrences are expanded on the local calendar: a time the clocks skip moves to the next minute that
exists, a time the clocks repeat happens once (the first time), a calendar day that does not exist in
the zone has no occurrence. So every scheduled local day has exactly one occurrence per time, except that
times which the clocks push onto one instant are one occurrence, the earliest of them: who is reminded at
02:30 and at 03:00 hears once when both are at three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from app.models.reminder import Weekday

EVERY_DAY = tuple(Weekday)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to remind: wall-clock times (whole minutes) on weekdays, read in `zone` (an IANA name).

    One that is `only_on` a day comes round on no other.
    """

    times: tuple[time, ...]
    days: tuple[Weekday, ...]
    zone: str
    only_on: date | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time a schedule comes round: its calendar day, its slot ("HH:MM"), and the instant it falls on."""

    day: date
    slot: str
    instant: datetime


def next_occurrence(schedule: Schedule, after: datetime) -> Occurrence | None:
    """The first occurrence strictly after `after`, or None when nothing is scheduled."""
    return next(occurrences_after(schedule, after), None)


def occurrences_between(schedule: Schedule, after: datetime, until: datetime) -> list[Occurrence]:
    """Occurrences later than `after` and not later than `until`, in order."""
    return list(takewhile(lambda occurrence: occurrence.instant <= until, occurrences_after(schedule, after)))


def occurrences_after(schedule: Schedule, after: datetime) -> Iterator[Occurrence]:
    """Every occurrence strictly after `after`, in order, without end unless nothing is scheduled."""
    if not schedule.times or not schedule.days:
        return
    day = after.astimezone(ZoneInfo(schedule.zone)).date() - timedelta(days=1)
    while schedule.only_on is None or day <= schedule.only_on:
        for occurrence in _on(schedule, day):
            if occurrence.instant > after:
                after = occurrence.instant
                yield occurrence
        day += timedelta(days=1)


def instant_of(day: date, at: time, zone: str) -> datetime | None:
    """When clocks in `zone` show `at` on `day`: the first time, or the next minute they do show.

    None when `zone` left the whole day out, as Apia did with 30 December 2011.
    """
    instant = _first_shown(datetime.combine(day, at), zone)
    if instant.astimezone(ZoneInfo(zone)).date() == day or _exists(day, zone):
        return instant
    return None


def occurrence_from(instant: datetime, zone: str) -> Occurrence:
    """The first whole minute from `instant` on whose wall-clock time would be reminded of then.

    What clocks show twice is reminded of the first time, so within the second time it is the hour after it.
    """
    begun = timedelta(seconds=instant.second, microseconds=instant.microsecond)
    minute = instant - begun + (timedelta(minutes=1) if begun else timedelta())
    while True:
        wall = minute.astimezone(ZoneInfo(zone))
        shown = instant_of(wall.date(), wall.time().replace(fold=0), zone)
        if shown is not None and shown >= minute:
            return Occurrence(wall.date(), f"{wall:%H:%M}", shown)
        minute += timedelta(minutes=1)


# Many patients keep the same hours in the same zone, and each reminder looks at a day several times over.
@lru_cache(maxsize=4096)
def _on(schedule: Schedule, day: date) -> tuple[Occurrence, ...]:
    """Occurrences of one local day, in order."""
    if EVERY_DAY[day.weekday()] not in schedule.days or schedule.only_on not in (None, day):
        return ()
    moments = [(at, instant_of(day, at, schedule.zone)) for at in sorted(set(schedule.times))]
    found = [Occurrence(day, f"{at:%H:%M}", instant) for at, instant in moments if instant is not None]
    return tuple(sorted(found, key=lambda occurrence: occurrence.instant))


def _first_shown(wall: datetime, zone: str) -> datetime:
    """The first instant at which clocks in `zone` show `wall`, or the next whole minute they show."""
    while True:
        instant = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall:
            return instant
        wall += timedelta(minutes=1)


def _exists(day: date, zone: str) -> bool:
    return _first_shown(datetime.combine(day, time()), zone).astimezone(ZoneInfo(zone)).date() == day
