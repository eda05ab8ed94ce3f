"""Are the statistics as often wrong as they say? Enough diaries for a verdict, few enough for every day:
`python tests/insights/simulated.py 4000` asks at length."""

from __future__ import annotations

from statistics import fmean

import pytest

from insights.simulated import (
    NULL_KINDS,
    WITHOUT_TREND,
    Kind,
    coverage_of_range,
    false_positives,
    false_trends,
    power,
)


@pytest.mark.parametrize("kind", NULL_KINDS, ids=lambda kind: kind.name)
def test_a_habit_that_does_nothing_is_seldom_found(kind: Kind) -> None:
    assert false_positives(kind, runs=400) <= 0.07


def test_a_trend_that_is_not_there_is_seldom_found() -> None:
    assert fmean(false_trends(kind, runs=100) for kind in WITHOUT_TREND) <= 0.07


def test_the_range_of_a_change_holds_the_truth_about_as_often_as_it_says() -> None:
    assert 0.87 <= fmean(coverage_of_range(kind, runs=100) for kind in NULL_KINDS) <= 0.94


def test_a_difference_of_more_than_a_point_is_found_within_ninety_days() -> None:
    assert power(runs=200, effect=-1.2) >= 0.8


def test_the_simulator_can_tell_a_test_that_is_wrong_too_often() -> None:
    """With an effect, finding it is no mistake, but counted as one it must stand out."""
    moved = Kind("moved", level=lambda facts: 1.5 * facts.kept_before)

    assert false_positives(moved, runs=60) > 0.5
