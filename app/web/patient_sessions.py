"""A therapist's sessions with one patient: booked, moved, cancelled, corrected."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.web.sessions_desk import TherapistsDesk
from app.web.submitted import Submitted

router = APIRouter(include_in_schema=False)

Action = Literal["move", "cancel", "back", "correct"]


@router.get("/patients/{patient_id}/sessions")  # noqa: FAST003 (PatientInCare takes it)
async def show_sessions(
    desk: TherapistsDesk, done: Annotated[str, Query(max_length=16)] = "", about: UUID | None = None
) -> Response:
    return await desk.show(done, about)


@router.post("/patients/{patient_id}/sessions")  # noqa: FAST003
async def post_session(desk: TherapistsDesk, form: Submitted) -> Response:
    return await desk.book(form)


@router.post("/patients/{patient_id}/sessions/{session_id}/{action}")  # noqa: FAST003
async def post_action(session_id: UUID, action: Action, desk: TherapistsDesk, form: Submitted) -> Response:
    return await desk.act(session_id, action, form)
