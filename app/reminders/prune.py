"""Old deliveries go: what became of a reminder a year ago helps nobody, and most of a large database is that.

What still says how often somebody ignored a reminder stays, however old, or reminders that had stopped would
begin again.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from random import SystemRandom
from uuid import UUID

import structlog
from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.database import Database
from app.models.patient import Patient
from app.models.push import Delivery, DeliveryState
from app.reminders.arrange import forget_removed

PATIENTS_AT_ONCE = 200
"""Looked at in one short transaction, through the index by account; others get their turn in between."""
SECONDS_BETWEEN = 0.05
A_DAY = 86_400

log = structlog.get_logger()


async def keep_pruning(database: Database, days_kept: int) -> None:
    """Once a day, until cancelled. Several processes may: what one took the others do not find.

    Removed reminders go however long deliveries are kept.
    """
    while True:
        await asyncio.sleep(SystemRandom().uniform(60, 3600))
        try:
            await database.write(forget_removed, utc_now())
            if days_kept:
                await prune_all(database, utc_now() - timedelta(days=days_kept))
        except Exception as error:
            log.error("prune_failed", error=error)
        await asyncio.sleep(A_DAY)


async def prune_all(database: Database, before: datetime) -> int:
    """How many deliveries planned before that instant went."""
    gone, reached = 0, UUID(int=0)
    while True:
        reached_now, some = await database.write(prune_some, reached, before)
        gone += some
        if reached_now is None:
            return gone
        reached = reached_now
        await asyncio.sleep(SECONDS_BETWEEN)


def prune_some(db: Session, after: UUID, before: datetime) -> tuple[UUID | None, int]:
    """Prune for the patients that follow `after`; the last of them (None: no more), and how many went."""
    patients = db.scalars(
        select(col(Patient.id))
        .where(col(Patient.id) > after)
        .order_by(col(Patient.id))
        .limit(PATIENTS_AT_ONCE)
    ).all()
    if not patients:
        return None, 0
    gave_a_sign_since = exists().where(
        col(Patient.id) == col(Delivery.account_id),
        or_(
            col(Patient.last_logged_at) >= col(Delivery.sent_at),
            col(Patient.last_answered_at) >= col(Delivery.sent_at),
        ),
    )
    gone = db.execute(
        delete(Delivery).where(
            col(Delivery.account_id).in_(patients),
            col(Delivery.planned_at) < before,
            col(Delivery.state) != DeliveryState.CLAIMED.value,
            or_(col(Delivery.sent_at).is_(None), gave_a_sign_since),
        )
    )
    return patients[-1], gone.rowcount  # type: ignore[attr-defined]
