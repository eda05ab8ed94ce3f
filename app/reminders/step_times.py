"""When the steps after a held session come, by the patient's clock. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.clock import local_time
from app.models.aftercare import AftercareStep
from app.reminders.decide import APART, QuietHours
from app.reminders.schedule import (
    EVERY_DAY,
    Occurrence,
    Schedule,
    instant_of,
    next_occurrence,
    occurrence_from,
)

SOONEST = timedelta(hours=1)
"""Nothing is asked before this long after the session."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the times of a sequence depend on: when the session ended, when the next begins, if one is booked,
    the patient's clock, and the instants at which steps of other sequences come."""

    held_at: datetime
    next_starts_at: datetime | None
    zone: str
    quiet: QuietHours
    busy: tuple[datetime, ...] = ()

    def has_begun_by(self, at: datetime) -> bool:
        """Whether the next session has begun."""
        return self.next_starts_at is not None and at >= self.next_starts_at


def step_times(steps: Sequence[AftercareStep], around: Around) -> list[Occurrence | None]:
    """A time for each step; None for one that waits for the next session to be booked, and for an eve's that
    would come only once it has begun.

    A time in quiet hours moves to their end, and steps keep two hours between them: a time of day gives way
    to hours after the session, and what comes later to what comes sooner.
    """
    wanted = [(step.after_hours is None, _wanted(step, around), number) for number, step in enumerate(steps)]
    order = sorted((by_day, at, number) for by_day, at, number in wanted if at is not None)
    times: list[Occurrence | None] = [None] * len(steps)
    taken = list(around.busy)
    for _by_day, at, number in order:
        coming = occurrence_from(_free(at, taken, around), around.zone)
        if steps[number].on_eve and around.has_begun_by(coming.instant):
            continue
        times[number] = coming
        taken.append(coming.instant)
    return times


def _wanted(step: AftercareStep, around: Around) -> datetime | None:
    """When a step would come if it were alone and nobody slept."""
    soonest = around.held_at + SOONEST
    if step.after_hours is not None:
        return around.held_at + timedelta(hours=step.after_hours)
    if step.on_eve:
        return _eve(step, around, soonest)
    day = local_time(around.held_at, around.zone).date() + timedelta(days=step.days_after or 0)
    at = _instant(day, step, around.zone)
    return max(at, soonest)


def _eve(step: AftercareStep, around: Around, soonest: datetime) -> datetime | None:
    """On the evening before the next session, if that is still after this one."""
    if around.next_starts_at is None:
        return None
    eve = local_time(around.next_starts_at, around.zone).date() - timedelta(days=1)
    at = _instant(eve, step, around.zone)
    return at if soonest <= at else None


def _instant(day: date, step: AftercareStep, zone: str) -> datetime:
    at = step.at or time(12)
    following = day + timedelta(days=1)
    instant = instant_of(day, at, zone) or instant_of(following, at, zone)
    if instant is None:
        raise ValueError("Two days in a row are missing from the calendar of this zone.")
    return instant


def _free(at: datetime, taken: Sequence[datetime], around: Around) -> datetime:
    """The first instant from `at` on that is awake and not too close to another step."""
    while True:
        moved = _awake(_apart(at, taken), around)
        if moved == at:
            return at
        at = moved


def _apart(at: datetime, taken: Sequence[datetime]) -> datetime:
    close = [other for other in taken if abs(other - at) < APART]
    return max(close) + APART if close else at


def _awake(at: datetime, around: Around) -> datetime:
    quiet = around.quiet
    if not quiet.cover(local_time(at, around.zone).time()):
        return at
    morning = next_occurrence(Schedule((quiet.until,), EVERY_DAY, around.zone), at)
    return morning.instant if morning else at
