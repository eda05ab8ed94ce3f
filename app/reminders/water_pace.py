"""How far a glass of water can wait. Pure.

The target is spread evenly over the waking window. Every glass spreads what is left anew over the time
that is left, so somebody who drinks early is left alone longer, and somebody who drinks late is not
hurried for glasses already missed. A glass is due when by this pace a whole one is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SILENT_BEFORE_NIGHT = timedelta(hours=2)
"""Nobody is asked to drink shortly before going to bed."""


@dataclass(frozen=True, slots=True)
class WaterPace:
    """Glasses to drink from `start` (the end of quiet hours) until `end`, two hours before the next ones."""

    start: datetime
    end: datetime
    target: int

    @classmethod
    def awake(cls, up: datetime, night: datetime, target: int) -> WaterPace:
        """The pace of a day on which quiet hours end at `up` and begin again at `night`."""
        return cls(up, night - SILENT_BEFORE_NIGHT, target)

    def next_glass_at(self, glasses: int, last_glass_at: datetime | None) -> datetime | None:
        """When the next glass is missing after `glasses`, the last of them drunk at `last_glass_at`.

        None when there is no more to drink, or no time to drink it in.
        """
        since = self.start if last_glass_at is None else max(self.start, last_glass_at)
        left = self.target - glasses
        if left <= 0 or since >= self.end:
            return None
        return since + (self.end - since) / left

    def is_behind(self, glasses: int, last_glass_at: datetime | None, now: datetime) -> bool:
        """Whether a whole glass or more is missing at `now`, while there is still time to drink it."""
        missing_at = self.next_glass_at(glasses, last_glass_at)
        return missing_at is not None and missing_at <= now < self.end
