"""A backup a day, made by the serving process, and the oldest ones given up."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import structlog

from app.backup.make import make_backup
from app.clock import utc_now
from app.errors import Misconfigured
from app.settings import Secrets, Settings

log = structlog.get_logger()

LOOK_EVERY = 900
"""Seconds between looks at whether today's backup is there."""


async def keep_backing_up(settings: Settings, secrets: Secrets) -> None:
    """Until cancelled. A backup that fails is logged, and tried again at the next look."""
    if settings.backup_folder is None:
        return
    while True:
        try:
            await asyncio.to_thread(back_up_today, settings, secrets, settings.backup_folder, utc_now())
        except Exception as error:
            log.error("backup_failed", error=error, why=_why(error))
        await asyncio.sleep(LOOK_EVERY)


def back_up_today(settings: Settings, secrets: Secrets, folder: Path, now: datetime) -> Path | None:
    """Make the backup of this day (by UTC) unless it is there; answers the new file."""
    file = folder / f"aftercare-{now.date()}.backup"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone_in(folder) as alone:
        if not alone or file.exists():
            return None
        for left_by_killed in folder.glob("aftercare-????-??-??.backup.*.part"):
            left_by_killed.unlink(missing_ok=True)
        rows = make_backup(settings, secrets, file, now)
        _give_up_oldest(folder, settings.backups_kept)
    log.info("backup_made", rows=sum(rows.values()), bytes=file.stat().st_size)
    return file


def _why(error: Exception) -> str:
    """Only of places and what is wrong there: other texts may quote what people wrote."""
    match error:
        case Misconfigured():
            return error.message
        case OSError():
            return f"{error.filename}: {error.strerror}"
        case _:
            return ""


@contextmanager
def _alone_in(folder: Path) -> Iterator[bool]:
    """Whether no other process backs up into this folder now. The lock ends with the process that has it."""
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _give_up_oldest(folder: Path, kept: int) -> None:
    by_day = sorted(folder.glob("aftercare-????-??-??.backup"))
    for old in by_day[:-kept]:
        old.unlink(missing_ok=True)
