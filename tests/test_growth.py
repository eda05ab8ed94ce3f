"""What a person waits for must not take longer the more people there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from app.api.metrics import reminders_now
from app.clock import utc_now, zone_data_version
from app.letters.daily_due import claim_letter, due_letters
from app.models.push import DeliveryState
from app.models.therapist import Therapist
from app.reminders.dispatch import claim_due, next_due_at
from app.reminders.due import plan_due_reminders
from app.reminders.of_the_plan import arrange_begun, next_beginning
from app.reminders.prune import prune_some
from app.reminders.replan import START, begin_replanning, is_replanning, replan_some
from builders import (
    a_consent,
    a_delivery,
    a_device,
    a_logged_day,
    a_patient,
    a_plan,
    a_reminder,
    a_session,
    a_therapist,
    an_entry,
)
from running import AppInside

OF_PATIENTS = [
    "/api/today",
    "/api/days?first=2026-01-01&last=2026-03-01",
    "/api/deliveries",
    "/api/me/access-log",
    "/api/reminders",
    "/api/sessions",
    "/api/plan",
    "/api/insights",
    "/today",
    "/trends",
    "/reminders",
    "/sharing",
]
OF_THERAPISTS = ["/api/patients", "/patients"]
UNDER_CONSENT = ["days?first=2026-01-01&last=2026-03-01", "brief", "sessions", "plan", "notes", "report.csv"]
TABLES = SQLModel.metadata.tables
Said = dict[str, Any]


@contextmanager
def statements(app: AppInside) -> Iterator[Said]:
    """Each statement that is run meanwhile, with the values it was first run with."""
    said: Said = {}

    def hear(_on: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        said.setdefault(statement, values[0] if many else values)

    engines: list[Engine] = [app.app.state.database.reading, app.app.state.database.writing]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", hear)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", hear)


@pytest.fixture(scope="module")
def asked(standing_app: AppInside) -> Said:
    """Every statement of a day with the app, of a patient and of the therapist who treats them."""
    now = utc_now()
    ana, rui = standing_app.write(a_patient, now=now), standing_app.write(a_therapist, now=now)
    standing_app.write(a_consent, rui.id, ana, now=now)
    standing_app.write(a_session, ana.id, rui.id, now)
    standing_app.write(a_logged_day, ana, ana.day_at(now), now, pain=4)
    phone, desk = standing_app.browser_of(ana.id), standing_app.browser_of(rui.id)
    with statements(standing_app) as said:
        phone.post("/api/entries", json={"entries": [an_entry(ana.day_at(now), at=now, set={"pain": 5})]})
        answers = [phone.get(path) for path in OF_PATIENTS] + [desk.get(path) for path in OF_THERAPISTS]
        answers += [desk.get(f"/api/patients/{ana.id}/{path}") for path in UNDER_CONSENT]
        standing_app.write(lambda db: plan_due_reminders(db, now, 0, 100))
    assert {one.status_code for one in answers} == {200}
    return said


def whole_tables(on: Connection, statement: str, values: Any) -> list[str]:
    """The steps of the database's plan for a statement that go through all rows of a table."""
    if on.dialect.name == "sqlite":
        plan = [row[-1] for row in on.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
        return [
            step for step in plan if (name := re.fullmatch(r"SCAN (\w+?)(_\d+)?", step)) and name[1] in TABLES
        ]
    # On tables this small it would read all of them, unless there is an index and it is told to prefer one.
    on.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = [row[0] for row in on.exec_driver_sql(f"EXPLAIN {statement}", values)]
    return [step.strip() for step in plan if "Seq Scan on" in step]


@pytest.fixture(scope="module")
def tended(standing_app: AppInside) -> Said:
    """Every statement with which workers claim, record, plan, prune and write letters."""
    now = utc_now()
    with statements(standing_app) as said:
        rui_id = standing_app.write(due_and_given_back, now)
        standing_app.read(next_due_at)
        standing_app.write(lambda db: claim_due(db, now, 0, 256))
        standing_app.read(next_beginning)
        standing_app.write(arrange_begun, now)
        standing_app.write(prune_some, START, now)
        standing_app.read(due_letters, START, now)
        standing_app.write(claim_letter, rui_id, now)
        standing_app.write(begin_replanning)
        standing_app.read(is_replanning)
        standing_app.write(lambda db: replan_some(db, zone_data_version(), now, 0, 256))
        standing_app.read(reminders_now, now)
    return said


def due_and_given_back(db: Session, now: datetime) -> UUID:
    """Cleo's reminder is due, one more is to come and one was given back; the id of who treats her."""
    cleo, vera = a_patient(db, "Cleo", zone="UTC", now=now), a_therapist(db, "Vera", now=now)
    a_consent(db, vera.id, cleo, now=now)
    a_plan(db, cleo, vera.id, now=now)
    db.get_one(Therapist, vera.id).digest_at = now.time()
    device = a_device(db, cleo.id, now)
    a_reminder(db, cleo.id, f"{now:%H:%M}", now).due_at = now.replace(second=0, microsecond=0)
    delivery = a_delivery(db, a_reminder(db, cleo.id, now=now), device, now)
    delivery.state, delivery.lease_until, delivery.sent_at = DeliveryState.CLAIMED, now, None
    return vera.id


HOLD_FEW_ROWS = {"zone_data", "worker_beat"}


def whole_tables_of(standing_app: AppInside, said: Said) -> list[str]:
    def found(db: Session) -> list[str]:
        return [
            f"{step}: {statement}"
            for statement, values in said.items()
            if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT", "WITH"))
            for step in whole_tables(db.connection(), statement, values)
            if not any(name in step for name in HOLD_FEW_ROWS)
        ]

    return standing_app.read(found)


def test_nothing_a_person_waits_for_reads_a_whole_table(standing_app: AppInside, asked: Said) -> None:
    assert len(asked) > 40
    assert whole_tables_of(standing_app, asked) == []


def test_nothing_a_worker_does_reads_a_whole_table(standing_app: AppInside, tended: Said) -> None:
    assert len(tended) > 30
    assert whole_tables_of(standing_app, tended) == []
