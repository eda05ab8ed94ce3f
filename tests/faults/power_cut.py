"""A script: the power is cut again and again while the app commits.

    PYTHONPATH=.:tests python tests/faults/power_cut.py --cuts 500

The disk forgets what was not synced, in sectors of 512 bytes, some of which may have arrived all the same.
What runs on it is the app's own: the writer of `app.database` with its group commit, its pragmas and its
BEGIN, and `record_entries` through SQLAlchemy; only the connection beneath is one of apsw, because that can
be given another file system. It locks its file alone, since such a file system shares no memory, and
checkpoints more often than usual, so that cuts meet checkpoints too.

Prints how many acknowledged entries were lost and after how many cuts the database was damaged: 0 and 0 as
the app runs, with synchronous=FULL. With NORMAL some must be lost, or this disk forgets nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from app.clock import utc_now
from app.database import Database, _tune_sqlite, make_engine
from app.diary.record import record_entries
from app.migrate import migrate
from app.models.patient import PatientProfile
from builders import a_patient, an_entry
from faults.forgetful_disk import ForgetfulDisk
from faults.over_apsw import Connection

FILE = "/aftercare.sqlite3"
AT_ONCE = 4
LONGEST = 600
"""Writes and syncs until the power goes, at most."""


@dataclass
class Told:
    """`acknowledged` are the entries somebody was told are stored."""

    acknowledged: set[UUID] = field(default_factory=set)
    ever: int = 0
    lost: int = 0
    damaged: int = 0


def cut(migrated: Path, cuts: int, synchronous: str, seed: int = 1) -> Told:
    """Log until the power goes, look at what is left, and go on from there, so many times."""
    chance, told = random.Random(seed), Told()
    disk = ForgetfulDisk(f"forgetful-{synchronous}-{seed}", chance)
    with tempfile.TemporaryDirectory() as folder:
        ana = _begin(disk, migrated, Path(folder))
        for _cut in range(cuts):
            disk.cut_after(chance.randrange(1, LONGEST))
            asyncio.run(_log_until_dark(disk, ana, synchronous, Path(folder), told))
            disk.lose_power()
            _look(disk, told)
    return told


def _begin(disk: ForgetfulDisk, migrated: Path, folder: Path) -> PatientProfile:
    """Ana is there, and everything is synced."""
    file = folder / "begun.sqlite3"
    file.write_bytes(migrated.read_bytes())
    engine = make_engine(f"sqlite:///{file}")
    with Session(engine) as db, db.begin():
        ana = a_patient(db, zone="UTC", now=utc_now())
    engine.dispose()
    disk.put(FILE, file.read_bytes())
    return ana


async def _log_until_dark(
    disk: ForgetfulDisk, ana: PatientProfile, synchronous: str, folder: Path, told: Told
) -> None:
    with _database(disk, synchronous, folder) as database:
        while not disk.is_dark:
            await asyncio.gather(*(_log(database, ana, told) for _phone in range(AT_ONCE)))


async def _log(database: Database, ana: PatientProfile, told: Told) -> None:
    now = utc_now()
    entry = an_entry(now.date(), at=now, set={"pain": 3, "note": "Stiff after the drive."})
    try:
        await database.write(record_entries, ana, [entry], now)
    except Exception:
        return
    told.acknowledged.add(UUID(entry["id"]))
    told.ever += 1


@contextmanager
def _database(disk: ForgetfulDisk, synchronous: str, folder: Path) -> Iterator[Database]:
    """The app's database, writing to the forgetful disk."""
    database = Database(f"sqlite:///{folder / 'read.sqlite3'}")
    database.writing.dispose()
    database.writing = _engine_on(disk, synchronous)
    try:
        yield database
    finally:
        database.close()


def _engine_on(disk: ForgetfulDisk, synchronous: str) -> Engine:
    engine = create_engine("sqlite://", creator=lambda: Connection(FILE, disk.name), poolclass=StaticPool)
    event.listen(engine, "connect", _alone, insert=True)
    _tune_sqlite(engine, reads_only=False)

    @event.listens_for(engine, "connect")
    def _as_asked(connection: Any, _entry: object) -> None:
        if synchronous != "FULL":
            connection.execute(f"PRAGMA synchronous = {synchronous}")

    return engine


def _alone(connection: Any, _entry: object) -> None:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA wal_autocheckpoint = 100")


def _look(disk: ForgetfulDisk, told: Told) -> None:
    """As after the restart: SQLite recovers what it can, and everything acknowledged should be there."""
    connection = apsw.Connection(FILE, vfs=disk.name)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        sound = list(connection.execute("PRAGMA integrity_check")) == [("ok",)]
        stored = {UUID(row[0]) for row in connection.execute("SELECT id FROM log_entry")}
    except apsw.Error:
        sound, stored = False, told.acknowledged
    finally:
        connection.close()
    told.damaged += not sound
    told.lost += len(told.acknowledged - stored)
    told.acknowledged &= stored


def main() -> bool:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cuts", type=int, default=500)
    cuts = asked.parse_args().cuts
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "migrated.sqlite3"
        migrate(f"sqlite:///{file}")
        told = {synchronous: cut(file, cuts, synchronous) for synchronous in ("FULL", "NORMAL")}
    for synchronous, one in told.items():
        print(f"{synchronous}: {cuts} cuts, {one.ever} acknowledged, {one.lost} lost, {one.damaged} damaged")
    return told["FULL"].lost == told["FULL"].damaged == 0 < told["NORMAL"].lost


if __name__ == "__main__":
    sys.exit(not main())
