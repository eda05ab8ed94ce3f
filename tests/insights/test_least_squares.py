from __future__ import annotations

from random import Random
from statistics import linear_regression

import pytest

from app.insights.least_squares import Coefficient, coefficient


def test_one_variable_gives_the_slope_everybody_knows() -> None:
    x, y = [1.0, 2.0, 4.0, 7.0, 9.0], [2.0, 3.0, 3.0, 8.0, 8.0]
    found = coefficient(y, x, [])

    assert found is not None
    assert found.estimate == pytest.approx(linear_regression(x, y).slope)
    assert found.df == 3


def test_other_columns_are_taken_out_first() -> None:
    chance = Random(1)
    x = [chance.gauss(0, 1) for _ in range(30)]
    z = [one + chance.gauss(0, 1) for one in x]
    y = [4 + 2 * one - 3 * other for one, other in zip(x, z, strict=True)]
    found = coefficient(y, x, [z])

    assert found is not None
    assert found.estimate == pytest.approx(2)


def test_the_standard_error_is_that_of_the_textbook() -> None:
    """Residuals of ±1 about y = 0: s² = 4/2 and the sum of squares of x is 4."""
    found = coefficient([1.0, -1.0, -1.0, 1.0], [-1.0, -1.0, 1.0, 1.0], [])

    assert found is not None
    assert found.error == pytest.approx((4 / 2 / 4) ** 0.5)


def test_columns_that_are_constant_or_say_the_same_cost_no_degree_of_freedom() -> None:
    x, z = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    y = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0]
    lean = coefficient(y, x, [z])
    stuffed = coefficient(y, x, [[7.0] * 6, z, [2 * one + 1 for one in z]])

    assert lean is not None
    assert stuffed == lean


def test_a_habit_that_something_else_says_already_cannot_be_told_apart() -> None:
    x = [1.0, 0.0, 1.0, 0.0, 1.0]

    assert coefficient([1.0, 2.0, 3.0, 4.0, 5.0], x, [[1 - one for one in x]]) is None


def test_an_exact_fit_has_no_doubt() -> None:
    assert Coefficient(1.0, 0.0, 10).p == 0.0


def test_nothing_found_without_doubt_is_still_nothing() -> None:
    assert Coefficient(0.0, 0.0, 10).p == 1.0
