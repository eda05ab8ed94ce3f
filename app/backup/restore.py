"""Putting a backup back: into an empty database or in the place of another, and whole or not at all."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, MetaData, func, insert, inspect, select, text
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

import app.models  # noqa: F401  (every table is put back)
from app.backup.erased import folders_of, read_erased, write_erased
from app.backup.make import FORMAT, ROWS_AT_ONCE
from app.backup.portable import Columns, as_row, table_for
from app.backup.sealed import read_sealed
from app.backup.since import Since
from app.database import all_or_nothing, one_change, one_moment
from app.errors import Conflict, Misconfigured
from app.migrate import head_revision, knows_revision, migrate_within, revision_of
from app.settings import Secrets, Settings, make_folder, put_secrets

DRAFTS = ".restoring-"
"""How the folder of a database begins that is not whole yet. It stays where the process was killed."""
NOT_OURS = "This is no backup that this version can read. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Contents:
    """What a whole, readable backup holds. `revision` is the newest migration its tables had.

    `erased_again` are the accounts in it that were erased since it was made, once it was put back.
    """

    made_at: str
    revision: str
    settings: dict[str, Any]
    secrets: Secrets
    rows: dict[str, int]
    erased_again: int = 0


def restore_backup(settings: Settings, file: Path, key: bytes, *, replace: bool) -> Contents:
    """Put everything back, bring it up to date, and let what ended since be over again.

    The file is read to its end before anything is made or changed. Raises Misconfigured for a file that is
    damaged, sealed with another key or made by a newer version, and Conflict when there are people in the
    database already and `replace` is not given, or when it is in use.
    """
    contents = read_contents(file, key)
    make_folder(settings.data)
    lists = folders_of(settings, file.parent)
    since = Since(dict(read_erased(lists)))
    if make_url(settings.sqlalchemy_url).get_backend_name() == "sqlite":
        put_back = _into_sqlite(settings, file, key, contents, since, replace=replace)
    else:
        put_back = _into_postgresql(settings.sqlalchemy_url, file, key, contents, since, replace=replace)
    put_secrets(settings.data, contents.secrets)
    write_erased(lists, since.erased)
    return put_back


def read_contents(file: Path, key: bytes) -> Contents:
    """Read the whole file, believing nothing before its end."""
    lines = _lines(file, key)
    about, rows, last = next(lines, None), {}, None
    if not isinstance(about, dict) or about.get("aftercare_backup") != FORMAT:
        raise Misconfigured(NOT_OURS)
    table = ""
    for line in lines:
        match line:
            case {"table": table}:
                rows[table] = 0
            case {"rows": last}:
                pass
            case _:
                rows[table] += 1
    if last != rows:
        raise Misconfigured(NOT_OURS)
    if not knows_revision(about["revision"]):
        raise Misconfigured("This backup was made by a newer version. Install that one first.")
    secrets = Secrets(base64.b64decode(about["key"]), about["vapid_private_key"].encode())
    return Contents(about["made_at"], about["revision"], about["settings"], secrets, rows)


def _into_sqlite(
    settings: Settings,
    file: Path,
    key: bytes,
    contents: Contents,
    since: Since,
    *,
    replace: bool,
) -> Contents:
    """Built in a file of its own, which then takes the place of the other at once.

    `since` learns from the database that was there before.
    """
    database = Path(make_url(settings.sqlalchemy_url).database or "")
    if database.exists():
        _let_go(database, since, replace=replace)
    for killed in database.parent.glob(f"{DRAFTS}*"):
        shutil.rmtree(killed)
    with TemporaryDirectory(dir=database.parent, prefix=DRAFTS) as folder:
        draft = Path(folder) / database.name
        with all_or_nothing(f"sqlite:///{draft}") as connection:
            _fill(connection, file, key, contents)
        with one_change(f"sqlite:///{draft}") as db:
            erased_again = since.happen_again(db)
        _into_one_file(draft)
        os.replace(draft, database)
    return dataclasses.replace(contents, erased_again=erased_again)


def _let_go(database: Path, since: Since, *, replace: bool) -> None:
    """Make sure that nobody uses the database, and that all of it lies in its one file."""
    with one_moment(f"sqlite:///{database}") as connection:
        _require_nobody(connection, replace=replace)
        since.learn_from(connection)
    _into_one_file(database)


def _into_one_file(database: Path) -> None:
    """A file beside it, left over from a crash, would otherwise be taken for a part of the next one."""
    connection = sqlite3.connect(database, timeout=0, isolation_level=None)
    try:
        (mode,) = connection.execute("pragma journal_mode = delete").fetchone()
    except sqlite3.OperationalError:
        mode = "in use"
    finally:
        connection.close()
    if mode != "delete":
        raise Conflict("The database is in use. Stop the service first.")


def _into_postgresql(
    url: str, file: Path, key: bytes, contents: Contents, since: Since, *, replace: bool
) -> Contents:
    """All in one transaction: others see the old tables until it ends, and keep them if it fails.

    `since` learns from what the database knew before.
    """
    with all_or_nothing(url) as connection:
        _require_nobody(connection, replace=replace)
        _require_nothing_else(connection)
        since.learn_from(connection)
        standing = MetaData()
        standing.reflect(connection)
        standing.drop_all(connection)
        _fill(connection, file, key, contents)
        for table in SQLModel.metadata.sorted_tables:
            if table.autoincrement_column is not None:
                _count_on(connection, table.name, table.autoincrement_column.name)
        with Session(connection) as db:
            erased_again = since.happen_again(db)
            db.flush()
    return dataclasses.replace(contents, erased_again=erased_again)


def _require_nobody(connection: Connection, *, replace: bool) -> None:
    has_people = inspect(connection).has_table("account") and connection.scalar(text("select 1 from account"))
    if has_people and not replace:
        raise Conflict("There are people in this database. To put the backup in their place, add --replace.")


def _require_nothing_else(connection: Connection) -> None:
    """All tables are taken away, and those of another version of ours may have other names."""
    names = set(inspect(connection).get_table_names())
    of_another_version = "log_entry" in names and revision_of(connection) not in (None, head_revision())
    if not names <= {*SQLModel.metadata.tables, "alembic_version"} and not of_another_version:
        raise Conflict("There are tables in this database that are not Aftercare's. Choose an empty one.")


def _fill(connection: Connection, file: Path, key: bytes, contents: Contents) -> None:
    migrate_within(connection, contents.revision)
    heading: dict[str, Any] = {}
    for is_row, several in groupby(_lines(file, key), key=lambda line: isinstance(line, list)):
        if is_row:
            _insert(connection, heading["table"], heading["columns"], several)
        else:
            # The headings of tables without rows follow one another; the last one has rows below it.
            *_without_rows, heading = several
    migrate_within(connection, "head")


def _lines(file: Path, key: bytes) -> Iterator[Any]:
    return (json.loads(line) for line in read_sealed(file, key))


def _insert(connection: Connection, table: str, columns: Columns, rows: Iterator[list[Any]]) -> None:
    into = insert(table_for(table, columns))
    while several := [as_row(columns, row) for row in islice(rows, ROWS_AT_ONCE)]:
        connection.execute(into, several)


def _count_on(connection: Connection, table: str, column: str) -> None:
    """Numbers given by the database go on after the highest one that was put back."""
    highest = select(func.max(sql_column(column))).select_from(sql_table(table)).scalar_subquery()
    connection.execute(
        select(func.setval(func.pg_get_serial_sequence(table, column), func.coalesce(highest, 1)))
    )
