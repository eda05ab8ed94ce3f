"""One line of the doctor's: what was looked at, how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class State(StrEnum):
    """In order; worth a look; must be mended, because reminders or data are at risk."""

    OK = "ok"
    LOOK = "look"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Check:
    """`found` and `fix` are sentences about counts and hosts, never about a person."""

    name: str
    state: State
    found: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.state:<4}  {self.name}: {self.found} {self.fix}".rstrip()


def in_order(name: str, found: str) -> Check:
    return Check(name, State.OK, found)


def worth_a_look(name: str, found: str, fix: str) -> Check:
    return Check(name, State.LOOK, found, fix)


def to_mend(name: str, found: str, fix: str) -> Check:
    return Check(name, State.MEND, found, fix)


def counted(count: int, thing: str) -> str:
    """As "1 device", "3 devices"."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def roughly(span: timedelta) -> str:
    """As "40 seconds", "5 minutes", "3 hours", "12 days"; the sign is left to the words around it."""
    seconds = abs(span).total_seconds()
    for unit, lasts in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * lasts:
            return counted(round(seconds / lasts), unit)
    return counted(round(seconds), "second")
