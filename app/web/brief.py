"""The brief: one page about the time since the last session, read in two minutes before the next."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.deps import CurrentTherapist, Now, PatientInCare, ReadReplica, Write
from app.insights.wording import rating
from app.models.brief_read import BriefRead, mark_as_shown, take_back_brief_read
from app.models.field_types import Instant
from app.reports import brief_text
from app.reports.brief import Brief, build_brief
from app.web.page import render, see_other

LONG_FROM = 3000
"""Letters of the text from which the page needs smaller ones to stand on one screen and on one A4."""

router = APIRouter(include_in_schema=False)


@router.get("/patients/{patient_id}/brief")  # noqa: FAST003 (PatientInCare takes it)
async def show_brief(
    request: Request, patient: PatientInCare, therapist: CurrentTherapist, read: ReadReplica, now: Now
) -> Response:
    brief = await read(build_brief, patient, now)
    plain = brief_text.brief_text(brief, therapist.zone)
    return render(
        request,
        "brief.html",
        therapist=therapist,
        patient=patient.profile,
        brief=brief,
        window=brief_text.window_words(brief),
        plain=plain,
        is_long=len(plain) > LONG_FROM,
        text=brief_text,
        can_undo=_can_undo(brief, now),
        now=now,
        rating=rating,
    )


@router.post("/patients/{patient_id}/brief/read")  # noqa: FAST003 (PatientInCare takes it)
async def mark_read(
    patient: PatientInCare,
    therapist: CurrentTherapist,
    write: Write,
    now: Now,
    shown: Annotated[Instant | None, Query()] = None,
) -> Response:
    await write(mark_as_shown, patient.profile.id, therapist.id, therapist.name, shown or now, now)
    return see_other(f"/patients/{patient.profile.id}/brief")


@router.post("/patients/{patient_id}/brief/unread")  # noqa: FAST003 (PatientInCare takes it)
async def take_back_read(
    patient: PatientInCare, therapist: CurrentTherapist, write: Write, now: Now
) -> Response:
    await write(take_back_brief_read, patient.profile.id, therapist.id, now)
    return see_other(f"/patients/{patient.profile.id}/brief")


def _can_undo(brief: Brief, now: datetime) -> bool:
    return brief.read is not None and now - brief.read.read_at < BriefRead.UNDO_FOR
