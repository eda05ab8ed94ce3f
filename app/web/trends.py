"""Trends: every measure as a chart with its table, sessions marked, gaps left as gaps."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.deps import AppSettings, CurrentPatient, Now, ReadReplica, Write
from app.diary.question import choose_question, keep_review, offer_help_card
from app.errors import NotFound
from app.language import _
from app.models.question import AskedHabit, ChooseQuestion
from app.reports.own_insights import review_due
from app.reports.trends import Span, read_trends
from app.web.filled_form import checked
from app.web.page import render, see_other
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)


@router.get("/trends")
async def show_trends(
    request: Request,
    patient: CurrentPatient,
    settings: AppSettings,
    read: ReadReplica,
    write: Write,
    now: Now,
    days: Annotated[Span, Query()] = Span.MONTH,
) -> Response:
    due = await read(review_due, patient, now) if settings.insights == "full" else None
    if due:
        await write(keep_review, due.question_id, due.reviewed_on, due.looked_at, due.effects, now)
    trends = await read(read_trends, patient, now, days, settings.insights)
    return render(
        request,
        "trends.html",
        trends=trends,
        offers_help=trends.offers_help and await write(offer_help_card, patient, now),
        asks=settings.insights == "full",
        habits=_habits_in_words(),
        chosen=days.value,
        spans=list(map(int, Span)),
    )


@router.post("/trends/question")
async def ask_question(
    form: Submitted, patient: CurrentPatient, settings: AppSettings, write: Write, now: Now
) -> Response:
    if settings.insights != "full":
        raise NotFound
    chosen = checked(ChooseQuestion, {"habit": text_in(form, "habit") or None})
    await write(choose_question, patient, chosen, now)
    return see_other("/trends#question")


def _habits_in_words() -> list[tuple[str, str]]:
    return [
        (AskedHabit.STRETCH.value, _("Stretching")),
        (AskedHabit.EXERCISES.value, _("Your exercises")),
        (AskedHabit.WATER.value, _("Drinking enough water")),
        (AskedHabit.SLEEP.value, _("Sleep within your plan")),
    ]
