from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reminders.back_off import STOPPED_AFTER, BackOff, Ignored

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


def sent_days(weeks: int, ignored: Ignored | None = None) -> list[date]:
    """The days on which a daily reminder that nobody ever answers is sent."""
    ignored, days = ignored or Ignored(), []
    for day in (MONDAY + number * DAY for number in range(weeks * 7)):
        if not ignored.rests_on(day):
            ignored = Ignored(ignored.in_a_row + 1, day)
            days.append(day)
    return days


@pytest.mark.parametrize(
    ("in_a_row", "rung"),
    [
        (0, BackOff.NONE),
        (2, BackOff.NONE),
        (3, BackOff.EVERY_SECOND_DAY),
        (6, BackOff.EVERY_SECOND_DAY),
        (7, BackOff.WEEKLY),
        (10, BackOff.WEEKLY),
        (11, BackOff.STOPPED),
        (400, BackOff.STOPPED),
    ],
)
def test_three_seven_and_four_more_are_the_rungs(in_a_row: int, rung: BackOff) -> None:
    assert Ignored(in_a_row, MONDAY).back_off is rung


def test_a_reminder_nobody_answers_becomes_rarer_and_stops() -> None:
    apart = [(later - earlier).days for earlier, later in pairwise(sent_days(weeks=20))]
    assert apart == [1, 1, 2, 2, 2, 2, 7, 7, 7, 7]


def test_after_eleven_in_a_row_nothing_is_sent() -> None:
    assert len(sent_days(weeks=60)) == STOPPED_AFTER


def test_a_day_of_rest_is_a_calendar_day_and_not_24_hours() -> None:
    ignored = Ignored(3, MONDAY)
    assert [ignored.rests_on(MONDAY + number * DAY) for number in range(3)] == [True, True, False]


def test_an_answer_starts_afresh() -> None:
    assert not Ignored().rests_on(MONDAY)


@given(in_a_row=st.integers(0, 30), gap=st.integers(0, 40))
def test_being_ignored_once_more_never_brings_a_reminder_sooner(in_a_row: int, gap: int) -> None:
    day = MONDAY + gap * DAY
    now, then = Ignored(in_a_row, MONDAY), Ignored(in_a_row + 1, MONDAY)
    assert then.rests_on(day) or not now.rests_on(day)


@given(in_a_row=st.integers(0, 10), gap=st.integers(7, 400))
def test_short_of_the_end_a_week_is_the_longest_rest(in_a_row: int, gap: int) -> None:
    assert not Ignored(in_a_row, MONDAY).rests_on(MONDAY + gap * DAY)
