"""The two ways to the data, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from functools import partial
from types import NoneType

import psycopg
import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from app.clock import utc_now
from app.database import SQLITE_PRAGMAS, Database, all_or_nothing, one_moment, why_unusable
from app.errors import Busy, Conflict, NoRoom
from app.models.account import SignInAttempt
from builders import NOON
from postgres import database_of, name_of


def attempt(db, subject="a" * 64):
    db.add(SignInAttempt(subject_hash=subject, at=NOON))


def attempts(db):
    return db.scalar(select(func.count()).select_from(SignInAttempt))


async def test_what_was_written_is_there_to_be_read(database):
    await database.write(attempt)
    assert await database.read(attempts) == 1


async def test_what_fails_leaves_nothing_behind(database):
    def attempt_and_fail(db):
        attempt(db)
        db.flush()
        raise Conflict("no")

    with pytest.raises(Conflict):
        await database.write(attempt_and_fail)
    assert await database.read(attempts) == 0


async def test_one_failure_in_a_batch_leaves_the_others_standing(database):
    def fail(_db):
        raise Conflict("no")

    answers = await asyncio.gather(
        *(database.write(fail if n % 3 == 0 else attempt) for n in range(30)), return_exceptions=True
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 10
    assert await database.read(attempts) == 20


async def test_a_failed_commit_is_never_answered_with_success(database):
    @event.listens_for(database.writing, "commit")
    def refuse(_connection):
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    answers = await asyncio.gather(*(database.write(attempt) for _ in range(5)), return_exceptions=True)
    event.remove(database.writing, "commit", refuse)
    assert [type(answer) for answer in answers] == [Busy] * 5
    assert await database.read(attempts) == 0


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@on_sqlite
async def test_writes_that_queue_up_share_one_commit(database):
    commits = []
    event.listen(database.writing, "commit", lambda _connection: commits.append(utc_now()))
    await twenty_behind_another(database)
    assert await database.read(attempts) == 20
    assert len(commits) == 1


@on_sqlite
async def test_commits_are_counted_by_how_many_writes_shared_them(database):
    await database.write(attempt)
    await twenty_behind_another(database)
    assert database.commits_by_writes == [1, 0, 0, 0, 0, 1, 0, 0, 0]


async def twenty_behind_another(database):
    """Twenty attempts queue up while somebody else writes."""
    held = threading.Event()
    first = asyncio.create_task(database.write(lambda _db: held.wait(5)))
    await asyncio.sleep(0.05)
    others = [asyncio.create_task(database.write(attempt)) for _ in range(20)]
    await asyncio.sleep(0.05)
    held.set()
    await asyncio.gather(first, *others)


async def test_closing_finishes_what_has_queued_up(database_url):
    database = Database(database_url)
    waiting = [asyncio.create_task(database.write(attempt)) for _ in range(50)]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.close)
    await asyncio.gather(*waiting)
    again = Database(database_url)
    assert await again.read(attempts) == 50
    again.close()


@on_sqlite
@pytest.mark.parametrize(("pragma", "value"), SQLITE_PRAGMAS.items())
async def test_every_sqlite_connection_is_set_up_safely(database, pragma, value):
    expected = {"WAL": "wal", "FULL": "2", "ON": "1", "OFF": "0"}.get(value, value)

    def in_force(db):
        return str(db.scalar(text(f"PRAGMA {pragma}")))

    assert [await database.read(in_force), await database.write(in_force)] == [expected, expected]


async def test_statement_values_never_reach_error_texts(database):
    def misuse(db):
        db.execute(text("select :secret from nowhere_at_all"), {"secret": "my shoulder hurts"})

    with pytest.raises(Exception) as raised:  # noqa: PT011 - the two databases raise different kinds
        await database.read(misuse)
    assert "my shoulder hurts" not in f"{raised.value}{raised.value.__cause__}"


@on_postgresql
async def test_postgresql_speaks_utc_and_stops_endless_statements(database):
    assert await database.read(lambda db: db.scalar(text("show timezone"))) == "UTC"
    assert await database.read(lambda db: db.scalar(text("show statement_timeout"))) == "10s"


@on_sqlite
async def test_a_reading_connection_cannot_write_on_sqlite(database):
    def attempt_while_reading(db):
        attempt(db)
        db.flush()

    with pytest.raises(Busy):
        await database.read(attempt_while_reading)


@on_postgresql
async def test_what_is_written_while_reading_is_thrown_away_on_postgresql(database):
    def attempt_while_reading(db):
        attempt(db)
        db.flush()

    await database.read(attempt_while_reading)
    assert await database.read(attempts) == 0


def leave_room_for(pages):
    def fill_up(db):
        used = db.scalar(text("pragma page_count"))
        db.execute(text(f"pragma max_page_count = {used + pages}"))

    return fill_up


def attempt_too_often(db):
    db.add_all([SignInAttempt(subject_hash="a" * 64, at=NOON) for _one in range(5000)])


@on_sqlite
async def test_on_a_full_disk_nothing_is_stored_and_reading_goes_on(database):
    await database.write(attempt)
    await database.write(leave_room_for(0))
    with pytest.raises(NoRoom):
        await database.write(attempt_too_often)
    assert await database.read(attempts) == 1


@on_sqlite
async def test_nobody_is_told_that_theirs_is_stored_when_a_full_disk_takes_the_batch_back(database):
    """Of a statement with one row SQLite does not undo that row alone, and says nothing of it."""
    await database.write(leave_room_for(2))
    begun = threading.Event()

    def attempt_once_all_are_there(db):
        attempt(db, "b" * 64)
        begun.wait(10)

    first = asyncio.create_task(database.write(attempt_once_all_are_there))
    too_long = partial(attempt, subject="c" * 1_000_000)
    others = [asyncio.create_task(database.write(one)) for one in (too_long, attempt, attempt)]
    await asyncio.sleep(0)
    begun.set()
    answers = await asyncio.gather(first, *others, return_exceptions=True)
    assert [type(answer) for answer in answers] == [NoRoom, NoRoom, NoneType, NoneType]
    assert await database.read(attempts) == 2


@on_sqlite
async def test_whoever_waits_for_a_locked_database_is_told_so_together(database, database_url, monkeypatch):
    """One after the other they would wait for minutes."""
    monkeypatch.setitem(SQLITE_PRAGMAS, "busy_timeout", "500")
    holder = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    answers = await asyncio.gather(*(database.write(attempt) for _ in range(30)), return_exceptions=True)
    waited = time.monotonic() - began
    assert await database.read(attempts) == 0
    holder.close()
    assert [type(answer) for answer in answers] == [Busy] * 30
    assert waited < 2.5
    await database.write(attempt)


def test_a_server_that_stays_away_is_waited_for_once(monkeypatch):
    monkeypatch.setattr("app.database.AWAY_FOR", away_for := 1.0)
    database = Database("postgresql+psycopg://nobody@/nothing?host=/nowhere")
    began = time.monotonic()
    answers = asyncio.run(asked_all_at_once(database))
    assert [type(answer) for answer in answers] == [Busy] * 40
    assert time.monotonic() - began < away_for + 3
    database.close()


async def asked_all_at_once(database):
    writes, reads = (database.write(attempt) for _ in range(20)), (database.read(attempts) for _ in range(20))
    return await asyncio.gather(*writes, *reads, return_exceptions=True)


def test_what_an_operator_can_mend_is_told_from_a_fault_of_ours(database_url: str) -> None:
    with one_moment(database_url) as connection:
        with pytest.raises(DBAPIError) as ours:
            connection.execute(text("select nothing from nowhere"))
        assert why_unusable(ours.value) is None


def test_a_database_that_may_only_be_read_is_said_to_be(postgres: str) -> None:
    with database_of(postgres) as url:
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(f"alter database {name_of(url)} set default_transaction_read_only = on".encode())
        with pytest.raises(DBAPIError) as refused, all_or_nothing(url) as connection:
            connection.execute(text("create table nowhere ()"))
    told = why_unusable(refused.value)
    assert told is not None
    assert told.why == "cannot execute CREATE TABLE in a read-only transaction"
