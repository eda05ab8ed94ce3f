"""The peak of a morning: everybody is reminded at the same minute.

    python -m benchmarks.morning [--patients 100000] [--workers 2] [--jitter 60]

So many patients on PostgreSQL, each with one phone and a reminder of the same minute, spread over the seconds
of the jitter as the product spreads them. Workers of their own send to a push service that takes everything.
Prints the messages a second, how far behind the last was, and what a message cost
the workers and the database. Seeding a hundred thousand takes about a minute, and the peak begins with the
first full minute after that.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.database import make_engine
from app.migrate import migrate
from app.models.push import Delivery, DeliveryState
from app.models.reminder import Reminder
from app.reminders.dispatch import next_due_at
from app.reminders.due import jitter_of
from app.settings import Settings
from benchmarks.__main__ import DURABLE
from benchmarks.crowd import seed_crowd
from benchmarks.push import cpu_of, phone_at, push_service, worker
from tests.postgres import database_of, name_of, postgres_server

AT_ONCE = 5000
SETTLING = timedelta(seconds=20)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--patients", type=int, default=100_000)
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--jitter", type=int, default=60, help="seconds")
    asked = arguments.parse_args()
    with push_service() as site, postgres_server(**DURABLE) as server, database_of(server) as url:
        print(json.dumps(_peak(site, url, asked.patients, asked.workers, asked.jitter)))


def _peak(site: str, url: str, patients: int, workers: int, jitter: int) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(data=folder, database_url=url)
        migrate(settings.sqlalchemy_url)
        engine = make_engine(settings.sqlalchemy_url)
        stack.callback(engine.dispose)
        _seed(engine, site, patients)
        peak = _let_all_be_due(engine, patients, jitter)
        running = [stack.enter_context(worker(folder, url, site, jitter)) for _worker in range(workers)]
        time.sleep(max((peak - utc_now()).total_seconds(), 0))
        senders, database = sum(map(cpu_of, running)), _cpu_of_backends(url)
        lag = _watch(engine, patients)
        senders, database = sum(map(cpu_of, running)) - senders, _cpu_of_backends(url) - database
        with Session(engine) as db:
            took = (_last_sent(db) - peak).total_seconds()
    return {
        "patients": patients,
        "workers": workers,
        "jitter_s": jitter,
        "until_the_last_s": round(took, 1),
        "per_second": round(patients / took),
        "worst_lag_s": round(lag, 1),
        "worker_cpu_us": round(senders / patients * 1e6),
        "database_cpu_us": round(database / patients * 1e6),
    }


def _seed(engine: Engine, site: str, patients: int) -> None:
    for begun in range(0, patients, AT_ONCE):
        with Session(engine) as db, db.begin():
            seed_crowd(db, min(AT_ONCE, patients - begun), partial(phone_at, site), utc_now())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _let_all_be_due(engine: Engine, patients: int, jitter: int) -> datetime:
    """The full minute at which everybody is reminded, each as late as the product makes them."""
    soon = utc_now() + SETTLING + timedelta(milliseconds=patients / 3)
    peak = soon.replace(second=0, microsecond=0) + timedelta(minutes=1)
    move = (
        update(Reminder.__table__)  # type: ignore[attr-defined]
        .where(col(Reminder.id) == bindparam("reminder"))
        .values(due_at=bindparam("at"), times=[f"{peak:%H:%M}"])
    )
    with Session(engine) as db, db.begin():
        found: list[tuple[UUID, UUID]] = [
            (one, patient) for one, patient in db.execute(select(col(Reminder.id), col(Reminder.patient_id)))
        ]
        late = [{"reminder": one, "at": peak + jitter_of(patient, jitter)} for one, patient in found]
        db.connection().execute(move, late)
    return peak


def _watch(engine: Engine, patients: int) -> float:
    """The most seconds by which something that was due had to wait, until all are sent."""
    worst = 0.0
    while True:
        with Session(engine) as db:
            due_at = db.scalar(select(func.min(col(Reminder.due_at))))
            if due_at is not None:
                worst = max(worst, (utc_now() - due_at).total_seconds())
            if (next_due_at(db) or utc_now()) > utc_now() and _sent(db) >= patients:
                return worst
        time.sleep(1)


def _sent(db: Session) -> int:
    sent = col(Delivery.state) == DeliveryState.SENT.value
    return db.scalar(select(func.count()).select_from(Delivery).where(sent)) or 0


def _last_sent(db: Session) -> datetime:
    last = db.scalar(select(func.max(col(Delivery.sent_at))))
    assert last is not None
    return last


def _cpu_of_backends(url: str) -> float:
    """Seconds of processor time of the processes that serve this database."""
    seconds = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if name_of(url).encode() in (process / "cmdline").read_bytes():
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                seconds += (int(fields[11]) + int(fields[12])) / 100
        except OSError:
            continue
    return seconds


if __name__ == "__main__":
    main()
