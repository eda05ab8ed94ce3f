"""Aftercare templates, one's own and those of the practice: written once, changed in versions, chosen when a
session is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.access.practices import practice_if_any
from app.deps import CurrentTherapist, InTransaction, Now, Read, Write
from app.errors import AftercareError, Conflict, Invalid
from app.language import _, marked
from app.models.aftercare import (
    STANDARD,
    AftercareStep,
    AftercareTemplateChange,
    AftercareTemplateNew,
    StepKind,
    in_time_order,
)
from app.models.therapist import TherapistProfile
from app.reminders.step_words import step_in_words
from app.treatment.templates import (
    TemplateSeen,
    add_template,
    change_template,
    retire_template,
    retired_in_practice,
    share_template,
    take_back_retiring,
    templates_of,
)
from app.web.filled_form import FilledForm, refused
from app.web.page import render, see_other
from app.web.session_forms import whole
from app.web.step_when import step_when
from app.web.submitted import Submitted, text_in
from app.web.template_form import LINES, QUESTIONS, numbers_in, template_in

router = APIRouter(include_in_schema=False)

DONE = {
    "saved": marked("Saved. It counts for the sessions to come."),
    "retired": marked("Retired. It is not offered any more."),
    "back": marked("The template is back."),
    "shared": marked("Everybody in your practice sees and uses it now."),
}


@dataclass(frozen=True, slots=True)
class StepInWords:
    """One step: when it comes, and what is said then."""

    when: str
    words: str


@dataclass(frozen=True, slots=True)
class TemplateEdited:
    """One template in its editor. `lines` are filled and blank ones, `asked` the questions that come."""

    id: UUID | None
    name: str
    version: int
    lines: list[dict[str, Any]]
    asked: list[str]
    summary: list[StepInWords]
    shared: bool = False
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class TemplatesRead:
    own: list[TemplateSeen]
    of_practice: list[TemplateSeen]
    retired: list[TemplateSeen]
    practice: str


def read_templates(db: Session, therapist_id: UUID) -> TemplatesRead:
    """`practice` is the name of the therapist's practice, empty for who works alone."""
    templates, practice = templates_of(db, therapist_id), practice_if_any(db, therapist_id)
    return TemplatesRead(
        [one for one in templates if not one.shared],
        [one for one in templates if one.shared],
        retired_in_practice(db, therapist_id),
        practice.name if practice else "",
    )


@router.get("/aftercare-templates")
async def show_templates(
    request: Request,
    therapist: CurrentTherapist,
    read: Read,
    done: Annotated[str, Query(max_length=16)] = "",
    about: UUID | None = None,
) -> Response:
    undo = str(about) if done == "retired" and about else ""
    return await _page(request, therapist, read, _(DONE[done]) if done in DONE else "", undo)


@router.post("/aftercare-templates")
async def post_template(
    request: Request, form: Submitted, therapist: CurrentTherapist, read: Read, write: Write, now: Now
) -> Response:
    try:
        wanted = template_in(form, AftercareTemplateNew, shared=text_in(form, "shared") == "yes")
        await write(add_template, therapist.id, wanted, now)
    except (Invalid, Conflict) as error:
        return await _page(request, therapist, read, "", "", error, form)
    return see_other("/aftercare-templates?done=saved")


@router.post("/aftercare-templates/{template_id}")
async def post_version(
    request: Request,
    template_id: UUID,
    form: Submitted,
    therapist: CurrentTherapist,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    try:
        wanted = template_in(form, AftercareTemplateChange, based_on=whole(text_in(form, "based_on")))
        await write(change_template, therapist.id, template_id, wanted, now)
    except (Invalid, Conflict) as error:
        return await _page(request, therapist, read, "", "", error, form, template_id)
    return see_other("/aftercare-templates?done=saved")


@router.post("/aftercare-templates/{template_id}/share")
async def post_share(
    request: Request, template_id: UUID, therapist: CurrentTherapist, read: Read, write: Write, now: Now
) -> Response:
    try:
        await write(share_template, therapist.id, template_id, now)
    except (Invalid, Conflict) as error:
        return await _page(request, therapist, read, error.message, "", status=error.status)
    return see_other("/aftercare-templates?done=shared")


@router.post("/aftercare-templates/{template_id}/retire")
async def post_retire(template_id: UUID, therapist: CurrentTherapist, write: Write, now: Now) -> Response:
    await write(retire_template, therapist.id, template_id, now)
    return see_other(f"/aftercare-templates?done=retired&about={template_id}")


@router.post("/aftercare-templates/{template_id}/back")
async def post_back(template_id: UUID, therapist: CurrentTherapist, write: Write) -> Response:
    await write(take_back_retiring, therapist.id, template_id)
    return see_other("/aftercare-templates?done=back")


async def _page(
    request: Request,
    therapist: TherapistProfile,
    read: InTransaction,
    words: str,
    undo: str,
    refused_as: AftercareError | None = None,
    form: FormData | None = None,
    about: UUID | None = None,
    status: int = 200,
) -> Response:
    """`form` is what was refused, of the template `about` or of a new one."""
    templates = await read(read_templates, therapist.id)
    wrong = refused({}, refused_as) if refused_as else FilledForm()
    is_overtaken = isinstance(refused_as, Conflict)

    def edited(one: TemplateSeen) -> TemplateEdited:
        editor = _edited(one)
        return _typed(editor, form, is_overtaken=is_overtaken) if form and one.id == about else editor

    return render(
        request,
        "aftercare_templates.html",
        max(wrong.status, status),
        therapist=therapist,
        own=[edited(one) for one in templates.own],
        of_practice=[(one, edited(one)) for one in templates.of_practice],
        retired=templates.retired,
        practice=templates.practice,
        zone=therapist.zone,
        new=_typed(_new(), form) if form and about is None else _new(),
        questions=[(kind.value, step_in_words(kind, None), step_when(_usual(kind))) for kind in QUESTIONS],
        words=words,
        undo=undo,
        form=wrong,
    )


def _new() -> TemplateEdited:
    """A new template starts from the standard one."""
    return _editor(None, "", 0, [step.stored() for step in STANDARD])


def _typed(editor: TemplateEdited, form: FormData, *, is_overtaken: bool = False) -> TemplateEdited:
    """The editor with what was typed; who has seen that somebody changed it meanwhile goes on from there."""
    return replace(
        editor,
        name=text_in(form, "name"),
        version=editor.version if is_overtaken else whole(text_in(form, "based_on")) or editor.version,
        lines=[
            {name: text_in(form, f"{name}-{number}") for name in ("text", "kind", "hours", "days", "at")}
            for number in numbers_in(form)
        ],
        asked=[kind.value for kind in QUESTIONS if text_in(form, f"ask-{kind.value}")],
        shared=editor.shared or text_in(form, "shared") == "yes",
        is_refused=True,
    )


def _edited(template: TemplateSeen) -> TemplateEdited:
    return replace(
        _editor(template.id, template.name, template.version, template.steps), shared=template.shared
    )


def _editor(
    template_id: UUID | None, name: str, version: int, steps: Sequence[dict[str, Any]]
) -> TemplateEdited:
    to_do = [step for step in in_time_order(steps) if not StepKind(step["kind"]).asks]
    lines = [
        {
            "text": step_in_words(step["kind"], step.get("text")),
            "kind": step["kind"],
            "hours": step.get("after_hours", ""),
            "days": step.get("days_after", ""),
            "at": str(step.get("at", ""))[:5],
        }
        for step in to_do
    ]
    blank = {"text": "", "kind": StepKind.CUSTOM.value, "hours": "", "days": "", "at": ""}
    asked = [step["kind"] for step in steps if StepKind(step["kind"]).asks]
    filled = [*lines, *[blank] * (LINES - len(lines))]
    return TemplateEdited(template_id, name, version, filled, asked, summary_of(steps))


def summary_of(steps: Sequence[dict[str, Any]]) -> list[StepInWords]:
    return [
        StepInWords(step_when(step), step_in_words(step["kind"], step.get("text")))
        for step in in_time_order(steps)
    ]


def _usual(kind: StepKind) -> dict[str, Any]:
    return AftercareStep(kind=kind).stored()
