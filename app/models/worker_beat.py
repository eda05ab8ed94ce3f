"""The sign of life of every process that sends reminders."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col


class WorkerBeat(SQLModel, table=True):
    """One worker, from its start until its last beat; a worker that stops in order leaves no row.

    `lag_seconds` is how late the oldest due reminder was at that beat. `stepped_at` is when the wall
    clock last moved against the monotonic one by more than a second, and `step_seconds` by how much.
    """

    __tablename__ = "worker_beat"
    EVERY: ClassVar[timedelta] = timedelta(seconds=30)
    ALIVE_FOR: ClassVar[timedelta] = timedelta(seconds=120)
    KEPT_FOR: ClassVar[timedelta] = timedelta(days=1)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    host: str = Field(max_length=255)
    process_id: int
    started_at: datetime
    beat_at: datetime
    lag_seconds: float = 0
    step_seconds: float = 0
    stepped_at: datetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether it was heard lately. Another host's clock may run ahead of ours."""
        return abs(now - self.beat_at) < self.ALIVE_FOR


def worker_beats(db: Session) -> list[WorkerBeat]:
    """All workers heard within a day, the one heard last first."""
    return list(db.scalars(select(WorkerBeat).order_by(col(WorkerBeat.beat_at).desc())))
