from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.database import Database
from app.logs import set_up_logs
from app.models.patient import Patient, PatientProfile
from app.models.push import Delivery, PushSubscription
from app.models.reminder import Reminder
from app.reminders.dispatch import claim_due
from app.reminders.ledger import order_test
from app.reminders.web_push import VapidKey
from app.reminders.worker import ReminderWorker
from app.settings import Secrets, Settings, open_secrets
from builders import a_patient, a_reminder
from push_service import (
    ACCEPT,
    DRIP,
    GONE,
    HANG,
    HUGE,
    RESET,
    Answer,
    Device,
    PushService,
    push_service,
    redirect,
    too_many,
)

pytestmark = pytest.mark.anyio

PATIENCE = 60
"""In seconds, for what must happen at all: beside other tests everything takes longer."""


@dataclass
class Bench:
    """A database, a strict push service, and workers between them."""

    database: Database
    service: PushService
    settings: Settings
    secrets: Secrets

    def worker(
        self, clock: Callable[[], datetime] = utc_now, monotonic: Callable[[], float] = time.monotonic
    ) -> ReminderWorker:
        return ReminderWorker(self.database, self.settings, self.secrets, clock, monotonic)

    @asynccontextmanager
    async def working(self, *, workers: int = 1) -> AsyncIterator[list[ReminderWorker]]:
        """Workers that run until the block ends and then stop in order."""
        running = [self.worker() for _number in range(workers)]
        tasks = [asyncio.create_task(worker.run()) for worker in running]
        yield running
        for worker in running:
            worker.stop()
        await asyncio.gather(*tasks)

    async def until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.01)

    async def until_states(self, *states: str) -> None:
        await self.until_read(lambda db: states_of_deliveries(db) == list(states))

    async def until_read(self, holds: Callable[[Session], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await self.database.read(holds):
                await asyncio.sleep(0.02)

    async def until_recorded(self, now: datetime) -> None:
        """The worker has done what was to do at `now`, and what came of it is written down."""
        await self.until_read(lambda db: is_at_rest(db, now))


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Iterator[Bench]:
    secrets = open_secrets(tmp_path)
    with push_service() as service:
        service.public_key = VapidKey(secrets.vapid_private_pem, "mailto:x@example.org").public_key
        settings = Settings(data=tmp_path, push_extra_hosts=(service.host,), reminder_jitter=0)
        yield Bench(database, service, settings, secrets)
    assert service.violations == []


def states_of_deliveries(db: Session) -> list[str]:
    return sorted(db.scalars(select(col(Delivery.state))))


def is_at_rest(db: Session, now: datetime) -> bool:
    """Whether the one delivery has ended, or was tried and waits beyond `now` to be tried again."""
    delivery = db.scalars(select(Delivery)).one_or_none()
    if delivery is None:
        return False
    waits = delivery.reason is not None and delivery.lease_until is not None and delivery.lease_until > now
    return delivery.state != "claimed" or waits


def seconds_on_the_way(db: Session) -> float:
    """From the claim of the one message that was sent until that was written down."""
    sent = db.scalars(select(Delivery).where(col(Delivery.sent_at).is_not(None))).one()
    assert sent.claimed_at is not None
    assert sent.sent_at is not None
    return (sent.sent_at - sent.claimed_at).total_seconds()


def a_wakeful_patient(db: Session, name: str = "Ana") -> PatientProfile:
    """Somebody without quiet hours, so that tests can run at night."""
    profile = a_patient(db, name, zone="UTC", now=utc_now())
    patient = db.get_one(Patient, profile.id)
    patient.quiet_from = patient.quiet_until
    db.flush()
    return profile


def subscribed(db: Session, account_id: Any, device: Device) -> PushSubscription:
    keys = device.subscription["keys"]
    row = PushSubscription(account_id=account_id, endpoint=device.endpoint, created_at=utc_now(), **keys)
    db.add(row)
    db.flush()
    return row


def due_now(db: Session, account_id: Any) -> Reminder:
    a_minute_ago = utc_now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    reminder = a_reminder(db, account_id, time=f"{a_minute_ago:%H:%M}", now=a_minute_ago)
    reminder.due_at = a_minute_ago
    db.flush()
    return reminder


def ana_with(db: Session, *devices: Device, name: str = "Ana") -> PatientProfile:
    """Ana, with these devices and a check-in that is due."""
    ana = a_wakeful_patient(db, name)
    [subscribed(db, ana.id, device) for device in devices]
    due_now(db, ana.id)
    return ana


def attempts_of_deliveries(db: Session) -> list[int]:
    return list(db.scalars(select(col(Delivery.attempts))))


def reasons_of_deliveries(db: Session) -> list[str | None]:
    return list(db.scalars(select(col(Delivery.reason))))


def subscribed_elsewhere(db: Session, account_id: Any) -> None:
    device = db.scalars(select(PushSubscription).where(col(PushSubscription.account_id) == account_id)).one()
    device.server_key = "the key of another server"


async def test_a_due_reminder_arrives_and_is_recorded(bench: Bench) -> None:
    phone = bench.service.device("phone")
    await bench.database.write(ana_with, phone)
    async with bench.working():
        await bench.until_states("sent")
    (message,) = bench.service.messages
    assert message.notification["title"] == "Your check-in is ready"
    assert 0 < int(message.headers["ttl"]) <= 3 * 60 * 60


async def test_each_batch_is_logged_by_its_size_alone(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(bench.settings)
    await bench.database.write(ana_with, *(bench.service.device(name) for name in ("phone", "tablet")))
    async with bench.working():
        await bench.until_states("sent", "sent")
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "reminders.sending" in line]
    assert "messages=2" in line
    assert "check" not in line


async def test_a_reminder_that_falls_due_while_the_worker_sleeps_wakes_it(bench: Bench) -> None:
    phone = bench.service.device("phone")
    ana = await bench.database.write(a_wakeful_patient)
    await bench.database.write(subscribed, ana.id, phone)
    async with bench.working() as (worker,):
        await bench.until(lambda: worker.last_beat is not None)
        await bench.database.write(order_test, ana, utc_now())
        worker.wake()
        await bench.until(lambda: len(bench.service.messages) == 1, seconds=5)
    assert bench.service.messages[0].notification["title"] == "This is a test"


async def test_a_test_is_sent_at_night_too(bench: Bench) -> None:
    phone = bench.service.device("phone")
    ana = await bench.database.write(a_patient)
    await bench.database.write(subscribed, ana.id, phone)
    await bench.database.write(order_test, ana, utc_now())
    async with bench.working():
        await bench.until_states("sent")


async def test_a_reminder_sent_again_after_a_crash_replaces_the_first(bench: Bench) -> None:
    phone = bench.service.device("phone")
    await bench.database.write(ana_with, phone)
    (lost,) = await bench.database.write(claim_due, utc_now() - timedelta(seconds=61), 0, 10)
    async with bench.working():
        await bench.until_states("sent")
    (again,) = bench.service.messages
    assert again.notification["data"]["delivery"] == str(lost.delivery_id)
    assert again.notification["tag"] == again.headers["topic"]


async def test_a_bad_device_delays_no_other(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What still hangs when the worker is stopped is not waited for here."""
    monkeypatch.setattr("app.reminders.worker.SECONDS_TO_FINISH", 0.1)
    scripts = [HANG, DRIP, HUGE, RESET, redirect("http://127.0.0.1:1/x"), GONE, Answer(503)]
    bad = [bench.service.device(f"bad {number}", script) for number, script in enumerate(scripts)]
    good = bench.service.device("good")
    await bench.database.write(ana_with, *bad, good)
    async with bench.working():
        await bench.until(lambda: len(bench.service.received_by(good)) == 1)
        await bench.until_read(lambda db: "sent" in states_of_deliveries(db))
    assert await bench.database.read(seconds_on_the_way) < 10


async def test_too_many_is_obeyed_and_the_reminder_still_comes(bench: Bench) -> None:
    phone = bench.service.device("phone", too_many("1"))
    await bench.database.write(ana_with, phone)
    started = utc_now()
    async with bench.working():
        await bench.until_states("sent")
    assert utc_now() - started >= timedelta(seconds=1)


async def test_a_device_that_is_gone_is_not_asked_again(bench: Bench) -> None:
    phone = bench.service.device("phone", GONE)
    ana = await bench.database.write(ana_with, phone)
    async with bench.working() as (worker,):
        await bench.until_states("failed")
        await bench.database.write(due_now, ana.id)
        worker.wake()
        await bench.until_states("failed", "suppressed")
    assert bench.service.messages == []


async def test_a_stopped_worker_finishes_what_is_in_flight(bench: Bench) -> None:
    phone = bench.service.device("phone")
    await bench.database.write(ana_with, phone)
    worker = bench.worker()
    running = asyncio.create_task(worker.run())
    await bench.until(lambda: bench.service.connections > 0)
    worker.stop()
    await running
    assert await bench.database.read(states_of_deliveries) == ["sent"]


async def test_a_worker_ends_at_once_when_nothing_is_in_flight(bench: Bench) -> None:
    async with bench.working() as (worker,):
        await bench.until(lambda: worker.last_beat is not None)
        stopped = time.monotonic()
    assert time.monotonic() - stopped < 5


async def test_the_beat_follows_the_clock(bench: Bench) -> None:
    long_ago = datetime(2026, 3, 18, tzinfo=UTC)
    worker = bench.worker(lambda: long_ago)
    running = asyncio.create_task(worker.run())
    await bench.until(lambda: worker.last_beat == long_ago)
    worker.stop()
    await running


@dataclass
class Minutes:
    """A clock that moves only when it is told to."""

    started: datetime
    passed: timedelta = timedelta()

    def now(self) -> datetime:
        return self.started + self.passed

    def seconds(self) -> float:
        return self.passed.total_seconds()


async def test_a_reminder_outlives_ten_minutes_of_a_broken_push_service(bench: Bench) -> None:
    phone, clock = bench.service.device("phone"), Minutes(utc_now())
    bench.service.usual = Answer(503)
    await bench.database.write(ana_with, phone)
    worker = bench.worker(clock.now, clock.seconds)
    running = asyncio.create_task(worker.run())
    while not bench.service.messages and clock.passed < timedelta(minutes=40):
        clock.passed += timedelta(seconds=20)
        bench.service.usual = Answer(503) if clock.passed < timedelta(minutes=10) else ACCEPT
        worker.wake()
        await bench.until_recorded(clock.now())
    await bench.until_states("sent")
    worker.stop()
    await running
    assert timedelta(minutes=10) <= clock.passed < timedelta(minutes=25)
    assert await bench.database.read(attempts_of_deliveries) == [5]


async def test_a_device_with_the_key_of_another_server_is_not_written_to(bench: Bench) -> None:
    ana = await bench.database.write(ana_with, bench.service.device("phone"))
    await bench.database.write(subscribed_elsewhere, ana.id)
    async with bench.working():
        await bench.until_states("failed")
    assert await bench.database.read(reasons_of_deliveries) == ["needs_resubscribe"]
    assert bench.service.connections == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:1/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:169.254.169.254]/x",
        "https://2130706433/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "file:///etc/passwd",
    ],
)
async def test_an_address_stored_by_other_means_is_refused_at_send(bench: Bench, endpoint: str) -> None:
    await bench.database.write(ana_with, replace(bench.service.device("phone"), endpoint=endpoint))
    async with bench.working():
        await bench.until_states("failed")
    assert await bench.database.read(reasons_of_deliveries) == ["endpoint_refused"]
    assert bench.service.connections == 0
