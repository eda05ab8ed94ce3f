"""Reading from a real streaming replica: never older than what was committed when somebody asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.access.care import revoke
from app.clock import utc_now
from app.database import Database
from app.doctor.check import State
from app.doctor.examine import examine
from app.migrate import migrate
from app.models.account import SignInAttempt
from app.settings import Settings
from builders import NOON, a_consent, a_logged_day, a_patient, a_therapist
from postgres import database_of, in_database, name_of, replicated_server
from running import running

AWAY = "postgresql://nobody@/nothing?host=/nowhere"


@dataclass(frozen=True, slots=True)
class Pair:
    """A migrated database, and where its replica is read."""

    primary: str
    replica: str

    def pause(self) -> None:
        """Let the replica receive what is written, but not show it."""
        self._tell_replica("select pg_wal_replay_pause()")

    def go_on(self) -> None:
        self._tell_replica("select pg_wal_replay_resume()")

    def wait_until_even(self) -> None:
        """Until the replica has the tables: it makes a whole new database first."""
        with psycopg.connect(self.primary, autocommit=True) as admin:
            there = admin.execute("select pg_current_wal_flush_lsn()::text").fetchone()
        end = time.monotonic() + 30
        while not self._holds(there):
            assert time.monotonic() < end
            time.sleep(0.05)

    def _holds(self, there: tuple[str] | None) -> bool:
        server = in_database(self.replica, "postgres")
        with psycopg.connect(server, autocommit=True) as admin:
            (holds,) = admin.execute("select pg_last_wal_replay_lsn() >= %s::pg_lsn", there).fetchone() or ()
        return bool(holds)

    def _tell_replica(self, what: str) -> None:
        with psycopg.connect(self.replica, autocommit=True) as admin:
            admin.execute(what)


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[str, str]]:
    with replicated_server() as urls:
        yield urls


@pytest.fixture
def pair(servers: tuple[str, str]) -> Iterator[Pair]:
    primary, replica = servers
    with database_of(primary) as url:
        migrate(Settings(database_url=url).sqlalchemy_url)
        pair = Pair(url, in_database(replica, name_of(url)))
        pair.wait_until_even()
        yield pair
        pair.go_on()


def opened(pair: Pair, replica: str | None = None) -> Database:
    settings = Settings(database_url=pair.primary, replica_url=replica or pair.replica)
    return Database(settings.sqlalchemy_url, settings.sqlalchemy_replica_url)


@pytest.fixture
def database(pair: Pair) -> Iterator[Database]:
    database = opened(pair)
    yield database
    database.close()


def attempt(db: Session) -> None:
    db.add(SignInAttempt(subject_hash="a" * 64, at=NOON))


def attempts(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(SignInAttempt)) or 0


def is_replica(db: Session) -> bool | None:
    return db.scalar(text("select pg_is_in_recovery()"))


async def test_heavy_reading_is_done_from_the_replica(database: Database) -> None:
    assert await database.read_from_replica(is_replica) is True
    assert await database.read(is_replica) is False


async def test_what_was_just_written_is_there_on_the_replica(database: Database) -> None:
    seen = []
    for _time in range(50):
        await database.write(attempt)
        seen.append(await database.read_from_replica(attempts))
    assert seen == list(range(1, 51))


async def test_a_replica_that_stays_behind_is_not_believed(pair: Pair, database: Database) -> None:
    pair.pause()
    await database.write(attempt)
    assert await database.read_from_replica(attempts) == 1


async def test_a_replica_that_was_behind_is_left_alone_for_a_while(pair: Pair, database: Database) -> None:
    pair.pause()
    await database.write(attempt)
    await database.read_from_replica(attempts)
    pair.go_on()
    assert await database.read_from_replica(is_replica) is False


async def test_a_replica_that_is_away_is_not_waited_for(pair: Pair) -> None:
    database = opened(pair, AWAY)
    assert await database.read_from_replica(attempts) == 0
    database.close()


async def test_a_server_that_is_no_replica_is_not_read(pair: Pair) -> None:
    with psycopg.connect(pair.primary, autocommit=True) as admin:
        admin.execute("create table seen_here (n int)")
    database = opened(pair, pair.primary)
    asked = await database.read_from_replica(lambda db: db.get_bind().engine is database.reading)
    database.close()
    assert asked is True


def test_a_revoked_consent_is_gone_at_the_next_request_however_far_behind_the_replica_is(
    pair: Pair, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, database_url=pair.primary, replica_url=pair.replica)
    with running(settings.model_copy(update={"public_url": "http://testserver"})) as app:
        now = utc_now()
        ana, rui = app.write(a_patient, now=now), app.write(a_therapist, now=now)
        consent = app.write(a_consent, rui.id, ana, now=now)
        app.write(a_logged_day, ana, ana.day_at(now), now, pain=4)
        desk = app.browser_of(rui.id)
        assert desk.get(f"/patients/{ana.id}/brief").status_code == 200
        assert len(desk.get("/api/patients").json()["patients"]) == 1
        pair.pause()
        app.write(revoke, ana.id, consent, now)
        assert desk.get(f"/patients/{ana.id}/brief").status_code == 404
        assert desk.get("/api/patients").json()["patients"] == []


@pytest.mark.parametrize(
    ("replica", "state"), [("", State.OK), ("postgresql://u@/d?host=/nowhere", State.LOOK)]
)
async def test_the_doctor_says_whether_the_replica_answers(
    pair: Pair, tmp_path: Path, replica: str, state: State
) -> None:
    settings = Settings(data=tmp_path, database_url=pair.primary, replica_url=replica or pair.replica)
    database = opened(pair, replica)
    checks = await examine(settings, database, utc_now())
    database.close()
    assert [check.state for check in checks if check.name == "replica"] == [state]
