"""The days around a session, averaged over sessions: a picture, and no claim.

People book when they hurt, so some drop afterwards is expected anyway. Days are day numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from app.insights.days import Average, average

OFFSETS = range(-3, 8)
BASELINE = range(-14, -3)
FEWEST_BASELINE_DAYS = 4
FEWEST_SESSIONS = 3
SORE = range(3)
"""A session's own day and the two after."""
_NEVER = date.max.toordinal() + 1


@dataclass(frozen=True, slots=True)
class SessionProfile:
    """Mean deviation from the days -14 to -4, for each day around a session; empty below 3 sessions."""

    sessions: int
    days: dict[int, Average]

    @property
    def enough(self) -> bool:
        return self.sessions >= FEWEST_SESSIONS


def session_profile(pain: Mapping[int, float], sessions: Collection[int]) -> SessionProfile:
    """The profile over the sessions that have days enough before them."""
    held = sorted(set(sessions))
    deviations: dict[int, list[float]] = {offset: [] for offset in OFFSETS}
    counted = 0
    for previous, session, following in zip([None, *held], held, [*held[1:], _NEVER], strict=False):
        usual = average(_before(pain, session, previous))
        if usual.mean is None or usual.days < FEWEST_BASELINE_DAYS:
            continue
        around = [o for o in OFFSETS if session + o < following]
        seen = [o for o in around if session + o in pain]
        counted += bool(seen)
        for offset in seen:
            deviations[offset].append(pain[session + offset] - usual.mean)
    enough = counted >= FEWEST_SESSIONS
    return SessionProfile(counted, {o: average(found) for o, found in deviations.items()} if enough else {})


def _before(pain: Mapping[int, float], session: int, previous: int | None) -> list[float | None]:
    """Pain on the days -14 to -4, without the sore days of the one session before this."""
    sore = [previous + after for after in SORE] if previous is not None else []
    return [pain.get(day) for offset in BASELINE if (day := session + offset) not in sore]
