"""Whatever somebody arranges, three days of it keep every promise, also when the clocks change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.patient import Patient, PatientProfile, note_answer, patient_profile
from app.models.push import Delivery
from app.models.reminder import ARRANGED, Reminder, ReminderIn, Weekday
from app.reminders.arrange import arrange
from app.reminders.decide import APART, QuietHours
from app.reminders.dispatch import claim_due, next_due_at
from app.reminders.outcomes import record_outcomes
from app.reminders.own_reminders import reminders_of
from app.reminders.plan import plan_for
from app.reminders.schedule import occurrences_between
from app.reminders.verdict import Outcome, Verdict
from builders import a_device, a_patient

START = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)
"""Two days before summer time starts in Europe."""
END = START + timedelta(days=3)
ACCEPTED = Outcome(Verdict.ACCEPTED, None, 201)

WALL_CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
ZONES = st.sampled_from(["Europe/Lisbon", "Europe/Athens", "America/New_York", "Australia/Lord_Howe"])
NIGHTS = st.builds(QuietHours, WALL_CLOCKS, WALL_CLOCKS) | st.just(QuietHours(time(21, 30), time(8, 0)))
WANTED = st.builds(
    lambda kind, times, days: ReminderIn(kind=kind, times=times, days=days),
    st.sampled_from(ARRANGED),
    st.lists(WALL_CLOCKS, min_size=1, max_size=4),
    st.lists(st.sampled_from(list(Weekday)), min_size=3, max_size=7, unique=True),
)


ANYTHING = given(
    wanted=st.lists(WANTED, min_size=1, max_size=6),
    zone=ZONES,
    night=NIGHTS,
    a_day=st.integers(1, 3),
    devices=st.integers(1, 2),
)
SOME_DAYS = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SOME_DAYS
@ANYTHING
def test_three_days_of_anything_keep_every_promise(
    db: Session, wanted: list[ReminderIn], zone: str, night: QuietHours, a_day: int, devices: int
) -> None:
    with db.begin_nested() as savepoint:
        ana = somebody(db, zone, night, a_day, devices)
        [arrange(db, ana, one, START) for one in wanted]
        live_through(db, nobody_answers)
        deliveries = list(db.scalars(select(Delivery)))
        sent = sorted({(d.claimed_at, d.reminder_id, d.day, d.slot) for d in deliveries if d.claimed_at})
        instants = [at for at, *_occasion in sent if at]
        local = [at.astimezone(ZoneInfo(zone)) for at in instants]
        assert all(later - earlier >= APART for earlier, later in pairwise(instants))
        assert max(Counter(at.date() for at in local).values(), default=0) <= a_day
        assert not any(night.cover(at.time()) for at in local)
        assert {(d.reminder_id, d.day, d.slot) for d in deliveries} == all_that_was_scheduled(db, ana)
        savepoint.rollback()


@SOME_DAYS
@ANYTHING
def test_the_times_that_are_shown_are_those_that_come(
    db: Session, wanted: list[ReminderIn], zone: str, night: QuietHours, a_day: int, devices: int
) -> None:
    """All that are shown come, whether or not the earlier ones are opened, and no other one comes before."""
    with db.begin_nested() as savepoint:
        ana = somebody(db, zone, night, a_day, devices)
        [arrange(db, ana, one, START) for one in wanted]
        shown = {own.id: [at for at in own.next if at <= END] for own in reminders_of(db, ana, START)}
        opened, ignored = what_came(db, everybody_opens), what_came(db, nobody_answers)
        assert shown == {one: sorted(opened[one] & ignored[one])[:3] for one in shown}
        savepoint.rollback()


def what_came(db: Session, reply: Callable[[Session, datetime], None]) -> defaultdict[UUID, set[datetime]]:
    """The instants at which each reminder is sent, in three days of which nothing remains."""
    came: defaultdict[UUID, set[datetime]] = defaultdict(set)
    with db.begin_nested() as savepoint:
        live_through(db, reply)
        for delivery in db.scalars(select(Delivery).where(col(Delivery.claimed_at).is_not(None))):
            if delivery.reminder_id and delivery.claimed_at:
                came[delivery.reminder_id].add(delivery.claimed_at)
        savepoint.rollback()
    return came


def nobody_answers(_db: Session, _now: datetime) -> None:
    """Reminders are sent, and that is all."""


def everybody_opens(db: Session, now: datetime) -> None:
    [note_answer(db, patient_id, now) for patient_id in db.scalars(select(col(Patient.id)))]


def somebody(db: Session, zone: str, night: QuietHours, a_day: int, devices: int) -> PatientProfile:
    ana = a_patient(db, zone=zone, now=START)
    patient = db.get_one(Patient, ana.id)
    patient.quiet_from, patient.quiet_until, patient.reminders_a_day = night.since, night.until, a_day
    db.flush()
    [a_device(db, ana.id, START) for _number in range(devices)]
    return patient_profile(db, ana.id)


def live_through(db: Session, reply: Callable[[Session, datetime], None]) -> None:
    """Do what the worker does, at each instant at which it would, and what the patient does then."""
    while (now := next_due_at(db)) is not None and now <= END:
        parcels = claim_due(db, now, 0, 256)
        record_outcomes(db, [(parcel, ACCEPTED) for parcel in parcels], now)
        if parcels:
            reply(db, now)
        db.expire_all()


def all_that_was_scheduled(db: Session, ana: PatientProfile) -> set[tuple[object, object, object]]:
    """Every occurrence there was, each of which has to be accounted for."""
    return {
        (reminder.id, occurrence.day, occurrence.slot)
        for reminder in db.scalars(select(Reminder).where(col(Reminder.patient_id) == ana.id))
        for occurrence in occurrences_between(plan_for(reminder, ana).schedule, START, END)
    }
