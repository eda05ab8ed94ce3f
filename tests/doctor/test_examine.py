from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from alembic import command
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.clock import utc_now, zone_data_version
from app.database import Database
from app.doctor.arriving import devices, push_services
from app.doctor.check import Check, State
from app.doctor.examine import examine, examine_database
from app.doctor.sending import database_clock, overdue, workers, zone_data
from app.migrate import migration_config
from app.models.patient import PatientProfile
from app.models.push import Delivery, DeliveryState
from app.models.zone_data import ZoneData
from app.settings import Settings
from builders import NOON, a_delivery, a_device, a_patient, a_reminder, a_row_in_every_table, a_worker

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def the(checks: Iterable[Check], name: str) -> Check:
    """The one check of this name."""
    [check] = [check for check in checks if check.name == name]
    return check


def sent(db: Session, ana: PatientProfile, *, host: str, **told: Any) -> Delivery:
    """A message of an hour ago to a new device at this push service, taken unless told otherwise."""
    device = a_device(db, ana.id)
    device.endpoint = f"https://{host}/{device.id}"
    delivery = a_delivery(db, a_reminder(db, ana.id), device, NOON - HOUR)
    for name, value in told.items():
        setattr(delivery, name, value)
    db.flush()
    return delivery


def test_a_worker_heard_a_minute_ago_is_in_order(db: Session) -> None:
    a_worker(db, NOON - MINUTE)
    [check] = workers(db, NOON)
    assert (check.state, check.found) == (State.OK, "1 worker on oak, in time.")


def test_without_any_worker_nobody_sends_reminders(db: Session) -> None:
    [check] = workers(db, NOON)
    assert check.state is State.MEND
    assert check.found == "nobody sends reminders; none was heard today."


def test_a_worker_that_fell_silent_is_told_with_its_computer(db: Session) -> None:
    a_worker(db, NOON)
    a_worker(db, NOON - 3 * HOUR, host="elm", process_id=12)
    check = the(workers(db, NOON), "worker on elm")
    assert (check.state, check.found) == (State.LOOK, "process 12 fell silent 3 hours ago.")


def test_when_all_workers_fell_silent_it_says_since_when(db: Session) -> None:
    a_worker(db, NOON - 3 * HOUR)
    check = the(workers(db, NOON), "workers")
    assert (check.state, check.found) == (
        State.MEND,
        "nobody sends reminders; the last one was heard 3 hours ago.",
    )


def test_a_worker_behind_with_reminders_is_worth_a_look(db: Session) -> None:
    a_worker(db, NOON, lag_seconds=600)
    [check] = workers(db, NOON)
    assert (check.state, check.found) == (State.LOOK, "1 worker on oak, 10 minutes behind with reminders.")


def test_a_worker_whose_clock_runs_ahead_is_told(db: Session) -> None:
    a_worker(db, NOON + 90 * timedelta(seconds=1))
    assert the(workers(db, NOON), "clock of oak").found == "it is 90 seconds ahead of ours."


def test_a_clock_that_was_set_is_told_for_a_day(db: Session) -> None:
    beat = a_worker(db, NOON, step_seconds=-7200, stepped_at=NOON - 5 * HOUR)
    check = the(workers(db, NOON), "clock of oak")
    assert (check.state, check.found) == (State.LOOK, "it jumped back by 2 hours, 5 hours ago.")
    beat.beat_at = NOON + DAY
    assert [check.name for check in workers(db, NOON + DAY)] == ["workers"]


def test_the_clock_of_the_database_agrees(db: Session) -> None:
    assert database_clock(db).state is State.OK


def test_a_database_server_with_another_clock_is_noticed(database: Database, db: Session) -> None:
    check = database_clock(db, clock=lambda: utc_now() - 3 * HOUR)
    is_own = db.get_bind().dialect.name == "sqlite"
    assert check.found == ("it is ours." if is_own else "it is 3 hours ahead of ours.")


def test_reminders_planned_by_the_zone_data_installed_are_in_order(db: Session) -> None:
    assert zone_data(db).found == f"edition {zone_data_version()}."
    db.add(ZoneData(version=zone_data_version(), since=NOON))
    assert zone_data(db).state is State.OK


def test_reminders_planned_by_other_zone_data_are_worth_a_look(db: Session) -> None:
    db.add(ZoneData(version="1998a", since=NOON))
    check = zone_data(db)
    assert check.state is State.LOOK
    assert check.found.startswith("reminders were planned by edition 1998a, ")


def test_a_reminder_a_minute_late_is_not_overdue(db: Session, ana: PatientProfile) -> None:
    a_reminder(db, ana.id).due_at = NOON - MINUTE
    assert overdue(db, NOON).state is State.OK


def test_reminders_and_claims_nobody_went_on_with_are_overdue(db: Session, ana: PatientProfile) -> None:
    a_reminder(db, ana.id).due_at = NOON - 3 * MINUTE
    claimed = sent(db, ana, host="push.example", state=DeliveryState.CLAIMED)
    claimed.lease_until = NOON - 3 * MINUTE
    check = overdue(db, NOON)
    assert (check.state, check.found) == (
        State.MEND,
        "2 reminders should have left more than 2 minutes ago.",
    )


def test_push_services_are_told_apart_by_their_hosts(db: Session, ana: PatientProfile) -> None:
    [sent(db, ana, host="fcm.googleapis.com") for _number in range(2)]
    sent(db, ana, host="web.push.apple.com")
    found = {check.name: check.found for check in push_services(db, NOON)}
    assert found == {
        "push service fcm.googleapis.com": "it took 2 of 2 messages in the last day.",
        "push service web.push.apple.com": "it took 1 of 1 message in the last day.",
    }


def test_a_push_service_that_takes_nothing_must_be_mended(db: Session, ana: PatientProfile) -> None:
    sent(db, ana, host="push.example", state=DeliveryState.EXPIRED, sent_at=None, reason="unreachable")
    [check] = push_services(db, NOON)
    assert (check.state, check.found) == (State.MEND, "it took 0 of 1 message in the last day.")


def test_a_push_service_that_takes_most_is_worth_a_look(db: Session, ana: PatientProfile) -> None:
    [sent(db, ana, host="push.example") for _number in range(4)]
    sent(db, ana, host="push.example", state=DeliveryState.FAILED, sent_at=None, reason="rejected")
    [check] = push_services(db, NOON)
    assert check.state is State.LOOK


def test_a_refused_signature_must_be_mended(db: Session, ana: PatientProfile) -> None:
    [sent(db, ana, host="push.example") for _number in range(20)]
    sent(db, ana, host="push.example", state=DeliveryState.FAILED, sent_at=None, reason="vapid_refused")
    [check] = push_services(db, NOON)
    assert (check.state, check.found) == (State.MEND, "it refused our signature 1 time in the last day.")


def test_what_is_in_flight_or_older_than_a_day_is_not_counted(db: Session, ana: PatientProfile) -> None:
    sent(db, ana, host="push.example", state=DeliveryState.CLAIMED, sent_at=None)
    sent(db, ana, host="push.example", planned_at=NOON - 25 * HOUR)
    assert list(push_services(db, NOON)) == []


def test_devices_are_counted_and_those_forgotten_are_not(db: Session, ana: PatientProfile) -> None:
    a_device(db, ana.id)
    a_device(db, ana.id).forgotten_at = NOON
    [check] = devices(db, None, NOON)
    assert (check.state, check.found) == (State.OK, "1 device subscribed.")


def test_a_device_that_takes_messages_and_shows_none_for_a_week_is_worth_a_look(
    db: Session, ana: PatientProfile
) -> None:
    never, not_since, shows, is_new = (a_device(db, ana.id) for _number in range(4))
    never.last_accepted_at, never.created_at = NOON, NOON - 8 * DAY
    not_since.last_accepted_at, not_since.last_shown_at = NOON, NOON - 8 * DAY
    shows.last_accepted_at, shows.last_shown_at = NOON, NOON - DAY
    is_new.last_accepted_at, is_new.created_at = NOON, NOON - DAY
    check = the(devices(db, None, NOON), "silent devices")
    assert (check.state, check.found) == (
        State.LOOK,
        "2 devices showed none of the messages of the last 7 days.",
    )


def test_a_device_nothing_is_sent_to_any_more_is_worth_a_look(db: Session, ana: PatientProfile) -> None:
    a_device(db, ana.id).disabled_at = NOON
    assert the(devices(db, None, NOON), "failing devices").state is State.LOOK


def test_devices_of_another_push_key_must_be_mended(db: Session, ana: PatientProfile) -> None:
    a_device(db, ana.id).server_key = "ours"
    a_device(db, ana.id).server_key = "another"
    check = the(devices(db, "ours", NOON), "push key of devices")
    assert (check.state, check.found) == (
        State.MEND,
        "1 device subscribed with another push key, so nothing can arrive.",
    )


def test_nothing_about_anybody_is_told(db: Session) -> None:
    a_row_in_every_table(db, NOON)
    told = " ".join(str(check) for check in examine_database(db, None, NOON))
    assert [name for name in ("Ana", "Rui", "people.example", "Phone", "Stiff") if name in told] == []


@pytest.mark.anyio
async def test_tables_of_an_older_version_must_be_mended(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    command.downgrade(migration_config(database_url), "base")
    checks = await examine(Settings(data=tmp_path, database_url=database_url), database, utc_now())
    assert the(checks, "tables").found.startswith("they are at nothing, ")
    assert checks[-1].name == "tables"


@pytest.mark.anyio
async def test_tables_of_a_newer_version_are_not_to_be_migrated(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await database.write(
        lambda db: db.execute(text("update alembic_version set version_num = '9999'")) and None
    )
    checks = await examine(Settings(data=tmp_path, database_url=database_url), database, utc_now())
    assert "newer version" in the(checks, "tables").fix


@pytest.mark.anyio
async def test_a_database_without_any_tables_must_be_mended(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await database.write(lambda db: db.execute(text("drop table alembic_version")) and None)
    checks = await examine(Settings(data=tmp_path, database_url=database_url), database, utc_now())
    assert the(checks, "tables").state is State.MEND


@pytest.mark.anyio
async def test_the_access_log_waits_until_the_tables_are_up_to_date(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    await database.write(
        lambda db: db.execute(text("update alembic_version set version_num = '0001'")) and None
    )
    checks = await examine(Settings(data=tmp_path, database_url=database_url), database, utc_now())
    assert the(checks, "tables").found.startswith("they are at 0001, ")
    assert [check.name for check in checks if check.name == "access log"] == []


@pytest.mark.anyio
async def test_the_access_log_is_examined_though_nobody_sends_and_the_clocks_differ(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, database_url=database_url)
    with time_machine.travel(utc_now() + 3 * HOUR):
        checks = await examine(settings, database, utc_now())
    differ = ["clock of the database"] if settings.database_kind == "postgresql" else []
    to_mend = [check.name for check in checks if check.state is State.MEND]
    assert [name for name in to_mend if name in ("clock of the database", "workers")] == [*differ, "workers"]
    assert the(checks, "access log").state is State.OK


@pytest.mark.anyio
async def test_a_database_that_does_not_answer_must_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.AWAY_FOR", 0.1)
    settings = Settings(data=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/aftercare")
    away = Database(settings.sqlalchemy_url)
    checks = await examine(settings, away, utc_now())
    away.close()
    assert 'it cannot be used: connection failed: connection to server at "127.0.0.1", port 1 failed' in (
        the(checks, "database").found
    )


@pytest.mark.anyio
async def test_a_database_that_never_says_a_word_does_not_keep_the_doctor_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.database.AWAY_FOR", 0.1)
    monkeypatch.setattr("app.database.CONNECT_TIMEOUT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"postgresql://nobody@127.0.0.1:{mute.getsockname()[1]}/aftercare"
        away = Database(Settings(database_url=url).sqlalchemy_url)
        async with asyncio.timeout(15):
            checks = await examine(Settings(data=tmp_path, database_url=url), away, utc_now())
        away.close()
    assert the(checks, "database").state is State.MEND


@pytest.mark.anyio
async def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    database = Database(settings.sqlalchemy_url)
    checks = await examine(settings, database, utc_now())
    database.close()
    assert the(checks, "database").state is State.MEND
    assert list(tmp_path.iterdir()) == []


@pytest.mark.anyio
async def test_everything_is_looked_at(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AFTERCARE_TEST_PG_URL", raising=False)
    await database.write(a_patient)
    settings = Settings(data=tmp_path, database_url=database_url)
    names = [check.name for check in await examine(settings, database, utc_now())]
    assert names == [
        "public address",
        "environment",
        "push contact",
        "push key",
        "secrets",
        "data folder",
        "clock of the data folder",
        "backup",
        "database",
        "tables",
        "clock of the database",
        "zone data",
        "workers",
        "overdue reminders",
        "devices",
        "access log",
    ]
