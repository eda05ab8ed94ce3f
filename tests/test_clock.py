from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from app.clock import day_of, turned_forward


def test_a_day_starts_at_three_in_the_morning():
    assert day_of(datetime(2026, 3, 18, 2, 59, tzinfo=UTC), "UTC") == date(2026, 3, 17)
    assert day_of(datetime(2026, 3, 18, 3, 0, tzinfo=UTC), "UTC") == date(2026, 3, 18)


def test_a_patient_can_start_the_day_at_midnight():
    assert day_of(datetime(2026, 3, 18, 0, 5, tzinfo=UTC), "UTC", time(0)) == date(2026, 3, 18)


def test_the_day_is_the_one_on_the_wall_of_the_patient():
    assert day_of(datetime(2026, 3, 18, 12, 0, tzinfo=UTC), "Pacific/Kiritimati") == date(2026, 3, 18)
    assert day_of(datetime(2026, 3, 18, 14, 0, tzinfo=UTC), "Pacific/Kiritimati") == date(2026, 3, 19)


def test_the_hour_that_daylight_saving_skips_does_not_move_the_day():
    assert day_of(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin") == date(2026, 3, 29)


def test_who_goes_east_turns_the_clock_forward_and_who_comes_back_turns_it_back():
    there = turned_forward(datetime(2026, 7, 18, 12, 0, tzinfo=UTC), "Europe/Lisbon", "Asia/Kathmandu")
    back = turned_forward(datetime(2026, 7, 18, 12, 0, tzinfo=UTC), "Asia/Kathmandu", "Europe/Lisbon")
    assert (there, back) == (timedelta(hours=4, minutes=45), -timedelta(hours=4, minutes=45))
