"""Counting days and averaging them, without ever filling a blank."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from app.language import ngettext


class Dated(Protocol):
    """Anything that belongs to one day and knows whether it was filled in later."""

    @property
    def day(self) -> date: ...

    @property
    def late(self) -> bool: ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `first` through `last`; empty when `last` lies before `first`."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __len__(self) -> int:
        return max((self.last - self.first).days + 1, 0)

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=offset) for offset in range(len(self)))

    @classmethod
    def of_days(cls, length: int, *, until: date) -> Window:
        """The `length` days that end with `until`."""
        return cls(until - timedelta(days=length - 1), until)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the calendar days were logged, and how many of those were filled in later."""

    logged: int
    of: int
    filled_in_later: int

    @property
    def words(self) -> str:
        if self.filled_in_later:
            return ngettext(
                "%(logged)s of %(num)s day logged, %(later)s filled in later",
                "%(logged)s of %(num)s days logged, %(later)s filled in later",
                self.of,
                logged=self.logged,
                later=self.filled_in_later,
            )
        return ngettext(
            "%(logged)s of %(num)s day logged",
            "%(logged)s of %(num)s days logged",
            self.of,
            logged=self.logged,
        )


@dataclass(frozen=True, slots=True)
class Average:
    """A mean and the number of days behind it. `mean` is None when there is no such day."""

    mean: float | None
    days: int


def inside(days: Iterable[D], window: Window) -> list[D]:
    return [day for day in days if day.day in window]


def coverage(days: Collection[Dated], window: Window) -> Coverage:
    logged = inside(days, window)
    return Coverage(len(logged), len(window), sum(day.late for day in logged))


def average(values: Iterable[float | None]) -> Average:
    """The mean of what is known; None is skipped and never counts as 0."""
    known = [value for value in values if value is not None]
    return Average(sum(known) / len(known) if known else None, len(known))
