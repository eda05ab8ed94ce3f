from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from app.models.reminder import ReminderKind
from app.reminders.back_off import Ignored
from app.reminders.decide import QuietHours, Suppression
from app.reminders.forecast import Asking, Coming, Outset, what_comes
from app.reminders.plan import ReminderPlan
from app.reminders.schedule import EVERY_DAY, Schedule

NIGHT, NO_NIGHT = QuietHours(time(21, 30), time(8, 0)), QuietHours(time(0, 0), time(0, 0))
CHECK_IN, WATER = ReminderKind.CHECK_IN, ReminderKind.WATER
STRETCH, EXERCISE, OWN = ReminderKind.STRETCH, ReminderKind.EXERCISE, ReminderKind.CUSTOM
YESTERDAY = date(2026, 11, 22)


def at(day: int, clock: str) -> datetime:
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), tzinfo=UTC)


NOON = Outset(since=at(23, "12:00"), today=date(2026, 11, 23), a_day=3)
EARLY = replace(NOON, since=at(23, "03:00"))


def asking(
    number: int, kind: ReminderKind, *times: str, quiet: QuietHours = NIGHT, ignored: Ignored | None = None
) -> Asking:
    schedule = Schedule(tuple(map(time.fromisoformat, times)), EVERY_DAY, "UTC")
    plan = ReminderPlan(kind, schedule, quiet, time(3, 0))
    return Asking(UUID(int=number), plan, ignored or Ignored())


def coming(*askings: Asking, outset: Outset = NOON) -> list[Coming]:
    """What comes of each, in the order given."""
    found = what_comes(askings, outset, 3)
    return [found[one.id] for one in askings]


def daily(day: int, clock: str) -> list[datetime]:
    return [at(day, clock) + timedelta(days=later) for later in range(3)]


def test_the_next_three_times_leave_out_those_in_quiet_hours() -> None:
    assert coming(asking(1, CHECK_IN, "07:00", "20:00")) == [Coming(daily(23, "20:00"))]


def test_a_reminder_nobody_answers_shows_every_second_day() -> None:
    (found,) = coming(asking(1, CHECK_IN, "20:00", ignored=Ignored(3, YESTERDAY)))
    assert found.next == [at(24, "20:00"), at(26, "20:00"), at(28, "20:00")]


def test_a_reminder_that_comes_once_a_week_shows_three_weeks() -> None:
    (found,) = coming(asking(1, CHECK_IN, "20:00", ignored=Ignored(7, YESTERDAY)))
    assert found.next == [at(29, "20:00") + timedelta(weeks=weeks) for weeks in range(3)]


def test_a_reminder_that_stopped_shows_no_time() -> None:
    (found,) = coming(asking(1, CHECK_IN, "20:00", ignored=Ignored(11, YESTERDAY)))
    assert found == Coming([], Suppression.BACKED_OFF)


def test_what_becomes_rarer_unless_it_is_answered_is_promised_as_rarely() -> None:
    (found,) = coming(asking(1, CHECK_IN, "20:00", ignored=Ignored(2, YESTERDAY)))
    assert found.next == [at(23, "20:00"), at(25, "20:00"), at(27, "20:00")]


def test_water_shows_no_time_in_the_two_hours_before_quiet_hours() -> None:
    (found,) = coming(asking(1, WATER, "07:59", "19:29", "19:30", "21:29"))
    assert found.next == daily(23, "19:29")


def test_water_without_quiet_hours_keeps_to_the_usual_day() -> None:
    (found,) = coming(asking(1, WATER, "03:00", "10:00", "20:00", quiet=NO_NIGHT))
    assert found.next == daily(24, "10:00")


def test_water_shows_no_time_before_a_glass_is_missing() -> None:
    assert coming(asking(1, WATER, "08:00")) == [Coming([], Suppression.ON_PACE)]


def test_three_a_day_is_the_most_that_is_promised() -> None:
    """The one in the middle would be the fourth, because the evening's check-in goes first."""
    day = [
        asking(1, STRETCH, "09:00"),
        asking(2, EXERCISE, "12:00"),
        asking(3, OWN, "15:00"),
        asking(4, CHECK_IN, "20:00"),
    ]
    assert coming(*day, outset=EARLY) == [
        Coming(daily(23, "09:00")),
        Coming(daily(23, "12:00")),
        Coming([], Suppression.DAILY_CAP),
        Coming(daily(23, "20:00")),
    ]


def test_of_two_within_two_hours_the_earlier_is_promised() -> None:
    found = coming(asking(2, STRETCH, "09:00"), asking(1, EXERCISE, "10:00"), outset=EARLY)
    assert found == [Coming(daily(23, "09:00")), Coming([], Suppression.SPACING)]


def test_of_two_at_the_same_minute_always_the_same_one_is_promised() -> None:
    found = coming(asking(2, STRETCH, "09:00"), asking(1, EXERCISE, "09:00"), outset=EARLY)
    assert [bool(one.next) for one in found] == [False, True]


def test_what_rests_leaves_its_days_to_another() -> None:
    stopped = asking(1, STRETCH, "09:00", ignored=Ignored(11, YESTERDAY))
    (_rests, found) = coming(stopped, asking(2, EXERCISE, "10:00"), outset=EARLY)
    assert found.next[0] == at(23, "10:00")


def test_a_time_that_is_all_in_the_night_names_the_night() -> None:
    assert coming(asking(1, OWN, "23:00")) == [Coming([], Suppression.QUIET_HOURS)]


def test_what_is_answered_today_comes_again_tomorrow() -> None:
    (found,) = coming(asking(1, CHECK_IN, "20:00"), outset=replace(NOON, logged={"pain": 3}))
    assert found == Coming(daily(24, "20:00"))
