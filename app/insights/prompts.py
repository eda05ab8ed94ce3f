"""When to offer the static card on getting help: never a push, never told to the therapist.

Days are day numbers. Days filled in later are left out, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from statistics import fmean, median

_STRONG, _USUAL_AT_MOST, _ABOVE_USUAL = 8.0, 6.0, 3.0
_STILL_ABOVE = 2.0
_USUAL_OVER = 28
_MINUTES_AT_A_TIME = 20


class Prompt(StrEnum):
    """What the card is offered after."""

    HIGH_TWO_DAYS = "high_two_days"
    JUMP_OVER_USUAL = "jump_over_usual"
    SORENESS_NOT_SETTLING = "soreness_not_settling"
    HEAT_ICE_OVER_20 = "heat_ice_over_20"


def prompts(
    pain: Mapping[int, float], sessions: Collection[int], heat_or_ice: Mapping[int, float], today: int
) -> list[Prompt]:
    """`heat_or_ice` holds the longer of the two, in minutes of a day."""
    asked = {
        Prompt.HIGH_TWO_DAYS: _is_high_two_days(pain, today),
        Prompt.JUMP_OVER_USUAL: _jumps_over_usual(pain, today),
        Prompt.SORENESS_NOT_SETTLING: _is_not_settling(pain, sessions, today),
        Prompt.HEAT_ICE_OVER_20: any(
            heat_or_ice.get(day, 0) > _MINUTES_AT_A_TIME for day in _last_three(today)
        ),
    }
    return [prompt for prompt, applies in asked.items() if applies]


def _is_high_two_days(pain: Mapping[int, float], today: int) -> bool:
    usual = _usual(pain, today)
    strong = sum(pain.get(day, 0) >= _STRONG for day in _last_three(today))
    return usual is not None and usual <= _USUAL_AT_MOST and strong >= 2


def _jumps_over_usual(pain: Mapping[int, float], today: int) -> bool:
    """The last three logged days, however long ago, against what is usual now."""
    usual = _usual(pain, today)
    logged = sorted(day for day in pain if day <= today)[-3:]
    return usual is not None and len(logged) == 3 and all(pain[day] >= usual + _ABOVE_USUAL for day in logged)


def _is_not_settling(pain: Mapping[int, float], sessions: Collection[int], today: int) -> bool:
    """On days 4 to 6 after a session, whether or not another one was held since."""
    return any(_is_still_sore(pain, session, today) for session in sessions if 4 <= today - session <= 6)


def _is_still_sore(pain: Mapping[int, float], session: int, today: int) -> bool:
    """On every day logged from the fourth on, against the mean of the week before the session."""
    week_before = [pain[day] for day in range(session - 7, session) if day in pain]
    since = [pain[day] for day in range(session + 4, today + 1) if day in pain]
    return bool(week_before and since) and min(since) >= fmean(week_before) + _STILL_ABOVE


def _usual(pain: Mapping[int, float], today: int) -> float | None:
    """The median of the last 28 days."""
    known = [pain[day] for day in range(today - _USUAL_OVER + 1, today + 1) if day in pain]
    return median(known) if known else None


def _last_three(today: int) -> range:
    return range(today - 2, today + 1)
