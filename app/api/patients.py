"""A therapist's patients: the list, and what each one shares. Every look is logged."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from app.access.looks import OVERVIEW, note_overview
from app.api.period import AskedPeriod
from app.api.strict_route import StrictJSONRoute
from app.deps import CurrentTherapist, Now, PatientInCare, ReadReplica, Write
from app.models.brief_read import Reading, mark_brief_read, take_back_brief_read
from app.reports.brief import Brief, build_brief
from app.reports.patient_list import PatientRow, patients_of
from app.reports.shared_days import SharedDays, shared_days

router = APIRouter(prefix="/patients", tags=["therapist"], route_class=StrictJSONRoute)


class Patients(BaseModel):
    """Everybody who shares with a therapist now."""

    patients: list[PatientRow]


@router.get("")
async def list_patients(therapist: CurrentTherapist, read: ReadReplica, write: Write, now: Now) -> Patients:
    """Everybody who shares with you now, today's sessions first."""
    patients = await read(patients_of, therapist.id, now)
    await write(note_overview, therapist.id, [one.id for one in patients], f"api:{OVERVIEW}", now)
    return Patients(patients=patients)


@router.get("/{patient_id}/days")  # noqa: FAST003 (PatientInCare takes it)
async def list_shared_days(
    patient: PatientInCare,
    read: ReadReplica,
    asked: AskedPeriod,
    now: Now,
) -> SharedDays:
    """Logged days in scope, oldest first; by default of the last thirty days."""
    first, last = asked.until(patient.profile.day_at(now))
    return await read(shared_days, patient, first, last)


@router.get("/{patient_id}/brief")  # noqa: FAST003 (PatientInCare takes it)
async def read_brief(patient: PatientInCare, read: ReadReplica, now: Now) -> Brief:
    """The one page before a session, with what this patient shares."""
    return await read(build_brief, patient, now)


@router.post("/{patient_id}/brief/read")  # noqa: FAST003 (PatientInCare takes it)
async def mark_read(patient: PatientInCare, therapist: CurrentTherapist, write: Write, now: Now) -> Reading:
    """Say that the brief was read; the patient sees it. Twice within an hour is once."""
    return await write(mark_brief_read, patient.profile.id, therapist.id, therapist.name, now)


@router.delete("/{patient_id}/brief/read", status_code=204)  # noqa: FAST003 (PatientInCare takes it)
async def take_back_read(patient: PatientInCare, therapist: CurrentTherapist, write: Write, now: Now) -> None:
    """Take that back, within the hour."""
    await write(take_back_brief_read, patient.profile.id, therapist.id, now)
