from __future__ import annotations

import pytest

from app.insights.trend import Seen, pain_trend

TODAY = 739_000


def falling(days: int, per_day: float, every: int = 1) -> dict[int, float]:
    """A diary that ends today, with a little up and down."""
    return {TODAY - back: 4 + per_day * -back + (back % 3 - 1) * 0.3 for back in range(0, days, every)}


def test_a_steady_fall_is_found_with_its_slope_a_week() -> None:
    trend = pain_trend(falling(90, -0.05), TODAY)

    assert trend.shown
    assert trend.per_week == pytest.approx(-0.35, abs=0.02)
    assert trend.low is not None
    assert trend.high is not None
    assert trend.low <= trend.per_week <= trend.high < 0


def test_twenty_days_are_too_few() -> None:
    assert pain_trend(falling(40, -0.1, every=2), TODAY).status == Seen.INSUFFICIENT


def test_three_weeks_are_too_short() -> None:
    assert pain_trend(falling(27, -0.1), TODAY).status == Seen.INSUFFICIENT


def test_four_weeks_are_enough() -> None:
    assert pain_trend(falling(28, -0.1), TODAY).status == Seen.OK


def test_days_longer_ago_than_ninety_do_not_count() -> None:
    recent = falling(90, -0.02)
    older = {TODAY - back: 10.0 for back in range(90, 200)}

    assert pain_trend(recent | older, TODAY) == pain_trend(recent, TODAY)


def test_a_diary_that_never_changes_has_no_trend() -> None:
    trend = pain_trend({TODAY - back: 5.0 for back in range(90)}, TODAY)

    assert (trend.per_week, trend.p, trend.shown) == (0.0, 1.0, False)


def test_a_fall_of_less_than_a_point_in_all_is_not_shown_however_steady() -> None:
    trend = pain_trend({TODAY - back: 5 + back * 0.005 for back in range(90)}, TODAY)

    assert trend.p is not None
    assert trend.p < 0.05
    assert not trend.shown


def test_an_empty_diary_has_no_trend_yet() -> None:
    assert pain_trend({}, TODAY).days == 0
