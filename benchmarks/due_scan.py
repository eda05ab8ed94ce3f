"""How long it takes to find what is due among very many reminders."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from sqlalchemy import Engine, event, select, text, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.database import make_engine
from app.migrate import migrate
from app.models.reminder import Reminder
from app.reminders.dispatch import next_due_at
from app.reminders.due import due_reminders
from app.settings import Settings
from benchmarks.crowd import a_minute_before, a_phone, seed_crowd
from benchmarks.results import Result, Round, compared
from tests.postgres import database_of

PATIENTS, DUE = 10_000, 500
TIMES = 15


SPREAD = {
    "sqlite": """
        WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :each)
        INSERT INTO reminder (id, patient_id, kind, times, days, created_at, due_at)
        SELECT lower(hex(randomblob(16))), patient_id, 'stretch', times, days, created_at,
          datetime(:begin, '+' || abs(random() % 604800) || ' seconds') || '.000000'
        FROM reminder, number""",
    "postgresql": """
        INSERT INTO reminder (id, patient_id, kind, times, days, created_at, due_at)
        SELECT gen_random_uuid(), patient_id, 'stretch', times, days, created_at,
          cast(:begin as timestamp) at time zone 'UTC' + random() * interval '7 days'
        FROM reminder, generate_series(1, :each)""",
}
"""So many more reminders for each there is, spread over a week."""


def due_scan(reminders: int, rounds: int, server: str = "") -> Result:
    """Finding 500 that are due, and seeing that none is, against the bare driver running the same statements.

    A look is 500 due reminders found; `none_due_ms` is what a look costs when there are none.
    """
    with _database(server) as url:
        engine = make_engine(url)
        now = utc_now()
        _seed(engine, reminders, now)
        none_due = _round(engine, lambda db: next_due_at(db))
        with Session(engine) as db, db.begin():
            _let_fall_due(db, now)
        measured: dict[str, list[Round]] = {"floor": [], "ours": []}
        for _turn in range(rounds):
            measured["floor"].append(_bare(url, _statement(engine, now)))
            measured["ours"].append(_round(engine, lambda db: due_reminders(db, now, DUE)))
        engine.dispose()
    database = "postgresql" if server else "sqlite"
    none_due_ms = round(none_due.p50_ms, 3)
    return compared("due_scan", measured, reminders=reminders, none_due_ms=none_due_ms, database=database)


@contextmanager
def _database(server: str) -> Iterator[str]:
    """A migrated one, on this PostgreSQL server or else in a file."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = stack.enter_context(database_of(server)) if server else ""
        url = Settings(data=Path(folder), database_url=url).sqlalchemy_url
        migrate(url)
        yield url


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


def _bare(url: str, statement: tuple[str, Any]) -> Round:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            return _timed(lambda: file.execute(*statement).fetchall())
    with psycopg.connect(url.replace("+psycopg", "", 1)) as db:
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


def _seed(engine: Engine, reminders: int, now: datetime) -> None:
    """Every patient has as many reminders, spread over the coming week."""
    with Session(engine) as db, db.begin():
        seed_crowd(db, PATIENTS, lambda number: a_phone(f"https://fcm.googleapis.com/x/{number}"), now)
        begin = f"{now + timedelta(minutes=5):%Y-%m-%d %H:%M:%S}"
        each = max(reminders // PATIENTS - 1, 1)
        db.execute(text(SPREAD[engine.dialect.name]), {"each": each, "begin": begin})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _let_fall_due(db: Session, now: datetime) -> None:
    """Those of 500 patients who were not due at all."""
    some = select(col(Reminder.id)).where(col(Reminder.due_at).is_(None)).limit(DUE)
    db.execute(update(Reminder).where(col(Reminder.id).in_(some)).values(due_at=a_minute_before(now)))
