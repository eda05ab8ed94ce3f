"""The patient's plan: what is asked and why, today's ticks, what changed, and what they say to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.deps import CurrentPatient, InTransaction, Now, Read, Write, require_same_person
from app.diary.fold import Said, came_with_done
from app.diary.record import record_one
from app.diary.tick import tick as ticked
from app.diary.undo import id_when_sent, said_in, undo_entry
from app.errors import Conflict, FieldError, Invalid, NotFound
from app.home_care.answers import answer_plan
from app.home_care.shown import OwnItem, OwnPlan, ShownVersion, own_plan
from app.home_care.write import go_on_with_plan, stop_plan
from app.language import _
from app.models.daily_log import MEASURES, day_on, entries_about
from app.models.home_care import PlanItemKind
from app.models.patient import PatientProfile
from app.models.plan_answer import PlanAnswerIn
from app.models.therapist_note import NoteAbout, notes_shared_with
from app.web import plan_words as words
from app.web.filled_form import checked
from app.web.page import render, see_other
from app.web.plan_words import ChangeInWords, changes_in_words
from app.web.saved import Notice, refused_notice
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)

PlanNumber = Annotated[int, Path(ge=1, le=1_000_000)]
NEW_FOR = timedelta(days=28)
"""A change is shown for so long, or until it is answered."""
NOTES_SHOWN = 5
TIMED = (PlanItemKind.STRETCH, PlanItemKind.HEAT, PlanItemKind.ICE)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version that is new to the patient: what changed in it, and what they have said to it."""

    version: ShownVersion
    is_coming: bool
    is_own: bool
    changes: list[ChangeInWords]
    answers: dict[str, str]
    comment: str


@dataclass(frozen=True, slots=True)
class PlanPage:
    plan: OwnPlan
    today: list[OwnItem]
    other_days: list[OwnItem]
    news: list[NewVersion]
    notes: list[NoteAbout]
    entry_id: UUID
    was: str
    """What the day says already, so that the page can go on from it by itself."""
    came_with_done: str

    @property
    def stoppable(self) -> list[ShownVersion]:
        """What holds and what is to come, once for each author."""
        told = {one.author_id or one.asked_by: one for one in (*self.plan.coming, *self.plan.in_force)}
        return list(told.values())

    @property
    def authors(self) -> list[str]:
        return list(dict.fromkeys(one.asked_by for one in self.plan.in_force))


@router.get("/plan")
async def show_plan(
    request: Request,
    patient: CurrentPatient,
    read: Read,
    now: Now,
    saved: Annotated[str, Query(max_length=64)] = "",
    plan: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """`plan` is the version that was just stopped."""
    return await _shown(request, patient, read, now, _notice(saved), stopped=plan)


@router.post("/plan/items/{item}")
async def post_tick(item: str, form: Submitted, patient: CurrentPatient, write: Write, now: Now) -> Response:
    """Done, or a reason why not today; Undo takes it back."""
    require_same_person(text_in(form, "patient"), patient.id)
    entry_id = await write(tick, patient, item, text_in(form, "tick"), _form_id(form), now)
    return see_other(f"/plan?saved={entry_id}#saved" if entry_id else f"/plan#item-{item}")


@router.post("/plan/undo")
async def post_undo(form: Submitted, patient: CurrentPatient, write: Write, now: Now) -> Response:
    await write(undo_entry, patient, patient.day_at(now), _form_id(form), now)
    return see_other("/plan?saved=undone#saved")


@router.post("/plan/answer")
async def post_answer(
    request: Request, form: Submitted, patient: CurrentPatient, read: Read, write: Write, now: Now
) -> Response:
    try:
        await write(answer_plan, patient, _answer_in(form), now)
    except Invalid as invalid:
        typed = text_in(form, "version"), text_in(form, "comment")
        return await _shown(request, patient, read, now, refused_notice(invalid), 422, typed=typed)
    return see_other("/plan?saved=answered#news")


@router.post("/plan/{version}/stop")
async def post_stop(
    version: PlanNumber, request: Request, patient: CurrentPatient, write: Write, now: Now
) -> Response:
    await write(stop_plan, patient, version, now)
    request.app.state.worker.wake()
    return see_other(f"/plan?saved=stopped&plan={version}#saved")


@router.post("/plan/{version}/go-on")
async def post_go_on(
    version: PlanNumber, request: Request, patient: CurrentPatient, write: Write, now: Now
) -> Response:
    await write(go_on_with_plan, patient, version, now)
    request.app.state.worker.wake()
    return see_other("/plan?saved=goes-on#saved")


def tick(
    db: Session, patient: PatientProfile, item_id: str, said: str, form_id: UUID, now: datetime
) -> UUID | None:
    """Record what was said to one item of today's plan; the id of the entry. A form sent twice is one entry,
    and an answer that stands already is none. Raises Conflict when it was changed since.

    "done" to something that is timed logs the minutes it asks for; "glass" is one glass of water.
    """
    item = next((one for one in own_plan(db, patient, now).items if one.id == item_id), None)
    if item is None:
        raise NotFound(_("This is no longer in your plan. Open your plan again."))
    day = patient.day_at(now)
    entries = entries_about(db, patient.id, day)
    known = {entry.id for entry in entries}
    entry_id = id_when_sent(uuid5(form_id, f"{item_id} {said}"), known)
    answer = _said(item, said, said_in(entries))
    if entry_id in known and answer is not None and said != "glass":
        raise Conflict(_("You gave this answer before, and it was changed since. Open your plan again."))
    if entry_id in known:
        return entry_id
    if answer is None:
        return None
    record_one(db, patient, {"id": entry_id, "day": day, "recorded_at": now, **answer}, now)
    return entry_id


def read_plan(db: Session, patient: PatientProfile, now: datetime) -> PlanPage:
    plan = own_plan(db, patient, now)
    logged = day_on(db, patient.id, plan.day)
    return PlanPage(
        plan=plan,
        today=[item for item in plan.items if item.due_today],
        other_days=[item for item in plan.items if not item.due_today],
        news=_news(plan, patient, now),
        notes=notes_shared_with(db, patient.id, NOTES_SHOWN),
        entry_id=uuid4(),
        was=json.dumps({measure: getattr(logged, measure, None) for measure in MEASURES}),
        came_with_done=json.dumps(came_with_done(said_in(entries_about(db, patient.id, plan.day)))),
    )


async def _shown(
    request: Request,
    patient: PatientProfile,
    read: InTransaction,
    now: datetime,
    notice: Notice | None,
    status: int = 200,
    stopped: int = 0,
    typed: tuple[str, str] = ("", ""),
) -> Response:
    """`typed` is the number of a version and what was said to it, which could not be taken."""
    page = await read(read_plan, patient, now)
    return render(
        request,
        "plan.html",
        status,
        page=page,
        words=words,
        notice=notice,
        stopped=stopped,
        typed=typed,
        patient=patient,
        now=now,
        zone=patient.zone,
    )


def _news(plan: OwnPlan, patient: PatientProfile, now: datetime) -> list[NewVersion]:
    """What is to come first, then what is new; not what is long in force and was answered."""
    coming = [_new(one, patient, is_coming=True) for one in plan.coming]
    recent = [one for one in plan.in_force if one.changes and now - one.written_at < NEW_FOR]
    return coming + [_new(one, patient, is_coming=False) for one in recent if one.author_id != patient.id]


def _new(version: ShownVersion, patient: PatientProfile, *, is_coming: bool) -> NewVersion:
    return NewVersion(
        version,
        is_coming,
        version.author_id == patient.id,
        changes_in_words(version.changes),
        {answer.item or "": answer.answer.value for answer in version.answers},
        _comment(version),
    )


def _comment(version: ShownVersion) -> str:
    return next((answer.comment for answer in version.answers if not answer.item and answer.comment), "")


def _said(item: OwnItem, said: str, about_day: list[Said]) -> dict[str, Any] | None:
    if said == "glass" and item.kind is PlanItemKind.WATER:
        return {"add": {"water_glasses": 1}}
    if said not in (*words.TICKS, "clear"):
        raise Invalid(FieldError("tick", "unknown", _("Choose one of the answers.")))
    minutes, measure = item.target.min if item.target else None, item.kind.measure
    asked = {measure: int(minutes)} if item.kind in TIMED and minutes and measure else {}
    return ticked(item.id, None if said == "clear" else said, asked, about_day)


def _answer_in(form: FormData) -> PlanAnswerIn:
    version = text_in(form, "version")
    return checked(
        PlanAnswerIn,
        {
            "version": int(version) if version.isascii() and version.isdigit() else version,
            "item": text_in(form, "item") or None,
            "answer": text_in(form, "answer"),
            "comment": text_in(form, "comment") or None,
        },
    )


def _form_id(form: FormData) -> UUID:
    try:
        return UUID(text_in(form, "entry"))
    except ValueError:
        raise Invalid(FieldError("entry", "uuid", _("Open the page again, then send the form."))) from None


def _notice(saved: str) -> Notice | None:
    match saved:
        case "":
            return None
        case "undone":
            return Notice(_("Taken back."))
        case "answered":
            return Notice(_("Thank you. Your answer is on record for whoever asked."))
        case "written":
            return Notice(_("Your plan is saved."))
        case "stopped":
            return Notice(_("Stopped. Nothing of this plan is asked or reminded of any more."))
        case "goes-on":
            return Notice(_("The plan goes on as it was."))
    try:
        return Notice(_("Saved."), UUID(saved))
    except ValueError:
        return None
