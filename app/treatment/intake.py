"""What a patient says once, at the start, and the activities they named. Those keep their series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.check_in import Intake, IntakeIn, NamedActivity, same_activity
from app.models.patient import Patient, PatientProfile


@dataclass(frozen=True, slots=True)
class IntakeSeen:
    """The intake as it stands; what was not said is None."""

    reason: str | None
    history: str | None
    pain_feels: str | None
    hard_activities: list[str]
    goals: str | None
    must_know: str | None
    updated_at: datetime | None


def intake_of(db: Session, patient_id: UUID) -> IntakeSeen:
    said, names = db.get(Intake, patient_id), [one.name for one in current_activities(db, patient_id)]
    if said is None:
        return IntakeSeen(None, None, None, names, None, None, None)
    return IntakeSeen(
        said.reason, said.history, said.pain_feels, names, said.goals, said.must_know, said.updated_at
    )


def write_intake(db: Session, patient: PatientProfile, said: IntakeIn, now: datetime) -> IntakeSeen:
    """Take the place of what was said before. Activities named again keep their series."""
    one_at_a_time(db, patient.id)
    intake = db.get(Intake, patient.id) or Intake(patient_id=patient.id, written_at=now, updated_at=now)
    intake.sqlmodel_update(said.model_dump(exclude={"hard_activities"}))
    intake.updated_at = now
    db.add(intake)
    name_activities(db, patient.id, said.hard_activities, now)
    db.flush()
    return intake_of(db, patient.id)


def current_activities(db: Session, patient_id: UUID) -> Sequence[NamedActivity]:
    """Up to three, in the order they were named."""
    return db.scalars(
        select(NamedActivity)
        .where(col(NamedActivity.patient_id) == patient_id, col(NamedActivity.ended_at).is_(None))
        .order_by(col(NamedActivity.started_at), col(NamedActivity.name))
    ).all()


def name_activities(
    db: Session, patient_id: UUID, names: Sequence[str], now: datetime
) -> list[NamedActivity]:
    """Make these the current ones: a series goes on, a new name starts one, and what is not named ends.

    Names that begin together begin a moment apart, so that they keep the order they were named in.
    """
    current = current_activities(db, patient_id)
    known = {name: one for name in names for one in current if same_activity(name, one.name)}
    kept = {one.id for one in known.values()}
    for activity in current:
        if activity.id not in kept:
            activity.end(at=now)
    named = [
        known.get(name)
        or NamedActivity(patient_id=patient_id, name=name, started_at=now + timedelta(microseconds=place))
        for place, name in enumerate(names)
    ]
    db.add_all(named)
    db.flush()
    return named


def one_at_a_time(db: Session, patient_id: UUID) -> None:
    """Of two taps at once, the second waits here and finds what the first has done."""
    db.get_one(Patient, patient_id, with_for_update={"key_share": True})
