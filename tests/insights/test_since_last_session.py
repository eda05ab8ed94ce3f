from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import pytest

from app.insights.days import Window
from app.insights.since_last_session import Windows, pain_change, week_by_week, windows_around
from app.insights.student import quantile
from app.insights.wording import Comparison

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class PainDay:
    day: date
    pain: float | None
    late: bool = False


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def two_weeks(before: float | None, now: float | None) -> list[PainDay]:
    return [PainDay(ago(days), before if days >= 7 else now) for days in range(14)]


def test_before_is_the_week_up_to_the_day_before_the_session() -> None:
    assert windows_around(ago(14), TODAY).before == Window(ago(21), ago(15))


def test_now_is_the_last_seven_days() -> None:
    assert windows_around(ago(14), TODAY).now == Window(ago(6), TODAY)


def test_the_sore_days_after_a_session_are_not_part_of_now() -> None:
    assert windows_around(ago(4), TODAY).now == Window(ago(1), TODAY)


def test_two_days_after_a_session_it_is_too_soon_to_compare() -> None:
    change = pain_change(two_weeks(6, 2), windows_around(ago(2), TODAY))

    assert change.comparison == Comparison.TOO_SOON
    assert change.words == "Too early to compare: the first days after a session are left out."


def test_without_a_session_the_last_week_is_compared_with_the_one_before() -> None:
    assert windows_around(None, TODAY) == Windows(Window(ago(13), ago(7)), Window(ago(6), TODAY))


def test_a_large_difference_is_told_with_both_means_and_their_days() -> None:
    change = pain_change(two_weeks(6, 3), week_by_week(TODAY))

    assert change.comparison == Comparison.MEANINGFULLY_LOWER
    assert change.words == "3.0 points lower: 6.0 before (7 days), 3.0 now (7 days)."


def test_the_difference_is_now_minus_before_in_the_middle_of_its_range() -> None:
    change = pain_change(two_weeks(6, 3), week_by_week(TODAY))

    assert change.difference == -3
    assert change.low is not None
    assert change.high is not None
    assert change.low < -3 < change.high < 0
    assert change.low + change.high == pytest.approx(-6)


def test_the_standard_error_of_two_steady_weeks_is_that_of_the_formula() -> None:
    """Days that never move have the least variance, the usual persistence and twelve days worth six."""
    change = pain_change(two_weeks(6, 3), week_by_week(TODAY))
    days, weights = range(14), [-1 / 7] * 7 + [1 / 7] * 7
    spread = sum(weights[i] * weights[j] * 0.4 ** abs(i - j) for i in days for j in days)

    assert change.high == pytest.approx(-3 + quantile(0.95, 4) * sqrt(0.3 * spread))


def test_a_small_difference_among_large_ups_and_downs_is_no_clear_change() -> None:
    days = [PainDay(ago(back), (5, 7, 3)[back % 3] - (back < 7)) for back in range(14)]
    change = pain_change(days, week_by_week(TODAY))

    assert change.comparison == Comparison.NO_CLEAR_CHANGE
    assert change.words == (
        "No clear change: 5.3 before (7 days), 4.0 now (7 days)."
        " The difference is within the usual day-to-day ups and downs."
    )


def test_a_difference_beyond_the_ups_and_downs_but_below_two_points_is_higher() -> None:
    assert pain_change(two_weeks(6, 7), week_by_week(TODAY)).comparison == Comparison.HIGHER


def test_a_third_of_what_it_was_matters_from_one_point_on() -> None:
    assert pain_change(two_weeks(8.0, 6.4), week_by_week(TODAY)).comparison == Comparison.LOWER
    assert pain_change(two_weeks(5.0, 3.4), week_by_week(TODAY)).comparison == Comparison.MEANINGFULLY_LOWER


def test_pain_that_came_from_nothing_is_measured_in_points() -> None:
    assert pain_change(two_weeks(0, 1), week_by_week(TODAY)).comparison == Comparison.HIGHER


def test_the_ups_and_downs_are_those_between_sessions() -> None:
    """A step at each session is no up and down: the range is as narrow as that of steady days."""
    sessions = [ago(30), ago(10)]
    days = [PainDay(ago(back), 8 if back > 30 else 6 if back > 10 else 3) for back in range(90)]
    stepping = pain_change(days, windows_around(sessions[-1], TODAY), sessions)
    as_one = pain_change(days, windows_around(sessions[-1], TODAY), [sessions[-1]])

    assert stepping.high is not None
    assert as_one.high is not None
    assert stepping.high < as_one.high


def test_days_longer_ago_than_ninety_do_not_tell_of_ups_and_downs() -> None:
    sessions = [ago(10)]
    days = [PainDay(ago(back), 6 if back > 10 else 3) for back in range(90)]
    wild = [PainDay(ago(back), 10 * (back % 2)) for back in range(90, 150)]
    windows = windows_around(ago(10), TODAY)

    assert pain_change(days + wild, windows, sessions) == pain_change(days, windows, sessions)


def test_sessions_every_third_day_leave_no_stretch_to_learn_from() -> None:
    sessions = [ago(back) for back in range(7, 90, 3)]
    change = pain_change(two_weeks(6, 3), windows_around(ago(7), TODAY), sessions)

    assert change.comparison != Comparison.TOO_SOON
    assert change.now.days == 5


def test_three_days_are_too_few_to_compare() -> None:
    days = [day for day in two_weeks(6, 2) if day.day >= ago(2) or day.day < ago(6)]

    assert (
        pain_change(days, week_by_week(TODAY)).words == "Too few days to compare: 7 days before, 3 days now."
    )


def test_nine_days_in_all_are_too_few_to_compare() -> None:
    days = [*two_weeks(6, 2)[:4], *two_weeks(6, 2)[9:]]

    assert pain_change(days, week_by_week(TODAY)).comparison == Comparison.TOO_FEW_DAYS


def test_days_without_pain_logged_do_not_count_as_days_without_pain() -> None:
    change = pain_change(two_weeks(6, None), week_by_week(TODAY))

    assert change.now.mean is None
    assert change.comparison == Comparison.TOO_FEW_DAYS


def test_days_filled_in_later_are_left_out() -> None:
    late = [PainDay(day.day, 10, late=True) for day in two_weeks(0, 0)]

    assert pain_change(late, week_by_week(TODAY)).now.days == 0
