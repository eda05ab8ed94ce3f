from __future__ import annotations

from math import inf

import pytest

from app.insights.student import incomplete_beta, quantile, two_sided_p


@pytest.mark.parametrize(
    ("share", "df", "published"),
    [
        (0.95, 1, 6.313752),
        (0.975, 2, 4.302653),
        (0.95, 4, 2.131847),
        (0.975, 4, 2.776445),
        (0.95, 10, 1.812461),
        (0.975, 10, 2.228139),
        (0.995, 20, 2.845340),
        (0.975, 30, 2.042272),
        (0.975, 120, 1.979930),
        (0.95, 1_000_000, 1.644855),
    ],
)
def test_quantiles_are_those_of_the_published_tables(share: float, df: float, published: float) -> None:
    assert quantile(share, df) == pytest.approx(published, abs=2e-6)


@pytest.mark.parametrize(
    ("t", "df", "p"),
    [(0.0, 7, 1.0), (1.0, 1, 0.5), (-1.0, 1, 0.5), (2.0, 2, 0.1835034), (2.228139, 10, 0.05), (inf, 5, 0.0)],
)
def test_p_values_are_the_known_ones(t: float, df: float, p: float) -> None:
    assert two_sided_p(t, df) == pytest.approx(p, abs=1e-6)


def test_half_a_symmetric_beta_lies_below_its_middle() -> None:
    assert incomplete_beta(3.5, 3.5, 0.5) == pytest.approx(0.5)


def test_a_beta_of_whole_numbers_is_a_polynomial() -> None:
    """I_x(2, 3) = 6x² - 8x³ + 3x⁴."""
    x = 0.3

    assert incomplete_beta(2, 3, x) == pytest.approx(6 * x**2 - 8 * x**3 + 3 * x**4)


def test_nothing_lies_below_the_lowest_and_all_below_the_highest() -> None:
    assert (incomplete_beta(2, 3, 0), incomplete_beta(2, 3, 1)) == (0.0, 1.0)
