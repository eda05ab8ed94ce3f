"""What a reminder has fallen due for, and when to look at it again. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from app.clock import day_of, local_time
from app.models.home_care import WATER
from app.models.patient import PatientProfile
from app.models.reminder import Reminder, ReminderKind, Weekday
from app.reminders.decide import VALID_FOR, QuietHours
from app.reminders.schedule import (
    EVERY_DAY,
    Occurrence,
    Schedule,
    next_occurrence,
    occurrences_after,
    occurrences_between,
)
from app.reminders.water_pace import WaterPace

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


def plan_for(reminder: Reminder, patient: PatientProfile) -> ReminderPlan:
    return plan_of(
        reminder.kind,
        reminder.times,
        reminder.days,
        patient.zone,
        QuietHours(patient.quiet_from, patient.quiet_until),
        patient.day_starts_at,
        reminder.snoozed_until,
        reminder.snoozed_day,
        reminder.on_day,
    )


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
def meant_by(plan: ReminderPlan, due_at: datetime, within: timedelta) -> datetime:
    """The time for which a look was planned at `due_at`: the last one at most `within` before, though by what
    holds now it should have been looked at sooner. `due_at` itself when there is none."""
    since = due_at - within
    came = [one.instant for one in occurrences_between(plan.schedule, since - _A_MOMENT, due_at)]
    if plan.snoozed_until is not None and since <= plan.snoozed_until <= due_at:
        came.append(plan.snoozed_until)
    return max(came, default=due_at)


@lru_cache(maxsize=1024)
def next_look(plan: ReminderPlan, now: datetime) -> datetime | None:
    """When this reminder comes round next, by schedule or because it was put off."""
    coming = next_occurrence(plan.schedule, now)
    instants = [coming.instant] if coming else []
    if plan.snoozed_until is not None and plan.snoozed_until > now:
        instants.append(plan.snoozed_until)
    return min(instants, default=None)


def coming_up(plan: ReminderPlan, since: datetime) -> Iterator[Planned]:
    """What comes round after `since`, by schedule or because it was put off, without end.

    Nobody looks whether it is over, so it is said to last as long as its kind does.
    """
    put_off = plan.snoozed_until if plan.snoozed_until and plan.snoozed_until > since else None
    for one in occurrences_after(plan.schedule, since):
        if put_off is not None and put_off < one.instant:
            yield _put_off(plan, put_off)
            put_off = None
        yield Planned(one, counts_for(plan, one.instant), one.instant + VALID_FOR[plan.kind])
    if put_off is not None:
        yield _put_off(plan, put_off)


def pace_at(now: datetime, quiet: QuietHours, zone: str, target: float | None) -> WaterPace:
    """The pace of the day that `now` is in, for so many glasses or as many as is usual."""
    return WaterPace.awake(*waking_hours(quiet, zone, now), target=max(1, round(target or WATER.least)))


@lru_cache(maxsize=512)
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
