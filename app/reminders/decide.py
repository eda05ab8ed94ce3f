"""Send, or suppress with the reason. Decided when a reminder is due, from plain values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from app.clock import local_time
from app.models.aftercare import StepKind
from app.models.home_care import WATER
from app.models.patient import REMINDERS_A_DAY
from app.models.reminder import ReminderKind
from app.reminders.back_off import Ignored
from app.reminders.habit import ANSWERED, USUAL, Asks, habit_state
from app.reminders.water_pace import WaterPace

VALID_FOR = {
    ReminderKind.CHECK_IN: timedelta(hours=3),
    ReminderKind.WATER: timedelta(hours=1),
    ReminderKind.STRETCH: timedelta(hours=2),
    ReminderKind.EXERCISE: timedelta(hours=2),
    ReminderKind.SLEEP: timedelta(hours=1),
    ReminderKind.CUSTOM: timedelta(hours=2),
    ReminderKind.AFTERCARE: timedelta(hours=3),
}
"""How long a reminder still makes sense; quiet hours and the next occurrence end it sooner."""

RANK: dict[str, int] = {
    ReminderKind.AFTERCARE: 0,
    ReminderKind.CHECK_IN: 1,
    ReminderKind.STRETCH: 2,
    ReminderKind.EXERCISE: 2,
    ReminderKind.SLEEP: 2,
    ReminderKind.CUSTOM: 2,
    ReminderKind.WATER: 3,
}
"""Who goes first when not all can be sent, the lowest first."""

REPLACED_BY_AFTERCARE = frozenset(
    {ReminderKind.WATER, ReminderKind.STRETCH, ReminderKind.EXERCISE, ReminderKind.SLEEP}
)
"""The usual habits, which rest on days with steps after a session. One's own words are nobody else's."""
_ASKED_LIKE = {StepKind.STRETCH: ReminderKind.STRETCH, StepKind.COMPARE: ReminderKind.CHECK_IN}
"""Steps that the log of the day can already hold the answer to."""

APART = timedelta(hours=2)
"""At most one reminder is sent in this time."""
_LAG = timedelta(seconds=30)
"""A worker may take so long to get to a reminder; two that are two hours apart stay so."""


class Suppression(StrEnum):
    """Why an occurrence was not sent."""

    EXPIRED = "expired"
    REVOKED = "revoked"
    PAUSED = "paused"
    ALREADY_DONE = "already_done"
    FLARE = "flare"
    AFTERCARE = "aftercare"
    QUIET_HOURS = "quiet_hours"
    BACKED_OFF = "backed_off"
    ON_PACE = "on_pace"
    NO_DEVICE = "no_device"
    DAILY_CAP = "daily_cap"
    SPACING = "spacing"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one wall-clock time until another, across midnight when `since` is later than `until`.

    Equal times mean there are none.
    """

    since: time
    until: time

    def cover(self, at: time) -> bool:
        if self.since <= self.until:
            return self.since <= at < self.until
        return at >= self.since or at < self.until


@dataclass(frozen=True, slots=True)
class Others:
    """The patient's other reminders, all kinds together; one on several devices is one.

    `sent_today` counts those of the patient's local day, `last_sent_at` is the latest of any day.
    `promised_today` counts those of a higher rank that are still to come before midnight, the first of
    them at `promised_at`: what ranks below them must leave room.
    """

    sent_today: int = 0
    last_sent_at: datetime | None = None
    promised_today: int = 0
    promised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when an occurrence is due.

    `day` is its calendar day; `logged` is the diary day it asks about, as measures, empty when nothing is
    logged. `put_off` says that the patient asked for it at this time, `begun` that it was already sent to
    this or another device, or tried: neither is held back by the patient's other reminders.
    `pace` is known for water only, `last_glass_at` when a glass was logged.
    `step` is what an aftercare reminder is about; `is_aftercare_day` says that such steps come on this day.
    `asks` is what the plan in force asks of this reminder.
    """

    kind: ReminderKind
    day: date
    valid_until: datetime
    is_on: bool
    zone: str
    quiet: QuietHours
    paused_until: datetime | None
    logged: Mapping[str, Any]
    devices: int
    put_off: bool = False
    begun: bool = False
    a_day: int = REMINDERS_A_DAY
    others: Others = field(default_factory=Others)
    ignored: Ignored = field(default_factory=Ignored)
    pace: WaterPace | None = None
    last_glass_at: datetime | None = None
    step: StepKind | None = None
    is_aftercare_day: bool = False
    asks: Asks = USUAL


def decide(situation: Situation, now: datetime) -> Suppression | None:
    """None to send now, else why not. The first reason that holds is the one on record."""
    return next((reason for reason, holds in _REASONS if holds(situation, now)), None)


def is_answered(kind: ReminderKind, logged: Mapping[str, Any], asks: Asks = USUAL) -> bool:
    """Whether the day already holds an answer to a reminder of this kind, be it a no."""
    return habit_state(kind, logged, asks) in ANSWERED


def is_spared(kind: ReminderKind, logged: Mapping[str, Any], step: StepKind | None = None) -> bool:
    """On a bad day nobody is asked to do anything; how the day or the session was is still asked."""
    is_question = kind is ReminderKind.CHECK_IN or (step is not None and step.asks)
    return not is_question and logged.get("bad_day") is True


def comes_to_nothing(step: StepKind, logged: Mapping[str, Any]) -> bool:
    """Whether what is logged of its day holds a step after a session back."""
    asked = _ASKED_LIKE.get(step, ReminderKind.AFTERCARE)
    return is_answered(asked, logged) or is_spared(ReminderKind.AFTERCARE, logged, step)


def are_too_close(one: datetime, other: datetime) -> bool:
    """Whether only one reminder may be sent at these two instants."""
    return abs(one - other) < APART - _LAG


def _is_expired(situation: Situation, now: datetime) -> bool:
    return now >= situation.valid_until


def _is_revoked(situation: Situation, _now: datetime) -> bool:
    return not situation.is_on


def _is_paused(situation: Situation, now: datetime) -> bool:
    return situation.paused_until is not None and now < situation.paused_until


def _is_answered(situation: Situation, _now: datetime) -> bool:
    asked = _ASKED_LIKE.get(situation.step, situation.kind) if situation.step else situation.kind
    return is_answered(asked, situation.logged, situation.asks)


def _is_flare(situation: Situation, _now: datetime) -> bool:
    return is_spared(situation.kind, situation.logged, situation.step)


def _is_replaced(situation: Situation, _now: datetime) -> bool:
    """The steps after a session come in place of the usual habits of that day."""
    is_habit = situation.kind in REPLACED_BY_AFTERCARE
    return is_habit and situation.is_aftercare_day and not _was_promised(situation)


def _is_quiet(situation: Situation, now: datetime) -> bool:
    return situation.quiet.cover(local_time(now, situation.zone).time())


def _rests(situation: Situation, _now: datetime) -> bool:
    return not _was_promised(situation) and situation.ignored.rests_on(situation.day)


def _is_on_pace(situation: Situation, now: datetime) -> bool:
    """Water somebody put off comes when they said, other water when a glass is missing."""
    if situation.pace is None or situation.put_off:
        return False
    glasses = situation.logged.get(WATER.measure) or 0
    return not situation.pace.is_behind(glasses, situation.last_glass_at, now)


def _has_no_device(situation: Situation, _now: datetime) -> bool:
    return situation.devices == 0


def _is_one_too_many(situation: Situation, _now: datetime) -> bool:
    others = situation.others
    return not _was_promised(situation) and others.sent_today + others.promised_today >= situation.a_day


def _is_too_close(situation: Situation, now: datetime) -> bool:
    others = situation.others
    after = others.last_sent_at is not None and now < others.last_sent_at + APART - _LAG
    before = others.promised_at is not None and are_too_close(now, others.promised_at)
    return not _was_promised(situation) and (after or before)


def _was_promised(situation: Situation) -> bool:
    return situation.put_off or situation.begun


_REASONS: tuple[tuple[Suppression, Callable[[Situation, datetime], bool]], ...] = (
    (Suppression.EXPIRED, _is_expired),
    (Suppression.REVOKED, _is_revoked),
    (Suppression.PAUSED, _is_paused),
    (Suppression.ALREADY_DONE, _is_answered),
    (Suppression.FLARE, _is_flare),
    (Suppression.AFTERCARE, _is_replaced),
    (Suppression.QUIET_HOURS, _is_quiet),
    (Suppression.BACKED_OFF, _rests),
    (Suppression.ON_PACE, _is_on_pace),
    (Suppression.NO_DEVICE, _has_no_device),
    (Suppression.DAILY_CAP, _is_one_too_many),
    (Suppression.SPACING, _is_too_close),
)
