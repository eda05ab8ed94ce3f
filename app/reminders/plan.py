"""What a reminder has fallen due for, and when to look at it again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice

from app.clock import day_of, local_time
from app.models.reminder import ReminderKind, Weekday
from app.reminders.back_off import BackOff, Ignored
from app.reminders.decide import VALID_FOR, QuietHours
from app.reminders.schedule import (
    EVERY_DAY,
    Occurrence,
    Schedule,
    earlier,
    next_occurrence,
    occurrences_after,
    occurrences_between,
)
from app.reminders.water_pace import SILENT_BEFORE_NIGHT

MISSED_ON_RECORD = 30
"""After a long downtime this many of the missed occurrences are written down; none of them is sent."""
NIGHT = QuietHours(time(21, 30), time(8, 0))
"""When somebody without quiet hours is taken to rest."""
_A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ReminderPlan:
    """A reminder as it stands: its schedule, the patient's clock, and a time it was put off to."""

    kind: ReminderKind
    schedule: Schedule
    quiet: QuietHours
    day_starts_at: time
    snoozed_until: datetime | None = None
    snoozed_day: date | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One occurrence to deliver. `counts_for` is the diary day it asks about.

    `put_off` marks the one the patient asked for by putting it off.
    """

    occurrence: Occurrence
    counts_for: date
    valid_until: datetime
    put_off: bool = False


def plan_of(
    kind: str,
    times: list[str],
    days: list[str],
    zone: str,
    quiet: QuietHours,
    day_starts_at: time,
    snoozed_until: datetime | None = None,
    snoozed_day: date | None = None,
    only_on: date | None = None,
) -> ReminderPlan:
    """The plan in what is stored of a reminder and its patient."""
    schedule = _schedule(tuple(times), tuple(days), zone, only_on)
    return ReminderPlan(ReminderKind(kind), schedule, quiet, day_starts_at, snoozed_until, snoozed_day)


# Reminders that fall due together are mostly alike, so each kind of them is worked out once.
@lru_cache(maxsize=1024)
def fallen_due(plan: ReminderPlan, since: datetime, until: datetime) -> tuple[Planned, ...]:
    """What fell due from `since` through `until`, oldest first. Only the last one can still be sent.

    After a downtime several missed occurrences are thus one reminder, and no burst.
    """
    due = occurrences_between(plan.schedule, since - _A_MOMENT, until)
    planned = [_planned(plan, occurrence) for occurrence in due[-MISSED_ON_RECORD:]]
    if plan.snoozed_until is not None and plan.snoozed_until <= until:
        planned.append(_put_off(plan, plan.snoozed_until))
    return tuple(sorted(planned, key=lambda one: one.occurrence.instant))


@lru_cache(maxsize=1024)
def next_look(plan: ReminderPlan, now: datetime) -> datetime | None:
    """When this reminder comes round next, by schedule or because it was put off."""
    coming = next_occurrence(plan.schedule, now)
    instants = [coming.instant] if coming else []
    if plan.snoozed_until is not None and plan.snoozed_until > now:
        instants.append(plan.snoozed_until)
    return min(instants, default=None)


def next_times(
    plan: ReminderPlan,
    now: datetime,
    count: int,
    ignored: Ignored | None = None,
    not_on: date | None = None,
    replaced_on: Collection[date] = (),
) -> list[datetime]:
    """The next instants at which this reminder can really arrive.

    Quiet hours hold the others back, and so does having ignored some. `not_on` is a diary day on which
    nothing more is asked, `replaced_on` are calendar days on which something else comes instead.
    """
    is_put_off = plan.snoozed_day is None or plan.snoozed_day != not_on
    soon = [at for at in [plan.snoozed_until] if is_put_off and at is not None and at > now]
    audible = _audible(plan, now, ignored or Ignored())
    coming = (
        one.instant
        for one in audible
        if counts_for(plan, one.instant) != not_on and one.day not in replaced_on
    )
    return sorted([*soon, *islice(coming, count)])[:count]


def waking_hours(quiet: QuietHours, zone: str, now: datetime) -> tuple[datetime, datetime]:
    """When quiet hours last ended, and when they begin after that."""
    night = quiet if quiet.since != quiet.until else NIGHT
    mornings = occurrences_between(Schedule((night.until,), EVERY_DAY, zone), now - timedelta(days=3), now)
    up = mornings[-1].instant
    evening = next(occurrences_after(Schedule((night.since,), EVERY_DAY, zone), up))
    return up, evening.instant


def put_off_at_most_until(plan: ReminderPlan, now: datetime) -> datetime | None:
    """The end of the occurrence there is at `now`, None when there is none to put off."""
    latest = _latest(plan, now)
    ends = _valid_until(plan, latest.instant) if latest else now
    return ends if ends > now else None


def counts_for(plan: ReminderPlan, instant: datetime) -> date:
    return day_of(instant, plan.schedule.zone, plan.day_starts_at)


@lru_cache(maxsize=1024)
def _schedule(times: tuple[str, ...], days: tuple[str, ...], zone: str, only_on: date | None) -> Schedule:
    return Schedule(tuple(map(time.fromisoformat, times)), tuple(map(Weekday, days)), zone, only_on)


def _planned(plan: ReminderPlan, occurrence: Occurrence) -> Planned:
    day = counts_for(plan, occurrence.instant)
    return Planned(occurrence, day, _valid_until(plan, occurrence.instant))


def _put_off(plan: ReminderPlan, instant: datetime) -> Planned:
    """A snooze is one more occurrence, for the day it was put off on, and ends with what it put off."""
    local = local_time(instant, plan.schedule.zone)
    occurrence = Occurrence(local.date(), f"{local:%H:%M}", instant)
    day = plan.snoozed_day or counts_for(plan, instant)
    ends = put_off_at_most_until(plan, instant) or _valid_until(plan, instant)
    return Planned(occurrence, day, ends, put_off=True)


def _latest(plan: ReminderPlan, now: datetime) -> Occurrence | None:
    """The last occurrence that came not later than `now`, if that was within a day."""
    since = now - timedelta(days=1)
    return next(reversed(occurrences_between(plan.schedule, since, now)), None)


def _audible(plan: ReminderPlan, now: datetime, ignored: Ignored) -> Iterator[Occurrence]:
    """Occurrences after `now` outside quiet hours, each ignored as those before it."""
    times = tuple(at for at in plan.schedule.times if not _is_silent(plan, at))
    if ignored.back_off is BackOff.STOPPED:
        return
    for occurrence in occurrences_after(replace(plan.schedule, times=times), now):
        if not ignored.rests_on(occurrence.day):
            ignored = Ignored(ignored.in_a_row, occurrence.day)
            yield occurrence


def _is_silent(plan: ReminderPlan, at: time) -> bool:
    """In quiet hours, and for water in the two hours before them."""
    if plan.kind is not ReminderKind.WATER:
        return plan.quiet.cover(at)
    night = plan.quiet if plan.quiet.since != plan.quiet.until else NIGHT
    evening = QuietHours(earlier(night.since, SILENT_BEFORE_NIGHT), night.since)
    return night.cover(at) or evening.cover(at)


def _valid_until(plan: ReminderPlan, instant: datetime) -> datetime:
    """A reminder ends with its validity, with the next quiet hours, or with the next occurrence."""
    ends = [instant + VALID_FOR[plan.kind]]
    coming = next(occurrences_after(plan.schedule, instant), None)
    if coming is not None:
        ends.append(coming.instant)
    if plan.quiet.since != plan.quiet.until:
        night = next_occurrence(Schedule((plan.quiet.since,), EVERY_DAY, plan.schedule.zone), instant)
        ends.extend([night.instant] if night else [])
    return min(ends)
