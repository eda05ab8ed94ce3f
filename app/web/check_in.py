"""The check-in before a session: what the patient wants, where it hurts, how daily things go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.deps import CurrentPatient, Now, Read, Write
from app.errors import Invalid
from app.language.saying import as_sentence
from app.models.check_in import MOST_ACTIVITIES, CheckInSaid, SafetyItem
from app.models.daily_log import days_between
from app.models.patient import PatientProfile
from app.reports.check_in_words import overall_change_in_words, safety_in_words
from app.treatment.check_ins import CheckInSeen, check_in, check_in_for_next, session_spoken_of
from app.treatment.seen import who_sees_ticks
from app.web.filled_form import FilledForm, checked, refused
from app.web.log_form import PLACES_FROM, place_groups
from app.web.page import render, see_other
from app.web.session_forms import each_once, places_to_show, regions_in, value_of, whole
from app.web.submitted import Submitted, text_in, texts_in

router = APIRouter(include_in_schema=False)

PLACES_OFFERED = 8


@dataclass(frozen=True, slots=True)
class CheckInPage:
    """What stands, the places to offer (those said, then those of the last days), and who sees the ticks."""

    standing: CheckInSeen
    offered: list[Any]
    seen_by: list[str]


@router.get("/check-in")
async def show_check_in(
    request: Request,
    patient: CurrentPatient,
    read: Read,
    now: Now,
    saved: Annotated[str, Query(max_length=8)] = "",
) -> Response:
    page = await read(_read_check_in, patient, now)
    standing = page.standing
    values = {
        "request": standing.request or "",
        "places": standing.pain_sites or [],
        "safety_items": standing.safety_items,
        "overall_change": str(standing.overall_change or ""),
        "scores": {one.name: one.score for one in standing.activities},
    }
    return _shown(request, patient, page, FilledForm(values), now, saved=bool(saved))


@router.post("/check-in")
async def post_check_in(
    request: Request, form: Submitted, patient: CurrentPatient, read: Read, write: Write, now: Now
) -> Response:
    try:
        await write(check_in, patient, checked(CheckInSaid, _said_in(form)), now)
    except Invalid as invalid:
        page = await read(_read_check_in, patient, now)
        return _shown(request, patient, page, refused(_typed(form), invalid), now, saved=False)
    request.app.state.worker.wake()
    return see_other("/check-in?saved=yes")


def _read_check_in(db: Session, patient: PatientProfile, now: datetime) -> CheckInPage:
    standing = check_in_for_next(db, patient, now)
    today = patient.day_at(now)
    days = days_between(db, patient.id, today - PLACES_FROM, today)
    marked = [site for day in reversed(days) for site in day.pain_sites or []]
    offered = each_once([*(standing.pain_sites or []), *marked])[:PLACES_OFFERED]
    return CheckInPage(
        standing, offered, who_sees_ticks(db, patient, session_spoken_of(db, patient, now), now)
    )


def _said_in(form: FormData) -> dict[str, Any]:
    said = {
        "request": text_in(form, "request"),
        "pain_sites": regions_in(form) or None,
        "activities": [{"name": name, "score": score} for name, score in _scores(form).items()],
        "overall_change": whole(text_in(form, "overall_change")),
        "safety_items": texts_in(form, "safety"),
    }
    return said


def _scores(form: FormData) -> dict[str, int]:
    """The score of each activity that has one; its name comes with it."""
    scores: dict[str, int] = {}
    for number in range(MOST_ACTIVITIES):
        name, score = text_in(form, f"activity-{number}"), whole(text_in(form, f"score-{number}"))
        if name and score is not None:
            scores[name] = score
    return scores


def _typed(form: FormData) -> dict[str, Any]:
    return {
        "request": text_in(form, "request"),
        "places": [place for place in places_to_show(form) if "side" in place],
        "safety_items": texts_in(form, "safety"),
        "overall_change": text_in(form, "overall_change"),
        "scores": _scores(form),
    }


def _shown(
    request: Request,
    patient: PatientProfile,
    page: CheckInPage,
    form: FilledForm,
    now: datetime,
    *,
    saved: bool,
) -> Response:
    return render(
        request,
        "check_in.html",
        form.status,
        standing=page.standing,
        seen_by=page.seen_by,
        form=form,
        offered=each_once([*form.values["places"], *page.offered]),
        chosen={value_of(place) for place in form.values["places"]},
        groups=place_groups({}),
        value_of=value_of,
        safety={item.value: safety_in_words(item) for item in SafetyItem},
        changes=[(str(rating), as_sentence(overall_change_in_words(rating))) for rating in range(1, 8)],
        zone=patient.zone,
        now=now,
        saved=saved,
    )
