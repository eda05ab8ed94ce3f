"""A past day: the same form, for what was forgotten. The list offers seven days back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.deps import CurrentPatient, InTransaction, Now, Read
from app.errors import Invalid, NotFound
from app.language import _
from app.language.saying import as_sentence, joined, listed
from app.models.daily_log import LATE_AFTER, WRITABLE_DAYS_BACK, Day, Measures, days_between
from app.models.field_types import LocalDay
from app.models.patient import PatientProfile
from app.reports.places import place_in_words
from app.web.log_form import BLANK, NO_DAY, LogForm, log_form
from app.web.page import render, see_other
from app.web.saved import Notice, refused_notice, saved_notice

router = APIRouter(include_in_schema=False)

DAYS_OFFERED = 7


@dataclass(frozen=True, slots=True)
class PastDay:
    """One line of the list: the day and, in words, what was said about it."""

    day: date
    words: str
    late: bool


@router.get("/days")
async def list_past_days(request: Request, patient: CurrentPatient, read: Read, now: Now) -> Response:
    today = patient.day_at(now)
    first, last = today - timedelta(days=DAYS_OFFERED), today - timedelta(days=1)
    logged = {day.day: day for day in await read(days_between, patient.id, first, last)}
    days = [_line(last - timedelta(days=back), logged) for back in range(DAYS_OFFERED)]
    return render(request, "past_days.html", days=days, today=today)


def kept_days() -> dict[str, Any]:
    """The list as the worker keeps it. The phone fills it."""
    return {"days": [PastDay(NO_DAY, BLANK, late=False)] * DAYS_OFFERED, "today": NO_DAY}


@router.get("/days/{day}")
async def show_past_day(
    request: Request,
    day: LocalDay,
    patient: CurrentPatient,
    read: Read,
    now: Now,
    saved: Annotated[str, Query(max_length=64)] = "",
    places: Annotated[str, Query(max_length=16)] = "",
    whole: bool = False,
) -> Response:
    today = patient.day_at(now)
    if day == today:
        return see_other("/today")
    _require_writable(day, today)
    form = await read(log_form, patient, day, today, places == "same")
    return _shown(request, replace(form, is_whole=form.is_whole or whole or bool(saved)), saved_notice(saved))


async def past_day_page(
    request: Request,
    patient: PatientProfile,
    read: InTransaction,
    now: datetime,
    day: date,
    typed: Mapping[str, Any],
    invalid: Invalid,
) -> Response:
    """The day again, with what was typed and why it was not saved."""
    today = patient.day_at(now)
    _require_writable(day, today)
    form = await read(log_form, patient, day, today, False)
    return _shown(request, as_typed(form, typed), refused_notice(invalid), 422)


def as_typed(form: LogForm, typed: Mapping[str, Any]) -> LogForm:
    """The form with what was typed in place of what is stored."""
    stored = {measure: getattr(form.said, measure) for measure in Measures.model_fields}
    return replace(form, is_whole=True, said=Measures.model_construct(None, **{**stored, **typed}))


def _shown(request: Request, form: LogForm, notice: Notice | None, status: int = 200) -> Response:
    filled_in_later = form.today - form.day > LATE_AFTER
    return render(request, "past_day.html", status, form=form, notice=notice, filled_in_later=filled_in_later)


def _require_writable(day: date, today: date) -> None:
    if not today - timedelta(days=WRITABLE_DAYS_BACK) <= day <= today:
        raise NotFound(_("There is no page for this day."))


def _line(day: date, logged: Mapping[date, Day]) -> PastDay:
    said = logged.get(day)
    if said is None:
        return PastDay(day, _("Not logged"), late=False)
    return PastDay(day, _words(said), said.late)


def _words(said: Day) -> str:
    """As "Pain 4, left shoulder", or "Logged" when neither was said."""
    pain = _("pain %(number)s", number=said.pain) if said.pain is not None else ""
    places = joined(place_in_words(site) for site in said.pain_sites or [])
    words = listed(filter(None, [pain, places])) or _("logged")
    return as_sentence(words)
