"""A patient's reminders as the patient sees them, with the next times at which each can really arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.daily_log import day_on
from app.models.patient import Patient, PatientProfile
from app.models.reminder import Reminder, ReminderKind, Weekday
from app.reminders.back_off import BackOff, Ignored
from app.reminders.decide import APART, RANK, REPLACED_BY_AFTERCARE, QuietHours, is_answered, is_spared
from app.reminders.habit import Asks
from app.reminders.ignored import ignored_of
from app.reminders.plan import ReminderPlan, next_times, plan_of

SHOWN_AHEAD = 3


@dataclass(frozen=True, slots=True)
class OwnReminder:
    """A reminder as its patient sees it. `next` are the next instants at which it can really arrive.

    `back_off` says how rarely it comes because nobody answered. `stopped` is a question for the app to ask
    once: should it go on? Switching it on again says yes, and so does any entry; switching it off says no.
    `plan_item` is the item of the home-care plan it exists for, None for one of the patient's own.
    """

    id: UUID
    kind: ReminderKind
    times: list[str]
    days: list[Weekday]
    on: bool
    text: str | None
    snoozed_until: datetime | None
    back_off: BackOff
    next: list[datetime]
    plan_item: str | None = None


def reminders_of(db: Session, patient: PatientProfile, now: datetime) -> list[OwnReminder]:
    """The patient's reminders, the oldest first."""
    return as_seen(db, stored_reminders(db, patient.id), patient, now)


def gives_way_to(own: OwnReminder, others: Sequence[OwnReminder]) -> OwnReminder | None:
    """The more important reminder that comes so close to this one that only that one is sent.

    Water is paced over the day, so one of its times more or less is nothing to speak of.
    """
    if own.kind is ReminderKind.WATER:
        return None
    return next((other for other in others if _is_in_the_way(other, own)), None)


def _is_in_the_way(other: OwnReminder, own: OwnReminder) -> bool:
    is_above = other.on and RANK[other.kind] < RANK[own.kind]
    return is_above and not set(other.days).isdisjoint(own.days) and _are_close(other.times, own.times)


def _are_close(some: Sequence[str], others: Sequence[str]) -> bool:
    gaps = (abs(_minutes(one) - _minutes(other)) for one in some for other in others)
    return any(gap < APART.total_seconds() / 60 for gap in gaps)


def _minutes(slot: str) -> int:
    at = time.fromisoformat(slot)
    return at.hour * 60 + at.minute


def stored_reminders(db: Session, patient_id: UUID) -> Sequence[Reminder]:
    """What the patient arranged; the steps after a session are not among them."""
    return db.scalars(
        select(Reminder)
        .where(
            col(Reminder.patient_id) == patient_id,
            col(Reminder.session_id).is_(None),
            col(Reminder.removed_at).is_(None),
        )
        .order_by(col(Reminder.created_at), col(Reminder.id))
    ).all()


def paused_until_of(db: Session, patient_id: UUID) -> datetime | None:
    return db.scalar(select(col(Patient.reminders_paused_until)).where(col(Patient.id) == patient_id))


def plan_for(reminder: Reminder, patient: PatientProfile) -> ReminderPlan:
    return plan_of(
        reminder.kind,
        reminder.times,
        reminder.days,
        patient.zone,
        QuietHours(patient.quiet_from, patient.quiet_until),
        patient.day_starts_at,
        reminder.snoozed_until,
        reminder.snoozed_day,
        reminder.on_day,
    )


def as_seen(
    db: Session, reminders: Sequence[Reminder], patient: PatientProfile, now: datetime
) -> list[OwnReminder]:
    """These reminders of one patient, in the order given."""
    paused_until, today = paused_until_of(db, patient.id), patient.day_at(now)
    logged = day_on(db, patient.id, today)
    coming = _Coming(
        since=max(now, paused_until) if paused_until else now,
        today=today,
        logged=asdict(logged) if logged else {},
        ignored=ignored_of(db, [reminder.id for reminder in reminders]),
        aftercare_days=_aftercare_days(db, patient.id, today),
    )
    return [_as_seen(reminder, patient, coming, now) for reminder in reminders]


@dataclass(frozen=True, slots=True)
class _Coming:
    """What decides about the times to come: a pause, what is logged today, what was ignored, and the days
    on which the steps after a session come instead."""

    since: datetime
    today: date
    logged: Mapping[str, Any]
    ignored: Mapping[UUID, Ignored]
    aftercare_days: frozenset[date]

    def of(self, reminder: Reminder, patient: PatientProfile) -> list[datetime]:
        kind = ReminderKind(reminder.kind)
        asks = Asks(reminder.plan_item, reminder.target)
        nothing_today = is_answered(kind, self.logged, asks) or is_spared(kind, self.logged)
        return next_times(
            plan_for(reminder, patient),
            self.since,
            SHOWN_AHEAD,
            self.ignored[reminder.id],
            not_on=self.today if nothing_today else None,
            replaced_on=self.aftercare_days if kind in REPLACED_BY_AFTERCARE else (),
        )


def _aftercare_days(db: Session, patient_id: UUID, today: date) -> frozenset[date]:
    days = db.scalars(
        select(col(Reminder.on_day)).where(
            col(Reminder.patient_id) == patient_id,
            col(Reminder.on_day) >= today,
            col(Reminder.switched_off_at).is_(None),
        )
    )
    return frozenset(day for day in days if day is not None)


def _as_seen(reminder: Reminder, patient: PatientProfile, coming: _Coming, now: datetime) -> OwnReminder:
    is_on = reminder.switched_off_at is None
    snoozed = reminder.snoozed_until if reminder.snoozed_until and reminder.snoozed_until > now else None
    return OwnReminder(
        id=reminder.id,
        kind=ReminderKind(reminder.kind),
        times=list(reminder.times),
        days=[Weekday(day) for day in reminder.days],
        on=is_on,
        text=reminder.text,
        snoozed_until=snoozed if is_on else None,
        back_off=coming.ignored[reminder.id].back_off if is_on else BackOff.NONE,
        next=coming.of(reminder, patient) if is_on else [],
        plan_item=reminder.plan_item,
    )
