"""Day-to-day ups and downs: how strongly one day resembles the next, and what that does to a mean.

A diary is not a row of independent throws: a bad day is often followed by a bad day. So seven days say
less than seven independent ones would. Days are day numbers (`date.toordinal`), residuals are what is left
of a day after its level was taken away, and days are taken to follow an AR(1) process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

USUAL_PERSISTENCE = 0.4
"""Correlation of neighbouring days that is assumed until a diary says more about itself."""
_WEIGHT_OF_USUAL = 10
_FEWEST_PAIRS = 5
_MOST_PERSISTENT = 0.85
FEWEST_EFFECTIVE_DAYS = 6.0


def persistence(residuals: Mapping[int, float]) -> float:
    """The correlation rho of neighbouring days, drawn towards the usual while there are few of them.

    g = mean(e_t * e_t+1) / mean(e ** 2), corrected for the level having been estimated, then
    rho = (g * m + 0.4 * 10) / (m + 10) over m neighbouring pairs, from 0 to 0.85.
    """
    n = len(residuals)
    pairs = [e * residuals[day + 1] for day, e in residuals.items() if day + 1 in residuals]
    squares = sum(e * e for e in residuals.values())
    if len(pairs) < _FEWEST_PAIRS or squares <= 1e-12:
        return USUAL_PERSISTENCE
    g = (sum(pairs) / len(pairs)) / (squares / n)
    if n > 8:
        g = (g * n + 2) / (n - 4)
    drawn = (g * len(pairs) + USUAL_PERSISTENCE * _WEIGHT_OF_USUAL) / (len(pairs) + _WEIGHT_OF_USUAL)
    return min(max(drawn, 0.0), _MOST_PERSISTENT)


def effective_days(n: int, rho: float) -> float:
    """How many independent days `n` days are worth, never fewer than 6."""
    return max(FEWEST_EFFECTIVE_DAYS, n * (1 - rho) / (1 + rho))


def variance_of_mean(days: Sequence[int], rho: float) -> float:
    """V: the variance of the mean of these days, as a share of the variance of one day."""
    return weighted_variance(days, [1 / len(days)] * len(days), rho)


def weighted_variance(days: Sequence[int], weights: Sequence[float], rho: float) -> float:
    """The variance of the weighted sum of these days, in their order, as a share of the variance of one day.

    That is the sum of w_i * w_j * rho ** |t_i - t_j| over all pairs, in one pass: what earlier days share
    with a day fades from one day to the next.
    """
    total = shared = 0.0
    before = days[0]
    for day, weight in zip(days, weights, strict=True):
        shared *= rho ** (day - before)
        total += weight * (weight + 2 * shared)
        shared += weight
        before = day
    return total
