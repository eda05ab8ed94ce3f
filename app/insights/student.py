"""Student's t distribution, from the regularised incomplete beta function.

Checked against published tables in the tests. Degrees of freedom need not be whole, but are at least 1.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp, isinf, lgamma, log, pi, sqrt

_TINY = 1e-300
_CLOSE = 1e-15
_MOST_TERMS = 500


def two_sided_p(t: float, df: float) -> float:
    """The chance of a t at least this far from 0, either way."""
    if isinf(t):
        return 0.0
    return incomplete_beta(df / 2, 0.5, df / (df + t * t))


@lru_cache(maxsize=512)
def quantile(share: float, df: float) -> float:
    """The t below which `share` of the distribution lies; `share` from 0.5 to below 1."""
    tail = 2 * (1 - share)
    low, high = 0.0, 2.0
    while two_sided_p(high, df) > tail:
        low, high = high, high * 2
    t = (low + high) / 2
    for _ in range(60):
        above = two_sided_p(t, df) - tail
        low, high = (t, high) if above > 0 else (low, t)
        step = t + above / (2 * _density(t, df))
        t, before = step if low < step < high else (low + high) / 2, t
        if abs(t - before) <= _CLOSE * (1 + t):
            break
    return t


def incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b), the share of a beta distribution below `x`, by Lentz's continued fraction."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    # The fraction converges quickly on this side of the mean only; the other side is its complement.
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _density(t: float, df: float) -> float:
    height = exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(df * pi)
    return height * exp(-(df + 1) / 2 * log(1 + t * t / df))
