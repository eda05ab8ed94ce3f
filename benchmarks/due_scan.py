"""How long it takes to find what is due among very many reminders."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.database import make_engine
from app.migrate import migrate
from app.reminders.dispatch import next_due_at
from app.reminders.due import due_reminders
from benchmarks.crowd import a_minute_before, a_phone, seed_crowd
from benchmarks.results import Result, Round, compared

PATIENTS, DUE = 10_000, 500
TIMES = 15


def due_scan(reminders: int, rounds: int) -> Result:
    """Finding 500 that are due, and seeing that none is, against the bare driver running the same statements.

    A look is 500 due reminders found; `none_due_ms` is what a look costs when there are none.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "aftercare.sqlite3"
        migrate(f"sqlite:///{file}")
        engine = make_engine(f"sqlite:///{file}")
        now = utc_now()
        _seed(engine, reminders, now)
        none_due = _round(engine, lambda db: next_due_at(db))
        with Session(engine) as db, db.begin():
            _let_fall_due(db, now)
        measured: dict[str, list[Round]] = {"floor": [], "ours": []}
        for _turn in range(rounds):
            measured["floor"].append(_bare(file, _statement(engine, now)))
            measured["ours"].append(_round(engine, lambda db: due_reminders(db, now, DUE)))
        engine.dispose()
    return compared("due_scan", measured, reminders=reminders, none_due_ms=round(none_due.p50_ms, 3))


def _statement(engine: Engine, now: datetime) -> tuple[str, Any]:
    """What a look for due reminders sends to the database."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        sent.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    with Session(engine) as db:
        due_reminders(db, now, DUE)
    event.remove(engine, "before_cursor_execute", note)
    return next(one for one in sent if one[0].startswith("SELECT"))


def _bare(file: Path, statement: tuple[str, Any]) -> Round:
    with closing(sqlite3.connect(file)) as db:
        return _timed(lambda: db.execute(*statement).fetchall())


def _round(engine: Engine, look: Callable[[Session], object]) -> Round:
    with Session(engine) as db:
        return _timed(lambda: look(db))


def _timed(look: Callable[[], object]) -> Round:
    took: list[float] = []
    cpu = time.process_time()
    for _time in range(TIMES):
        began = time.perf_counter()
        look()
        took.append(time.perf_counter() - began)
    used = (time.process_time() - cpu) / TIMES
    return Round(1 / median(took), used * 1e6, median(took) * 1000, max(took) * 1000)


def scan_a_million(reminders: int) -> None:
    """Print how long a look takes when nothing is due, and when 500 are."""
    print(f"scan: {reminders} reminders of {PATIENTS} patients, on SQLite")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'aftercare.sqlite3'}"
        migrate(url)
        engine = make_engine(url)
        now = utc_now()
        _seed(engine, reminders, now)
        _print("none due", engine, lambda db: next_due_at(db))
        with Session(engine) as db, db.begin():
            _let_fall_due(db, now)
        _print(f"{DUE} due", engine, lambda db: due_reminders(db, now, DUE))
        engine.dispose()


def _print(name: str, engine: Engine, look: Callable[[Session], object]) -> None:
    took: list[float] = []
    with Session(engine) as db:
        for _time in range(TIMES):
            began = time.perf_counter()
            look(db)
            took.append(time.perf_counter() - began)
    print(f"  {name:<14} {median(took) * 1000:7.2f} ms  at best {min(took) * 1000:.2f} ms")


def _seed(engine: Engine, reminders: int, now: datetime) -> None:
    """Every patient has as many reminders, spread over the coming week."""
    with Session(engine) as db, db.begin():
        seed_crowd(db, PATIENTS, lambda number: a_phone(f"https://fcm.googleapis.com/x/{number}"), now)
        db.connection().exec_driver_sql(
            """
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
            INSERT INTO reminder (id, patient_id, kind, times, days, created_at, due_at)
            SELECT lower(hex(randomblob(16))), patient_id, 'stretch', times, days, created_at,
              datetime(?, '+' || abs(random() % 604800) || ' seconds') || '.000000'
            FROM reminder, number""",
            (max(reminders // PATIENTS - 1, 1), f"{now + timedelta(minutes=5):%Y-%m-%d %H:%M:%S}"),
        )
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")


def _let_fall_due(db: Session, now: datetime) -> None:
    """Those of 500 patients who were not due at all."""
    db.connection().exec_driver_sql(
        """
        UPDATE reminder SET due_at = ?
        WHERE id IN (SELECT id FROM reminder WHERE due_at IS NULL LIMIT ?)""",
        (f"{a_minute_before(now):%Y-%m-%d %H:%M:%S}.000000", DUE),
    )
