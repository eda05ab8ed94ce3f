"""What is still to come today of a higher rank, so that what ranks below it leaves room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from app.clock import local_time
from app.models.reminder import Reminder, ReminderKind
from app.reminders.back_off import Ignored
from app.reminders.decide import RANK, QuietHours, are_too_close, is_answered
from app.reminders.free import FreeDelivery
from app.reminders.given import given_ids, ids_of
from app.reminders.habit import Asks
from app.reminders.plan import ReminderPlan, plan_of
from app.reminders.schedule import Occurrence, instant_of, occurrences_between

_REMINDER = Reminder.__table__  # type: ignore[attr-defined]
SCHEDULED_FROM = RANK[ReminderKind.CHECK_IN]
"""What ranks higher are steps after a session, which have their one instant and no schedule."""


@dataclass(frozen=True, slots=True)
class Promised:
    """An occurrence that is still to come, at an instant in the patient's present day."""

    rank: int
    at: datetime


def that_will_come(promised: Iterable[Promised], last_sent_at: datetime | None) -> list[datetime]:
    """The instants at which these are really sent: of two that are too close the more important one, and
    of equal ones the earlier. The others will be held back, so nobody needs to leave room for them."""
    coming = [last_sent_at] if last_sent_at else []
    kept: list[datetime] = []
    for one in sorted(promised, key=lambda one: (one.rank, one.at)):
        if not any(are_too_close(one.at, other) for other in coming):
            coming.append(one.at)
            kept.append(one.at)
    return kept


def reminders_above(db: Session, free: Sequence[FreeDelivery]) -> Sequence[Row[Any]]:
    """The reminders of these patients that rank above the lowest of what they are due for."""
    lowest = max((RANK.get(row.kind, 0) for row in free), default=0)
    above = [kind for kind, rank in RANK.items() if SCHEDULED_FROM <= rank < lowest]
    patients = {row.account_id for row in free if RANK.get(row.kind, 0) > SCHEDULED_FROM}
    if not above or not patients:
        return []
    return db.execute(_TO_COME, {"patients": ids_of(patients), "above": above}).all()


_TO_COME = select(
    _REMINDER.c["id", "patient_id", "kind", "times", "days", "due_at", "plan_item", "target"]
).where(
    _REMINDER.c.patient_id.in_(given_ids("patients")),
    _REMINDER.c.kind.in_(bindparam("above", expanding=True)),
    _REMINDER.c.due_at.is_not(None),
)


def promised_by(
    reminder: Row[Any], patient: FreeDelivery, logged: Mapping[str, Any], ignored: Ignored, now: datetime
) -> list[Promised]:
    """What this reminder still has to ask today; nothing when it is answered, rests or would be quiet.

    `patient` is any delivery of that patient.
    """
    kind, quiet = ReminderKind(reminder.kind), QuietHours(patient.quiet_from, patient.quiet_until)
    try:
        plan = plan_of(kind, reminder.times, reminder.days, patient.zone, quiet, patient.day_starts_at)
    except (ValueError, KeyError):
        return []
    asks = Asks(reminder.plan_item, reminder.target)
    overdue = [Promised(RANK[kind], now)] if reminder.due_at <= now else []
    to_come = still_to_come(plan, asks, logged, ignored, now)
    return [] if is_answered(kind, logged, asks) else overdue + to_come


def still_to_come(
    plan: ReminderPlan, asks: Asks, logged: Mapping[str, Any], ignored: Ignored, now: datetime
) -> list[Promised]:
    """What a plan still has to ask from `now` until midnight."""
    if is_answered(plan.kind, logged, asks):
        return []
    rank, loud = RANK[plan.kind], loud_on(plan, local_time(now, plan.schedule.zone).date())
    return [
        Promised(rank, one.instant) for one in loud if one.instant > now and not ignored.rests_on(one.day)
    ]


# Each reminder of a patient is asked for at each time of those that rank below it.
@lru_cache(maxsize=4096)
def loud_on(plan: ReminderPlan, day: date) -> tuple[Occurrence, ...]:
    """What a plan has until the end of this local day and outside quiet hours."""
    zone, quiet = plan.schedule.zone, plan.quiet
    begins = instant_of(day, time(), zone) or instant_of(day + timedelta(days=1), time(), zone)
    if begins is None:
        return ()
    coming = occurrences_between(plan.schedule, begins - timedelta(seconds=1), _midnight_after(begins, zone))
    return tuple(one for one in coming if not quiet.cover(local_time(one.instant, zone).time()))


def _midnight_after(now: datetime, zone: str) -> datetime:
    tomorrow = local_time(now, zone).date() + timedelta(days=1)
    midnight = instant_of(tomorrow, time(), zone) or instant_of(tomorrow + timedelta(days=1), time(), zone)
    return midnight or now + timedelta(days=1)
