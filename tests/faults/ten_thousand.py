"""A script: all migrations down and up again with ten thousand patients in the tables.

    PYTHONPATH=.:tests python tests/faults/ten_thousand.py --patients 10000

The tables of the first migration are filled, everything is migrated up to the newest, back and up again.
Prints how many rows there were and how long it took; the exit status is 1 when a count or a checksum of the
people, their days and their entries differs.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from alembic import command
from sqlalchemy import Engine, MetaData, Table, select, text
from sqlalchemy.orm import Session

from app.database import make_engine
from app.migrate import migrate, migration_config
from builders import NOON, a_consent, a_logged_day, a_patient, a_reminder, a_therapist
from postgres import database_of, postgres_server

DAYS = 3
KEPT = ("account", "patient", "therapist", "care_relationship", "daily_log", "log_entry", "reminder")
"""Tables of the first migration that hold what people are and said."""


def there_and_back(database_url: str, patients: int) -> dict[str, tuple[int, str]]:
    """Raises AssertionError when something differs; answers counts and checksums."""
    migrate(database_url)
    engine = make_engine(database_url)
    with Session(engine) as db, db.begin():
        _fill(db, patients)
    columns = _columns_of_the_first(engine, database_url)
    before = _sums(engine, columns)
    for _turn in range(2):
        command.downgrade(migration_config(database_url), "0001")
        assert _sums(engine, columns) == before
        migrate(database_url)
        assert _sums(engine, columns) == before
    engine.dispose()
    return before


def _fill(db: Session, patients: int) -> None:
    rui = a_therapist(db)
    for number in range(patients):
        ana = a_patient(db, f"P{number}")
        a_consent(db, rui.id, ana)
        a_reminder(db, ana.id)
        for day in range(DAYS):
            a_logged_day(db, ana, NOON.date() - timedelta(days=day), pain=number % 11, note=f"Day {day}.")
        if number % 500 == 499:
            db.expunge_all()


def _columns_of_the_first(engine: Engine, database_url: str) -> dict[str, list[str]]:
    """What the first migration and the newest both have."""
    newest = _columns(engine)
    command.downgrade(migration_config(database_url), "0001")
    first = _columns(engine)
    migrate(database_url)
    return {table: [name for name in first[table] if name in newest[table]] for table in KEPT}


def _columns(engine: Engine) -> dict[str, list[str]]:
    standing = MetaData()
    standing.reflect(engine)
    return {name: [column.name for column in table.columns] for name, table in standing.tables.items()}


def _sums(engine: Engine, columns: dict[str, list[str]]) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and one checksum of all their values, whatever their order."""
    with engine.connect() as connection:
        return {table: _sum(connection.execute(_all(table, names))) for table, names in columns.items()}


def _all(table: str, names: list[str]) -> object:
    return select(*(text(f'"{name}"') for name in names)).select_from(Table(table, MetaData()))


def _sum(rows: object) -> tuple[int, str]:
    digests = sorted(hashlib.sha256(repr(tuple(row)).encode()).digest() for row in rows)  # type: ignore[attr-defined]
    return len(digests), hashlib.sha256(b"".join(digests)).hexdigest()


def main() -> bool:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--patients", type=int, default=10_000)
    patients = asked.parse_args().patients
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server, database_of(server) as url:
        for database_url in (f"sqlite:///{Path(folder) / 'many.sqlite3'}", url):
            began = time.monotonic()
            counted = there_and_back(database_url, patients)
            took = time.monotonic() - began
            rows = {table: count for table, (count, _sum) in counted.items()}
            print(f"{database_url.partition(':')[0]}: {rows} the same after {took:.0f} s")
    return True


if __name__ == "__main__":
    sys.exit(not main())
