"""The log form, posted: one form is one entry, however often it is sent."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from app.deps import CurrentPatient, Now, Read, Write, require_same_person
from app.diary.record import EntryResult, record_entries
from app.diary.undo import id_when_sent, undo_entry
from app.errors import Conflict, FieldError, Invalid
from app.language import _
from app.models.daily_log import Day, day_on, entries_about
from app.models.field_types import LocalDay
from app.models.patient import PatientProfile
from app.web.log_form import NO_DAY, NOBODY, page_of
from app.web.page import see_other
from app.web.past_day import past_day_page
from app.web.spoken_form import said_in
from app.web.submitted import Submitted, text_in
from app.web.today import today_page

router = APIRouter(include_in_schema=False)

Said = dict[str, dict[str, Any]]


@router.post("/days/{day}/log")
async def post_log(
    request: Request,
    day: LocalDay,
    form: Submitted,
    patient: CurrentPatient,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    """Record what the form says as one entry, then show the day again."""
    of_page = text_in(form, "patient")
    require_same_person("" if of_page == str(NOBODY) else of_page, patient.id)
    day = patient.day_at(now) if day == NO_DAY else day
    said = said_in(form)
    page = page_of(day, patient.day_at(now))
    if not said["set"] and not said["add"]:
        return see_other(f"{page}?saved=nothing")
    try:
        entry_id = await write(record_form, patient, day, _uuid_in(text_in(form, "entry")), said, now)
    except Invalid as invalid:
        show = today_page if page == "/today" else past_day_page
        return await show(request, patient, read, now, day, said["set"], invalid)
    return see_other(f"{page}?saved={entry_id}")


@router.post("/days/{day}/undo")
async def post_undo(
    day: LocalDay, form: Submitted, patient: CurrentPatient, write: Write, now: Now
) -> Response:
    await write(undo_entry, patient, day, _uuid_in(text_in(form, "entry")), now)
    return see_other(f"{page_of(day, patient.day_at(now))}?saved=undone")


def record_form(
    db: Session, patient: PatientProfile, day: date, form_id: UUID, said: Said, now: datetime
) -> UUID:
    """The id of the entry this form became.

    The id follows from the form and from what it says. So the same form sent twice is one entry, and a
    form sent again with something else in it (after going back) is another. So is one that was taken back
    and is sent again. Raises Conflict when it is stored already but no longer stands.
    """
    known = {entry.id: entry for entry in entries_about(db, patient.id, day)}
    entry_id = id_when_sent(uuid5(form_id, json.dumps([str(day), said], sort_keys=True)), known.keys())
    if entry_id in known:
        _require_standing(day_on(db, patient.id, day), json.loads(known[entry_id].content)["set"])
        return entry_id
    entry = {"id": entry_id, "day": day, "recorded_at": now, **said}
    match record_entries(db, patient, [entry], now).results[0]:
        case EntryResult(status="invalid", error=FieldError() as error):
            raise Invalid(error)
        case _stored:
            # Now, or a moment ago by another tap on the same button.
            return entry_id


def _require_standing(day: Day | None, said: dict[str, Any]) -> None:
    if any(getattr(day, measure, None) != value for measure, value in said.items()):
        raise Conflict(_("This form was saved before, and the day was changed since. Open the day again."))


def _uuid_in(text: str) -> UUID:
    """The id a form was given. A page kept on the phone has none of its own: each sending is a new form."""
    try:
        return uuid4() if text == str(NOBODY) else UUID(text)
    except ValueError:
        raise Invalid(FieldError("entry", "uuid", _("Open the page again, then send the form."))) from None
