"""Today: is it logged, how much water, and the log itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from app.deps import CurrentPatient, InTransaction, Now, Read
from app.errors import Invalid
from app.language import _
from app.language.saying import clock_in_words
from app.models.daily_log import Day, Measures, days_between
from app.models.patient import PatientProfile
from app.treatment.after import AfterSession, after_session
from app.web.log_form import BLANK, NO_DAY, NOBODY, LogForm, log_form
from app.web.page import render
from app.web.past_day import as_typed
from app.web.reminders_page import read_stopped
from app.web.saved import Notice, refused_notice, saved_notice

router = APIRouter(include_in_schema=False)

WEEK = 7
CHECK_IN = ("pain", "stiffness", "mobility", "pain_sites")
"""A day counts as logged once one of these was said; a glass of water alone is not a check-in."""


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One day in the strip: `mark` is "logged", "late" or "" for a day nothing was said about."""

    day: date
    is_today: bool
    mark: str

    @property
    def mark_words(self) -> str:
        return {"logged": _("logged"), "late": _("filled in later"), "": _("not logged")}[self.mark]


@dataclass(frozen=True, slots=True)
class Today:
    form: LogForm
    log_state: str
    week: list[WeekDay]
    logged_words: str
    after: AfterSession
    stopped: list[tuple[UUID, str]]


@router.get("/today")
async def show_today(
    request: Request,
    patient: CurrentPatient,
    read: Read,
    now: Now,
    saved: Annotated[str, Query(max_length=64)] = "",
    places: Annotated[str, Query(max_length=16)] = "",
    whole: bool = False,
) -> Response:
    today = await read(read_today, patient, now, places == "same")
    # What was saved by a post was said without scripts.
    form = replace(today.form, is_whole=today.form.is_whole or whole or bool(saved))
    return _shown(request, replace(today, form=form), saved_notice(saved))


async def today_page(
    request: Request,
    patient: PatientProfile,
    read: InTransaction,
    now: datetime,
    day: date,
    typed: Mapping[str, Any],
    invalid: Invalid,
) -> Response:
    """Today again, with what was typed and why it was not saved."""
    today = await read(read_today, patient, now, False)
    return _shown(request, replace(today, form=as_typed(today.form, typed)), refused_notice(invalid), 422)


def kept_today() -> dict[str, Any]:
    """Today as the worker keeps it: about nobody and no day. The phone fills it."""
    form = LogForm(
        patient_id=NOBODY,
        day_starts_at="",
        day=NO_DAY,
        today=NO_DAY,
        said=Measures(),
        asks_soreness=True,
        earlier=None,
        entry_id=NOBODY,
        is_whole=True,
    )
    week = [WeekDay(NO_DAY, is_today=False, mark="")] * WEEK
    return {
        "form": form,
        "log_state": BLANK,
        "week": week,
        "logged_words": BLANK,
        "notice": None,
        "after": AfterSession(session_is_near=True, is_open=True, something_wrong=NOBODY),
        "stopped": [],
    }


def read_today(db: Session, patient: PatientProfile, now: datetime, suggest_places: bool) -> Today:
    day = patient.day_at(now)
    week = _week(days_between(db, patient.id, day - timedelta(days=WEEK - 1), day), day)
    form = log_form(db, patient, day, day, suggest_places)
    logged = sum(bool(one.mark) for one in week)
    return Today(
        form,
        _log_state(form, patient.zone),
        week,
        _logged_words(logged, len(week)),
        after_session(db, patient, now),
        read_stopped(db, patient.id),
    )


def _shown(request: Request, today: Today, notice: Notice | None, status: int = 200) -> Response:
    return render(
        request,
        "today.html",
        status,
        form=today.form,
        log_state=today.log_state,
        week=today.week,
        logged_words=today.logged_words,
        after=today.after,
        stopped=today.stopped,
        notice=notice,
    )


def _log_state(form: LogForm, zone: str) -> str:
    if not isinstance(form.said, Day):
        return _("Not logged yet")
    if all(getattr(form.said, measure) is None for measure in CHECK_IN):
        return _(
            "Begun at %(time)s. How you feel is not logged yet",
            time=clock_in_words(form.said.first_logged_at, zone),
        )
    return _("Logged at %(time)s", time=clock_in_words(form.said.updated_at, zone))


def _logged_words(logged: int, of: int) -> str:
    """Nothing yet is where everybody begins, so it is not counted."""
    return _("%(days)s of %(of)s days logged", days=logged, of=of) if logged else _("Days you log get a dot.")


def _week(logged: list[Day], today: date) -> list[WeekDay]:
    marks = {day.day: "late" if day.late else "logged" for day in logged}
    days = [today - timedelta(days=back) for back in reversed(range(WEEK))]
    return [WeekDay(day, day == today, marks.get(day, "")) for day in days]
