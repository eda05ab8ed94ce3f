"""That a therapist read the brief. The patient sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import Index, select, true
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.errors import Conflict
from app.language import _
from app.models.treatment_session import held_sessions_known_to


class BriefRead(SQLModel, table=True):
    """One "read" on a brief. The name is kept as it was at the time."""

    __tablename__ = "brief_read"
    __table_args__ = (Index("briefs_read_of", "patient_id", "therapist_id", "read_at"),)
    UNDO_FOR: ClassVar[timedelta] = timedelta(hours=1)
    ONCE_IN: ClassVar[timedelta] = timedelta(hours=1)
    """Marked again within this time, it is the same reading."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    therapist_id: UUID | None = Field(
        default=None, foreign_key="therapist.id", ondelete="SET NULL", index=True
    )
    who: str = Field(max_length=100)
    read_at: datetime
    taken_back_at: datetime | None = None

    def take_back(self, *, at: datetime) -> None:
        if self.taken_back_at is None and at - self.read_at > self.UNDO_FOR:
            raise Conflict(_("This was marked as read more than an hour ago."))
        self.taken_back_at = self.taken_back_at or at


@dataclass(frozen=True, slots=True)
class Reading:
    """Who read the brief, and when."""

    read_at: datetime
    read_by: str


def last_reading(db: Session, patient_id: UUID, therapist_id: UUID) -> BriefRead | None:
    """The last one of this therapist that still stands, of the brief since the last session held: one from
    before that session was of another brief."""
    held = held_sessions_known_to(db, patient_id, therapist_id)
    since = held[-1].held_at if held else None
    return db.scalar(
        select(BriefRead)
        .where(
            col(BriefRead.patient_id) == patient_id,
            col(BriefRead.therapist_id) == therapist_id,
            col(BriefRead.taken_back_at).is_(None),
            col(BriefRead.read_at) > since if since else true(),
        )
        .order_by(col(BriefRead.read_at).desc())
        .limit(1)
    )


def mark_brief_read(db: Session, patient_id: UUID, therapist_id: UUID, who: str, now: datetime) -> Reading:
    """Two taps are one reading."""
    last = last_reading(db, patient_id, therapist_id)
    if last is not None and now - last.read_at < BriefRead.ONCE_IN:
        return Reading(last.read_at, last.who)
    db.add(BriefRead(patient_id=patient_id, therapist_id=therapist_id, who=who, read_at=now))
    db.flush()
    return Reading(now, who)


def take_back_brief_read(db: Session, patient_id: UUID, therapist_id: UUID, now: datetime) -> None:
    """As if it had not been marked. Taking back what was not marked changes nothing."""
    last = last_reading(db, patient_id, therapist_id)
    if last is not None:
        last.take_back(at=now)
        db.flush()


def readings_of(db: Session, patient_id: UUID) -> dict[UUID, Reading]:
    """The last reading of each therapist, for the patient to see."""
    found = db.scalars(
        select(BriefRead)
        .where(col(BriefRead.patient_id) == patient_id, col(BriefRead.taken_back_at).is_(None))
        .order_by(col(BriefRead.read_at))
    )
    return {one.therapist_id: Reading(one.read_at, one.who) for one in found if one.therapist_id}
