"""Real processes of the app, to be watched and killed, and the crowd they send to."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.database import make_engine
from app.models.push import Delivery, DeliveryState
from app.reminders.web_push import VapidKey
from app.settings import open_secrets
from benchmarks.crowd import Phone, a_minute_before, seed_crowd
from commands import begun
from push_service import Device, PushService

T = TypeVar("T")


@dataclass
class Site:
    """A database and a data folder that any number of processes work on."""

    database_url: str
    folder: Path
    services: list[PushService]

    def __post_init__(self) -> None:
        secrets = open_secrets(self.folder)
        for service in self.services:
            service.public_key = VapidKey(secrets.vapid_private_pem, "mailto:x@example.org").public_key
        self._engine = make_engine(self.database_url)

    def close(self) -> None:
        self._engine.dispose()

    def write(self, function: Callable[..., T], *arguments: Any) -> T:
        with Session(self._engine) as db, db.begin():
            return function(db, *arguments)

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "AFTERCARE_DATABASE_URL": self.database_url,
            "AFTERCARE_PUSH_EXTRA_HOSTS": ",".join(service.host for service in self.services),
            "AFTERCARE_REMINDER_JITTER": "0",
            "AFTERCARE_LOG_LEVEL": "error",
        }

    def running(self, *command: str) -> AbstractContextManager[BaseProcess]:
        """`python -m app …`, killed with -9 at the end if it still runs."""
        return begun(*command, "--data", str(self.folder), environment=self.environment)

    def crowd_of(self, *devices: Device, now: datetime | None = None) -> None:
        """A patient with a check-in that is due, for each of these devices."""
        now = now or utc_now()
        phone_of: Callable[[int], Phone] = partial(_phone_of, devices)
        self.write(seed_crowd, len(devices), phone_of, now, a_minute_before(now))

    def deliveries(self) -> dict[str, int]:
        """How many deliveries there are in each state."""
        return self.write(_by_state)

    def wait_until(self, holds: Callable[[], bool], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError(f"{self.deliveries()}")
            time.sleep(0.02)


def let_leases_run_out(db: Session) -> list[UUID]:
    """As if a minute had passed; the ids of what was claimed and is not recorded."""
    claimed = col(Delivery.state) == DeliveryState.CLAIMED.value
    freed = db.execute(
        update(Delivery).where(claimed).values(lease_until=utc_now()).returning(col(Delivery.id))
    )
    return list(freed.scalars())


def _by_state(db: Session) -> dict[str, int]:
    rows = db.execute(select(col(Delivery.state), func.count()).group_by(col(Delivery.state)))
    return {state: count for state, count in rows}


def _phone_of(devices: tuple[Device, ...], number: int) -> Phone:
    keys = devices[number].subscription["keys"]
    return devices[number].endpoint, keys["p256dh"], keys["auth"]
