from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from app.models.reminder import ReminderKind, Weekday
from app.reminders.decide import QuietHours
from app.reminders.plan import (
    ReminderPlan,
    fallen_due,
    next_look,
    put_off_at_most_until,
    waking_hours,
)
from app.reminders.schedule import EVERY_DAY, Schedule

NIGHT = QuietHours(time(21, 30), time(8, 0))


def plan_at(*times: str, zone: str = "UTC", days: tuple[Weekday, ...] = EVERY_DAY) -> ReminderPlan:
    schedule = Schedule(tuple(time.fromisoformat(at) for at in times), days, zone)
    return ReminderPlan(ReminderKind.CHECK_IN, schedule, NIGHT, time(3, 0))


def at(day: int, clock: str) -> datetime:
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), tzinfo=UTC)


def test_a_check_in_ends_with_the_evening() -> None:
    (planned,) = fallen_due(plan_at("20:00"), at(23, "20:00"), at(23, "20:00"))
    assert planned.valid_until == at(23, "21:30")


def test_a_reminder_without_quiet_hours_ends_with_its_validity() -> None:
    always = replace(plan_at("20:00"), quiet=QuietHours(time(0, 0), time(0, 0)))
    (planned,) = fallen_due(always, at(23, "20:00"), at(23, "20:00"))
    assert planned.valid_until == at(23, "23:00")


def test_a_reminder_ends_when_the_next_one_comes() -> None:
    (planned,) = fallen_due(plan_at("10:00", "11:00"), at(23, "10:00"), at(23, "10:05"))
    assert planned.valid_until == at(23, "11:00")


def test_after_three_days_down_only_the_last_one_can_still_be_sent() -> None:
    planned = fallen_due(plan_at("20:00"), at(20, "20:00"), at(23, "20:10"))
    assert [one.valid_until > at(23, "20:10") for one in planned] == [False, False, False, True]


def test_after_a_year_down_the_record_stays_short() -> None:
    assert len(fallen_due(plan_at("20:00"), at(1, "20:00") - timedelta(days=365), at(23, "20:00"))) == 30


def test_nothing_is_due_when_the_zone_has_changed_meanwhile() -> None:
    assert fallen_due(plan_at("20:00", zone="America/New_York"), at(23, "20:00"), at(23, "20:00")) == ()


def test_a_reminder_after_midnight_counts_for_the_day_before() -> None:
    (planned,) = fallen_due(plan_at("01:30"), at(24, "01:30"), at(24, "01:30"))
    assert (planned.occurrence.day, planned.counts_for) == (date(2026, 11, 24), date(2026, 11, 23))


def test_a_snooze_is_one_more_occurrence_for_its_own_day() -> None:
    put_off = replace(plan_at("23:50"), snoozed_until=at(24, "00:20"), snoozed_day=date(2026, 11, 23))
    (planned,) = fallen_due(put_off, at(24, "00:20"), at(24, "00:20"))
    assert (planned.occurrence.slot, planned.counts_for) == ("00:20", date(2026, 11, 23))


def test_a_snooze_comes_before_tomorrow() -> None:
    put_off = replace(plan_at("20:00"), snoozed_until=at(23, "20:40"))
    assert next_look(put_off, at(23, "20:10")) == at(23, "20:40")
    assert next_look(put_off, at(23, "20:40")) == at(24, "20:00")


def test_a_reminder_on_no_day_is_never_looked_at() -> None:
    assert next_look(plan_at("20:00", days=()), at(23, "12:00")) is None


def test_waking_hours_lie_between_two_quiet_hours() -> None:
    assert waking_hours(NIGHT, "UTC", at(23, "12:00")) == (at(23, "08:00"), at(23, "21:30"))


def test_in_the_night_the_waking_hours_are_those_that_ended() -> None:
    assert waking_hours(NIGHT, "UTC", at(24, "02:00")) == (at(23, "08:00"), at(23, "21:30"))


def test_somebody_who_sleeps_by_day_is_awake_across_midnight() -> None:
    by_day = QuietHours(time(9, 0), time(16, 0))
    assert waking_hours(by_day, "UTC", at(24, "02:00")) == (at(23, "16:00"), at(24, "09:00"))


def test_waking_hours_keep_the_wall_clock_when_summer_time_starts() -> None:
    noon = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)
    up, night = waking_hours(NIGHT, "Europe/Athens", noon)
    assert (f"{up:%d %H:%M}", f"{night:%d %H:%M}") == ("29 05:00", "29 18:30")


def test_a_reminder_can_be_put_off_until_it_would_end() -> None:
    assert put_off_at_most_until(plan_at("20:00"), at(23, "20:30")) == at(23, "21:30")


def test_what_has_ended_cannot_be_put_off() -> None:
    assert put_off_at_most_until(plan_at("20:00"), at(23, "21:30")) is None


def test_a_snooze_ends_with_what_it_puts_off() -> None:
    put_off = replace(plan_at("10:00"), snoozed_until=at(23, "12:50"), snoozed_day=date(2026, 11, 23))
    (planned,) = fallen_due(put_off, at(23, "12:50"), at(23, "12:50"))
    assert (planned.put_off, planned.valid_until) == (True, at(23, "13:00"))


def test_a_snooze_of_nothing_has_a_validity_of_its_own() -> None:
    put_off = replace(plan_at("20:00"), snoozed_until=at(23, "12:30"), snoozed_day=date(2026, 11, 23))
    (planned,) = fallen_due(put_off, at(23, "12:30"), at(23, "12:30"))
    assert planned.valid_until == at(23, "15:30")
