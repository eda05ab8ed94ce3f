"""Is it up, and can it serve."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.deps import Now, Read
from app.migrate import head_revision
from app.models.worker_beat import worker_beats

router = APIRouter(tags=["operations"])


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Each part of the service that must be well before traffic is sent here."""

    database: bool
    migrations: bool
    worker: bool


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> Health:
    """The process is up."""
    return Health(status="ok")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
async def readyz(response: Response, read: Read, now: Now) -> Readiness:
    """The database answers, its tables are at least those of this version, and a reminder worker is alive, in
    this process or in any other. 503 otherwise."""
    readiness = await read(_readiness, now)
    if not (readiness.database and readiness.migrations and readiness.worker):
        response.status_code = 503
    return readiness


def _readiness(db: Session, now: datetime) -> Readiness:
    is_current = _is_current(db.scalar(text("select version_num from alembic_version")))
    return Readiness(
        database=True,
        migrations=is_current,
        worker=is_current and any(beat.is_alive(now) for beat in worker_beats(db)),
    )


def _is_current(revision: str | None) -> bool:
    """While servers are upgraded one after the other, the first new one migrates, and the others go on
    serving: newer tables still have what they need. Migrations are numbered in their order."""
    return revision is not None and revision >= head_revision()
