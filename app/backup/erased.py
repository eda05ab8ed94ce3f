"""Which accounts were erased, kept where a restored backup does not reach.

The table `erasure` goes back in time with everything else when an older backup is put back. So the same list
also lies as a file in the data folder, in the folder of the daily backups, and beside any backup that was put
there: one line for each account, its id and when it went. A restore applies them all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection, inspect, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.accounts import erase_account
from app.models.account import Account
from app.models.erasure import Erasure
from app.settings import Settings

ERASED = "erased-accounts"
Erased = Mapping[UUID, datetime]
"""When each account was erased, by its id."""


def erased_in(db: Session) -> Erased:
    return {one.account_id: one.erased_at for one in db.scalars(select(Erasure))}


def erased_before(connection: Connection) -> Erased:
    """The accounts erased in a database that may be of an older version, or empty."""
    if not inspect(connection).has_table("erasure"):
        return {}
    rows = connection.execute(select(col(Erasure.account_id), col(Erasure.erased_at)))
    return {row.account_id: row.erased_at for row in rows}


def folders_of(settings: Settings, *beside: Path) -> set[Path]:
    """Where the lists of this installation are, and those beside backups."""
    return {folder.absolute() for folder in (settings.data, settings.backup_folder, *beside) if folder}


def write_erased(folders: Iterable[Path], erased: Erased) -> None:
    """Add these to the lists in the folders; what cannot be written now is written with the next backup."""
    for folder in folders:
        with suppress(OSError):
            _add(folder / ERASED, erased)


def read_erased(folders: Iterable[Path]) -> Erased:
    """What the lists in these folders say together. A line that is none is passed over."""
    found: dict[UUID, datetime] = {}
    for folder in folders:
        with suppress(FileNotFoundError, NotADirectoryError):
            found |= _in((folder / ERASED).read_text())
    return found


def erase_again(db: Session, erased: Erased) -> int:
    """Erase whom a backup brought back, and list all it did not know of; answers how many it brought back."""
    here = set(db.scalars(select(col(Account.id))))
    for account_id, erased_at in erased.items():
        erase_account(db, account_id, erased_at)
    return len(here & erased.keys())


def _in(lines: str) -> dict[UUID, datetime]:
    found: dict[UUID, datetime] = {}
    for line in lines.splitlines():
        account_id, _blank, at = line.partition(" ")
        with suppress(ValueError):
            found[UUID(account_id)] = datetime.fromisoformat(at)
    return found


def _add(file: Path, erased: Erased) -> None:
    """The file is replaced at once, so that a crash leaves the old list or the new one."""
    listed = read_erased([file.parent])
    if listed.keys() >= erased.keys():
        return
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    lines = sorted(f"{account_id} {at.isoformat()}\n" for account_id, at in {**listed, **erased}.items())
    with open(part, "w", opener=_for_the_owner_alone) as text:
        text.writelines(lines)
        text.flush()
        os.fsync(text.fileno())
    os.replace(part, file)


def _for_the_owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
