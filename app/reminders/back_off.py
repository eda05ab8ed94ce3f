"""Reminders nobody answers become rarer, and end with one question in the app. Pure.

An occurrence is ignored when it was sent or shown, and was neither opened nor acted upon nor followed by
a log entry before the next one. 3 in a row: every second day. 7: weekly. 4 weekly ones more: none, until
the patient is asked once, in the app. Any entry, opening, action or change of a reminder starts afresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class BackOff(StrEnum):
    """How often a reminder still comes. STOPPED: not at all, the app asks whether it should go on."""

    NONE = "none"
    EVERY_SECOND_DAY = "every_second_day"
    WEEKLY = "weekly"
    STOPPED = "stopped"


RARER_AFTER = 3
WEEKLY_AFTER = 7
STOPPED_AFTER = WEEKLY_AFTER + 4
_EVERY = {BackOff.EVERY_SECOND_DAY: timedelta(days=2), BackOff.WEEKLY: timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Ignored:
    """How many occurrences in a row nobody answered, and the calendar day of the last of them."""

    in_a_row: int = 0
    last_day: date | None = None

    @property
    def back_off(self) -> BackOff:
        if self.in_a_row < RARER_AFTER:
            return BackOff.NONE
        if self.in_a_row < WEEKLY_AFTER:
            return BackOff.EVERY_SECOND_DAY
        return BackOff.WEEKLY if self.in_a_row < STOPPED_AFTER else BackOff.STOPPED

    def rests_on(self, day: date) -> bool:
        """Whether a reminder that was ignored so often stays silent on `day`."""
        match self.back_off:
            case BackOff.NONE:
                return False
            case BackOff.STOPPED:
                return True
            case rarer:
                return self.last_day is not None and day < self.last_day + _EVERY[rarer]
