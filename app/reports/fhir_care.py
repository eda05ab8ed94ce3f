"""The people of a FHIR export and what is between them: consent, sessions, goals and plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.care import Relationship, relationships_of
from app.models.care import Scope
from app.models.check_in import Intake
from app.models.home_care import PlanItem
from app.models.plan_in_force import PlanVersion, plan_history
from app.models.therapist import therapist_profile
from app.models.treatment_session import TreatmentSession, known_to
from app.reports import fhir_codes as codes
from app.reports.fhir_check_ins import check_ins
from app.reports.fhir_codes import OWN, coded
from app.reports.fhir_export import Addressed, FhirExport, Resource, instant, known

CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
ROLE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def people_and_care(export: FhirExport, db: Session) -> Iterator[Addressed]:
    """Who this is about and who treats them, what was agreed between them, and when they met."""
    patient = export.subject.patient
    yield (
        export.address("Patient"),
        {"resourceType": "Patient", "active": True, "name": [{"text": patient.name}]},
    )
    relationships = [
        one
        for one in relationships_of(db, patient.id)
        if export.subject.reader_id in (None, one.therapist_id)
    ]
    sessions, plans = list(_sessions(export, db)), list(plans_told(export, db))
    names = {one.therapist_id: one.therapist_name for one in relationships}
    seen = {*(one.therapist_id for one in sessions), *(one.author_id for one, _after in plans)}
    for therapist_id in sorted({one for one in seen if one} - {patient.id, *names}):
        names[therapist_id] = therapist_profile(db, therapist_id).name
    for therapist_id, name in names.items():
        practitioner = {"resourceType": "Practitioner", "active": True, "name": [{"text": name}]}
        yield export.practitioner(therapist_id), practitioner
    yield from (_consent(export, one) for one in relationships)
    for session in sessions:
        yield from _session(export, session)
    yield from _goals(export, db)
    yield from (_plan(export, version, after) for version, after in plans)
    yield from check_ins(export, db)


def _consent(export: FhirExport, one: Relationship) -> Addressed:
    """What was shared with one therapist, and until when."""
    revoked = one.revoked_at is not None
    end = instant(one.revoked_at) if one.revoked_at else one.expires_on and one.expires_on.isoformat()
    actor = {"reference": export.practitioner(one.therapist_id)}
    consent = {
        "resourceType": "Consent",
        "status": "inactive" if revoked else "active",
        "scope": {"coding": [coded(CONSENT_SCOPE, "patient-privacy")]},
        "category": [{"coding": [coded(codes.LOINC, "59284-0", "Consent Document")]}],
        "patient": export.patient,
        "dateTime": instant(one.accepted_at),
        "performer": [export.patient],
        "policyRule": {"text": "The patient shares parts of their own diary and can stop at any time."},
        "provision": {
            "type": "permit",
            "period": {"start": instant(one.accepted_at)} | ({"end": end} if end else {}),
            "actor": [{"role": {"coding": [coded(ROLE, "IRCP")]}, "reference": actor}],
            "class": [coded(f"{OWN}scope", scope) for scope in sorted(one.scopes)],
        },
    }
    return export.address("Consent", one.id), consent


def _sessions(export: FhirExport, db: Session) -> Iterable[TreatmentSession]:
    """Sessions of the period, as far as the reader may know of them."""
    patient, period = export.subject.patient, export.period
    found = select(TreatmentSession).where(col(TreatmentSession.patient_id) == patient.id)
    if export.subject.reader_id is not None:
        found = found.where(known_to(export.subject.reader_id))
    for one in db.scalars(found.order_by(col(TreatmentSession.starts_at), col(TreatmentSession.id))):
        if period.first <= patient.day_at(one.held_at or one.starts_at):
            yield one


def _session(export: FhirExport, one: TreatmentSession) -> Iterator[Addressed]:
    """The appointment and, once it was held, the encounter."""
    given_by = [export.practitioner(one.therapist_id)] if one.therapist_id else []
    appointment = export.address("Appointment", one.id)
    status = "cancelled" if one.cancelled_at else "fulfilled" if one.held_at else "booked"
    times = {
        "start": instant(one.starts_at),
        "end": instant(one.starts_at + timedelta(minutes=one.minutes)),
    }
    actors = [export.patient["reference"], *given_by]
    participants = [{"actor": {"reference": actor}, "status": "accepted"} for actor in actors]
    yield (
        appointment,
        {"resourceType": "Appointment", "status": status, **times, "participant": participants},
    )
    if one.held_at is not None:
        encounter = {
            "resourceType": "Encounter",
            "status": "finished",
            "class": coded(ACT, "AMB", "ambulatory"),
            "subject": export.patient,
            "participant": [{"individual": {"reference": actor}} for actor in given_by],
            "appointment": [{"reference": appointment}],
            "period": {"end": instant(one.held_at)},
        }
        yield export.address("Encounter", one.id), {k: v for k, v in encounter.items() if v}


def _goals(export: FhirExport, db: Session) -> Iterator[Addressed]:
    """What the patient wants out of treatment, in their own words."""
    if Scope.NOTES not in export.subject.scopes:
        return
    said = db.get(Intake, export.subject.patient.id)
    if said is None or not said.goals:
        return
    goal = {
        "resourceType": "Goal",
        "lifecycleStatus": "active",
        "description": {"text": said.goals},
        "subject": export.patient,
        "startDate": export.subject.patient.day_at(said.written_at).isoformat(),
        "expressedBy": export.patient,
    }
    yield export.address("Goal", "intake"), goal


def plans_told(export: FhirExport, db: Session) -> Iterator[tuple[PlanVersion, PlanVersion | None]]:
    """Every version that counted during the period, with the one that took over from it."""
    if Scope.PLAN not in export.subject.scopes:
        return
    history = plan_history(db, export.subject.patient.id)
    if export.subject.reader_id is not None:
        history = history.only_by(export.subject.reader_id, export.subject.patient.id)
    for line in history.lines:
        for version, after in zip(line, [*line[1:], None], strict=True):
            has_begun = version.first_day <= export.period.last
            if has_begun and (after is None or after.first_day >= export.period.first):
                yield version, after


def _plan(export: FhirExport, version: PlanVersion, after: PlanVersion | None) -> Addressed:
    status, going = _progress(export, version, after)
    period = {"start": instant(version.effective_at), "end": instant(after.effective_at) if after else None}
    plan = {
        "resourceType": "CarePlan",
        "status": status,
        "intent": "plan",
        "title": "Home care",
        "description": version.note,
        "subject": export.patient,
        "period": known(period),
        "created": instant(version.written_at),
        "author": _author(export, version),
        "activity": [{"detail": _activity(item, going)} for item in version.items],
    }
    return export.address("CarePlan", version.id), known(plan)


def _progress(export: FhirExport, version: PlanVersion, after: PlanVersion | None) -> tuple[str, str]:
    """How far a version has come, as the plan says it and as its activities do."""
    if version.effective_at > export.now:
        return "draft", "not-started"
    if after is not None and after.effective_at <= export.now:
        return "completed", "completed"
    return "active", "in-progress"


def _author(export: FhirExport, version: PlanVersion) -> Resource | None:
    """None once the account of whoever wrote it is gone."""
    if version.author_id is None:
        return None
    is_own = version.author_id == export.subject.patient.id
    return export.patient if is_own else {"reference": export.practitioner(version.author_id)}


def _activity(item: PlanItem, going: str) -> Resource:
    """One thing to do at home: what, how much, on which days, and why."""
    words = ", ".join(part for part in (item.title, item.dose) if part) or item.kind.value
    return known(
        {
            "code": {"coding": [coded(f"{OWN}plan-item-kind", item.kind.value)], "text": words},
            "status": going,
            "scheduledTiming": {"repeat": {"dayOfWeek": [day.value for day in item.days]}},
            "description": item.why,
        }
    )
