"""Taking everything out, bringing it in again, and leaving."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse

from app.access.looks import note_own_export
from app.access.sign_ins import SignedIn
from app.api.streaming import streamed
from app.deps import AppSettings, CurrentAccount, JustProved, Now, ReadReplica, Write
from app.errors import Refused
from app.language import _
from app.models.patient import PatientProfile
from app.moving_in.arrive import MovedIn
from app.moving_in.file import bring_file
from app.reports.as_csv import TEMPLATE, days_as_csv, entries_as_csv
from app.reports.as_fhir import as_fhir
from app.reports.exporting import ALL_DAYS, NextPiece, Subject
from app.reports.takeout import takeout

router = APIRouter(tags=["people"])

CSV, JSON, FHIR_JSON = "text/csv; charset=utf-8", "application/json", "application/fhir+json"


class TakeoutFormat(StrEnum):
    """JSON holds everything and can come back; CSV and FHIR hold the diary."""

    JSON = "json"
    CSV = "csv"
    FHIR = "fhir"


class Rows(StrEnum):
    """What a row of the CSV is."""

    DAYS = "days"
    ENTRIES = "entries"


@router.get(
    "/me/takeout",
    response_class=StreamingResponse,
    responses={200: {"content": {JSON: {}, CSV: {}, FHIR_JSON: {}}}},
)
async def take_out(
    account: JustProved,
    settings: AppSettings,
    read: ReadReplica,
    write: Write,
    now: Now,
    wanted: Annotated[TakeoutFormat, Query(alias="format")] = TakeoutFormat.JSON,
    rows: Annotated[Rows, Query(description="For CSV: a row for each day or for each entry.")] = Rows.DAYS,
) -> Response:
    """Everything this account has, as a file; in a browser only shortly after showing who one is."""
    export, media_type, ending = _export(account, settings, wanted, rows, now)
    await write(note_own_export, account.account_id, "takeout", now)
    return await streamed(read, export, media_type, f"aftercare-{now:%Y-%m-%d}{ending}")


def _export(
    account: SignedIn, settings: AppSettings, wanted: TakeoutFormat, rows: Rows, now: datetime
) -> tuple[NextPiece, str, str]:
    """What is exported, its media type, and how the name of its file ends."""
    match wanted:
        case TakeoutFormat.JSON:
            return takeout(account.account_id, account.role, now), JSON, ".json"
        case TakeoutFormat.CSV:
            return _as_csv(_patient(account.as_patient), rows, now), CSV, f"-{rows.value}.csv"
        case TakeoutFormat.FHIR:
            subject = Subject.own(_patient(account.as_patient))
            export = as_fhir(subject, ALL_DAYS, settings.fhir_snomed == "on", now)
            return export, FHIR_JSON, ".fhir.json"


@router.get("/me/import/template.csv", response_class=Response)
async def read_template(account: CurrentAccount) -> Response:
    """An empty spreadsheet with the columns that can be brought in."""
    _patient(account.as_patient)
    headers = {"Content-Disposition": 'attachment; filename="aftercare-template.csv"'}
    return Response(TEMPLATE, media_type=CSV, headers=headers)


@router.post(
    "/me/import",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A take-out in JSON, or a CSV with one row for each day; at most 5 MB.",
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/csv": {
                    "schema": {"type": "string"},
                    "example": "day,pain,water_glasses\n2026-11-23,4,6\n",
                },
            },
        }
    },
)
async def bring_in(
    request: Request,
    account: CurrentAccount,
    write: Write,
    now: Now,
    preview: Annotated[bool, Query(description="Only say what would be stored.")] = False,
) -> MovedIn:
    """Bring in a take-out or a spreadsheet: all of it, or nothing when something in it cannot stand."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ("application/json", "text/csv"):
        raise HTTPException(415, _("Send JSON or CSV, with its content type."))
    is_takeout = media_type == "application/json"
    body = await request.body()
    return await bring_file(account, body, write, now, is_takeout=is_takeout, preview=preview)


def _as_csv(patient: PatientProfile, rows: Rows, now: Any) -> NextPiece:
    if rows is Rows.ENTRIES:
        return entries_as_csv(patient)
    return days_as_csv(Subject.own(patient), ALL_DAYS, now)


def _patient(patient: PatientProfile | None) -> PatientProfile:
    if patient is None:
        raise Refused(_("This is for patients. You are signed in as a therapist."))
    return patient
