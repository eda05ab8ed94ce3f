"""What a request does before its route: on a locked database nobody waits twice."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from httpx2 import Response
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from builders import a_consent, a_patient, a_therapist, a_token, an_entry
from conftest import settings_for
from running import AppInside, running

LATER = timedelta(hours=2)
"""After which a sign-in and a token are noted as used."""


@pytest.fixture
def running_app(migrated_sqlite: Path, tmp_path: Path) -> Iterator[AppInside]:
    """On a file of its own, because others must not wait for it."""
    url = f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'aftercare.sqlite3')}"
    with running(settings_for(url, tmp_path)) as app:
        yield app


@contextmanager
def locked(app: AppInside) -> Iterator[list[object]]:
    """Somebody else writes into the database, and does not come to an end. Fills with who waited for them."""
    app.write(be_impatient)
    waits: list[object] = []
    writing = app.app.state.database.writing
    event.listen(writing, "engine_connect", waits.append)
    later = time_machine.travel(utc_now() + LATER)
    with closing(sqlite3.connect(writing.url.database, isolation_level=None)) as other, later:
        other.execute("begin immediate")
        yield waits


def be_impatient(db: Session) -> None:
    """`SQLITE_PRAGMAS` says how long the writer waits for a lock in earnest."""
    db.execute(text("pragma busy_timeout = 50"))


def is_busy(answer: Response) -> bool:
    return (answer.status_code, answer.headers.get("retry-after")) == (503, "1")


def logs(browser: TestClient, **headers: str) -> Response:
    entry = an_entry(utc_now().date(), at=utc_now(), set={"pain": 4})
    return browser.post("/api/entries", json={"entries": [entry]}, headers=headers)


def test_who_writes_into_a_locked_database_hears_so_after_one_wait(running_app: AppInside) -> None:
    phone = running_app.browser_of(running_app.write(a_patient, now=utc_now()).id)
    with locked(running_app) as waits:
        assert is_busy(logs(phone))
        assert len(waits) == 1


def test_so_does_a_program(running_app: AppInside) -> None:
    ana = running_app.write(a_patient, now=utc_now())
    token = running_app.write(a_token, ana.id, now=utc_now()).token
    with locked(running_app) as waits:
        assert is_busy(logs(running_app.nobody, authorization=f"Bearer {token}"))
        assert len(waits) == 1


def test_so_does_a_therapist_whose_look_cannot_be_put_on_record(running_app: AppInside) -> None:
    ana, rui = running_app.write(a_patient, now=utc_now()), running_app.write(a_therapist, now=utc_now())
    running_app.write(a_consent, rui.id, ana, now=utc_now())
    token = running_app.write(a_token, rui.id, now=utc_now()).token
    with locked(running_app) as waits:
        look = running_app.nobody.get(
            f"/api/patients/{ana.id}/brief", headers={"authorization": f"Bearer {token}"}
        )
        assert is_busy(look)
        assert len(waits) == 1


def test_reading_goes_on_in_a_locked_database(running_app: AppInside) -> None:
    phone = running_app.browser_of(running_app.write(a_patient, now=utc_now()).id)
    with locked(running_app):
        assert phone.get("/api/me").status_code == 200
