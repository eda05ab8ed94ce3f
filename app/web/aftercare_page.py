"""What Today shows around sessions, on a page of its own: it needs no script."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.deps import CurrentPatient, Now, Read
from app.language import _
from app.treatment.after import around_sessions
from app.web.page import render

router = APIRouter(include_in_schema=False)


@router.get("/aftercare")
async def show_aftercare(
    request: Request,
    patient: CurrentPatient,
    read: Read,
    now: Now,
    done: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    around = await read(around_sessions, patient, now)
    words = _("Taken back. What your session planned goes on.") if done == "back" else ""
    return render(request, "aftercare.html", around=around, zone=patient.zone, now=now, words=words)
