"""Treatment sessions through both sides of care, and what is said before and after them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from app.api.strict_route import StrictJSONRoute
from app.deps import CurrentPatient, Now, PatientInCare, Read, Write
from app.models.check_in import CheckInSaid, IntakeIn
from app.models.feedback import FeedbackIn
from app.models.treatment_session import BookSession, SessionChange, SessionHeld
from app.treatment.after import AroundSessions, around_sessions
from app.treatment.check_ins import CheckInSeen, check_in, check_in_for_next
from app.treatment.feedback import give_feedback, say_something_is_wrong, take_back_something_is_wrong
from app.treatment.intake import IntakeSeen, intake_of, write_intake
from app.treatment.seen import Caller, SessionSeen, SessionsPage, sessions_of
from app.treatment.sessions import book, change, hold

router = APIRouter(tags=["sessions"], route_class=StrictJSONRoute)

Cursor = Annotated[UUID | None, Query()]


@router.get("/patients/{patient_id}/sessions")  # noqa: FAST003 (PatientInCare takes it)
async def list_sessions_of_patient(patient: PatientInCare, read: Read, cursor: Cursor = None) -> SessionsPage:
    """Your own sessions with this patient and those they keep alone, the latest first."""
    return await read(sessions_of, Caller.therapist_of(patient), cursor)


@router.post("/patients/{patient_id}/sessions", status_code=201)  # noqa: FAST003
async def book_for_patient(
    wanted: BookSession, patient: PatientInCare, request: Request, write: Write, now: Now
) -> SessionSeen:
    """Book a session for this patient."""
    booked = await write(book, Caller.therapist_of(patient), wanted, now)
    request.app.state.worker.wake()
    return booked


@router.patch("/patients/{patient_id}/sessions/{session_id}")  # noqa: FAST003
async def change_for_patient(
    session_id: UUID,
    wanted: SessionChange,
    patient: PatientInCare,
    request: Request,
    write: Write,
    now: Now,
) -> SessionSeen:
    """Move or cancel it, or correct what was kept of it; the aftercare moves along."""
    changed = await write(change, Caller.therapist_of(patient), session_id, wanted, now)
    request.app.state.worker.wake()
    return changed


@router.post("/patients/{patient_id}/sessions/{session_id}/held")  # noqa: FAST003
async def hold_for_patient(
    session_id: UUID, held: SessionHeld, patient: PatientInCare, request: Request, write: Write, now: Now
) -> SessionSeen:
    """Mark it as held, once, and start the aftercare of the next days."""
    seen = await write(hold, Caller.therapist_of(patient), session_id, held, now)
    request.app.state.worker.wake()
    return seen


@router.get("/sessions")
async def list_sessions(patient: CurrentPatient, read: Read, cursor: Cursor = None) -> SessionsPage:
    """All your sessions, the latest first, with what your therapists shared of them."""
    return await read(sessions_of, Caller.patient_self(patient), cursor)


@router.post("/sessions", status_code=201)
async def book_own(
    wanted: BookSession, patient: CurrentPatient, request: Request, write: Write, now: Now
) -> SessionSeen:
    """For patients without a therapist here, who keep their sessions themselves."""
    booked = await write(book, Caller.patient_self(patient), wanted, now)
    request.app.state.worker.wake()
    return booked


@router.patch("/sessions/{session_id}")
async def change_own(
    session_id: UUID,
    wanted: SessionChange,
    patient: CurrentPatient,
    request: Request,
    write: Write,
    now: Now,
) -> SessionSeen:
    """Move or cancel a session that I keep for myself."""
    changed = await write(change, Caller.patient_self(patient), session_id, wanted, now)
    request.app.state.worker.wake()
    return changed


@router.post("/sessions/{session_id}/held")
async def hold_own(
    session_id: UUID, held: SessionHeld, patient: CurrentPatient, request: Request, write: Write, now: Now
) -> SessionSeen:
    """Note that a session of my own took place; its aftercare begins."""
    seen = await write(hold, Caller.patient_self(patient), session_id, held, now)
    request.app.state.worker.wake()
    return seen


@router.post("/sessions/{session_id}/feedback", status_code=201)
async def post_feedback(
    session_id: UUID, said: FeedbackIn, patient: CurrentPatient, write: Write, now: Now
) -> SessionSeen:
    """How the session was; said again, it takes the place of what was said before."""
    return await write(give_feedback, patient, session_id, said, now)


@router.post("/sessions/{session_id}/something-wrong")
async def post_something_wrong(
    session_id: UUID, patient: CurrentPatient, write: Write, now: Now
) -> SessionSeen:
    """End the aftercare of this session. Nobody is told of it: get help yourself."""
    return await write(say_something_is_wrong, patient, session_id, now)


@router.delete("/sessions/{session_id}/something-wrong")
async def delete_something_wrong(
    session_id: UUID, patient: CurrentPatient, request: Request, write: Write, now: Now
) -> SessionSeen:
    """It was a slip of the finger: the aftercare goes on."""
    seen = await write(take_back_something_is_wrong, patient, session_id, now)
    request.app.state.worker.wake()
    return seen


@router.get("/aftercare")
async def read_aftercare(patient: CurrentPatient, read: Read, now: Now) -> AroundSessions:
    """The aftercare that is open, and the check-in once the next session is near."""
    return await read(around_sessions, patient, now)


@router.get("/check-in")
async def read_check_in(patient: CurrentPatient, read: Read, now: Now) -> CheckInSeen:
    """What you said for the next session so far, and what is asked."""
    return await read(check_in_for_next, patient, now)


@router.put("/check-in")
async def put_check_in(said: CheckInSaid, patient: CurrentPatient, write: Write, now: Now) -> CheckInSeen:
    """Answer the check-in before the next session; a later answer takes the place of this one."""
    return await write(check_in, patient, said, now)


@router.get("/intake")
async def read_intake(patient: CurrentPatient, read: Read) -> IntakeSeen:
    """What I told therapists at the beginning."""
    return await read(intake_of, patient.id)


@router.put("/intake")
async def put_intake(said: IntakeIn, patient: CurrentPatient, write: Write, now: Now) -> IntakeSeen:
    """Tell therapists why I come and what I want; it takes the place of what I told before."""
    return await write(write_intake, patient, said, now)
