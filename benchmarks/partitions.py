"""Whether entries and deliveries gain by being partitioned.

    python -m benchmarks.partitions [--patients 5000]

The same year of entries and of deliveries in one PostgreSQL, three times: as one table, in a partition for
each month, and in 16 by a hash of the patient. Each kind of work takes turns on the three, with the
statements of the product, so that whatever else the machine does meets all alike.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.__main__ import DURABLE
from tests.postgres import database_of, postgres_server

DAYS, TIMES, HASHES = 365, 300, 16
FIRST = date(2026, 1, 1)
SHAPES = ("one_table", "by_month", "by_patient")
PARTITIONED = {
    "one_table": "",
    "by_month": "partition by range (day)",
    "by_patient": "partition by hash (patient_id)",
}
ENTRY = """
    create table entry_{shape} (
      patient_id uuid not null, day date not null, id uuid not null, recorded_at timestamptz not null,
      received_at timestamptz not null, ordered_at timestamptz not null, source varchar(16) not null,
      late boolean not null, content text not null, primary key (patient_id, day, id)
    ) {partitioned}"""
DELIVERY = """
    create table delivery_{shape} (
      id uuid not null, patient_id uuid not null, reminder_id uuid, day date not null,
      slot varchar(8) not null, state varchar(16) not null, planned_at timestamptz not null,
      lease_until timestamptz, sent_at timestamptz,
      primary key ({key})
    ) {partitioned}"""
KEYS = {"one_table": "id", "by_month": "id, day", "by_patient": "id, patient_id"}
INDEXES = """
    create index on delivery_{shape} (patient_id, planned_at);
    create index on delivery_{shape} (reminder_id, day, slot);
    create index on delivery_{shape} (lease_until) where state = 'claimed'"""
PEOPLE = "select md5('patient ' || n)::uuid as patient_id, n from generate_series(1, {patients}) as n"
FILL_ENTRIES = """
    insert into entry_{shape}
    select patient_id, at::date, md5(n || at::text || twice)::uuid, at, at, at, 'app', false,
      '{{"add":{{}},"set":{{"mobility":6,"pain":4,"sleep_hours":7.5,"stiffness":5}}}}'
    from ({people}) as people, generate_series('{first}'::timestamptz, '{last}', '1 day') as calendar(at),
      generate_series(1, 2) as twice
    order by calendar.at"""
FILL_DELIVERIES = """
    insert into delivery_{shape}
    select md5(n || at::text || slot)::uuid, patient_id, md5(n || slot)::uuid, at::date, slot, 'sent', at,
      null, at
    from ({people}) as people, generate_series('{first}'::timestamptz, '{last}', '1 day') as calendar(at),
      unnest(array['08:00', '14:00', '20:00']) as slot
    order by calendar.at"""
Connection = psycopg.Connection[Any]
Work = Callable[[Connection, str, Random, list[UUID]], object]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--patients", type=int, default=5000)
    patients = arguments.parse_args().patients
    with postgres_server(**DURABLE) as server, database_of(server) as url, psycopg.connect(url) as db:
        for shape in SHAPES:
            _fill(db, shape, patients)
        people = [
            row[0] for row in db.execute(f"select patient_id from ({PEOPLE.format(patients=patients)}) as p")
        ]
        db.commit()
        for name, work in WORKS.items():
            print(json.dumps({"what": name, "patients": patients, **_in_turns(db, work, people)}), flush=True)


def _fill(db: Connection, shape: str, patients: int) -> None:
    given = {
        "shape": shape,
        "partitioned": PARTITIONED[shape],
        "key": KEYS[shape],
        "people": PEOPLE.format(patients=patients),
        "first": FIRST,
        "last": FIRST + timedelta(days=DAYS - 1),
    }
    for table in ("entry", "delivery"):
        db.execute({"entry": ENTRY, "delivery": DELIVERY}[table].format(**given))
        for number, bounds in enumerate(_bounds(shape)):
            db.execute(
                f"create table {table}_{shape}_{number} partition of {table}_{shape} for values {bounds}"
            )
    db.execute(INDEXES.format(**given))
    db.execute(FILL_ENTRIES.format(**given))
    db.execute(FILL_DELIVERIES.format(**given))
    db.commit()
    db.autocommit = True
    db.execute(f"vacuum analyze entry_{shape}, delivery_{shape}")
    db.autocommit = False


def _bounds(shape: str) -> list[str]:
    if shape == "by_patient":
        return [f"with (modulus {HASHES}, remainder {number})" for number in range(HASHES)]
    starts = [date(2026, month, 1) for month in range(1, 13)] + [date(2027, 1, 1)]
    months = [f"from ('{first}') to ('{until}')" for first, until in itertools.pairwise(starts)]
    return months if shape == "by_month" else []


def _in_turns(db: Connection, work: Work, people: list[UUID]) -> dict[str, float]:
    """Milliseconds each, and for the partitioned ones how many times that of the one table."""
    took: dict[str, list[float]] = {shape: [] for shape in SHAPES}
    chances = {shape: Random(7) for shape in SHAPES}  # noqa: S311 (the same people in each)
    for _turn in range(1 if work is _prune else TIMES):
        for shape in SHAPES:
            began = time.perf_counter()
            work(db, shape, chances[shape], people)
            db.commit()
            took[shape].append((time.perf_counter() - began) * 1000)
    ms = {shape: median(times) for shape, times in took.items()}
    return {f"{shape}_ms": round(ms[shape], 3) for shape in SHAPES} | {
        f"{shape}_times": round(ms[shape] / ms["one_table"], 2) for shape in SHAPES[1:]
    }


def _save(db: Connection, shape: str, chance: Random, people: list[UUID]) -> None:
    """An entry more, and the entries of its day to fold."""
    patient, day = chance.choice(people), FIRST + timedelta(days=chance.randrange(DAYS))
    entry = (
        patient,
        day,
        UUID(int=chance.getrandbits(128)),
        day,
        day,
        day,
        "app",
        False,
        '{"add":{},"set":{}}',
    )
    insert = f"insert into entry_{shape} values (%s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing"
    db.execute(f"{insert} returning id", entry).fetchall()
    db.execute(
        f"select id, content from entry_{shape} where patient_id = %s and day = %s", entry[:2]
    ).fetchall()


def _month(db: Connection, shape: str, chance: Random, people: list[UUID]) -> None:
    last = FIRST + timedelta(days=chance.randrange(30, DAYS))
    period = (chance.choice(people), last - timedelta(days=29), last)
    read = f"select * from entry_{shape} where patient_id = %s and day between %s and %s order by day, id"
    db.execute(read, period).fetchall()


def _take_out(db: Connection, shape: str, chance: Random, people: list[UUID]) -> None:
    read = f"select * from entry_{shape} where patient_id = %s order by day, id limit 500"
    db.execute(read, (chance.choice(people),)).fetchall()


def _tap(db: Connection, shape: str, chance: Random, people: list[UUID]) -> None:
    """A delivery by its id, which is all that a tap on a notification knows."""
    db.execute(
        f"select * from delivery_{shape} where id = %s", (UUID(int=chance.getrandbits(128)),)
    ).fetchall()


def _in_flight(db: Connection, shape: str, _chance: Random, _people: list[UUID]) -> None:
    db.execute(f"select min(lease_until) from delivery_{shape} where state = 'claimed'").fetchall()


def _ledger(db: Connection, shape: str, chance: Random, people: list[UUID]) -> None:
    since = FIRST + timedelta(days=DAYS - 14)
    read = f"select * from delivery_{shape} where patient_id = %s and planned_at >= %s order by planned_at"
    db.execute(read, (chance.choice(people), since)).fetchall()


def _prune(db: Connection, shape: str, _chance: Random, people: list[UUID]) -> None:
    """A month of everybody's, 200 patients in a transaction, as the product does it."""
    until = date(2026, 2, 1)
    for first in range(0, len(people), 200):
        some = people[first : first + 200]
        db.execute(
            f"delete from delivery_{shape} where patient_id = any(%s) and planned_at < %s", (some, until)
        )
        db.commit()


WORKS: dict[str, Work] = {
    "save an entry": _save,
    "read a month": _month,
    "take out": _take_out,
    "tap on a notification": _tap,
    "look for what is in flight": _in_flight,
    "ledger of two weeks": _ledger,
    "prune a month": _prune,
}


if __name__ == "__main__":
    main()
