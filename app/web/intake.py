"""The intake: what a patient says once, at the start, and may change."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from app.deps import CurrentPatient, Now, Read, Write
from app.errors import Invalid
from app.models.check_in import MOST_ACTIVITIES, IntakeIn
from app.treatment.intake import intake_of, write_intake
from app.web.filled_form import FilledForm, checked, refused
from app.web.page import render, see_other
from app.web.submitted import Submitted, text_in, texts_in

router = APIRouter(include_in_schema=False)

WRITTEN = ("reason", "history", "pain_feels", "goals", "must_know")


@router.get("/intake")
async def show_intake(
    request: Request, patient: CurrentPatient, read: Read, saved: Annotated[str, Query(max_length=8)] = ""
) -> Response:
    intake = await read(intake_of, patient.id)
    values: dict[str, Any] = {name: getattr(intake, name) or "" for name in WRITTEN}
    return _shown(
        request, FilledForm(values | {"hard_activities": intake.hard_activities}), saved=bool(saved)
    )


@router.post("/intake")
async def post_intake(
    request: Request, form: Submitted, patient: CurrentPatient, write: Write, now: Now
) -> Response:
    said = _said_in(form)
    try:
        await write(write_intake, patient, checked(IntakeIn, said), now)
    except Invalid as invalid:
        return _shown(request, refused(said, invalid), saved=False)
    return see_other("/intake?saved=yes")


def _said_in(form: FormData) -> dict[str, Any]:
    named = [name.strip() for name in texts_in(form, "activity") if name.strip()]
    return {name: text_in(form, name) for name in WRITTEN} | {"hard_activities": named}


def _shown(request: Request, form: FilledForm, *, saved: bool) -> Response:
    named = [*form.values["hard_activities"], *[""] * MOST_ACTIVITIES][:MOST_ACTIVITIES]
    return render(request, "intake.html", form.status, form=form, activities=named, saved=saved)
