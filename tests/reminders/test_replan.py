from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import zone_data_version
from app.database import Database
from app.models.patient import PatientProfile
from app.models.push import Delivery
from app.models.reminder import Reminder
from app.models.zone_data import ZoneData
from app.reminders.dispatch import claim_due
from app.reminders.due import jitter_of
from app.reminders.outcomes import record_outcomes
from app.reminders.replan import (
    PLANNED_AT_ONCE,
    Replanning,
    begin_replanning,
    is_replanning,
    replan_by_zone_data,
    replan_some,
)
from app.reminders.verdict import Outcome, Verdict
from app.reminders.worker import ReminderWorker
from app.settings import Settings, open_secrets
from builders import NOON, a_device, a_patient, a_reminder

EIGHT, DAY, HOUR = NOON + timedelta(hours=8), timedelta(days=1), timedelta(hours=1)


def due_at(db: Session) -> datetime | None:
    db.expire_all()
    return db.scalars(select(col(Reminder.due_at))).one()


def fates(db: Session) -> list[tuple[int, str]]:
    db.expire_all()
    return [
        (delivery.day.day, delivery.state)
        for delivery in db.scalars(select(Delivery).order_by(col(Delivery.planned_at)))
    ]


def hours_left(db: Session) -> list[float]:
    """How long until each reminder is looked at, from noon."""
    db.expire_all()
    return [(due - NOON) / HOUR for due in db.scalars(select(col(Reminder.due_at)))]


def replan_from_the_start(db: Session, now: datetime) -> None:
    """As when the clock was set back."""
    replan_by_zone_data(db, "2026a", now)
    begin_replanning(db)
    replan_some(db, "2026a", now, 0, 256)


@pytest.fixture
def check_in(db: Session, ana: PatientProfile) -> Reminder:
    """Ana's, at eight in the evening, on her phone."""
    a_device(db, ana.id)
    return a_reminder(db, ana.id)


def test_a_new_edition_of_the_zone_data_plans_everything_anew(db: Session, check_in: Reminder) -> None:
    replan_by_zone_data(db, "2026a", NOON - DAY)
    check_in.due_at = EIGHT + HOUR
    assert replan_by_zone_data(db, "2026b", NOON)
    assert not replan_some(db, "2026b", NOON, 0, 256)
    assert due_at(db) == EIGHT
    assert not is_replanning(db)


def test_a_patient_keeps_their_seconds_of_jitter(db: Session, check_in: Reminder) -> None:
    replan_by_zone_data(db, "2026a", NOON - DAY)
    begin_replanning(db)
    replan_some(db, "2026a", NOON, 600, 256)
    assert due_at(db) == EIGHT + jitter_of(check_in.patient_id, 600)


def test_reminders_are_planned_anew_some_at_a_time_and_sent_meanwhile(
    db: Session, ana: PatientProfile, check_in: Reminder
) -> None:
    for _number in range(4):
        a_reminder(db, ana.id).due_at = EIGHT + HOUR
    check_in.times, check_in.due_at = ["12:00"], NOON
    replan_by_zone_data(db, "2026a", NOON - DAY)
    replan_by_zone_data(db, "2026b", NOON)
    assert replan_some(db, "2026b", NOON, 0, 2)
    assert len(claim_due(db, NOON, 0, 256)) == 1
    assert sorted(hours_left(db)) == [8, 8, 9, 9, 24]
    assert replan_some(db, "2026b", NOON, 0, 2)
    assert not replan_some(db, "2026b", NOON, 0, 2)
    assert sorted(hours_left(db)) == [8, 8, 8, 8, 24]


def test_a_worker_with_an_older_edition_leaves_it_to_the_others(db: Session, check_in: Reminder) -> None:
    replan_by_zone_data(db, "2026a", NOON - DAY)
    replan_by_zone_data(db, "2026b", NOON)
    assert not replan_some(db, "2026a", NOON, 0, 256)
    assert is_replanning(db)


def test_the_same_edition_leaves_plans_alone(db: Session, check_in: Reminder) -> None:
    replan_by_zone_data(db, "2026a", NOON - DAY)
    assert not replan_by_zone_data(db, "2026a", NOON)
    assert due_at(db) == EIGHT


def test_the_edition_and_since_when_it_counts_are_kept(db: Session) -> None:
    replan_by_zone_data(db, "2026a", NOON - DAY)
    replan_by_zone_data(db, "2026b", NOON)
    assert [(known.version, known.since) for known in db.scalars(select(ZoneData))] == [("2026b", NOON)]


def test_what_is_due_already_is_not_lost_to_a_new_edition(db: Session, check_in: Reminder) -> None:
    replan_by_zone_data(db, "2026a", NOON)
    replan_by_zone_data(db, "2026b", EIGHT + timedelta(minutes=1))
    assert len(claim_due(db, EIGHT + timedelta(minutes=1), 0, 256)) == 1


@pytest.mark.parametrize("minutes_late", [0, 1, 59])
def test_a_time_that_new_rules_have_put_behind_us_still_comes(
    db: Session, check_in: Reminder, minutes_late: int
) -> None:
    check_in.due_at = EIGHT + HOUR
    now = EIGHT + timedelta(minutes=minutes_late)
    replan_by_zone_data(db, "2026a", NOON)
    replan_by_zone_data(db, "2026b", now)
    replan_some(db, "2026b", now, 0, 256)
    assert len(claim_due(db, now, 0, 256)) == 1
    assert due_at(db) == EIGHT + DAY


def test_new_rules_bring_nothing_twice(db: Session, check_in: Reminder) -> None:
    claim_due(db, EIGHT, 0, 256)
    check_in.due_at = EIGHT + HOUR
    replan_by_zone_data(db, "2026a", NOON)
    replan_by_zone_data(db, "2026b", EIGHT)
    replan_some(db, "2026b", EIGHT, 0, 256)
    assert claim_due(db, EIGHT, 0, 256) == []
    assert due_at(db) == EIGHT + DAY


def test_a_reminder_switched_off_stays_off(db: Session, check_in: Reminder) -> None:
    check_in.due_at = None
    replan_by_zone_data(db, "2026a", NOON - DAY)
    replan_by_zone_data(db, "2026b", NOON)
    assert due_at(db) is None


def test_a_clock_that_ran_a_month_ahead_costs_no_evening(db: Session, check_in: Reminder) -> None:
    claim_due(db, NOON + 30 * DAY, 0, 256)
    replan_from_the_start(db, NOON)
    assert fates(db) == []
    assert claim_due(db, NOON, 0, 256) == []
    assert len(claim_due(db, EIGHT, 0, 256)) == 1


def test_what_was_sent_while_the_clock_ran_ahead_is_not_sent_again(db: Session, check_in: Reminder) -> None:
    claim_due(db, EIGHT, 0, 256)
    replan_from_the_start(db, EIGHT - 3 * HOUR)
    assert claim_due(db, EIGHT - 3 * HOUR, 0, 256) == []
    assert claim_due(db, EIGHT, 0, 256) == []
    assert fates(db) == [(18, "claimed")]


def test_what_is_past_stays_on_record(db: Session, check_in: Reminder) -> None:
    claim_due(db, NOON + 2 * DAY, 0, 256)
    replan_from_the_start(db, NOON + DAY)
    assert fates(db) == [(18, "expired")]


def with_check_in(db: Session) -> None:
    ana = a_patient(db)
    a_device(db, ana.id)
    a_reminder(db, ana.id)


@pytest.mark.anyio
async def test_a_worker_looks_at_the_zone_data_first_and_then_at_the_clock(database: Database) -> None:
    await database.write(with_check_in)
    replanning = Replanning(database, 0)
    await replanning.look(EIGHT)
    assert await database.read(editions) == [zone_data_version()]
    await database.write(claim_due, EIGHT, 0, 256)
    assert await database.read(due_at) == EIGHT + DAY
    await replanning.look(EIGHT - 6 * HOUR)
    assert await database.read(is_replanning)
    await all_replanned(replanning, database, EIGHT - 6 * HOUR)
    assert await database.read(due_at) == EIGHT


def more_than_one_batch(db: Session) -> None:
    """All an hour late, as after a law that nobody knew of, and planned by another edition."""
    ana = a_patient(db)
    one = a_reminder(db, ana.id).model_dump() | {"due_at": EIGHT + HOUR}
    db.execute(insert(Reminder), [one | {"id": uuid4()} for _number in range(PLANNED_AT_ONCE + 1)])
    replan_by_zone_data(db, "1970a", NOON)


async def all_replanned(replanning: Replanning, database: Database, now: datetime) -> None:
    going = asyncio.create_task(replanning.keep_going(lambda: now))
    async with asyncio.timeout(20):
        while await database.read(is_replanning):
            await asyncio.sleep(0.02)
    going.cancel()


@pytest.mark.anyio
async def test_a_worker_goes_on_where_another_stopped(database: Database) -> None:
    await database.write(more_than_one_batch)
    await Replanning(database, 0).look(NOON)
    assert await database.write(replan_some, zone_data_version(), NOON, 0, PLANNED_AT_ONCE)
    another = Replanning(database, 0)
    await another.look(NOON)
    await all_replanned(another, database, NOON)
    assert set(await database.read(hours_left)) == {8}


def wrong_for_half_a_day(at: datetime, jump: timedelta) -> list[datetime]:
    """What a clock shows every hour of three evenings, when it jumps at `at` and is set right later."""
    true = [NOON + number * HOUR for number in range(60)]
    return [now + jump if at <= now < at + 12 * HOUR else now for now in true]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("at", "jump"),
    [
        pytest.param(EIGHT - 2 * HOUR, 3 * HOUR, id="ahead past the time"),
        pytest.param(EIGHT - 8 * HOUR, 3 * HOUR, id="ahead and back before the time"),
        pytest.param(EIGHT + HOUR, -6 * HOUR, id="back after it was sent"),
        pytest.param(EIGHT - 2 * HOUR, -6 * HOUR, id="back before it was due"),
        pytest.param(EIGHT + HOUR, 24 * HOUR, id="a day ahead after it was sent"),
    ],
)
async def test_a_clock_that_jumps_sends_exactly_once_on_each_local_day(
    database: Database, at: datetime, jump: timedelta
) -> None:
    await database.write(with_check_in)
    replanning = Replanning(database, 0)
    for now in wrong_for_half_a_day(at, jump):
        await replanning.look(now)
        await all_replanned(replanning, database, now)
        await database.write(send_what_is_due, now)
    assert await database.read(days_sent) == [18, 19, 20]


def send_what_is_due(db: Session, now: datetime) -> None:
    taken = Outcome(Verdict.ACCEPTED, None, 201)
    record_outcomes(db, [(parcel, taken) for parcel in claim_due(db, now, 0, 256)], now)


def days_sent(db: Session) -> list[int]:
    """The local day of each reminder that was sent."""
    sent = select(Delivery).where(col(Delivery.attempts) > 0).order_by(col(Delivery.day))
    return [delivery.day.day for delivery in db.scalars(sent)]


@pytest.mark.anyio
async def test_a_clock_being_kept_right_disturbs_nothing(database: Database) -> None:
    await database.write(with_check_in)
    replanning = Replanning(database, 0)
    await replanning.look(NOON)
    await database.write(claim_due, NOON, 0, 256)
    await replanning.look(NOON - timedelta(seconds=59))
    assert await database.read(due_at) == EIGHT


def editions(db: Session) -> list[str]:
    return list(db.scalars(select(col(ZoneData.version))))


@pytest.mark.anyio
async def test_a_worker_that_has_started_knows_its_zone_data(database: Database, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, public_url="http://testserver")
    worker = ReminderWorker(database, settings, open_secrets(tmp_path))
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while not await database.read(editions):
            await asyncio.sleep(0.02)
    worker.stop()
    await working
    assert await database.read(editions) == [zone_data_version()]
