"""What a patient said before a session, as FHIR observations: overall change, and named activities.

Both are counted by a code of our own, for nobody else has one. An activity keeps its own series: replaced by
another, the next one starts anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.models.care import Scope
from app.models.check_in import ActivityScore, CheckIn, NamedActivity
from app.models.treatment_session import TreatmentSession, known_to
from app.reports import fhir_codes as codes
from app.reports.fhir_codes import MeasureCode, coded, concept, quantity
from app.reports.fhir_export import PATIENT_SUPPLIED, Addressed, FhirExport, Resource, instant

_OF_TEN = "{score}", "score from 0 to 10; 10 is as well as before the problem"
OVERALL_CHANGE = MeasureCode(
    "Overall change since the first session", "survey", "{score}", "1 very much better to 7 very much worse"
)


def check_ins(export: FhirExport, db: Session) -> Iterator[Addressed]:
    """The answers given within the period, as far as the reader may know of the session they were for."""
    if Scope.MEASURES not in export.subject.scopes:
        return
    for one in _within(export, db):
        if one.overall_change is not None:
            said = {"valueQuantity": quantity(one.overall_change, OVERALL_CHANGE)}
            code = concept("overall-change", OVERALL_CHANGE)
            yield export.address("Observation", one.id), _observation(export, one.answered_at, code, said)
        yield from _activities(export, db, one)


def _within(export: FhirExport, db: Session) -> Iterator[CheckIn]:
    patient, reader, period = export.subject.patient, export.subject.reader_id, export.period
    answered = (
        select(CheckIn)
        .outerjoin(TreatmentSession, col(TreatmentSession.id) == col(CheckIn.session_id))
        .where(col(CheckIn.patient_id) == patient.id)
        .order_by(col(CheckIn.answered_at), col(CheckIn.id))
    )
    if reader is not None:
        answered = answered.where(or_(col(CheckIn.session_id).is_(None), known_to(reader)))
    for one in db.scalars(answered):
        if period.first <= patient.day_at(one.answered_at) <= period.last:
            yield one


def _activities(export: FhirExport, db: Session, one: CheckIn) -> Iterator[Addressed]:
    scored = (
        select(col(NamedActivity.id), col(NamedActivity.name), col(ActivityScore.score))
        .join(ActivityScore, col(ActivityScore.activity_id) == col(NamedActivity.id))
        .where(col(ActivityScore.check_in_id) == one.id)
        .order_by(col(NamedActivity.started_at), col(NamedActivity.name), col(NamedActivity.id))
    )
    for activity_id, name, score in db.execute(scored):
        named = MeasureCode(name, "survey", *_OF_TEN)
        said = {"valueQuantity": quantity(score, named)}
        observation = _observation(export, one.answered_at, concept("activity", named), said)
        yield export.address("Observation", one.id, activity_id), observation


def _observation(export: FhirExport, at: datetime, code: Resource, said: Resource) -> Resource:
    return {
        "resourceType": "Observation",
        "meta": {"tag": [PATIENT_SUPPLIED]},
        "status": "final",
        "category": [{"coding": [coded(codes.CATEGORY, "survey")]}],
        "code": code,
        "subject": export.patient,
        "effectiveDateTime": export.subject.patient.day_at(at).isoformat(),
        "issued": instant(at),
        "performer": [export.patient],
        **said,
    }
