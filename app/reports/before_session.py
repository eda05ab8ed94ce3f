"""What a patient said around sessions, as far as one therapist may know it: check-in, activities, feedback,
intake. Numbers belong to the measures, words to the notes. What may need a doctor first is ticked for the
therapist, so everybody the patient shares anything with is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.looks import SharedPatient
from app.models.care import Scope
from app.models.check_in import ActivityScore, CheckIn, Intake, NamedActivity
from app.models.feedback import Feedback
from app.models.treatment_session import TreatmentSession, known_to
from app.treatment.check_ins import OVERALL_CHANGE_EVERY

CHECK_INS_READ = 30


@dataclass(frozen=True, slots=True)
class ActivityNow:
    """A named activity, 0 unable … 10 as well as before: at this check-in and at the one before it."""

    name: str
    last: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class FeedbackQuoted:
    """What was said after the last session. What is not shared is None."""

    pressure: str | None
    soreness: int | None
    comment: str | None
    something_wrong_at: datetime | None


@dataclass(frozen=True, slots=True)
class IntakeQuoted:
    """What was said once, at the start. What was not said is None."""

    reason: str | None
    history: str | None
    pain_feels: str | None
    goals: str | None
    must_know: str | None


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """The check-in since the last session. What was not said, or is not shared, is None or empty.

    `safety_items` are never withheld.
    `overall_change` is 1 very much better … 7 very much worse; `overall_change_due` says that it was asked.
    """

    answered_at: datetime | None
    request: str | None
    pain_sites: list[dict[str, Any]] | None
    safety_items: list[str]
    activities: list[ActivityNow]
    overall_change: int | None
    overall_change_due: bool


def said_before(
    db: Session,
    patient: SharedPatient,
    first_held: datetime | None,
    last_held: datetime | None,
    now: datetime,
) -> SaidBefore:
    """What was said since the last held session."""
    known = _check_ins(db, patient)
    current = next((one for one in known if last_held is None or one.updated_at > last_held), None)
    measured = Scope.MEASURES in patient.scopes
    said = current if measured else None
    return SaidBefore(
        answered_at=current.updated_at if current else None,
        request=current.request if current and Scope.NOTES in patient.scopes else None,
        pain_sites=said.pain_sites if said else None,
        safety_items=list(current.safety_items) if current else [],
        activities=_activities(db, patient.profile.id, known, current) if measured else [],
        overall_change=said.overall_change if said else None,
        overall_change_due=measured and _is_due(known, current, first_held, now),
    )


def feedback_on(db: Session, session_id: UUID, scopes: frozenset[Scope]) -> FeedbackQuoted | None:
    said = db.get(Feedback, session_id)
    if said is None:
        return None
    measured = Scope.MEASURES in scopes
    return FeedbackQuoted(
        pressure=said.pressure if measured else None,
        soreness=said.soreness if measured else None,
        comment=said.comment if Scope.NOTES in scopes else None,
        something_wrong_at=said.something_wrong_at,
    )


def intake_quoted(db: Session, patient: SharedPatient) -> IntakeQuoted | None:
    """None where words are not shared, or none were said."""
    said = db.get(Intake, patient.profile.id) if Scope.NOTES in patient.scopes else None
    if said is None:
        return None
    return IntakeQuoted(said.reason, said.history, said.pain_feels, said.goals, said.must_know)


def _check_ins(db: Session, patient: SharedPatient) -> Sequence[CheckIn]:
    """The newest first; never one for a session with another therapist."""
    return db.scalars(
        select(CheckIn)
        .outerjoin(TreatmentSession, col(TreatmentSession.id) == col(CheckIn.session_id))
        .where(
            col(CheckIn.patient_id) == patient.profile.id,
            or_(col(CheckIn.session_id).is_(None), known_to(patient.therapist_id)),
        )
        .order_by(col(CheckIn.answered_at).desc())
        .limit(CHECK_INS_READ)
    ).all()


def _activities(
    db: Session, patient_id: UUID, known: Sequence[CheckIn], current: CheckIn | None
) -> list[ActivityNow]:
    """The activities that are asked now, in the order they were named, each with its own series."""
    places = {one.id: place for place, one in enumerate(known)}
    scores: dict[str, dict[int, int]] = {}
    for row in _scores(db, patient_id):
        series = scores.setdefault(row.name, {})
        if row.check_in_id in places:
            series[places[row.check_in_id]] = row.score
    now = places[current.id] if current else -1
    return [ActivityNow(name, _score_before(now, series), series.get(now)) for name, series in scores.items()]


def _score_before(now: int, series: dict[int, int]) -> int | None:
    """Check-ins are counted back from the newest."""
    earlier = [place for place in series if place > now]
    return series[min(earlier)] if earlier else None


def _scores(db: Session, patient_id: UUID) -> Sequence[Row[str, UUID | None, int | None]]:
    return db.execute(
        select(col(NamedActivity.name), col(ActivityScore.check_in_id), col(ActivityScore.score))
        .outerjoin(ActivityScore, col(ActivityScore.activity_id) == col(NamedActivity.id))
        .where(col(NamedActivity.patient_id) == patient_id, col(NamedActivity.ended_at).is_(None))
        .order_by(col(NamedActivity.started_at), col(NamedActivity.name))
    ).all()


def _is_due(
    known: Sequence[CheckIn], current: CheckIn | None, first_held: datetime | None, now: datetime
) -> bool:
    """From four weeks after the first session, and four weeks after it was answered last."""
    if first_held is None:
        return False
    answered = [one.answered_at for one in known if one.overall_change is not None and one is not current]
    return now >= max([first_held, *answered]) + OVERALL_CHANGE_EVERY
