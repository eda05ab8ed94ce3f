"""One coefficient of an ordinary least squares fit, with everything else in the model taken out first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from operator import mul

from app.insights.student import quantile, two_sided_p

_NOTHING_LEFT = 1e-9
"""Of a column's own size: what the other columns say already."""

Column = list[float]


@dataclass(frozen=True, slots=True)
class Coefficient:
    """An estimate, its standard error and the residual degrees of freedom."""

    estimate: float
    error: float
    df: int

    @property
    def p(self) -> float:
        if self.error > 0:
            return two_sided_p(self.estimate / self.error, self.df)
        return 0.0 if self.estimate else 1.0

    def range(self, share: float) -> tuple[float, float]:
        half = quantile((1 + share) / 2, self.df) * self.error
        return self.estimate - half, self.estimate + half


def coefficient(
    y: Sequence[float], x: Sequence[float], others: Sequence[Sequence[float]]
) -> Coefficient | None:
    """The coefficient of `x` beside a constant and `others`; None when they leave nothing of `x`, or no
    degree of freedom. Columns that are constant or follow from others are dropped."""
    taken: list[Column] = []
    for other in others:
        left = _left_of(_centred(other), taken)
        if left is not None:
            taken.append(left)
    own = _left_of(_centred(x), taken)
    df = len(y) - len(taken) - 2
    if own is None or df < 1:
        return None
    explained = _without(_centred(y), taken)
    size = _product(own, own)
    estimate = _product(own, explained) / size
    residuals = [value - estimate * at for value, at in zip(explained, own, strict=True)]
    return Coefficient(estimate, sqrt(_product(residuals, residuals) / df / size), df)


def _left_of(column: Column, taken: Sequence[Column]) -> Column | None:
    """What the columns already taken do not say of this one; None for nothing."""
    size = _product(column, column)
    left = _without(column, taken)
    return left if _product(left, left) > _NOTHING_LEFT * size else None


def _without(column: Column, taken: Sequence[Column]) -> Column:
    for other in taken:
        share = _product(other, column) / _product(other, other)
        column = [value - share * at for value, at in zip(column, other, strict=True)]
    return column


def _centred(column: Sequence[float]) -> Column:
    mean = sum(column) / len(column)
    return [value - mean for value in column]


def _product(one: Column, other: Column) -> float:
    return fsum(map(mul, one, other))
