"""A patient's sessions: those with a therapist to look at, and their own to keep when they have none here."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from app.errors import Conflict, Invalid
from app.models.treatment_session import SessionHeld
from app.treatment.sessions import hold_unbooked
from app.web.filled_form import checked
from app.web.session_forms import USUAL_MINUTES, instant_in
from app.web.sessions_desk import PatientsDesk, done_with
from app.web.submitted import Submitted, id_in, text_in

router = APIRouter(include_in_schema=False)

Action = Literal["move", "cancel", "back", "correct"]


@router.get("/sessions")
async def show_sessions(
    desk: PatientsDesk, done: Annotated[str, Query(max_length=16)] = "", about: UUID | None = None
) -> Response:
    return await desk.show(done, about)


@router.post("/sessions")
async def post_session(desk: PatientsDesk, form: Submitted) -> Response:
    return await desk.book(form)


@router.post("/sessions/held")
async def post_held(desk: PatientsDesk, form: Submitted) -> Response:
    """It took place: when it ended, and the standard steps for the next days."""
    session_id = id_in(form, "session")
    try:
        held = checked(SessionHeld, {"held_at": instant_in(form, desk.zone)})
        seen = await desk.write(hold_unbooked, desk.caller, session_id, USUAL_MINUTES, held, desk.now)
    except (Invalid, Conflict) as error:
        return await desk.refused(error, held_day=text_in(form, "day"), held_time=text_in(form, "time"))
    return desk.done(done_with(seen), seen.id)


@router.post("/sessions/{session_id}/{action}")
async def post_action(session_id: UUID, action: Action, desk: PatientsDesk, form: Submitted) -> Response:
    return await desk.act(session_id, action, form)
