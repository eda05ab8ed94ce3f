"""Push services that fail in every way at once, beside one that is well."""

from __future__ import annotations

import shutil
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.models.push import Delivery, PushSubscription
from faults.processes import Site
from faults.writers import Phones, people_who_log, seconds_until_ready
from push_service import DRIP, GONE, HANG, HUGE, JUNK, Answer, PushService, push_service, redirect, too_many
from running import free_port

EACH = 40
PATIENCE = 60
"""In seconds, for a server to start beside other tests."""
MEGABYTE = 1024 * 1024


@pytest.fixture
def inside() -> Iterator[socket.socket]:
    """A service on the internal network that must never hear from us."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


@pytest.fixture
def bad(inside: socket.socket) -> Iterator[list[PushService]]:
    internal = redirect(f"http://127.0.0.1:{inside.getsockname()[1]}/x")
    in_a_minute = format_datetime(utc_now(), usegmt=True)
    usual = [HANG, DRIP, HUGE, JUNK, GONE, Answer(503), internal, too_many("120"), too_many(in_a_minute)]
    with ExitStack() as stack:
        services = [stack.enter_context(push_service()) for _answer in usual]
        for service, answer in zip(services, usual, strict=True):
            service.usual = answer
        yield [*services, nobody_listens()]


def nobody_listens() -> PushService:
    """A push service whose port is closed: it refuses the connection."""
    closed = PushService()
    closed.port = free_port()
    return closed


@pytest.fixture
def site(
    service: PushService, bad: list[PushService], migrated_sqlite: Path, tmp_path: Path
) -> Iterator[Site]:
    file = shutil.copy(migrated_sqlite, tmp_path / "aftercare.sqlite3")
    opened = Site(f"sqlite:///{file}", tmp_path, [service, *bad])
    yield opened
    opened.close()


def test_bad_push_services_delay_nobody_and_cost_nothing(
    site: Site, service: PushService, bad: list[PushService], inside: socket.socket
) -> None:
    phone = Phones(free_port(), site.write(people_who_log, 1, utc_now()))
    with site.running("serve", "--port", str(phone.port)) as server:
        seconds_until_ready(phone.port, PATIENCE)
        quiet = typical_save(phone)
        memory = memory_of(server.pid)
        site.crowd_of(*(one.device(f"bad {number}") for one in bad for number in range(EACH)))
        time.sleep(0.1)
        devices = [service.device(f"good {number}") for number in range(EACH)]
        site.crowd_of(*devices)
        during = typical_save(phone)
        site.wait_until(lambda: site.write(recorded_as_sent, service.host) == EACH)
        assert len(service.messages) == EACH
        assert site.write(seconds_until_all_sent) < 10
        assert max(during, typical_save(phone)) < max(0.25, 5 * quiet)
        assert memory_of(server.pid) - memory < 60 * MEGABYTE
    assert {"unreachable"} & site.write(reasons_at, bad[-1].host)
    with pytest.raises(BlockingIOError):
        inside.accept()


def seconds_until_all_sent(db: Session) -> float:
    """From the first claim of all until the last message that was sent."""
    claimed, sent = db.execute(
        select(func.min(col(Delivery.claimed_at)), func.max(col(Delivery.sent_at)))
    ).one()
    return (sent - claimed).total_seconds()


def recorded_as_sent(db: Session, host: str) -> int:
    """How many messages this push service took, as far as it is written down."""
    sent = select(func.count()).select_from(Delivery).where(col(Delivery.sent_at).is_not(None))
    return db.scalars(_to(sent, host)).one()


def typical_save(phone: Phones) -> float:
    """Seconds until an entry that was posted is acknowledged."""
    return statistics.median(phone.seconds_to_log() for _time in range(15))


def reasons_at(db: Session, host: str) -> set[str | None]:
    """What is on record about messages to this push service."""
    return set(db.scalars(_to(select(col(Delivery.reason)), host)))


def _to(asked: Select[Any], host: str) -> Select[Any]:
    """What is asked of deliveries, of those alone that went to this push service."""
    device = col(PushSubscription.id) == col(Delivery.subscription_id)
    return asked.join(PushSubscription, device).where(col(PushSubscription.endpoint).contains(host))


def memory_of(pid: int) -> int:
    """The resident memory of a process in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
