"""Diaries whose truth is known, to find out how often the statistics are wrong about them.

Pain is an AR(1) process (standard deviation 1.3 points, lag-1 correlation .4) about a level, rounded to
0 to 10; 15 % of the days are missing; there is a session every two to four weeks. In a null diary the habit
does nothing to pain, yet something else ties the two together: that is what naive tests fall for.

    python tests/insights/simulated.py 4000     prints the figures of that many diaries of each kind
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, sqrt
from pathlib import Path
from random import Random

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from app.insights.diary import Diary, Habit
from app.insights.findings import change_of, effects_of
from app.insights.trend import pain_trend

TODAY = 739_000
"""A Thursday; only the weekday matters."""
SPREAD, PERSISTENCE, MISSING, LENGTH = 1.3, 0.4, 0.15, 90
BETWEEN_SESSIONS = (14, 21, 28)
HABIT = "stretch"


@dataclass(frozen=True, slots=True)
class Kind:
    """What ties habit and pain together in a null diary, besides the one causing the other.

    `kept` is the chance of keeping the habit on a day, given the share of the diary that has passed, the
    pain of that day over its usual level, whether it is a weekend, the days since the last session, and
    whether it was kept the day before. `level` moves pain by the same facts.
    """

    name: str
    kept: Callable[[Facts], float] = lambda facts: 0.5
    level: Callable[[Facts], float] = lambda facts: 0.0
    missing: Callable[[Facts], float] = lambda facts: MISSING


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a day before the habit is kept or the day is logged."""

    passed: float
    weekend: bool
    after_session: int
    kept_before: bool
    above: float = 0.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """A diary and the level that pain truly had on every day, rounding and ups and downs aside."""

    diary: Diary
    level: dict[int, float]


def logistic(x: float) -> float:
    return 1 / (1 + exp(-x))


def _dip(facts: Facts) -> float:
    """Lower after a session, and back within a week or so."""
    return -1.5 * exp(-facts.after_session / 4)


NULL_KINDS = (
    Kind("independent"),
    Kind("persistent habit", kept=lambda f: 0.9 if f.kept_before else 0.1),
    Kind("shared trend", kept=lambda f: 0.2 + 0.6 * f.passed, level=lambda f: 1.0 - 2 * f.passed),
    Kind("reverse causation", kept=lambda f: logistic(-1.2 * f.above)),
    Kind(
        "weekday",
        kept=lambda f: 0.25 if f.weekend else 0.65,
        level=lambda f: 1.0 if f.weekend else 0.0,
    ),
    Kind("missing when in pain", missing=lambda f: min(0.9, MISSING * exp(0.6 * f.above))),
    Kind("sessions", kept=lambda f: 0.85 if f.after_session < 7 else 0.35, level=_dip),
    Kind(
        "all of them",
        kept=lambda f: logistic(
            1.5 * f.kept_before - 0.8 - 0.8 * f.above + 0.8 * (f.passed - 0.5) - 0.8 * f.weekend
        ),
        level=lambda f: 0.6 - 1.2 * f.passed + 0.6 * f.weekend + _dip(f) / 2,
        missing=lambda f: min(0.9, MISSING * exp(0.5 * f.above)),
    ),
)
INDEPENDENT = NULL_KINDS[0]
WITHOUT_TREND = tuple(kind for kind in NULL_KINDS if kind.name not in ("shared trend", "all of them"))


def simulated(
    kind: Kind, chance: Random, *, effect: float = 0.0, per_day: float = 0.0, length: int = LENGTH
) -> Simulated:
    """A diary of this kind in which keeping the habit moves the next day's pain by `effect` points, and
    pain drifts by `per_day`."""
    sessions = _sessions(chance, length)
    pain: dict[int, float] = {}
    met: dict[int, bool] = {}
    levels: dict[int, float] = {}
    drift, kept = chance.gauss(0, SPREAD), False
    for day in range(TODAY - length + 1, TODAY + 1):
        drift = PERSISTENCE * drift + chance.gauss(0, SPREAD * sqrt(1 - PERSISTENCE**2))
        last = max(session for session in sessions if session <= day)
        passed = 1 - (TODAY - day) / (length - 1)
        facts = Facts(passed, day % 7 in (6, 0), day - last, kept)
        level = 5 + kind.level(facts) + effect * (kept - 0.5) + per_day * (day - TODAY + length / 2)
        levels[day] = level
        felt = Facts(facts.passed, facts.weekend, facts.after_session, kept, above=drift)
        kept = chance.random() < kind.kept(felt)
        if chance.random() >= kind.missing(felt):
            pain[day] = float(min(max(round(level + drift), 0), 10))
            met[day] = kept
    held = tuple(session for session in sessions if session > TODAY - length)
    logged = dict.fromkeys(pain, False)
    return Simulated(Diary(TODAY, logged, pain, {HABIT: Habit(met)}, held, focus=HABIT), levels)


def false_positives(kind: Kind, runs: int, seed: int = 1) -> float:
    """How often p < .05 for a habit that does nothing, of the diaries that can be tested."""
    return _share(runs, seed, lambda chance: _is_found(simulated(kind, chance)))


def false_trends(kind: Kind, runs: int, seed: int = 2) -> float:
    """How often p < .05 for a trend that is not there."""
    return _share(runs, seed, lambda chance: _trend_p(simulated(kind, chance)) < 0.05)


def power(runs: int, effect: float = -1.2, seed: int = 3, length: int = LENGTH) -> float:
    """How often a habit that does move the next day's pain is shown."""

    def is_shown(chance: Random) -> bool:
        return effects_of(simulated(INDEPENDENT, chance, effect=effect, length=length).diary)[HABIT].shown

    return _share(runs, seed, is_shown)


def coverage_of_range(kind: Kind, runs: int, seed: int = 4) -> float:
    """How often the 90 % range of the change holds the true difference of the levels."""
    return _share(runs, seed, lambda chance: _is_covered(simulated(kind, chance)))


def _share(runs: int, seed: int, is_so: Callable[[Random], bool | None]) -> float:
    """Of the runs that could be judged (None could not)."""
    found = [is_so(Random(f"{seed}-{run}")) for run in range(runs)]
    judged = [one for one in found if one is not None]
    return sum(judged) / len(judged)


def _is_found(one: Simulated) -> bool | None:
    p = effects_of(one.diary)[HABIT].p
    return None if p is None else p < 0.05


def _trend_p(one: Simulated) -> float:
    p = pain_trend(one.diary.pain, TODAY).p
    return 1.0 if p is None else p


def _is_covered(one: Simulated) -> bool | None:
    change = change_of(one.diary)
    if change.low is None or change.high is None:
        return None
    last = one.diary.sessions[-1]
    before = [day for day in range(last - 7, last) if day in one.diary.pain]
    now = [day for day in range(max(last + 3, TODAY - 6), TODAY + 1) if day in one.diary.pain]
    true = _mean(one.level, now) - _mean(one.level, before)
    return change.low <= true <= change.high


def _mean(level: dict[int, float], days: Sequence[int]) -> float:
    return sum(level[day] for day in days) / len(days)


def _sessions(chance: Random, length: int) -> list[int]:
    """One every two to four weeks, beginning before the diary; the last one 9 to 13 days ago."""
    last, apart = TODAY - chance.randint(9, 13), chance.choice(BETWEEN_SESSIONS)
    return sorted(range(last, TODAY - length - apart, -apart))


def _print_figures(runs: int) -> None:
    print(f"{runs} diaries of each kind, {LENGTH} days, {MISSING:.0%} missing\n")
    print(f"{'null diaries':<24}{'habit p<.05':>12}{'trend p<.05':>12}{'90 % range':>12}")
    for kind in NULL_KINDS:
        trend = f"{false_trends(kind, runs):.1%}" if kind in WITHOUT_TREND else "(real)"
        found, covered = false_positives(kind, runs), coverage_of_range(kind, runs)
        print(f"{kind.name:<24}{found:>12.1%}{trend:>12}{covered:>12.1%}", flush=True)
    for effect in (-0.8, -1.2):
        print(f"\nan effect of {effect} is shown in {power(runs, effect):.1%} of 90-day diaries", end="")
    print()


if __name__ == "__main__":
    _print_figures(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
