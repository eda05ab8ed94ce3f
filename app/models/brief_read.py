"""That a therapist read the brief. The patient sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import (
    BindParameter,
    Index,
    Select,
    String,
    Uuid,
    bindparam,
    case,
    cast,
    false,
    func,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.errors import Conflict
from app.language import _
from app.models.care import CareRelationship
from app.models.check_in import CheckIn
from app.models.feedback import Feedback
from app.models.treatment_session import TreatmentSession, known_to


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
    before that session was of another brief, and one from before the last tick was not of all of it."""
    return db.scalar(_LAST_READING, {"patient": patient_id, "therapist": therapist_id})


def mark_brief_read(db: Session, patient_id: UUID, therapist_id: UUID, who: str, now: datetime) -> Reading:
    """Two taps are one reading."""
    last = last_reading(db, patient_id, therapist_id)
    if last is not None and now - last.read_at < BriefRead.ONCE_IN:
        return Reading(last.read_at, last.who)
    db.add(BriefRead(patient_id=patient_id, therapist_id=therapist_id, who=who, read_at=now))
    db.flush()
    return Reading(now, who)


def mark_as_shown(
    db: Session, patient_id: UUID, therapist_id: UUID, who: str, shown_at: datetime, now: datetime
) -> None:
    """Mark the brief as read, unless something was ticked since it was shown: nobody has read that."""
    ticked_at = db.scalar(_LAST_TICK, {"patient": patient_id, "therapist": therapist_id})
    if ticked_at is None or ticked_at <= shown_at:
        mark_brief_read(db, patient_id, therapist_id, who, now)


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


def who_ticked_unread(db: Session, therapist_id: UUID) -> set[UUID]:
    """The patients with a tick that is newer than this therapist's last reading and their last session."""
    return set(db.scalars(_TICKED_UNREAD, {"therapist": therapist_id}))


_Patients = Sequence[BindParameter[UUID]] | Select[UUID | None]
_Told = Select[UUID, datetime | None, bool]
_PATIENT, _THERAPIST = bindparam("patient", type_=Uuid), bindparam("therapist", type_=Uuid)


def _ticks(patients: _Patients) -> tuple[_Told, _Told]:
    """When they ticked what a therapist has to know of first, before a session and after one."""
    before: _Told = (
        select(col(CheckIn.patient_id), col(CheckIn.updated_at).label("at"), true().label("is_tick"))
        .outerjoin(TreatmentSession, col(TreatmentSession.id) == col(CheckIn.session_id))
        .where(
            col(CheckIn.patient_id).in_(patients),
            cast(col(CheckIn.safety_items), String) != "[]",
            or_(col(CheckIn.session_id).is_(None), known_to(_THERAPIST)),
        )
    )
    # A session whose end was corrected to later did not come after what was ticked about it.
    wrong_at, held_at = col(Feedback.something_wrong_at), col(TreatmentSession.held_at)
    after: _Told = (
        select(col(Feedback.patient_id), case((held_at > wrong_at, held_at), else_=wrong_at), true())
        .join(TreatmentSession, col(TreatmentSession.id) == col(Feedback.session_id))
        .where(
            col(Feedback.patient_id).in_(patients),
            wrong_at.is_not(None),
            known_to(_THERAPIST),
        )
    )
    return before, after


def _held(patients: _Patients) -> _Told:
    return select(col(TreatmentSession.patient_id), col(TreatmentSession.held_at), false()).where(
        col(TreatmentSession.patient_id).in_(patients),
        col(TreatmentSession.held_at).is_not(None),
        known_to(_THERAPIST),
    )


def _last_tick() -> Select[datetime | None]:
    return select(func.max(union_all(*_ticks([_PATIENT])).subquery().c.at))


def _last_reading() -> Select[BriefRead]:
    told = union_all(*_ticks([_PATIENT]), _held([_PATIENT])).subquery()
    since = select(func.max(told.c.at)).scalar_subquery()
    return (
        select(BriefRead)
        .where(
            col(BriefRead.patient_id) == _PATIENT,
            col(BriefRead.therapist_id) == _THERAPIST,
            col(BriefRead.taken_back_at).is_(None),
            or_(col(BriefRead.read_at) > since, since.is_(None)),
        )
        .order_by(col(BriefRead.read_at).desc())
        .limit(1)
    )


def _ticked_unread() -> Select[UUID]:
    patients = select(col(CareRelationship.patient_id)).where(
        col(CareRelationship.therapist_id) == _THERAPIST, col(CareRelationship.revoked_at).is_(None)
    )
    read = select(col(BriefRead.patient_id), col(BriefRead.read_at), false()).where(
        col(BriefRead.patient_id).in_(patients),
        col(BriefRead.therapist_id) == _THERAPIST,
        col(BriefRead.taken_back_at).is_(None),
    )
    told = union_all(*_ticks(patients), _held(patients), read).subquery()
    ticked = func.max(case((told.c.is_tick, told.c.at)))
    known = func.max(case((not_(told.c.is_tick), told.c.at)))
    return (
        select(told.c.patient_id)
        .group_by(told.c.patient_id)
        .having(or_(ticked >= known, ticked.is_not(None) & known.is_(None)))
    )


# Written once: putting them together takes longer than asking.
_LAST_TICK, _LAST_READING, _TICKED_UNREAD = _last_tick(), _last_reading(), _ticked_unread()
