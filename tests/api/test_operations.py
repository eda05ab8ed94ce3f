from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.migrate import head_revision
from app.models.worker_beat import WorkerBeat
from builders import a_worker
from running import AppInside

WELL = {"database": True, "migrations": True, "worker": True}


def silence(db: Session) -> None:
    db.execute(delete(WorkerBeat))


def test_a_process_that_is_up_is_healthy(running_app: AppInside) -> None:
    answer = running_app.nobody.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_monitor_may_ask_for_the_head_alone(standing_app: AppInside) -> None:
    answers = [standing_app.nobody.head(path) for path in ("/healthz", "/readyz")]
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b"")] * 2


def test_a_serving_process_is_ready_as_soon_as_its_worker_beats(standing_app: AppInside) -> None:
    answer = standing_app.nobody.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, WELL)


def test_without_any_worker_it_is_not_ready(running_app: AppInside) -> None:
    running_app.write(silence)
    answer = running_app.nobody.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, WELL | {"worker": False})


def test_a_worker_in_another_process_makes_it_ready(running_app: AppInside) -> None:
    running_app.write(silence)
    running_app.write(a_worker, utc_now(), host="elm")
    answer = running_app.nobody.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, WELL)


def test_a_worker_that_fell_silent_does_not(running_app: AppInside) -> None:
    running_app.write(silence)
    running_app.write(a_worker, utc_now() - timedelta(minutes=3))
    assert running_app.nobody.get("/readyz").status_code == 503


def test_tables_of_an_older_version_make_it_unready(running_app: AppInside) -> None:
    running_app.write(tables_at, "0000")
    answer = running_app.nobody.get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, False)


def test_an_old_server_stays_ready_once_a_new_one_has_migrated(running_app: AppInside) -> None:
    running_app.write(a_worker, utc_now())
    running_app.write(tables_at, f"{int(head_revision()) + 1:04}")
    answer = running_app.nobody.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, WELL)


def tables_at(db: Session, version: str) -> None:
    db.execute(text("update alembic_version set version_num = :version"), {"version": version})
