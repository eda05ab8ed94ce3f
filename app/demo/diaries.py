"""Diaries that read as if somebody had kept them.

Pain goes up and down from day to day the way diaries do: an autoregressive process (standard deviation
1.3 points, lag-1 correlation .4) about a level that changes slowly and is lower for some days after a
session. Days are left out, some are filled in later, water is counted glass by glass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import exp, sqrt
from random import Random
from typing import Any
from uuid import UUID

from app.demo.people import DemoPatient
from app.reminders.schedule import instant_of

DAYS = 90
_SPREAD, _CORRELATION = 1.3, 0.4
_SETTLES_IN = 4.0
"""Days after which about a third of the dip after a session is left."""


@dataclass(frozen=True, slots=True)
class DemoEntry:
    """One thing said about a day, when it was said, and the id its phone gave it."""

    id: UUID
    day: date
    recorded_at: datetime
    set: dict[str, Any]
    add: dict[str, int]


@dataclass(frozen=True, slots=True)
class _DemoDay:
    """One day as it was lived: its pain before rounding and the days since the last session, if any."""

    day: date
    pain: float
    after_session: int | None


def session_days(patient: DemoPatient, today: date) -> list[date]:
    """One every two weeks over the diary, oldest first; the last is the next one."""
    coming = today + timedelta(days=patient.next_session)
    count = (DAYS + patient.next_session) // 14
    return [coming - timedelta(days=14 * back) for back in range(count, -1, -1)]


def diary_of(patient: DemoPatient, today: date, now: datetime) -> list[DemoEntry]:
    """Everything the patient said about 90 days, day by day; always the same for the same `today`."""
    chance = Random(patient.email)  # noqa: S311 (has to be the same every time, not secret)
    days = _lived(patient, today, chance)
    notes = _shuffled(patient.notes, chance)
    entries = [entry for day in days for entry in _said_about(day, patient, notes, chance)]
    stopped_at = now - timedelta(days=patient.logged_until)
    return [entry for entry in entries if entry.recorded_at <= stopped_at]


def _lived(patient: DemoPatient, today: date, chance: Random) -> Iterator[_DemoDay]:
    sessions = [day for day in session_days(patient, today) if day < today]
    drift = 0.0
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        drift = _CORRELATION * drift + chance.gauss(0, _SPREAD * sqrt(1 - _CORRELATION**2))
        after = min(((day - held).days for held in sessions if held <= day), default=None)
        began, ends = patient.pain
        level = ends + (began - ends) * back / DAYS
        dip = patient.dip * exp(-(after - 1) / _SETTLES_IN) if after else 0.0
        yield _DemoDay(day, level - dip + drift, after)


def _shuffled(notes: tuple[str, ...], chance: Random) -> Iterator[str]:
    """The notes over and over, in a new order each time."""
    while True:
        yield from chance.sample(notes, len(notes))


def _said_about(
    day: _DemoDay, patient: DemoPatient, notes: Iterator[str], chance: Random
) -> Iterator[DemoEntry]:
    if chance.random() > patient.logs:
        return
    if chance.random() < patient.late:
        at = _moment(day.day + timedelta(days=chance.randint(3, 6)), patient, chance)
        yield _entry(day.day, at, chance, set=_ratings(day, patient, chance))
        return
    yield from _during_the_day(day, patient, chance)
    said = _ratings(day, patient, chance)
    if chance.random() < 0.16:
        said["note"] = next(notes)
    yield _entry(day.day, _moment(day.day, patient, chance), chance, set=said)


def _during_the_day(day: _DemoDay, patient: DemoPatient, chance: Random) -> Iterator[DemoEntry]:
    """Sleep and stretching in the morning, a few glasses at a time, heat or ice on sore evenings."""
    if chance.random() < 0.85:
        slept = min(max(round(chance.gauss(patient.sleep, 0.9) * 2) / 2, 3.0), 10.5)
        yield _entry(day.day, _at(day.day, 7, patient, chance), chance, set={"sleep_hours": slept})
    if chance.random() < patient.stretching:
        minutes = chance.choice((5, 5, 10, 10, 15))
        yield _entry(day.day, _at(day.day, 8, patient, chance), chance, add={"stretching_minutes": minutes})
    if chance.random() < 0.85:
        glasses = max(round(chance.gauss(patient.glasses, 1.6)), 1)
        for hour, share in ((10, 0.3), (14, 0.4), (18, 0.3)):
            drunk = {"water_glasses": max(round(glasses * share), 1)}
            yield _entry(day.day, _at(day.day, hour, patient, chance), chance, add=drunk)
    if day.pain > 6 and chance.random() < 0.4:
        warmed = {chance.choice(("heat_minutes", "heat_minutes", "ice_minutes")): chance.choice((10, 15, 20))}
        yield _entry(day.day, _at(day.day, 19, patient, chance), chance, set={"swelling": False}, add=warmed)


def _ratings(day: _DemoDay, patient: DemoPatient, chance: Random) -> dict[str, Any]:
    pain = _score(day.pain)
    said: dict[str, Any] = {
        "pain": pain,
        "stiffness": _score(day.pain + chance.gauss(0.4, 1.0)),
        "mobility": _score(9.3 - 0.65 * day.pain + chance.gauss(0, 0.8)),
        "pain_sites": _places(pain, patient, chance),
    }
    if chance.random() < 0.3:
        said["pain_worst"] = min(pain + chance.randint(1, 2), 10)
    if chance.random() < 0.4:
        said["sleep_quality"] = _score(8 - 0.5 * day.pain + chance.gauss(0, 1.2))
    if day.after_session is not None and day.after_session <= 3:
        said["soreness"] = _score(4.2 - 1.2 * day.after_session + chance.gauss(0, 0.8))
    if pain >= 8:
        said["bad_day"] = True
    return said


def _places(pain: int, patient: DemoPatient, chance: Random) -> list[dict[str, Any]]:
    """Where it hurts, somewhere if at all; the first place comes with the pain's own strength, others are
    felt less."""
    felt = [place for place in patient.places if pain and chance.random() < place[2]]
    if pain and not felt:
        felt = [patient.places[0]]
    return [
        {"region": region.value, "side": side.value, "intensity": max(pain - order, 1)}
        for order, (region, side, _) in enumerate(felt)
    ]


def _score(felt: float) -> int:
    return min(max(round(felt), 0), 10)


def _moment(day: date, patient: DemoPatient, chance: Random) -> datetime:
    return _at(day, patient.evening, patient, chance)


def _at(day: date, hour: int, patient: DemoPatient, chance: Random) -> datetime:
    """Some minute of that hour, by the patient's clock."""
    at = instant_of(day, time(hour, chance.randrange(60)), patient.zone)
    if at is None:
        raise ValueError("This day is missing from the calendar of its zone.")
    return at + timedelta(seconds=chance.randrange(60))


def _entry(
    day: date,
    at: datetime,
    chance: Random,
    set: dict[str, Any] | None = None,
    add: dict[str, int] | None = None,
) -> DemoEntry:
    return DemoEntry(UUID(int=chance.getrandbits(128), version=4), day, at, set or {}, add or {})
