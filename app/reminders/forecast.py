"""The times that can be promised: what the days to come bring, by the rules that decide at fire time. Pure.

On these days nothing is logged, paused or changed. Whether the patient opens what comes decides how often
it comes again, so a time is promised when the reminder comes then in both cases: all opened, and none.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain, islice
from typing import Any
from uuid import UUID

from app.clock import local_time
from app.models.aftercare import StepKind
from app.models.reminder import ReminderKind
from app.reminders.back_off import BackOff, Ignored
from app.reminders.decide import RANK, Situation, Suppression, decide
from app.reminders.habit import USUAL, Asks
from app.reminders.plan import Planned, ReminderPlan, coming_up, pace_at
from app.reminders.promised import SCHEDULED_FROM, Promised, still_to_come
from app.reminders.sent_lately import SENT_WITHIN, Sent, others_at

LOOKS_AHEAD = (timedelta(days=4), timedelta(days=29))
"""Most reminders come three times within the first; one that comes weekly needs the second."""
MOMENTS_LOOKED_AT = 2000
"""Of somebody with forty reminders of twelve times each, the first days have to do."""
_TELLING = (
    Suppression.BACKED_OFF,
    Suppression.SPACING,
    Suppression.DAILY_CAP,
    Suppression.ON_PACE,
    Suppression.QUIET_HOURS,
)
"""Reasons that can keep all of a reminder's times away, the one that tells most first."""

Standings = Mapping[UUID, Ignored]
Reply = Callable[[Standings, UUID, Planned], Standings]
"""How often in a row each reminder was ignored, once one more of one of them was sent."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A reminder with what decides about its next times; `step` is what one after a session is about."""

    id: UUID
    plan: ReminderPlan
    ignored: Ignored = field(default_factory=Ignored)
    asks: Asks = USUAL
    step: StepKind | None = None

    @property
    def rank(self) -> int:
        return RANK[self.plan.kind]


@dataclass(frozen=True, slots=True)
class Outset:
    """From where the patient's days to come begin: what is logged of the diary day `today`, what was sent
    lately, and on which calendar days the steps after a session come."""

    since: datetime
    today: date
    a_day: int
    logged: Mapping[str, Any] = field(default_factory=dict)
    last_glass_at: datetime | None = None
    sent: Sequence[Sent] = ()
    aftercare_days: frozenset[date] = frozenset()

    def logged_on(self, day: date) -> Mapping[str, Any]:
        return self.logged if day == self.today else {}


@dataclass(frozen=True, slots=True)
class Coming:
    """The next instants at which a reminder comes; without any, what keeps them all away."""

    next: list[datetime]
    held_back_by: Suppression | None = None


def what_comes(askings: Sequence[Asking], outset: Outset, count: int) -> dict[UUID, Coming]:
    """The next `count` instants of each reminder, fewer when there are not so many within four weeks."""
    coming: dict[UUID, Coming] = {}
    for ahead in LOOKS_AHEAD:
        days = [_lived_through(askings, outset, outset.since + ahead, reply) for reply in (_open, _ignore)]
        coming = {asking.id: _in_all(days, asking, count) for asking in askings}
        if all(len(one.next) == count for one in coming.values()):
            break
    return coming


def _open(ignored: Standings, _id: UUID, _sent: Planned) -> Standings:
    return dict.fromkeys(ignored, Ignored())


def _ignore(ignored: Standings, reminder_id: UUID, sent: Planned) -> Standings:
    if sent.put_off:
        return ignored
    once_more = Ignored(ignored[reminder_id].in_a_row + 1, sent.occurrence.day)
    return {**ignored, reminder_id: once_more}


@dataclass(slots=True)
class _Days:
    """The days to come while they are lived through."""

    outset: Outset
    sent: list[Sent]
    ignored: Standings
    came: defaultdict[UUID, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    held_back: defaultdict[UUID, set[Suppression]] = field(default_factory=lambda: defaultdict(set))

    def situation(self, asking: Asking, planned: Planned, others: Sequence[Asking]) -> Situation:
        plan, at, day = asking.plan, planned.occurrence.instant, planned.counts_for
        zone, is_water = plan.schedule.zone, plan.kind is ReminderKind.WATER
        promised = chain.from_iterable(self._promised(other, day, at) for other in others)
        return Situation(
            kind=plan.kind,
            day=planned.occurrence.day,
            valid_until=planned.valid_until,
            is_on=True,
            zone=zone,
            quiet=plan.quiet,
            paused_until=None,
            logged=self.outset.logged_on(day),
            devices=1,
            put_off=planned.put_off,
            a_day=self.outset.a_day,
            others=others_at(at, zone, asking.rank, self.sent, promised),
            ignored=self.ignored[asking.id],
            pace=pace_at(at, plan.quiet, zone, asking.asks.target) if is_water else None,
            last_glass_at=self.outset.last_glass_at if day == self.outset.today else None,
            step=asking.step,
            is_aftercare_day=planned.occurrence.day in self.outset.aftercare_days,
            asks=asking.asks,
        )

    def _promised(self, other: Asking, day: date, at: datetime) -> Sequence[Promised]:
        if other.rank >= SCHEDULED_FROM:
            logged, ignored = self.outset.logged_on(day), self.ignored[other.id]
            return still_to_come(other.plan, other.asks, logged, ignored, at)
        today = local_time(at, other.plan.schedule.zone).date()
        tomorrow = at + timedelta(days=1)
        return [
            Promised(other.rank, one.occurrence.instant)
            for one in coming_up(other.plan, at, tomorrow)
            if one.occurrence.day == today
        ]

    def send(self, asking: Asking, planned: Planned, reply: Reply) -> None:
        occurrence = planned.occurrence
        at, occasion = occurrence.instant, (asking.id, occurrence.day, occurrence.slot)
        self.came[asking.id].append(at)
        self.sent = [one for one in self.sent if one.at > at - SENT_WITHIN]
        self.sent.append(Sent(occasion, at, planned.put_off))
        self.ignored = reply(self.ignored, asking.id, planned)


def _lived_through(askings: Sequence[Asking], outset: Outset, until: datetime, reply: Reply) -> _Days:
    days = _Days(outset, list(outset.sent), {asking.id: asking.ignored for asking in askings})
    above = {rank: [one for one in askings if one.rank < rank] for rank in set(RANK.values())}
    for asking, planned in islice(_moments(askings, outset.since, until), MOMENTS_LOOKED_AT):
        situation = days.situation(asking, planned, above[asking.rank])
        reason = decide(situation, planned.occurrence.instant)
        if reason is None:
            days.send(asking, planned, reply)
        else:
            days.held_back[asking.id].add(reason)
    return days


def _moments(askings: Sequence[Asking], since: datetime, until: datetime) -> Iterator[tuple[Asking, Planned]]:
    """What falls due, in the order in which it is decided."""
    each = ([(one, planned) for planned in coming_up(one.plan, since, until)] for one in askings)
    return heapq.merge(*each, key=lambda due: (due[1].occurrence.instant, due[0].rank, due[0].id))


def _in_all(days: Sequence[_Days], asking: Asking, count: int) -> Coming:
    instants = set.intersection(*(set(one.came[asking.id]) for one in days))
    reasons = set.union(*(one.held_back[asking.id] for one in days))
    if asking.ignored.back_off is not BackOff.STOPPED:
        reasons.discard(Suppression.BACKED_OFF)
    telling = next((reason for reason in _TELLING if reason in reasons), None)
    return Coming(sorted(instants)[:count], None if instants else telling)
