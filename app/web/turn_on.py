"""Turn on reminders: the steps for this very device, ending with a test that arrived."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.deps import CurrentPatient
from app.web.page import render

router = APIRouter(include_in_schema=False)


@router.get("/reminders/turn-on")
async def show_turn_on(request: Request, patient: CurrentPatient) -> Response:
    """All ways at once; the script leaves those of this device, and does the asking after a tap."""
    return render(request, "turn_on.html")
