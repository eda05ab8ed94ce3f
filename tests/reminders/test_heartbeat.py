from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import Database
from app.models.worker_beat import WorkerBeat, worker_beats
from app.reminders.heartbeat import Heartbeat, record_beat
from app.reminders.worker import ReminderWorker
from app.settings import Settings, open_secrets
from builders import NOON, a_patient, a_reminder, a_worker

pytestmark = pytest.mark.anyio

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


class Stopwatch:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def heart(database: Database, stopwatch: Stopwatch) -> Heartbeat:
    return Heartbeat(database, stopwatch)


async def only_beat(database: Database) -> WorkerBeat:
    [beat] = await database.read(worker_beats)
    return beat


async def test_the_first_beat_says_who_and_since_when(database: Database, heart: Heartbeat) -> None:
    await heart.beat(NOON)
    beat = await only_beat(database)
    assert (beat.started_at, beat.beat_at, beat.lag_seconds, beat.stepped_at) == (NOON, NOON, 0, None)
    assert beat.host
    assert beat.process_id > 0


async def test_a_heart_beats_every_thirty_seconds(
    database: Database, heart: Heartbeat, stopwatch: Stopwatch
) -> None:
    await heart.beat(NOON)
    stopwatch.seconds += 29
    await heart.beat(NOON + 29 * SECOND)
    assert (await only_beat(database)).beat_at == NOON
    stopwatch.seconds += 1
    await heart.beat(NOON + 30 * SECOND)
    beat = await only_beat(database)
    assert (beat.started_at, beat.beat_at) == (NOON, NOON + 30 * SECOND)


async def test_a_beat_says_how_late_the_oldest_reminder_is(database: Database, heart: Heartbeat) -> None:
    await database.write(ana_who_waits)
    await heart.beat(NOON)
    assert (await only_beat(database)).lag_seconds == 300


def ana_who_waits(db: Session) -> None:
    a_reminder(db, a_patient(db).id).due_at = NOON - timedelta(minutes=5)


async def test_a_reminder_that_is_due_later_is_not_late(database: Database, heart: Heartbeat) -> None:
    await database.write(lambda db: a_reminder(db, a_patient(db).id))
    await heart.beat(NOON)
    assert (await only_beat(database)).lag_seconds == 0


async def test_a_clock_that_was_set_is_noted_with_the_beat_after(
    database: Database, heart: Heartbeat, stopwatch: Stopwatch
) -> None:
    await heart.beat(NOON)
    stopwatch.seconds += 30
    await heart.beat(NOON + 30 * SECOND + timedelta(hours=3))
    stopwatch.seconds += 30
    await heart.beat(NOON + 60 * SECOND + timedelta(hours=3))
    beat = await only_beat(database)
    assert (beat.step_seconds, beat.stepped_at) == (10_800, NOON + 30 * SECOND + timedelta(hours=3))


async def test_clocks_that_tick_alike_note_no_step(
    database: Database, heart: Heartbeat, stopwatch: Stopwatch
) -> None:
    await heart.beat(NOON)
    stopwatch.seconds += 30.4
    await heart.beat(NOON + 30 * SECOND)
    assert (await only_beat(database)).stepped_at is None


async def test_a_worker_that_stops_in_order_leaves_no_row(database: Database, heart: Heartbeat) -> None:
    await heart.beat(NOON)
    await heart.end()
    assert await database.read(worker_beats) == []


def test_workers_unheard_for_a_day_are_removed(db: Session) -> None:
    a_worker(db, NOON - DAY - SECOND, host="gone")
    a_worker(db, NOON - DAY, host="silent")
    record_beat(db, WorkerBeat(host="oak", process_id=7, started_at=NOON, beat_at=NOON))
    assert sorted(db.scalars(select(WorkerBeat.host))) == ["oak", "silent"]


@pytest.mark.parametrize(
    ("ago", "alive"), [(0, True), (119, True), (-119, True), (120, False), (-7200, False)]
)
def test_a_worker_is_alive_for_two_minutes_after_its_beat(db: Session, ago: int, alive: bool) -> None:
    assert a_worker(db, NOON).is_alive(NOON + ago * SECOND) is alive


async def test_a_database_that_is_away_does_not_stop_the_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.database.AWAY_FOR", 0.3)
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/aftercare")
    heart = Heartbeat(away)
    await heart.beat(NOON)
    await heart.end()
    away.close()


async def test_each_running_worker_has_a_row_until_it_stops(database: Database, tmp_path: Path) -> None:
    secrets = open_secrets(tmp_path)
    workers = [ReminderWorker(database, Settings(data=tmp_path), secrets) for _number in range(2)]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    async with asyncio.timeout(10):
        while len(await database.read(worker_beats)) < 2:
            await asyncio.sleep(0.01)
    for worker in workers:
        worker.stop()
    await asyncio.gather(*running)
    assert await database.read(worker_beats) == []
