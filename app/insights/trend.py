"""The long trend of pain: a robust slope over the last 90 days, and whether it stands out.

Means of 3-day bins, their Theil-Sen slope, and Mann-Kendall's S with its tie-corrected variance, made
larger by what neighbouring days share. Days are day numbers; unknown days are not imputed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from math import sqrt
from statistics import fmean, median

from app.insights.student import quantile, two_sided_p
from app.insights.ups_and_downs import effective_days, persistence, weighted_variance

LOOKED_BACK = 90
FEWEST_DAYS, FEWEST_CALENDAR_DAYS = 21, 28
BIN = 3
SHOWN_BELOW_P, SHOWN_FROM_POINTS = 0.05, 1.0


class Seen(StrEnum):
    """Whether a diary holds enough to say something."""

    OK = "ok"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True)
class Trend:
    """Points a week with their plausible range (95 %), over `weeks`; `days` are the ones logged in time."""

    status: Seen
    days: int
    weeks: float
    per_week: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class _Bin:
    """Up to three neighbouring days: the middle of the logged ones, their mean pain, and the days."""

    at: float
    mean: float
    days: tuple[int, ...]


def pain_trend(pain: Mapping[int, float], today: int) -> Trend:
    """The trend of the last 90 days, if they hold 21 logged days over at least 28 calendar days."""
    days = sorted(day for day in pain if 0 <= today - day < LOOKED_BACK)
    calendar_days = days[-1] - days[0] + 1 if days else 0
    weeks = max(calendar_days - 1, 0) / 7
    if len(days) < FEWEST_DAYS or calendar_days < FEWEST_CALENDAR_DAYS:
        return Trend(Seen.INSUFFICIENT, len(days), weeks)
    bins = _bins(pain, days, today)
    slopes = sorted((b.mean - a.mean) / (b.at - a.at) for a, b in combinations(bins, 2))
    slope = median(slopes)
    rho = persistence(_detrended(pain, days, slope))
    df = effective_days(len(days), rho) - 2
    s, spread = _kendall(bins), sqrt(_variance_of_s(bins) * _inflation(bins, rho))
    p = two_sided_p(s / spread, df) if spread > 0 else 1.0
    low, high = _range(slopes, quantile(0.975, df) * spread)
    shown = p < SHOWN_BELOW_P and abs(slope) * 7 * weeks >= SHOWN_FROM_POINTS
    return Trend(Seen.OK, len(days), weeks, slope * 7, low * 7, high * 7, p, shown)


def _bins(pain: Mapping[int, float], days: Sequence[int], today: int) -> list[_Bin]:
    """Three calendar days each, counted back from today."""
    together: dict[int, list[int]] = defaultdict(list)
    for day in days:
        together[(today - day) // BIN].append(day)
    return [
        _Bin(fmean(found), fmean(pain[day] for day in found), tuple(found)) for found in together.values()
    ]


def _detrended(pain: Mapping[int, float], days: Sequence[int], slope: float) -> dict[int, float]:
    left = {day: pain[day] - slope * (day - days[0]) for day in days}
    level = fmean(left.values())
    return {day: value - level for day, value in left.items()}


def _kendall(bins: Sequence[_Bin]) -> int:
    """S: pairs that rise less pairs that fall."""
    return sum((b.mean > a.mean) - (b.mean < a.mean) for a, b in combinations(bins, 2))


def _variance_of_s(bins: Sequence[_Bin]) -> float:
    """Of independent bins, corrected for ties."""
    n, ties = len(bins), Counter(one.mean for one in bins).values()
    return (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18


def _inflation(bins: Sequence[_Bin], rho: float) -> float:
    """The variance of the least-squares slope through the bins when days follow AR(1), over its variance
    when the bins are independent of each other."""
    centre = fmean(one.at for one in bins)
    pull = [(one.at - centre) / len(one.days) for one in bins]
    days = [day for one in bins for day in one.days]
    pulls = [c for c, one in zip(pull, bins, strict=True) for _ in one.days]
    apart = sum(
        weighted_variance(one.days, [c] * len(one.days), rho) for c, one in zip(pull, bins, strict=True)
    )
    return max(weighted_variance(days, pulls, rho) / apart, 1.0) if apart > 0 else 1.0


def _range(slopes: Sequence[float], reach: float) -> tuple[float, float]:
    """Sen's range: the slopes that Mann-Kendall's S would not refuse."""
    below = round((len(slopes) - reach) / 2)
    last = len(slopes) - 1
    return slopes[min(max(below, 0), last)], slopes[max(min(last - below, last), 0)]
