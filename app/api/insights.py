"""What a patient's own diary can honestly say, and the question they ask of it."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.strict_route import StrictJSONRoute
from app.deps import AppSettings, CurrentPatient, Now, Read, ReadReplica, Write
from app.diary.question import choose_question, keep_review
from app.errors import NotFound
from app.language import _
from app.models.question import ChooseQuestion
from app.reports.own_insights import Insights, own_insights, review_due

router = APIRouter(prefix="/insights", tags=["log"], route_class=StrictJSONRoute)


@router.get("")
async def read_insights(
    patient: CurrentPatient, settings: AppSettings, read: ReadReplica, write: Write, now: Now
) -> Insights:
    """As much as this installation says (`AFTERCARE_INSIGHTS`); what it does not say is null."""
    due = await read(review_due, patient, now) if settings.insights == "full" else None
    if due:
        await write(keep_review, due.question_id, due.reviewed_on, due.looked_at, due.effects, now)
    return await read(own_insights, patient, settings.insights, now)


@router.put("/question")
async def ask_question(
    chosen: ChooseQuestion, patient: CurrentPatient, settings: AppSettings, write: Write, now: Now, read: Read
) -> Insights:
    """Choose the habit to be looked at every four weeks; null ends the question."""
    if settings.insights != "full":
        raise NotFound(_("This installation does not look for patterns."))
    await write(choose_question, patient, chosen, now)
    return await read(own_insights, patient, settings.insights, now)
