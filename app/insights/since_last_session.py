"""Before and now: pain before the last session and since, with the range its ups and downs leave open.

Before is the week up to the day before the session, now is the last seven days without the session's day
and the two after, when soreness is expected. Days filled in later are left out and nothing is imputed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Protocol

from app.insights.days import Average, Window, average
from app.insights.student import quantile
from app.insights.ups_and_downs import effective_days, persistence, variance_of_mean, weighted_variance
from app.insights.wording import Comparison, change_words

WEEK = 7
SORE_DAYS = 2
"""Days after the session's own day on which soreness is expected."""
FEWEST_DAYS = 4
"""In each window, and in a stretch that tells of ups and downs. Two single days say nothing about a week."""
FEWEST_DAYS_IN_ALL = 10
LOOKED_BACK = 90
"""Days whose ups and downs tell how far a mean may be off."""
LEAST_VARIANCE = 0.3
"""Square points: a diary that always says 5 is not known to a hair's breadth."""
POINTS_THAT_MATTER, SHARE_THAT_MATTERS, LEAST_WITH_SHARE = 2.0, 0.3, 1.0


class Rated(Protocol):
    """A day with a rating of pain."""

    @property
    def day(self) -> date: ...

    @property
    def late(self) -> bool: ...

    @property
    def pain(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Windows:
    """The days compared. `now` is empty while it is too soon after a session."""

    before: Window
    now: Window


@dataclass(frozen=True, slots=True)
class Change:
    """Pain before and now. `difference` is now minus before, plausibly (90 %) between `low` and `high`."""

    before: Average
    now: Average
    comparison: Comparison
    words: str
    difference: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _Difference:
    """now minus before, its standard error, and the degrees of freedom of its t."""

    points: float
    error: float
    df: float

    def half_width(self, share: float) -> float:
        return quantile(share, self.df) * self.error


def windows_around(last_session: date | None, today: date) -> Windows:
    """Before and after the last session or, without one, the last seven days and the seven before."""
    if last_session is None:
        return week_by_week(today)
    settled = last_session + timedelta(days=SORE_DAYS + 1)
    before = Window.of_days(WEEK, until=last_session - timedelta(days=1))
    return Windows(before, Window(max(settled, Window.of_days(WEEK, until=today).first), today))


def week_by_week(today: date) -> Windows:
    this_week = Window.of_days(WEEK, until=today)
    return Windows(Window.of_days(WEEK, until=this_week.first - timedelta(days=1)), this_week)


def pain_change(days: Iterable[Rated], windows: Windows, sessions: Collection[date] = ()) -> Change:
    """How pain in `windows.now` compares with `windows.before`.

    `sessions` divide the diary into stretches with a level of their own; without any, the two windows are
    the stretches.
    """
    return change_between(pain_by_day(days), windows, sessions)


def pain_by_day(days: Iterable[Rated]) -> dict[int, float]:
    """Pain by day number, without the days that were filled in later."""
    return {day.day.toordinal(): day.pain for day in days if not day.late and day.pain is not None}


def change_between(pain: Mapping[int, float], windows: Windows, sessions: Collection[date]) -> Change:
    """As `pain_change`, of pain by day number."""
    before, now = (_rated(pain, window) for window in (windows.before, windows.now))
    means = average(before.values()), average(now.values())
    if not windows.now:
        return _untold(*means, Comparison.TOO_SOON)
    if min(len(before), len(now)) < FEWEST_DAYS or len(before) + len(now) < FEWEST_DAYS_IN_ALL:
        return _untold(*means, Comparison.TOO_FEW_DAYS)
    stretches = _between(pain, sessions, windows.now.last) if sessions else [before, now]
    found = _difference(before, now, stretches)
    return _told(*means, found) if found else _untold(*means, Comparison.TOO_FEW_DAYS)


def means_by_week(pain: Mapping[int, float], today: date) -> Change:
    """This week and the one before as they are: without a session there is no change to tell."""
    windows = week_by_week(today)
    before, now = (average(_rated(pain, window).values()) for window in (windows.before, windows.now))
    return _untold(before, now, Comparison.NO_SESSION)


def _rated(pain: Mapping[int, float], window: Window) -> dict[int, float]:
    numbers = range(window.first.toordinal(), window.last.toordinal() + 1)
    return {number: pain[number] for number in numbers if number in pain}


def _between(pain: Mapping[int, float], sessions: Collection[date], today: date) -> list[dict[int, float]]:
    """The last 90 days in stretches from one session to the next, where those have days enough."""
    starts = sorted(session.toordinal() for session in sessions)
    stretches: dict[int, dict[int, float]] = defaultdict(dict)
    for number in sorted(pain):
        if 0 <= today.toordinal() - number < LOOKED_BACK:
            stretches[bisect_right(starts, number)][number] = pain[number]
    return [stretch for stretch in stretches.values() if len(stretch) >= FEWEST_DAYS]


def _difference(
    before: Mapping[int, float], now: Mapping[int, float], stretches: Sequence[Mapping[int, float]]
) -> _Difference | None:
    """None when no stretch is long enough to tell of ups and downs."""
    residuals = {number: e for stretch in stretches for number, e in _about_their_mean(stretch).items()}
    if not residuals:
        return None
    rho, n = persistence(residuals), len(residuals)
    taken = sum(len(stretch) * variance_of_mean(list(stretch), rho) for stretch in stretches)
    variance = max(sum(e * e for e in residuals.values()) / (n - taken), LEAST_VARIANCE)
    weights = [-1 / len(before)] * len(before) + [1 / len(now)] * len(now)
    spread = weighted_variance([*before, *now], weights, rho)
    points = sum(now.values()) / len(now) - sum(before.values()) / len(before)
    return _Difference(points, sqrt(variance * spread), effective_days(n, rho) - 2)


def _about_their_mean(stretch: Mapping[int, float]) -> dict[int, float]:
    mean = sum(stretch.values()) / len(stretch)
    return {number: rated - mean for number, rated in stretch.items()}


def _told(before: Average, now: Average, found: _Difference) -> Change:
    half = found.half_width(0.95)
    low, high = found.points - half, found.points + half
    comparison = _judged(before.mean or 0.0, found, half)
    return Change(before, now, comparison, change_words(comparison, before, now), found.points, low, high)


def _judged(mean_before: float, found: _Difference, half: float) -> Comparison:
    if abs(found.points) <= half:
        return Comparison.NO_CLEAR_CHANGE
    size = abs(found.points)
    share = size / mean_before if mean_before > 0 else 0.0
    much = size >= POINTS_THAT_MATTER or (share >= SHARE_THAT_MATTERS and size >= LEAST_WITH_SHARE)
    if much and size > found.half_width(0.975):
        return Comparison.MEANINGFULLY_LOWER if found.points < 0 else Comparison.MEANINGFULLY_HIGHER
    return Comparison.LOWER if found.points < 0 else Comparison.HIGHER


def _untold(before: Average, now: Average, comparison: Comparison) -> Change:
    return Change(before, now, comparison, change_words(comparison, before, now))
