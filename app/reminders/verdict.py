"""What the answer of a push service means for one message. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from random import SystemRandom

BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
SHORTEST_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(hours=24)

RESTING = "push_service_resting"
"""The reason of a message that was not sent, because its push service is left alone just now."""
TOO_MANY = "too_many"
VAPID_REFUSED = "vapid_refused"

_chance = SystemRandom()


class Verdict(StrEnum):
    """ACCEPTED is not yet shown. RETRY may go out later, FAILED will not, and GONE ends the device too."""

    ACCEPTED = "accepted"
    RETRY = "retry"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a push service did with one message. `wait` is how long to leave it alone before a retry."""

    verdict: Verdict
    reason: str | None = None
    http_status: int | None = None
    wait: timedelta = timedelta()


def outcome_of(status: int, retry_after: str | None, attempt: int, now: datetime) -> Outcome:
    """What an HTTP status of a push service means. 2xx is accepted, which is not yet shown."""
    match status:
        case _ if 200 <= status < 300:
            return Outcome(Verdict.ACCEPTED, None, status)
        case 404 | 410:
            return Outcome(Verdict.GONE, "gone", status)
        case 401 | 403:
            return Outcome(Verdict.FAILED, VAPID_REFUSED, status)
        case 406 | 429:
            asked = _asked_wait(retry_after, now)
            return Outcome(Verdict.RETRY, TOO_MANY, status, asked or back_off(attempt))
        case _ if status in (408, 425) or status >= 500:
            return Outcome(Verdict.RETRY, "unavailable", status, back_off(attempt))
        case _ if 300 <= status < 400:
            return Outcome(Verdict.FAILED, "redirected", status)
        case _:
            return Outcome(Verdict.FAILED, "rejected", status)


def back_off(attempt: int) -> timedelta:
    """How long to wait before trying again, a little different every time. `attempt` counts from 1."""
    step = BACK_OFF[min(max(attempt, 1), len(BACK_OFF)) - 1]
    return step * _chance.uniform(0.8, 1.2)


def _asked_wait(retry_after: str | None, now: datetime) -> timedelta | None:
    """Retry-After, as seconds or as an HTTP date; None when there is none that can be understood."""
    if retry_after is None:
        return None
    if retry_after.strip().isascii() and retry_after.strip().isdigit():
        seconds = min(float(retry_after), LONGEST_WAIT.total_seconds())
        return max(timedelta(seconds=seconds), SHORTEST_WAIT)
    try:
        wait = parsedate_to_datetime(retry_after) - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)
