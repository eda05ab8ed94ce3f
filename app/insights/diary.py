"""A diary in plain values.

Days are day numbers (`date.toordinal`), so that shifting a diary in time shifts nothing else. What was not
logged is not in these dictionaries; no blank is ever a 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Habit:
    """How a habit went: on each answered day, whether the plan in force on it was met.

    `overnight` says that a day's answer is about the night before; `compared` is false for what is used
    because of pain (heat, ice), which is never set against it.
    """

    met: Mapping[int, bool]
    overnight: bool = False
    compared: bool = True


@dataclass(frozen=True, slots=True)
class Diary:
    """Up to `today`: nothing here lies after it.

    `logged` says of each logged day whether it was filled in later; `pain` leaves those days out.
    `heat_or_ice` holds the longer of the two, in minutes of a day; `sessions` are held sessions, in order.
    """

    today: int
    logged: Mapping[int, bool]
    pain: Mapping[int, float]
    habits: Mapping[str, Habit]
    sessions: tuple[int, ...] = ()
    heat_or_ice: Mapping[int, float] = field(default_factory=dict)
    focus: str | None = None
