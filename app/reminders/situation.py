"""Gather what deciding needs, for many free deliveries in a handful of statements, and decide them.

What is due for one patient is decided one after the other, the most important first, so that the daily
cap and the time between two hold within a batch; the lock on the patient makes them hold across workers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.clock import local_time
from app.models.daily_log import DailyLog, LogEntry
from app.models.home_care import WATER
from app.models.push import TEST
from app.models.reminder import ReminderKind
from app.reminders.back_off import Ignored
from app.reminders.decide import RANK, Others, QuietHours, Situation, Suppression, decide
from app.reminders.free import FreeDelivery
from app.reminders.given import given_ids, ids_of
from app.reminders.habit import Asks
from app.reminders.ignored import ignored_of
from app.reminders.plan import pace_at
from app.reminders.promised import Promised, promised_by, reminders_above
from app.reminders.sent_lately import Occasion, Sent, others_at, sent_lately
from app.reminders.steps import Step, Steps, steps_around

log = structlog.get_logger()
_DAY = DailyLog.__table__  # type: ignore[attr-defined]
_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]


def decided(
    db: Session, free: Sequence[FreeDelivery], now: datetime
) -> Iterator[tuple[FreeDelivery, Suppression | None]]:
    """Each free delivery with the reason to hold it back, None to send it."""
    facts = _gathered(db, free, now)
    for row in sorted(free, key=importance):
        if row.kind == TEST:
            yield row, _decided_test(row, now)
            continue
        reason = _decided(facts, row, now)
        if reason is None:
            facts.sent[row.account_id].append(Sent(_occasion(row), now, row.put_off))
        yield row, reason


def importance(row: FreeDelivery) -> tuple[int, datetime, UUID]:
    """Of equals that are due together always the same one goes first, so that it can be promised."""
    return RANK.get(row.kind, 0), row.planned_at, row.reminder_id or row.id


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known about the patients, days and reminders of a batch."""

    logged: Mapping[tuple[UUID, date], Mapping[str, Any]]
    last_glass: Mapping[tuple[UUID, date], datetime]
    ignored: Mapping[UUID, Ignored]
    promised: Mapping[UUID, list[Promised]]
    steps: Steps
    sent: defaultdict[UUID, list[Sent]]

    def situation(self, row: FreeDelivery, now: datetime) -> Situation:
        quiet, kind = QuietHours(row.quiet_from, row.quiet_until), ReminderKind(row.kind)
        step = self.steps.of.get(row.reminder_id) if row.reminder_id else None
        about = row.account_id, row.counts_for
        is_water = kind is ReminderKind.WATER
        so_far = self.ignored.get(row.reminder_id) if row.reminder_id else None
        return Situation(
            kind=kind,
            day=row.day,
            valid_until=row.valid_until,
            is_on=row.is_on and _may_reach(kind, step, row),
            zone=row.zone,
            quiet=quiet,
            paused_until=row.reminders_paused_until,
            logged=self.logged.get(about, {}),
            devices=int(row.endpoint is not None),
            put_off=row.put_off,
            begun=row.attempts > 0 or self._is_begun(row),
            a_day=row.reminders_a_day,
            others=self._others(row, now),
            ignored=so_far or Ignored(),
            pace=pace_at(now, quiet, row.zone, row.target) if is_water else None,
            last_glass_at=self.last_glass.get(about),
            step=step.kind if step else None,
            is_aftercare_day=(row.account_id, row.day) in self.steps.days,
            asks=Asks(row.plan_item, row.target),
        )

    def _is_begun(self, row: FreeDelivery) -> bool:
        return any(sent.occasion == _occasion(row) for sent in self.sent[row.account_id])

    def _others(self, row: FreeDelivery, now: datetime) -> Others:
        today = local_time(now, row.zone).date()
        logged = self.logged.get((row.account_id, today), {})
        promised = [
            *self.promised.get(row.account_id, ()),
            *self.steps.promised_to(row.account_id, today, logged, now),
        ]
        return others_at(now, row.zone, RANK[row.kind], self.sent[row.account_id], promised)


_LOGGED_DAYS = select(_DAY).where(
    _DAY.c.patient_id.in_(given_ids("people")),
    _DAY.c.day.in_(bindparam("days", expanding=True)),
)
_LAST_GLASSES = (
    select(_ENTRY.c.patient_id, _ENTRY.c.day, func.max(_ENTRY.c.ordered_at))
    .where(
        _ENTRY.c.patient_id.in_(given_ids("people")),
        _ENTRY.c.day.in_(bindparam("days", expanding=True)),
        _ENTRY.c.content.contains(f'"{WATER.measure}":', autoescape=True),
    )
    .group_by(_ENTRY.c.patient_id, _ENTRY.c.day)
)


def _gathered(db: Session, free: Sequence[FreeDelivery], now: datetime) -> _Facts:
    about = {(row.account_id, row.counts_for) for row in free if row.kind != TEST}
    of_water = {(row.account_id, row.counts_for) for row in free if row.kind == ReminderKind.WATER}
    above = reminders_above(db, free)
    own = {row.reminder_id for row in free if row.reminder_id is not None}
    logged = _logged_days(db, about)
    ignored = ignored_of(db, own | {reminder.id for reminder in above})
    patients = {row.account_id: row for row in free}
    promised: defaultdict[UUID, list[Promised]] = defaultdict(list)
    for reminder in above:
        patient = patients[reminder.patient_id]
        today = logged.get((patient.account_id, patient.counts_for), {})
        so_far = ignored.get(reminder.id, Ignored())
        promised[reminder.patient_id].extend(promised_by(reminder, patient, today, so_far, now))
    sent, steps = sent_lately(db, {row.account_id for row in free}, now), steps_around(db, free, now)
    return _Facts(logged, last_glasses(db, of_water), ignored, promised, steps, sent)


def _logged_days(db: Session, about: set[tuple[UUID, date]]) -> dict[tuple[UUID, date], Mapping[str, Any]]:
    """What is logged on the days that free deliveries ask about."""
    rows = db.execute(_LOGGED_DAYS, _people_and_days(about)).mappings() if about else ()
    return {(row["patient_id"], row["day"]): dict(row) for row in rows}


def last_glasses(db: Session, about: set[tuple[UUID, date]]) -> dict[tuple[UUID, date], datetime]:
    """When something was last said about water on each of these days."""
    rows = db.execute(_LAST_GLASSES, _people_and_days(about)) if about else ()
    return {(patient_id, day): at for patient_id, day, at in rows}


def _people_and_days(about: set[tuple[UUID, date]]) -> dict[str, Any]:
    return {"people": ids_of({one for one, _day in about}), "days": list({day for _one, day in about})}


def _occasion(row: FreeDelivery) -> Occasion:
    return row.reminder_id, row.day, row.slot


def _decided(facts: _Facts, row: FreeDelivery, now: datetime) -> Suppression | None:
    try:
        return decide(facts.situation(row, now), now)
    except (ValueError, KeyError):
        # A zone that is gone, say after an upgrade of the system, must not stop everybody's reminders.
        log.error("reminders.undecidable", delivery=str(row.id))
        return Suppression.EXPIRED


def _decided_test(row: FreeDelivery, now: datetime) -> Suppression | None:
    """A test was asked for this minute, so neither the night nor a full diary holds it back."""
    if now >= row.valid_until:
        return Suppression.EXPIRED
    return None if row.endpoint is not None else Suppression.NO_DEVICE


def _may_reach(kind: ReminderKind, step: Step | None, row: FreeDelivery) -> bool:
    """A step comes from a therapist, who must still be let near this patient."""
    return kind is not ReminderKind.AFTERCARE or (step is not None and step.may_reach_on(row.counts_for))
