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
from itertools import chain, islice, takewhile
from typing import Any
from uuid import UUID

from app.clock import local_time
from app.models.aftercare import StepKind
from app.models.reminder import ReminderKind
from app.reminders.back_off import BackOff, Ignored
from app.reminders.decide import RANK, Situation, Suppression, comes_to_nothing, decide
from app.reminders.habit import USUAL, Asks
from app.reminders.plan import Planned, ReminderPlan, coming_up, pace_at
from app.reminders.promised import Promised, still_to_come
from app.reminders.sent_lately import SENT_WITHIN, Sent, others_at

LOOKS_AHEAD = timedelta(days=29)
"""A reminder that comes once a week comes three times within."""
MOMENTS_LOOKED_AT = 1500
"""Of somebody with forty reminders of twelve times each, three days have to do."""
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
    """A reminder with what decides about its next times; `step` is what one after a session is about.

    Where a coming version of the plan changes it, it stands so from `since`, and not any more at `until`.
    """

    id: UUID
    plan: ReminderPlan
    ignored: Ignored = field(default_factory=Ignored)
    asks: Asks = USUAL
    step: StepKind | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def rank(self) -> int:
        return RANK[self.plan.kind]

    def stands_at(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


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
    opened, ignored = _Days.from_now(askings, outset, _open), _Days.from_now(askings, outset, _ignore)
    found: dict[UUID, list[datetime]] = {asking.id: [] for asking in askings}
    waiting = set(found)
    for asking, planned in islice(_moments(askings, outset.since), MOMENTS_LOOKED_AT):
        come = [days.bring(asking, planned) for days in (opened, ignored)]
        if all(come):
            found[asking.id].append(planned.occurrence.instant)
        if len(found[asking.id]) >= count:
            waiting.discard(asking.id)
        if not waiting:
            break
    held_back = {one.id: opened.held_back[one.id] | ignored.held_back[one.id] for one in askings}
    return {one.id: _coming(one, found[one.id][:count], held_back[one.id]) for one in askings}


def _open(ignored: Standings, _id: UUID, _sent: Planned) -> Standings:
    return dict.fromkeys(ignored, Ignored())


def _ignore(ignored: Standings, reminder_id: UUID, sent: Planned) -> Standings:
    if sent.put_off:
        return ignored
    once_more = Ignored(ignored[reminder_id].in_a_row + 1, sent.occurrence.day)
    return {**ignored, reminder_id: once_more}


@dataclass(slots=True)
class _Days:
    """The days to come while they are lived through, by somebody who replies in one way."""

    outset: Outset
    reply: Reply
    above: Mapping[int, Sequence[Asking]]
    ignored: Standings
    sent: list[Sent]
    held_back: defaultdict[UUID, set[Suppression]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def from_now(cls, askings: Sequence[Asking], outset: Outset, reply: Reply) -> _Days:
        above = {rank: [one for one in askings if one.rank < rank] for rank in set(RANK.values())}
        return cls(outset, reply, above, {one.id: one.ignored for one in askings}, list(outset.sent))

    def bring(self, asking: Asking, planned: Planned) -> bool:
        """Decide what falls due next; whether it is sent."""
        reason = decide(self.situation(asking, planned), planned.occurrence.instant)
        if reason is not None:
            self.held_back[asking.id].add(reason)
            return False
        self._send(asking, planned)
        return True

    def situation(self, asking: Asking, planned: Planned) -> Situation:
        plan, at, day = asking.plan, planned.occurrence.instant, planned.counts_for
        zone, is_water = plan.schedule.zone, plan.kind is ReminderKind.WATER
        promised = chain.from_iterable(self._promised(other, day, at) for other in self.above[asking.rank])
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
        logged = self.outset.logged_on(day)
        if other.step is None:
            promised = still_to_come(other.plan, other.asks, logged, self.ignored[other.id], at)
            return [one for one in promised if other.stands_at(one.at)]
        if comes_to_nothing(other.step, logged):
            return []
        today = local_time(at, other.plan.schedule.zone).date()
        steps = takewhile(lambda one: one.occurrence.day <= today, coming_up(other.plan, at))
        return [Promised(other.rank, one.occurrence.instant) for one in steps]

    def _send(self, asking: Asking, planned: Planned) -> None:
        occurrence = planned.occurrence
        at, occasion = occurrence.instant, (asking.id, occurrence.day, occurrence.slot)
        self.sent = [one for one in self.sent if one.at > at - SENT_WITHIN]
        self.sent.append(Sent(occasion, at, planned.put_off))
        self.ignored = self.reply(self.ignored, asking.id, planned)


def _moments(askings: Sequence[Asking], since: datetime) -> Iterator[tuple[Asking, Planned]]:
    """What falls due, in the order in which it is decided."""
    each = (_moments_of(asking, since) for asking in askings)
    return heapq.merge(*each, key=lambda due: (due[1].occurrence.instant, due[0].rank, due[0].id))


def _moments_of(asking: Asking, since: datetime) -> Iterator[tuple[Asking, Planned]]:
    for planned in coming_up(asking.plan, since):
        if planned.occurrence.instant > since + LOOKS_AHEAD:
            return
        if asking.stands_at(planned.occurrence.instant):
            yield asking, planned


def _coming(asking: Asking, instants: list[datetime], reasons: set[Suppression]) -> Coming:
    if asking.ignored.back_off is not BackOff.STOPPED:
        reasons = reasons - {Suppression.BACKED_OFF}
    telling = next((reason for reason in _TELLING if reason in reasons), None)
    return Coming(instants, None if instants else telling)
