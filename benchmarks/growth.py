"""What growing costs: `python -m benchmarks.growth --patients 1000 10000 30000 [--database postgresql]`.

For each number of patients a database with a year of diary of each, then how long a brief, a therapist's
list, a look for what is due and a save take: cold (the file dropped from memory, a new connection) and warm.
The databases take turns, so that whatever else the machine does meets all alike. Thirty thousand patients are
eleven million days: about 1.5 GB and some minutes to fill. The days of those nobody asks for are rows without
entries behind them.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from app.access.looks import SharedPatient
from app.database import make_engine
from app.diary.record import record_entries
from app.models.account import Account
from app.models.care import Scope
from app.models.patient import Patient, patient_profile
from app.models.reminder import Reminder, Weekday
from app.reminders.dispatch import next_due_at
from app.reports.brief import build_brief
from app.reports.patient_list import patients_of
from app.settings import Settings
from benchmarks.__main__ import DURABLE
from benchmarks.caseload import PATIENTS, Caseload, account_of, seed_caseload
from tests.postgres import database_of, restarting_server

AT_ONCE = 5000
DAYS_BEFORE = {
    "sqlite": """
        WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < :days)
        INSERT INTO daily_log (patient_id, day, pain, stiffness, mobility, sleep_hours, late, first_logged_at,
          updated_at)
        SELECT id, date('now', '-' || n || ' days'), n % 11, n % 9, n % 7, 7.5, 0, datetime('now'),
          datetime('now')
        FROM patient, number WHERE true ORDER BY 1, 2 ON CONFLICT DO NOTHING""",
    "postgresql": """
        INSERT INTO daily_log (patient_id, day, pain, stiffness, mobility, sleep_hours, late, first_logged_at,
          updated_at)
        SELECT id, current_date - n, n % 11, n % 9, n % 7, 7.5, false, now(), now()
        FROM patient, generate_series(0, :days - 1) AS n ORDER BY 1, 2 ON CONFLICT DO NOTHING""",
}
Work = Callable[[Session], object]


def main(words: Sequence[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--patients", type=int, nargs="+", default=[1000, 10_000, 30_000])
    arguments.add_argument("--days", type=int, default=365)
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments.add_argument("--times", type=int, default=7, help="cold; six times as often warm")
    asked = arguments.parse_args(words)
    with ExitStack() as stack:
        server, restart = "", _nothing
        if asked.database == "postgresql":
            server, restart = stack.enter_context(restarting_server(**DURABLE))
        grown = [stack.enter_context(_filled(patients, asked.days, server)) for patients in asked.patients]
        for what in grown[0].works:
            for line in _compared(what, grown, restart, asked.times):
                print(json.dumps(line), flush=True)


@dataclass(frozen=True, slots=True)
class Grown:
    """A database with so many patients, and what is measured on it."""

    patients: int
    url: str
    works: dict[str, Work]


@contextmanager
def _filled(patients: int, days: int, server: str) -> Iterator[Grown]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = f"sqlite:///{Path(folder) / 'aftercare.sqlite3'}"
        if server:
            url = Settings(database_url=stack.enter_context(database_of(server))).sqlalchemy_url
        caseload = seed_caseload(url, datetime.now(UTC), min(patients, PATIENTS))
        engine = make_engine(url)
        _add_people(engine, patients - PATIENTS, datetime.now(UTC))
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.execute(text(DAYS_BEFORE[engine.dialect.name]), {"days": days})
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        engine.dispose()
        yield Grown(patients, url, _works(caseload))


def _add_people(engine: Engine, count: int, now: datetime) -> None:
    """Patients nobody asks for, each with a reminder that is not due yet."""
    for begun in range(0, count, AT_ONCE):
        people = [uuid4() for _ in range(min(AT_ONCE, count - begun))]
        with Session(engine) as db, db.begin():
            db.execute(insert(Account), [account_of(person, now) for person in people])
            db.execute(insert(Patient), [{"id": person} for person in people])
            db.execute(insert(Reminder), [_reminder(person, now) for person in people])


def _reminder(person: Any, now: datetime) -> dict[str, Any]:
    due_at = now + timedelta(hours=1, seconds=person.int % 80_000)
    plan = {"kind": "check_in", "times": ["20:00"], "days": list(Weekday)}
    return {"patient_id": person, "created_at": now, "due_at": due_at, **plan}


def _nothing() -> None:
    """A file needs no server."""


def _compared(
    what: str, grown: Sequence[Grown], restart: Callable[[], None], times: int
) -> Iterator[dict[str, Any]]:
    """For each database milliseconds, the median over different patients, and how many times the first's.

    The processor time is the least seen, because on a busy machine everything else is somebody else's.
    """
    cold = [[_timed_cold(one.url, one.works[what], restart) for one in grown] for _time in range(times)]
    engines = [make_engine(one.url) for one in grown]
    warm = [
        [_timed(engine, one.works[what]) for engine, one in zip(engines, grown, strict=True)]
        for _time in range(6 * times)
    ][3 * times :]
    for engine in engines:
        engine.dispose()
    first: dict[str, float] = {}
    for number, one in enumerate(grown):
        took = {
            "cold_ms": median(turn[number] for turn in cold),
            "warm_ms": median(turn[number][0] for turn in warm),
            "cpu_ms": min(turn[number][1] for turn in warm),
        }
        first = first or took
        rounded = {name: round(ms, 2) for name, ms in took.items()}
        times_first = {
            f"{name.removesuffix('_ms')}_times": round(ms / first[name], 2) for name, ms in took.items()
        }
        yield {"patients": one.patients, "what": what, **rounded, **times_first}


def _works(caseload: Caseload) -> dict[str, Work]:
    now = datetime.now(UTC)
    people = cycle(caseload.in_care)

    def brief(db: Session) -> object:
        person = patient_profile(db, next(people))
        return build_brief(db, SharedPatient(person, frozenset(Scope), caseload.therapist_id), now)

    def save(db: Session) -> object:
        person = patient_profile(db, next(people))
        entry = {"id": str(uuid4()), "day": str(person.day_at(now)), "recorded_at": now.isoformat()}
        return record_entries(db, person, [entry | {"set": {"pain": 3}}], now)

    return {
        "brief": brief,
        "patient_list": lambda db: patients_of(db, caseload.therapist_id, now),
        "due_scan": next_due_at,
        "save": save,
    }


def _timed_cold(url: str, work: Work, restart: Callable[[], None]) -> float:
    """With a new connection, after the files were dropped from memory; a server is started anew too."""
    restart()
    for path in _files_of(url):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    engine = make_engine(url)
    engine.connect().close()
    took, _cpu = _timed(engine, work)
    engine.dispose()
    return took


def _files_of(url: str) -> list[Path]:
    if url.startswith("sqlite"):
        return [Path(url.removeprefix("sqlite:///"))]
    return [path for path in Path(url.rpartition("host=")[2], "cluster", "base").rglob("*") if path.is_file()]


def _timed(engine: Engine, work: Work) -> tuple[float, float]:
    """Milliseconds that passed, and those of them on the processor."""
    began, cpu = time.perf_counter(), time.thread_time()
    with Session(engine) as db, db.begin():
        work(db)
    return (time.perf_counter() - began) * 1000, (time.thread_time() - cpu) * 1000


if __name__ == "__main__":
    main()
