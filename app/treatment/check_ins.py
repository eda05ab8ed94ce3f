"""What a patient says before each session, for the next one there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.care import therapists_of
from app.models.check_in import (
    MOST_ACTIVITIES,
    ActivityScore,
    ActivityScored,
    CheckIn,
    CheckInSaid,
    NamedActivity,
    same_activity,
    standing_check_in,
)
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession, is_ahead
from app.reminders.aftercare import plan_sequences
from app.treatment.intake import current_activities, name_activities, one_at_a_time

OVERALL_CHANGE_EVERY = timedelta(weeks=4)
"""Overall change is asked from so long after the first session, and then again each time that long after."""


@dataclass(frozen=True, slots=True)
class ActivityAsked:
    """A named activity, and its last score before this check-in in the same series."""

    name: str
    last: int | None


@dataclass(frozen=True, slots=True)
class CheckInSeen:
    """The check-in for the next session. `session_at` is None while none is booked.

    `activities` are those scored for this session, `asked_activities` those that are asked.
    `asks_overall_change` says whether that question is due. `answered_at` is None while nothing was said.
    """

    session_id: UUID | None
    session_at: datetime | None
    request: str | None
    pain_sites: list[dict[str, Any]] | None
    activities: list[ActivityScored]
    asked_activities: list[ActivityAsked]
    overall_change: int | None
    asks_overall_change: bool
    safety_items: list[str]
    answered_at: datetime | None
    updated_at: datetime | None


def check_in_for_next(db: Session, patient: PatientProfile, now: datetime) -> CheckInSeen:
    """The check-in for the next session as it stands, and what it asks."""
    session = next_session(db, patient.id, now)
    said = standing_check_in(db, patient.id, session)
    activities = current_activities(db, patient.id)
    series = _series_of(db, activities)
    this = said.id if said else None
    return CheckInSeen(
        session_id=session.id if session else None,
        session_at=session.starts_at if session else None,
        request=said.request if said else None,
        pain_sites=said.pain_sites if said else None,
        activities=[
            ActivityScored(name=one.name, score=series[one.id][this])
            for one in activities
            if this in series[one.id]
        ],
        asked_activities=[ActivityAsked(one.name, _last_before(this, series[one.id])) for one in activities],
        overall_change=said.overall_change if said else None,
        asks_overall_change=_asks_overall_change(db, patient.id, said, now),
        safety_items=said.safety_items if said else [],
        answered_at=said.answered_at if said else None,
        updated_at=said.updated_at if said else None,
    )


def check_in(db: Session, patient: PatientProfile, said: CheckInSaid, now: datetime) -> CheckInSeen:
    """Say it for the next session, in place of what was said for it before."""
    one_at_a_time(db, patient.id)
    session = next_session(db, patient.id, now)
    standing = standing_check_in(db, patient.id, session)
    if standing is None or (session is None and _is_left_behind(db, patient, standing, now)):
        standing = CheckIn(patient_id=patient.id, answered_at=now, updated_at=now)
    standing.session_id = session.id if session else standing.session_id
    standing.sqlmodel_update(said.model_dump(mode="json", exclude={"activities", "pain_sites"}))
    standing.pain_sites = _places(said)
    standing.updated_at = now
    db.add(standing)
    db.flush()
    _score(db, patient.id, standing.id, said.activities, now)
    plan_sequences(db, patient, now)
    return check_in_for_next(db, patient, now)


def session_spoken_of(db: Session, patient: PatientProfile, now: datetime) -> UUID | None:
    """Whose therapist reads what is said now; None where that is everybody in care."""
    session = next_session(db, patient.id, now)
    if session is not None:
        return session.id
    standing = standing_check_in(db, patient.id, None)
    if standing is None or _is_left_behind(db, patient, standing, now):
        return None
    return standing.session_id


def _is_left_behind(db: Session, patient: PatientProfile, said: CheckIn, now: datetime) -> bool:
    """Whether it was said for a session of somebody who treats the patient no more: nobody would read on."""
    session = db.get(TreatmentSession, said.session_id) if said.session_id else None
    treating = therapists_of(db, patient.id, patient.day_at(now))
    return session is not None and not session.is_kept_alone and session.therapist_id not in treating


def _places(said: CheckInSaid) -> list[dict[str, Any]] | None:
    if said.pain_sites is None:
        return None
    return [site.model_dump(mode="json", exclude_none=True) for site in said.pain_sites]


def next_session(db: Session, patient_id: UUID, now: datetime) -> TreatmentSession | None:
    """With whichever therapist: the check-in is for the one that comes first and is not over."""
    ahead = db.scalars(
        select(TreatmentSession)
        .where(col(TreatmentSession.patient_id) == patient_id, is_ahead(now))
        .order_by(col(TreatmentSession.starts_at))
    )
    return next((one for one in ahead if one.starts_at + timedelta(minutes=one.minutes) > now), None)


def _score(
    db: Session, patient_id: UUID, check_in_id: UUID, scores: Sequence[ActivityScored], now: datetime
) -> None:
    """Put these scores in place of earlier ones.

    A new name starts a series; with three there already it takes the place of those that were not scored.
    """
    db.execute(delete(ActivityScore).where(col(ActivityScore.check_in_id) == check_in_id))
    names = [one.name for one in scores]
    others = [one.name for one in current_activities(db, patient_id) if not _is_among(one.name, names)]
    named = name_activities(db, patient_id, [*names, *others][:MOST_ACTIVITIES], now)
    db.add_all(
        ActivityScore(check_in_id=check_in_id, activity_id=activity.id, score=one.score)
        for activity, one in zip(named, scores, strict=False)
    )
    db.flush()


def _is_among(name: str, names: Sequence[str]) -> bool:
    return any(same_activity(name, other) for other in names)


def _series_of(db: Session, activities: Sequence[NamedActivity]) -> dict[UUID, dict[UUID | None, int]]:
    """The scores of each activity by check-in, oldest first."""
    series: dict[UUID, dict[UUID | None, int]] = {activity.id: {} for activity in activities}
    for activity_id, check_in_id, score in db.execute(
        select(col(ActivityScore.activity_id), col(ActivityScore.check_in_id), col(ActivityScore.score))
        .join(CheckIn, col(CheckIn.id) == col(ActivityScore.check_in_id))
        .where(col(ActivityScore.activity_id).in_(series))
        .order_by(col(CheckIn.answered_at))
    ):
        series[activity_id][check_in_id] = score
    return series


def _last_before(this: UUID | None, series: dict[UUID | None, int]) -> int | None:
    return next((score for check_in_id, score in reversed(series.items()) if check_in_id != this), None)


def _asks_overall_change(db: Session, patient_id: UUID, said: CheckIn | None, now: datetime) -> bool:
    """From four weeks after the first session, and four weeks after it was answered last."""
    this = said.id if said else None
    held = select(func.min(col(TreatmentSession.held_at))).where(
        col(TreatmentSession.patient_id) == patient_id
    )
    answered = select(func.max(col(CheckIn.answered_at))).where(
        col(CheckIn.patient_id) == patient_id,
        col(CheckIn.overall_change).is_not(None),
        col(CheckIn.id).is_distinct_from(this),
    )
    first: datetime | None = db.scalar(held)
    last: datetime | None = db.scalar(answered)
    return first is not None and now >= max(first, last or first) + OVERALL_CHANGE_EVERY
