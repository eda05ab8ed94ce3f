"""The home-care plan: written by a therapist or by the patient, answered by the patient."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel

from app.api.strict_route import StrictJSONRoute
from app.deps import CurrentPatient, Now, PatientInCare, Read, Write
from app.home_care.answers import GivenAnswer, answer_plan
from app.home_care.shown import OwnPlan, ShownChange, ShownItem, ShownVersion, own_plan, plan_by
from app.home_care.write import go_on_with_plan, stop_plan, withdraw_plan, write_plan
from app.models.care import require_plan
from app.models.home_care import PlanIn
from app.models.plan_answer import PlanAnswerIn

router = APIRouter(tags=["plan"], route_class=StrictJSONRoute)

PlanNumber = Annotated[int, Path(ge=1, le=1_000_000)]
WithHistory = Annotated[bool, Query(description="All versions too, the newest first.")]


class WrittenPlan(BaseModel):
    """The newest version that the caller wrote; `version` is None and there are no items before the first.

    `stopped_at` is when the patient stopped following it. `versions` are all of them, the newest first, when
    the history is asked for.
    """

    version: int | None = None
    effective: str | None = None
    written_at: datetime | None = None
    effective_at: datetime | None = None
    first_day: date | None = None
    items: list[ShownItem] = []
    note: str = ""
    flare: str = ""
    changes: list[ShownChange] = []
    answers: list[GivenAnswer] = []
    stopped_at: datetime | None = None
    versions: list[ShownVersion] | None = None


@router.get("/patients/{patient_id}/plan")  # noqa: FAST003 (PatientInCare takes it)
async def read_written_plan(patient: PatientInCare, read: Read, history: WithHistory = False) -> WrittenPlan:
    """Your newest version for this patient, with what the patient answered."""
    require_plan(patient.scopes)
    return _written(await read(plan_by, patient.profile.id, patient.therapist_id), history=history)


@router.put("/patients/{patient_id}/plan")  # noqa: FAST003 (PatientInCare takes it)
async def put_plan(
    wanted: PlanIn, request: Request, patient: PatientInCare, write: Write, read: Read, now: Now
) -> WrittenPlan:
    """A new version. Earlier ones stay, and the days they held on are judged by them."""
    require_plan(patient.scopes)
    await write(write_plan, patient.profile, patient.therapist_id, wanted, now)
    request.app.state.worker.wake()
    return _written(await read(plan_by, patient.profile.id, patient.therapist_id), history=False)


@router.delete("/patients/{patient_id}/plan/{version}", status_code=204)  # noqa: FAST003
async def delete_version(
    version: int, request: Request, patient: PatientInCare, write: Write, now: Now
) -> None:
    """Take back the version you have just sent, within an hour."""
    require_plan(patient.scopes)
    await write(withdraw_plan, patient.profile, patient.therapist_id, version, now)
    request.app.state.worker.wake()


@router.get("/plan")
async def read_own_plan(patient: CurrentPatient, read: Read, now: Now) -> OwnPlan:
    """What is in force for you, whoever asked for it; what changed, and what is about to."""
    return await read(own_plan, patient, now)


@router.put("/plan")
async def put_own_plan(
    wanted: PlanIn, request: Request, patient: CurrentPatient, write: Write, read: Read, now: Now
) -> OwnPlan:
    """Your own plan, beside those of your therapists."""
    await write(write_plan, patient, patient.id, wanted, now)
    request.app.state.worker.wake()
    return await read(own_plan, patient, now)


@router.post("/plan/{version}/stop")
async def post_stop(
    version: PlanNumber, request: Request, patient: CurrentPatient, write: Write, read: Read, now: Now
) -> OwnPlan:
    """Stop following what the author of this version asks for. Your days stay as they are."""
    await write(stop_plan, patient, version, now)
    request.app.state.worker.wake()
    return await read(own_plan, patient, now)


@router.delete("/plan/{version}/stop")
async def delete_stop(
    version: PlanNumber, request: Request, patient: CurrentPatient, write: Write, read: Read, now: Now
) -> OwnPlan:
    """Take a stop back, within an hour."""
    await write(go_on_with_plan, patient, version, now)
    request.app.state.worker.wake()
    return await read(own_plan, patient, now)


@router.post("/plan/answer")
async def post_answer(said: PlanAnswerIn, patient: CurrentPatient, write: Write, now: Now) -> GivenAnswer:
    """Answer an item of a version, or all of it. The last answer stands."""
    return await write(answer_plan, patient, said, now)


def _written(versions: list[ShownVersion], *, history: bool) -> WrittenPlan:
    told = versions if history else None
    if not versions:
        return WrittenPlan(versions=told)
    newest = versions[0]
    shown = {name: getattr(newest, name) for name in WrittenPlan.model_fields if name != "versions"}
    return WrittenPlan(**shown, versions=told)
