from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reminders.water_pace import WaterPace

UP = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
PACE = WaterPace.awake(UP, NIGHT, target=8)
"""Twelve hours for eight glasses: one every hour and a half."""
MINUTE = timedelta(minutes=1)

PACES = st.builds(
    lambda length, target: WaterPace.awake(UP, UP + length * MINUTE, target),
    st.integers(0, 24 * 60),
    st.integers(1, 20),
)
GLASSES = st.integers(0, 25)
MOMENTS = st.integers(-300, 24 * 60 + 300).map(lambda minutes: UP + minutes * MINUTE)
LAST_GLASSES = st.none() | MOMENTS


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{clock}:00+00:00")


def test_the_target_is_spread_over_the_waking_hours_less_two() -> None:
    assert PACE.next_glass_at(0, None) == at("09:30")


def test_nobody_is_behind_before_a_whole_glass_is_missing() -> None:
    assert not PACE.is_behind(0, None, at("09:29"))
    assert PACE.is_behind(0, None, at("09:30"))


def test_a_glass_spreads_the_rest_anew() -> None:
    assert PACE.next_glass_at(1, at("13:00")) == at("14:00")


def test_somebody_who_drank_early_is_left_alone_longer() -> None:
    assert PACE.next_glass_at(4, at("08:30")) == at("11:22") + timedelta(seconds=30)


def test_a_glass_from_before_getting_up_counts_from_the_morning() -> None:
    assert PACE.next_glass_at(1, at("06:00")) == at("08:00") + timedelta(hours=12) / 7


def test_at_the_target_there_is_no_next_glass() -> None:
    assert PACE.next_glass_at(8, at("12:00")) is None
    assert not PACE.is_behind(8, at("12:00"), at("19:59"))


def test_two_hours_before_the_night_it_is_silent_however_little_was_drunk() -> None:
    assert PACE.is_behind(0, None, at("19:59"))
    assert not PACE.is_behind(0, None, at("20:00"))


def test_days_of_two_hours_have_no_room_for_water() -> None:
    short = WaterPace.awake(UP, UP + timedelta(hours=2), target=8)
    assert short.next_glass_at(0, None) is None


@given(pace=PACES, glasses=GLASSES, last=LAST_GLASSES, now=MOMENTS)
def test_nobody_is_asked_before_the_day_or_after_its_end(
    pace: WaterPace, glasses: int, last: datetime | None, now: datetime
) -> None:
    assert not pace.is_behind(glasses, last, now) or pace.start < now < pace.end


@given(pace=PACES, last=LAST_GLASSES, now=MOMENTS, more=st.integers(0, 5))
def test_nobody_is_asked_who_has_reached_the_target(
    pace: WaterPace, last: datetime | None, now: datetime, more: int
) -> None:
    assert not pace.is_behind(pace.target + more, last, now)


@given(pace=PACES, glasses=GLASSES, last=LAST_GLASSES, now=MOMENTS, later=st.integers(0, 1500))
def test_who_is_behind_stays_behind_until_a_glass_or_the_end(
    pace: WaterPace, glasses: int, last: datetime | None, now: datetime, later: int
) -> None:
    then = min(now + later * MINUTE, pace.end - MINUTE)
    still = pace.is_behind(glasses, last, max(now, then))
    assert still or not pace.is_behind(glasses, last, now)


@given(pace=PACES, glasses=GLASSES, last=LAST_GLASSES, now=MOMENTS, more=st.integers(1, 5))
def test_more_glasses_never_make_anybody_behind(
    pace: WaterPace, glasses: int, last: datetime | None, now: datetime, more: int
) -> None:
    assert pace.is_behind(glasses, last, now) or not pace.is_behind(glasses + more, last, now)


@given(pace=PACES, glasses=GLASSES, drunk=MOMENTS, later=MOMENTS, now=MOMENTS)
def test_a_later_glass_never_hurries_the_next_one(
    pace: WaterPace, glasses: int, drunk: datetime, later: datetime, now: datetime
) -> None:
    first, second = sorted((drunk, later))
    assert pace.is_behind(glasses, first, now) or not pace.is_behind(glasses, second, now)


@given(pace=PACES, glasses=GLASSES, now=MOMENTS)
def test_a_glass_just_drunk_buys_silence(pace: WaterPace, glasses: int, now: datetime) -> None:
    assert not pace.is_behind(glasses, now, now)


@given(target=st.integers(1, 20), length=st.integers(121, 1440))
def test_whoever_drinks_each_glass_when_it_is_due_has_the_last_one_at_the_end(
    target: int, length: int
) -> None:
    pace = WaterPace.awake(UP, UP + length * MINUTE, target)
    assert abs(_drunk_on_time(pace, target - 1) - pace.end) < timedelta(milliseconds=1)


def _drunk_on_time(pace: WaterPace, glasses: int) -> datetime:
    """When the glass after these is missing, if each of them was drunk the moment it was missing."""
    last = _drunk_on_time(pace, glasses - 1) if glasses else None
    due = pace.next_glass_at(glasses, last)
    assert due is not None
    return due


@pytest.mark.parametrize("glasses", range(8))
def test_the_pace_is_even(glasses: int) -> None:
    on_time = UP + glasses * timedelta(minutes=90)
    assert PACE.next_glass_at(glasses, on_time) == on_time + timedelta(minutes=90)
