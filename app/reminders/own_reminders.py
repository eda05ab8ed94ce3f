"""A patient's reminders as the patient sees them, with the next times at which each can really arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time
from itertools import zip_longest
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.aftercare import StepKind
from app.models.daily_log import day_on
from app.models.patient import Patient, PatientProfile
from app.models.reminder import Reminder, ReminderKind, Weekday
from app.reminders.back_off import BackOff, Ignored
from app.reminders.decide import APART, RANK, Suppression
from app.reminders.forecast import Asking, Coming, Outset, what_comes
from app.reminders.habit import Asks
from app.reminders.ignored import ignored_of
from app.reminders.of_the_plan import Stand, foretold
from app.reminders.plan import plan_for
from app.reminders.sent_lately import sent_lately
from app.reminders.situation import last_glasses
from app.reminders.steps import steps_to_come

SHOWN_AHEAD = 3


@dataclass(frozen=True, slots=True)
class OwnReminder:
    """A reminder as its patient sees it. `next` are the next instants at which it arrives, unless it is
    answered by then; without any within four weeks, `held_back_by` says what keeps them all away.

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
    held_back_by: Suppression | None = None
    plan_item: str | None = None


def reminders_of(db: Session, patient: PatientProfile, now: datetime) -> list[OwnReminder]:
    """The patient's reminders, the oldest first."""
    return as_seen(db, stored_reminders(db, patient.id), patient, now)


def reminders_and_others(
    db: Session, patient: PatientProfile, now: datetime
) -> tuple[list[OwnReminder], list[OwnReminder]]:
    """The patient's reminders, the oldest first, and what comes beside them: the steps after a session from
    today on, and what plans written for later will bring along."""
    own, later = stored_reminders(db, patient.id), foretold(db, patient, now)
    there = {one.id for one in own}
    new = {one.id: one for stand in later for one in stand.reminders if _is_on(one) and one.id not in there}
    shown = [*own, *_steps_to_come(db, patient, now), *new.values()]
    seen = _all_as_seen(db, shown, patient, own, later, now)
    return seen[: len(own)], seen[len(own) :]


def gives_way_to(own: OwnReminder, others: Sequence[OwnReminder]) -> OwnReminder | None:
    """The more important or earlier reminder that comes so close to this one that only that one is sent.

    Water is paced over the day, so one of its times more or less is nothing to speak of.
    """
    if own.kind is ReminderKind.WATER:
        return None
    return next((other for other in others if other.next and _is_in_the_way(other, own)), None)


def _is_in_the_way(other: OwnReminder, own: OwnReminder) -> bool:
    if set(other.days).isdisjoint(own.days):
        return False
    gaps = [_minutes(one) - _minutes(slot) for one in other.times for slot in own.times]
    close = [gap for gap in gaps if abs(gap) < APART.total_seconds() / 60]
    if RANK[other.kind] == RANK[own.kind]:
        return any(gap < 0 or (gap == 0 and other.id < own.id) for gap in close)
    return RANK[other.kind] < RANK[own.kind] and bool(close)


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


def stopped_reminders(db: Session, patient_id: UUID) -> list[Reminder]:
    """Those that have stopped because nobody answered: the app asks about each whether it should go on."""
    on = [one for one in stored_reminders(db, patient_id) if one.switched_off_at is None]
    ignored = ignored_of(db, [one.id for one in on])
    return [one for one in on if ignored[one.id].back_off is BackOff.STOPPED]


def paused_until_of(db: Session, patient_id: UUID) -> datetime | None:
    return db.scalar(select(col(Patient.reminders_paused_until)).where(col(Patient.id) == patient_id))


def as_seen(
    db: Session, reminders: Sequence[Reminder], patient: PatientProfile, now: datetime
) -> list[OwnReminder]:
    """These reminders of one patient, in the order given."""
    stored, later = stored_reminders(db, patient.id), foretold(db, patient, now)
    return _all_as_seen(db, reminders, patient, stored, later, now)


def _all_as_seen(
    db: Session,
    reminders: Sequence[Reminder],
    patient: PatientProfile,
    stored: Sequence[Reminder],
    later: Sequence[Stand],
    now: datetime,
) -> list[OwnReminder]:
    ignored = ignored_of(db, [one.id for one in (*reminders, *stored)])
    coming = _what_comes(db, patient, stored, later, ignored, now)
    return [
        _as_seen(one, ignored.get(one.id, Ignored()).back_off, coming.get(one.id, Coming([])), now)
        for one in reminders
    ]


def _what_comes(
    db: Session,
    patient: PatientProfile,
    stored: Sequence[Reminder],
    later: Sequence[Stand],
    ignored: Mapping[UUID, Ignored],
    now: datetime,
) -> dict[UUID, Coming]:
    steps = _steps_to_come(db, patient, now)
    askings = [_asking(one, patient, Ignored()) for one in steps if one.due_at is not None]
    for stand, following in zip_longest((Stand(None, stored), *later), later):
        until = following.since if following else None
        askings += [
            replace(_asking(one, patient, ignored.get(one.id, Ignored())), since=stand.since, until=until)
            for one in stand.reminders
            if _is_on(one)
        ]
    return what_comes(askings, _outset(db, patient, steps, now), SHOWN_AHEAD)


def _steps_to_come(db: Session, patient: PatientProfile, now: datetime) -> Sequence[Reminder]:
    to_come = steps_to_come(db, patient.id, patient.day_at(now))
    return db.scalars(select(Reminder).where(col(Reminder.id).in_(to_come))).all()


def _is_on(reminder: Reminder) -> bool:
    is_arranged = reminder.session_id is None and reminder.removed_at is None
    return is_arranged and reminder.switched_off_at is None


def _asking(reminder: Reminder, patient: PatientProfile, ignored: Ignored) -> Asking:
    step = StepKind(reminder.step) if reminder.step else None
    asks = Asks(reminder.plan_item, reminder.target)
    return Asking(reminder.id, plan_for(reminder, patient), ignored, asks, step)


def _outset(db: Session, patient: PatientProfile, steps: Sequence[Reminder], now: datetime) -> Outset:
    settings, today = db.get_one(Patient, patient.id), patient.day_at(now)
    paused_until, logged = settings.reminders_paused_until, day_on(db, patient.id, today)
    return Outset(
        since=max(now, paused_until) if paused_until else now,
        today=today,
        a_day=settings.reminders_a_day,
        logged=asdict(logged) if logged else {},
        last_glass_at=last_glasses(db, {(patient.id, today)}).get((patient.id, today)),
        sent=sent_lately(db, [patient.id], now)[patient.id],
        aftercare_days=frozenset(step.on_day for step in steps if step.on_day),
    )


def _as_seen(reminder: Reminder, back_off: BackOff, coming: Coming, now: datetime) -> OwnReminder:
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
        back_off=back_off if is_on else BackOff.NONE,
        next=coming.next if is_on else [],
        held_back_by=coming.held_back_by if is_on else None,
        plan_item=reminder.plan_item,
    )
