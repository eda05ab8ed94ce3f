"""Making a backup while the service runs: everything as it was at one moment."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlmodel import SQLModel

import app.models  # noqa: F401  (every table is backed up)
from app.backup.erased import erased_before, folders_of, write_erased
from app.backup.key import backup_key
from app.backup.portable import as_line, kind_of, line_of
from app.backup.sealed import write_sealed
from app.database import one_moment
from app.errors import Misconfigured
from app.migrate import head_revision, revision_of
from app.settings import LAST_BACKUP, Secrets, Settings

FORMAT = 1
ROWS_AT_ONCE = 1000
OF_THIS_COMPUTER = {"database_url", "replica_url", "data", "host", "port", "backup_key", "backup_folder"}
"""Settings that say where the service runs, not what it is; some hold passwords."""


def make_backup(settings: Settings, secrets: Secrets, file: Path, now: datetime) -> dict[str, int]:
    """Seal everything into `file`; answers the number of rows of each table.

    Raises Misconfigured when the file would lie beside its key, or the tables are not those of this version.
    """
    require_apart(file, settings.data)
    counted: dict[str, int] = {}
    with one_moment(settings.sqlalchemy_url) as connection:
        if revision_of(connection) != head_revision():
            raise Misconfigured("The tables are not those of this version. First: python -m app migrate")
        lines = _lines(connection, _about(settings, secrets, now), counted)
        write_sealed(file, lines, backup_key(settings))
        erased = erased_before(connection)
    write_erased(folders_of(settings, file.parent), erased)
    (settings.data / LAST_BACKUP).touch()
    return counted


def require_apart(file: Path, data: Path) -> None:
    """Raises Misconfigured for a file in the data folder, however the way there is written: over `..`, over a
    link, or with a link in the place of the file."""
    ways = (file.resolve(), file.parent.resolve())
    if any(way.is_relative_to(kept.resolve()) for way in ways for kept in (data, data / "secrets")):
        raise Misconfigured("Keep backups out of the data folder: it holds the key that opens them.")


def _about(settings: Settings, secrets: Secrets, now: datetime) -> dict[str, Any]:
    return {
        "aftercare_backup": FORMAT,
        "made_at": now.isoformat(),
        "revision": head_revision(),
        "settings": settings.model_dump(mode="json", exclude=OF_THIS_COMPUTER, exclude_defaults=True),
        "key": base64.b64encode(secrets.key).decode(),
        "vapid_private_key": secrets.vapid_private_pem.decode(),
    }


def _lines(connection: Connection, about: dict[str, Any], counted: dict[str, int]) -> Iterator[bytes]:
    """First what it is about, then each table and its rows, what others refer to first, then the counts."""
    yield line_of(about)
    for table in SQLModel.metadata.sorted_tables:
        yield from _table(connection, table, counted)
    yield line_of({"rows": counted})


def _table(connection: Connection, table: Table, counted: dict[str, int]) -> Iterator[bytes]:
    kinds = [kind_of(column) for column in table.columns]
    yield line_of({"table": table.name, "columns": list(zip(table.columns.keys(), kinds, strict=True))})
    counted[table.name] = 0
    for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table)):
        yield as_line(kinds, row)
        counted[table.name] += 1
