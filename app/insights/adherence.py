"""How often a habit met its plan, of the days it was answered. The denominator is always in sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FEWEST_ANSWERED = 7


@dataclass(frozen=True, slots=True)
class Adherence:
    """Days the plan then in force was met, of the days answered, of all calendar days."""

    met: int
    answered: int
    of: int

    @property
    def percent(self) -> int | None:
        """None where a percentage would say more than so few answers can."""
        if self.answered < FEWEST_ANSWERED or 2 * self.answered < self.of:
            return None
        return round(100 * self.met / self.answered)


def adherence(met: Mapping[int, bool], first: int, last: int) -> Adherence:
    """Of the days from `first` through `last`; `met` says of each answered day whether its plan was met."""
    answers = [kept for day, kept in met.items() if first <= day <= last]
    return Adherence(sum(answers), len(answers), max(last - first + 1, 0))
