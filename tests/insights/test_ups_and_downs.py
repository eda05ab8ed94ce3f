from __future__ import annotations

from itertools import product

import pytest

from app.insights.ups_and_downs import (
    USUAL_PERSISTENCE,
    effective_days,
    persistence,
    variance_of_mean,
    weighted_variance,
)


def test_few_neighbouring_days_say_nothing_so_the_usual_is_assumed() -> None:
    assert persistence({1: 1.0, 2: -1.0, 5: 2.0, 9: -2.0}) == USUAL_PERSISTENCE


def test_a_diary_that_never_changes_says_nothing_about_its_ups_and_downs() -> None:
    assert persistence(dict.fromkeys(range(20), 0.0)) == USUAL_PERSISTENCE


def test_the_estimate_is_corrected_and_drawn_towards_the_usual() -> None:
    """Up, up, down, down, over 12 days: 6 of 11 pairs agree, so g = 1/11 before the correction."""
    residuals = {day: (1.0, 1.0, -1.0, -1.0)[day % 4] for day in range(12)}
    corrected = (1 / 11 * 12 + 2) / 8

    assert persistence(residuals) == pytest.approx((corrected * 11 + 0.4 * 10) / 21)


def test_days_that_take_turns_are_not_called_less_than_independent() -> None:
    assert persistence({day: (-1.0) ** day for day in range(60)}) == 0.0


def test_days_that_hardly_move_are_not_called_the_same() -> None:
    assert persistence({day: float(day // 40) - 0.5 for day in range(80)}) == 0.85


def test_independent_days_share_nothing() -> None:
    assert variance_of_mean([1, 2, 3, 4], 0.0) == pytest.approx(0.25)


def test_the_variance_of_a_sum_is_that_over_all_pairs() -> None:
    days, weights, rho = [1, 2, 5, 6, 11], [0.5, -1.0, 0.25, 2.0, -0.75], 0.6
    pairs = product(zip(days, weights, strict=True), repeat=2)
    by_hand = sum(w * v * rho ** abs(t - u) for (t, w), (u, v) in pairs)

    assert weighted_variance(days, weights, rho) == pytest.approx(by_hand)


def test_days_that_resemble_each_other_are_worth_fewer() -> None:
    assert effective_days(70, 0.4) == pytest.approx(30)


def test_a_diary_is_never_worth_less_than_six_days() -> None:
    assert effective_days(10, 0.8) == 6
