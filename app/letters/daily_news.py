"""How many patients have something new for their therapist's daily letter. Counted, never told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.looks import patients_in_care
from app.models.care import Scope
from app.models.check_in import CheckIn
from app.models.feedback import Feedback
from app.models.home_care import HomeCarePlan
from app.models.patient import Patient
from app.models.plan_answer import PlanAnswer
from app.models.treatment_session import TreatmentSession, known_to


def patients_with_news(db: Session, therapist_id: UUID, since: datetime, now: datetime) -> int:
    """Patients with consent in force who logged a day, answered this therapist's plan, checked in for a
    session or said how one was, as far as their briefs tell of it."""
    shared = {one.profile.id: one.scopes for one in patients_in_care(db, therapist_id, now)}
    logged = {one for one, scopes in shared.items() if scopes & {Scope.MEASURES, Scope.NOTES}}
    answered = {one for one, scopes in shared.items() if Scope.PLAN in scopes}
    news = _who_logged(db, logged, since) | _who_answered(db, therapist_id, answered, since)
    return len(news | _who_spoke_of_a_session(db, therapist_id, shared, since))


def _who_logged(db: Session, patients: set[UUID], since: datetime) -> set[UUID]:
    """By when it came in: a phone may have been offline for days."""
    logged = select(col(Patient.id)).where(col(Patient.id).in_(patients), col(Patient.last_logged_at) > since)
    return set(db.scalars(logged))


def _who_answered(db: Session, therapist_id: UUID, patients: set[UUID], since: datetime) -> set[UUID]:
    return set(
        db.scalars(
            select(col(PlanAnswer.patient_id))
            .join(HomeCarePlan, col(HomeCarePlan.id) == col(PlanAnswer.plan_id))
            .where(
                col(PlanAnswer.patient_id).in_(patients),
                col(HomeCarePlan.author_id) == therapist_id,
                col(PlanAnswer.answered_at) > since,
            )
        )
    )


def _who_spoke_of_a_session(
    db: Session, therapist_id: UUID, patients: Collection[UUID], since: datetime
) -> set[UUID]:
    """Before one or after it; what is said for the next session, whenever that is, is for every therapist."""
    checked_in = (
        select(col(CheckIn.patient_id))
        .outerjoin(TreatmentSession, col(TreatmentSession.id) == col(CheckIn.session_id))
        .where(
            col(CheckIn.patient_id).in_(patients),
            col(CheckIn.updated_at) > since,
            or_(col(CheckIn.session_id).is_(None), known_to(therapist_id)),
        )
    )
    gave_feedback = (
        select(col(Feedback.patient_id))
        .join(TreatmentSession, col(TreatmentSession.id) == col(Feedback.session_id))
        .where(
            col(Feedback.patient_id).in_(patients),
            or_(col(Feedback.updated_at) > since, col(Feedback.something_wrong_at) > since),
            known_to(therapist_id),
        )
    )
    return {*db.scalars(checked_in), *db.scalars(gave_feedback)}
