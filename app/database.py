"""The only place that opens, commits and rolls back transactions.

`await read(fn, …)` and `await write(fn, …)` run a plain function `fn(db, …)` in a thread of their own
and answer after its transaction ended. On SQLite one writer thread commits together whatever has
queued up: a savepoint for each function, one fsync for all. On PostgreSQL several threads write.
The functions cannot tell which, and never commit.

`await read_from_replica(fn, …)` is `read` on a streaming replica of PostgreSQL, and nobody can tell that
either: it waits until the replica holds all that was committed when it was asked, and asks the primary when
that takes too long. So what was just saved is there, and a consent just revoked is gone.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.call_queue import QUEUE_LENGTH, Call, Calls, Threads, queued
from app.errors import Busy, Conflict, NoRoom
from app.language import _

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 128
READERS_ON_SQLITE = 2
THREADS_ON_POSTGRESQL = 4
STATEMENT_TIMEOUT_MS = 10_000
CONNECT_TIMEOUT_SECONDS = 5
AWAY_FOR = 5.0
"""Seconds a database server may be away, as while it restarts, before people are told that it is."""
ASK_AGAIN_AFTER = 0.1
REPLICA_MAY_LAG = 0.1
"""Seconds a reader waits for a replica that is behind."""
REPLICA_RESTS_FOR = 5.0
"""Seconds nobody asks a replica that was away or too far behind: each who asked would wait for nothing."""

SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "busy_timeout": "4000",
    "secure_delete": "ON",
    "trusted_schema": "OFF",
}
"""FULL, because NORMAL loses acknowledged entries in a power cut."""


Insert = sqlite.Insert | postgresql.Insert
"""An insert that can say what becomes of a row that is there already, which only the dialects know."""

INSERT: dict[str, Callable[[Any], Insert]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_into(db: Session, table: Any) -> Insert:
    return INSERT[db.get_bind().dialect.name](table)


def make_engine(url: str, *, threads: int = 1, reads_only: bool = False) -> Engine:
    """An engine with the settings every connection must have. Statement values never reach error texts."""
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(
            url,
            hide_parameters=True,
            json_deserializer=from_json,
            pool_size=threads,
            max_overflow=0,
            connect_args={"check_same_thread": False, "isolation_level": None},
        )
        _tune_sqlite(engine, reads_only=reads_only)
        return engine
    return create_engine(
        url,
        hide_parameters=True,
        json_deserializer=from_json,
        pool_size=threads,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
        },
    )


def missing_file(url: str) -> Path | None:
    """Where the SQLite file should be and is not; opening it would make an empty one."""
    found = make_url(url)
    if found.get_backend_name() != "sqlite" or found.database is None or Path(found.database).exists():
        return None
    return Path(found.database)


@contextmanager
def one_moment(url: str) -> Iterator[Connection]:
    """A connection that sees the database as it is now, however long it takes and whatever is written."""
    with _engine(url, reads_only=True) as engine, engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
            connection.execute(text("set local statement_timeout = 0"))
        yield connection


@contextmanager
def all_or_nothing(url: str) -> Iterator[Connection]:
    """One transaction that may build all tables anew, however long it takes."""
    with _engine(url) as engine, engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Inside a transaction this would count for nothing.
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys = OFF")
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("set local statement_timeout = 0"))
            yield connection


@contextmanager
def one_change(url: str) -> Iterator[Session]:
    """A transaction like any other, in a database that nobody else has open."""
    with _engine(url) as engine, Session(engine) as db, db.begin():
        yield db


@contextmanager
def _engine(url: str, *, reads_only: bool = False) -> Iterator[Engine]:
    engine = make_engine(url, reads_only=reads_only)
    try:
        yield engine
    finally:
        engine.dispose()


def _tune_sqlite(engine: Engine, *, reads_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def _set_pragmas(connection: Any, _entry: ConnectionPoolEntry) -> None:
        for name, value in SQLITE_PRAGMAS.items():
            connection.execute(f"PRAGMA {name} = {value}")
        if reads_only:
            connection.execute("PRAGMA query_only = ON")

    # A deferred transaction that turns into a writing one fails under load instead of waiting.
    begin = "BEGIN" if reads_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


class Database:
    """A database that is open: its readers, its writers, and the two ways to use them."""

    def __init__(self, url: str, replica_url: str = "") -> None:
        self.on_sqlite = make_url(url).get_backend_name() == "sqlite"
        readers = READERS_ON_SQLITE if self.on_sqlite else THREADS_ON_POSTGRESQL
        writers = 1 if self.on_sqlite else THREADS_ON_POSTGRESQL
        self.reading = make_engine(url, threads=readers, reads_only=self.on_sqlite)
        self.writing = make_engine(url, threads=writers)
        self.writes = self.commits = 0
        self.commits_by_writes = [0] * (BATCH.bit_length() + 1)
        """Commits of one write, of up to 2, up to 4, … up to BATCH, and last those of more."""
        self._readers = Threads("reader", readers, self._serve_read)
        self._writers = Threads("writer", writers, self._serve_batch if self.on_sqlite else self._serve_write)
        self._replica = _Replica(replica_url) if replica_url else None

    async def read(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(db, …)` in a transaction that is thrown away."""
        return await self._readers.run(lambda db: fn(db, *args, **kwargs))

    async def read_from_replica(
        self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """As `read`, of a replica where there is one that keeps up."""
        if self._replica is None or self._replica.is_resting:
            return await self.read(fn, *args, **kwargs)
        committed = await self.read(_committed)
        try:
            return await self._replica.read(committed, lambda db: fn(db, *args, **kwargs))
        except (_Behind, Busy):
            return await self.read(fn, *args, **kwargs)

    async def write(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(db, …)` and commit; an exception rolls back all it did. Answers after the commit."""
        return await self._writers.run(lambda db: fn(db, *args, **kwargs))

    @property
    def waiting(self) -> int:
        """How many writes have queued up."""
        return self._writers.waiting

    async def empty_log(self) -> None:
        """Take what was deleted out of SQLite's write-ahead log too: in the file it was overwritten already.

        PostgreSQL forgets with its next vacuum, and its log is the operator's.
        """
        if self.on_sqlite:
            await asyncio.to_thread(_empty_log, self.writing.url.database or "")

    def close(self) -> None:
        """Finish what has queued up, then close every connection."""
        if self._replica is not None:
            self._replica.close()
        self._readers.close()
        self._writers.close()
        self.reading.dispose()
        self.writing.dispose()

    def _serve_read(self, _calls: Calls, call: Call) -> None:
        for _attempt in _attempts(call.asked_at):
            try:
                with Session(self.reading, expire_on_commit=False) as db:
                    call.result = call.run(db)
            except BaseException as error:
                call.error = _as_raised(error)
                if _is_away(error):
                    continue
            else:
                call.error = None
            break
        call.answer()

    def _serve_write(self, _calls: Calls, call: Call) -> None:
        """While the database is away, begin anew; not once the commit was sent, for that may have arrived."""
        for _attempt in _attempts(call.asked_at):
            has_run = False
            try:
                with Session(self.writing, expire_on_commit=False) as db, db.begin():
                    call.result = call.run(db)
                    has_run = True
            except BaseException as error:
                call.error = _as_raised(error)
                if _is_away(error) and not has_run:
                    continue
            else:
                call.error = None
            break
        self._count(1)
        call.answer()

    def _serve_batch(self, calls: Calls, first: Call) -> None:
        served: list[Call] = []
        try:
            with self.writing.begin() as connection:
                _serve_in_savepoint(connection, first, served)
                for call in queued(calls, at_most=BATCH - 1):
                    _serve_in_savepoint(connection, call, served)
        except BaseException as error:
            # Nothing of this batch is stored, so nobody may be told that theirs was. Those who queued up
            # behind a locked database have waited too, and would wait as long again, one after the other.
            served = served or [first, *queued(calls, at_most=QUEUE_LENGTH)]
            for call in served:
                call.error = _as_raised(error)
        self._count(len(served))
        for call in served:
            call.answer()

    def _count(self, writes: int) -> None:
        """For whoever watches; on PostgreSQL, where threads share it, a few may be missed."""
        self.writes += writes
        self.commits += 1
        self.commits_by_writes[min((writes - 1).bit_length(), BATCH.bit_length())] += 1


class _Behind(Exception):
    """The replica does not hold yet what it was asked about."""


class _Replica:
    """A read-only copy that follows the primary through its write-ahead log."""

    def __init__(self, url: str) -> None:
        self._reading = make_engine(url, threads=THREADS_ON_POSTGRESQL)
        self._readers = Threads("replica-reader", THREADS_ON_POSTGRESQL, self._serve)
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self._rests_until

    async def read(self, committed: str, function: Callable[[Session], T]) -> T:
        """Raises _Behind or Busy where the primary must be asked instead."""

        def once_caught_up(db: Session) -> T:
            _require_caught_up(db, committed)
            return function(db)

        return await self._readers.run(once_caught_up)

    def close(self) -> None:
        self._readers.close()
        self._reading.dispose()

    def _serve(self, _calls: Calls, call: Call) -> None:
        try:
            with Session(self._reading, expire_on_commit=False) as db:
                call.result = call.run(db)
        except BaseException as error:
            call.error = _as_raised(error)
            if isinstance(error, _Behind) or _is_away(error):
                self._rests_until = time.monotonic() + REPLICA_RESTS_FOR
        call.answer()


# A commit is answered once it is on disk, unless the operator chose otherwise. What else is written, as by
# housekeeping, may wait a while for the disk, and nobody needs to wait for it.
_COMMITTED = text("""
    select case current_setting('synchronous_commit')
        when 'off' then pg_current_wal_insert_lsn() else pg_current_wal_flush_lsn()
    end::text
""")
_HAS_CAUGHT_UP = text("select pg_last_wal_replay_lsn() >= cast(:committed as pg_lsn)")


def _committed(db: Session) -> str:
    """The place in the primary's write-ahead log before which every commit stands that was answered."""
    return str(db.scalar(_COMMITTED))


def _require_caught_up(db: Session, committed: str) -> None:
    """Raises _Behind; also where the server is no replica at all, which knows of no replayed log."""
    end = time.monotonic() + REPLICA_MAY_LAG
    while not db.scalar(_HAS_CAUGHT_UP, {"committed": committed}):
        if time.monotonic() > end:
            raise _Behind
        time.sleep(0.002)


def _empty_log(file: str) -> None:
    """Raises Busy when somebody reads an older state for longer than the patience of five attempts."""
    with closing(sqlite3.connect(file, timeout=5, isolation_level=None)) as connection:
        for _attempt in range(5):
            (busy, *_pages) = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
            if not busy:
                return
    raise Busy


def _serve_in_savepoint(connection: Connection, call: Call, served: list[Call]) -> None:
    served.append(call)
    try:
        with (
            Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as db,
            db.begin(),
        ):
            call.result = call.run(db)
    except BaseException as error:
        # A full disk makes SQLite take back all of the batch by itself. What came next would be stored one by
        # one, and those before it be told that they were stored.
        if not _is_in_transaction(connection):
            raise
        call.error = _as_raised(error)


def _is_in_transaction(connection: Connection) -> bool:
    raw: Any = connection.connection.driver_connection
    is_open: bool = raw.in_transaction
    return is_open


def _attempts(asked_at: float) -> Iterator[int]:
    """One now, and more of them until a database server has been away for too long since somebody asked."""
    attempt = 0
    yield attempt
    while time.monotonic() - asked_at < AWAY_FOR:
        time.sleep(ASK_AGAIN_AFTER)
        attempt += 1
        yield attempt


_GOING_OR_COMING = frozenset({"57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006"})


def _is_away(error: BaseException) -> bool:
    """Whether a database server cannot be reached just now. A file always can."""
    if not isinstance(error, DBAPIError):
        return False
    code = _code_of(error)
    nobody_answered = code is None and isinstance(error, OperationalError)
    return error.connection_invalidated or nobody_answered or code in _GOING_OR_COMING


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a database cannot be used, in its own words, and what to look at.

    The words name hosts, users and files, and never a password.
    """

    why: str
    fix: str


_OF_THE_FILE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOTADB,
    }
)
_OF_THE_SERVER = ("08", "28", "3D", "53", "57P", "42501", "25006")
"""Of PostgreSQL: connections, signing in, no such database, no room, going down, no right to, read only."""


def why_unusable(error: BaseException | None) -> Unusable | None:
    """None for a fault of ours, and for whatever has nothing to do with a database."""
    while error is not None and not isinstance(error, DBAPIError):
        error = error.__cause__
    if error is None:
        return None
    code, words = _code_of(error), str(error.orig).partition("\n")[0]
    if isinstance(code, int):
        fix = "Look at the file and its folder (--data): who owns them, and is there room on the disk?"
        return Unusable(words, fix) if code & 0xFF in _OF_THE_FILE else None
    is_of_the_server = _nobody_answered(error) if code is None else code.startswith(_OF_THE_SERVER)
    fix = "Check AFTERCARE_DATABASE_URL, and whether the database server runs and lets this computer in."
    return Unusable(words, fix) if is_of_the_server else None


def _nobody_answered(error: DBAPIError) -> bool:
    """Also where the address holds what the driver does not understand, which is no OperationalError."""
    return error.statement is None or isinstance(error, OperationalError)


_UNIQUE_VIOLATIONS = frozenset(
    {"23505", sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
)


_DISK_FULL = frozenset({"53100", sqlite3.SQLITE_FULL})


def _is_full_disk(error: BaseException) -> bool:
    """Also where SQLite took all back by itself, and taking back what failed went wrong after it."""
    failed: BaseException | None = error
    while failed is not None:
        if isinstance(failed, DBAPIError) and _code_of(failed) in _DISK_FULL:
            return True
        failed = failed.__context__
    return False


def _as_raised(error: BaseException) -> BaseException:
    """A locked or unreachable database is Busy: nothing was stored, and trying again is right.

    Two who do the same at the same moment meet at a unique constraint; the later one gets a Conflict. A full
    disk is NoRoom.
    """
    if isinstance(error, IntegrityError) and _code_of(error) in _UNIQUE_VIOLATIONS:
        conflict = Conflict(_("This was just done already. Look again, then try once more."))
        conflict.__cause__ = error
        return conflict
    if _is_full_disk(error):
        no_room = NoRoom()
        no_room.__cause__ = error
        return no_room
    if isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        busy = Busy()
        busy.__cause__ = error
        return busy
    return error


def _code_of(error: DBAPIError) -> str | int | None:
    return getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorcode", None)
