"""A habit and the next day's pain: a pattern in somebody's own notes, never a proof of anything.

y_d = a + b*h + c*y_(d-1) + f*(d - mid)/span + g*weekend + k*[0 <= d-S <= 2] + l*[3 <= d-S <= 7], where h says
whether the plan was met the day before (for sleep: the night before), S is the last session, and b is
what is asked for. Yesterday's pain is in it because who hurts does less, and the session days because
both pain and habits change after a session. Heat and ice are used because somebody hurts: never tested.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from app.insights.least_squares import Coefficient, coefficient
from app.insights.trend import Seen

FEWEST_ROWS, FEWEST_EACH, FEWEST_DF = 30, 8, 20
LEAST_POINTS = 0.5
SHOWN_BELOW_P = 0.05
"""For a single look, at the chosen question or when none was chosen."""
SHOWN_BELOW_P_AT_REVIEW = 0.02
"""For the chosen question, looked at anew every four weeks."""
OTHERS_SHOWN_BELOW_P = 0.01
"""For every other habit, after Holm's adjustment."""
_SOON, _LATER = range(3), range(3, 8)


@dataclass(frozen=True, slots=True)
class HabitEffect:
    """Points of next-day pain with the habit, compared with without, and the plausible range (95 %).

    `rows` are the days that could be compared, `met` and `missed` how they divide.
    """

    status: Seen
    rows: int
    met: int
    missed: int
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    shown: bool = False

    @property
    def is_one_sided(self) -> bool:
        """Days enough, but the habit is nearly always kept, or nearly never."""
        return self.rows >= FEWEST_ROWS and min(self.met, self.missed) < FEWEST_EACH


@dataclass(frozen=True, slots=True)
class _Row:
    day: int
    pain: float
    before: float
    met: bool


def habit_effect(
    pain: Mapping[int, float], met: Mapping[int, bool], sessions: Collection[int], *, overnight: bool = False
) -> HabitEffect:
    """What one habit goes with, not yet judged: `shown` is for `judged` to say.

    `met` says of each answered day whether the plan of that day was met; `overnight` means that the day's
    own answer is about the night before it.
    """
    back = 0 if overnight else 1
    rows = [
        _Row(day, pain[day], pain[day - 1], met[day - back])
        for day in sorted(pain)
        if day - 1 in pain and day - back in met
    ]
    kept = sum(row.met for row in rows)
    counted = HabitEffect(Seen.INSUFFICIENT, len(rows), kept, len(rows) - kept)
    if len(rows) < FEWEST_ROWS or counted.is_one_sided:
        return counted
    found = _fitted(rows, sorted(sessions))
    if found is None or found.df < FEWEST_DF:
        return counted
    low, high = found.range(0.95)
    return replace(counted, status=Seen.OK, effect=found.estimate, low=low, high=high, p=found.p)


def judged(
    effects: Mapping[str, HabitEffect], focus: str | None, *, focus_below: float = SHOWN_BELOW_P
) -> dict[str, HabitEffect]:
    """The same effects, each knowing whether it may be shown.

    The chosen question is judged alone; all others share what chance is left between them (Holm).
    """
    told = {name: one.p for name, one in effects.items() if one.p is not None and name != focus}
    adjusted = holm(told)
    below = OTHERS_SHOWN_BELOW_P if focus else SHOWN_BELOW_P
    return {
        name: replace(one, shown=_may_be_shown(one, one.p, focus_below))
        if name == focus
        else replace(one, shown=_may_be_shown(one, adjusted.get(name), below))
        for name, one in effects.items()
    }


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """Holm's adjustment: the smallest p times their number, the next times one less, and never falling."""
    adjusted: dict[str, float] = {}
    highest = 0.0
    for place, (name, p) in enumerate(sorted(ps.items(), key=lambda named: (named[1], named[0]))):
        highest = max(highest, min((len(ps) - place) * p, 1.0))
        adjusted[name] = highest
    return adjusted


def _may_be_shown(effect: HabitEffect, p: float | None, below: float) -> bool:
    return p is not None and p < below and effect.effect is not None and abs(effect.effect) >= LEAST_POINTS


def _fitted(rows: Sequence[_Row], sessions: Sequence[int]) -> Coefficient | None:
    first, last = rows[0].day, rows[-1].day
    middle, span = (first + last) / 2, max(last - first, 1)
    since = [_days_since(row.day, sessions) for row in rows]
    others = (
        [row.before for row in rows],
        [(row.day - middle) / span for row in rows],
        [float(_is_weekend(row.day)) for row in rows],
        [float(days in _SOON) for days in since],
        [float(days in _LATER) for days in since],
    )
    return coefficient([row.pain for row in rows], [float(row.met) for row in rows], others)


def _days_since(day: int, sessions: Sequence[int]) -> int | None:
    place = bisect_right(sessions, day)
    return day - sessions[place - 1] if place else None


def _is_weekend(day: int) -> bool:
    """Day number 1 was a Monday."""
    return day % 7 in (6, 0)
