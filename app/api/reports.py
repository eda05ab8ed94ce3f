"""A patient's diary as a file: for the therapist who may see it, and for the patient to hand on."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from app.access.looks import note_own_export
from app.api.streaming import streamed
from app.deps import AppSettings, CurrentPatient, InTransaction, Now, PatientInCare, ReadReplica, Write
from app.models.field_types import LocalDay
from app.reports.as_csv import days_as_csv
from app.reports.as_fhir import as_fhir
from app.reports.as_pdf import as_pdf
from app.reports.exporting import Subject, period_of
from app.reports.page import build_page

router = APIRouter(tags=["reports"])

First = Annotated[LocalDay | None, Query(description="Else the last session, or 14 days.")]
Last = Annotated[LocalDay | None, Query(description="Else today.")]


@router.get("/patients/{patient_id}/report.csv", response_class=StreamingResponse)  # noqa: FAST003 (PatientInCare takes it)
async def report_as_csv(
    patient: PatientInCare, read: ReadReplica, now: Now, first: First = None, last: Last = None
) -> Response:
    """A row for each logged day, with the columns that are shared."""
    subject = Subject.shared(patient)
    period = await read(period_of, subject, first, last, now)
    return await streamed(read, days_as_csv(subject, period, now), "text/csv", "report.csv")


@router.get("/patients/{patient_id}/report.fhir.json", response_class=StreamingResponse)  # noqa: FAST003 (PatientInCare takes it)
async def report_as_fhir(
    patient: PatientInCare,
    settings: AppSettings,
    read: ReadReplica,
    now: Now,
    first: First = None,
    last: Last = None,
) -> Response:
    """A FHIR R4 Bundle of what is shared."""
    subject = Subject.shared(patient)
    period = await read(period_of, subject, first, last, now)
    export = as_fhir(subject, period, settings.fhir_snomed == "on", now)
    return await streamed(read, export, "application/fhir+json", "report.fhir.json")


PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}


@router.get("/patients/{patient_id}/report.pdf", response_class=Response, responses=PDF)  # noqa: FAST003 (PatientInCare takes it)
async def report_as_pdf(
    patient: PatientInCare, read: ReadReplica, now: Now, first: First = None, last: Last = None
) -> Response:
    """One page of what is shared, with charts, for reading and printing."""
    return await _pdf(Subject.shared(patient), read, now, first, last)


@router.get("/me/report.pdf", response_class=Response, responses=PDF)
async def own_report_as_pdf(
    patient: CurrentPatient, read: ReadReplica, write: Write, now: Now, first: First = None, last: Last = None
) -> Response:
    """The same page of one's own diary, to hand to a doctor."""
    await write(note_own_export, patient.id, "report.pdf", now)
    return await _pdf(Subject.own(patient), read, now, first, last)


async def _pdf(
    subject: Subject, read: InTransaction, now: datetime, first: date | None, last: date | None
) -> Response:
    period = await read(period_of, subject, first, last, now)
    page = await read(build_page, subject, period, now)
    pdf = await asyncio.to_thread(as_pdf, page)
    headers = {"Content-Disposition": 'inline; filename="report.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
