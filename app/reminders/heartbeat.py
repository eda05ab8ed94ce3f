"""The heartbeat of a worker: written from its loop, so a loop that hangs is a heart that stopped."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session
from sqlmodel import col

from app.database import Database
from app.models.worker_beat import WorkerBeat
from app.reminders.dispatch import next_due_at

STEP_AT_LEAST = timedelta(seconds=1)
"""Smaller differences between two clocks are rounding; a larger one means that somebody set the clock."""

log = structlog.get_logger()


class Heartbeat:
    """One worker's row in the table of beats. `monotonic` counts seconds and is never set."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._id = uuid4()
        self._started_at: datetime | None = None
        self._beat_at: tuple[datetime, float] | None = None
        self._step: tuple[timedelta, datetime | None] = (timedelta(), None)

    async def beat(self, now: datetime) -> None:
        """Write the sign of life when one is due. A database that is away must not stop the worker, and is
        tried again with the next look."""
        at = self._monotonic()
        if self._beat_at and at - self._beat_at[1] < WorkerBeat.EVERY.total_seconds():
            return
        self._note_step(now, at)
        self._started_at = self._started_at or now
        step, stepped_at = self._step
        row = WorkerBeat(
            id=self._id,
            host=socket.gethostname()[:255],
            process_id=os.getpid(),
            started_at=self._started_at,
            beat_at=now,
            step_seconds=step.total_seconds(),
            stepped_at=stepped_at,
        )
        try:
            await self._database.write(record_beat, row)
        except Exception as error:
            log.error("reminders.beat_failed", error=error)
            return
        self._beat_at = now, at

    async def end(self) -> None:
        """Leave no row behind: this worker stopped in order."""
        try:
            await self._database.write(forget_beat, self._id)
        except Exception as error:
            log.error("reminders.beat_failed", error=error)

    def _note_step(self, now: datetime, at: float) -> None:
        if self._beat_at is None:
            return
        wall, seconds = now - self._beat_at[0], at - self._beat_at[1]
        step = wall - timedelta(seconds=seconds)
        if abs(step) > STEP_AT_LEAST:
            self._step = step, now


def record_beat(db: Session, beat: WorkerBeat) -> None:
    """Write one beat down, and remove the workers nobody has heard for a day."""
    due_at = next_due_at(db)
    late = beat.beat_at - due_at if due_at else timedelta()
    beat.lag_seconds = max(0.0, late.total_seconds())
    db.merge(beat)
    db.execute(delete(WorkerBeat).where(col(WorkerBeat.beat_at) < beat.beat_at - WorkerBeat.KEPT_FOR))


def forget_beat(db: Session, beat_id: UUID) -> None:
    db.execute(delete(WorkerBeat).where(col(WorkerBeat.id) == beat_id))
