"""Session done: what was treated and what the patient takes home, in under twenty seconds and five taps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.deps import CurrentTherapist, Now, PatientInCare, Read, Write
from app.errors import Conflict, FieldError, Invalid
from app.language import _
from app.language.saying import moment_near
from app.models.aftercare import STANDARD, AftercareStep, StepKind, in_time_order
from app.models.care import Scope
from app.models.check_in import standing_check_in
from app.models.daily_log import days_between
from app.models.treatment_session import SessionHeld, TreatmentSession, Visibility, session_to_hold
from app.reminders.aftercare import Outlook, PlannedStep
from app.reminders.step_words import step_in_words
from app.treatment.seen import Caller, sessions_of
from app.treatment.sessions import hold_unbooked, outlook
from app.treatment.templates import templates_of
from app.web.filled_form import FilledForm, checked, refused
from app.web.log_form import PlaceGroup, place_groups
from app.web.page import render, see_other
from app.web.session_forms import (
    USUAL_MINUTES,
    day_and_time,
    each_once,
    instant_in,
    minutes_in,
    places_to_show,
    regions_in,
    value_of,
)
from app.web.sessions_desk import done_with
from app.web.step_when import step_when
from app.web.submitted import Submitted, id_in, text_in

router = APIRouter(include_in_schema=False)

LINES = 3
"""Lines of aftercare that can be written anew for one session."""
STANDARD_ID, NONE_ID = "standard", "none"
PLACES_OFFERED = 8
_EXTRA = {"kind": StepKind.CUSTOM, "days_after": 1, "at": "18:00"}
"""When a line comes that the template does not have: on the evening of the day after."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of aftercare: when it comes, empty for never, and its words, which can be changed."""

    name: str
    when: str
    words: str
    step: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TemplateOffered:
    """`lines` can be changed for this session; `rest` are the other steps, which come as well."""

    id: str
    name: str
    lines: list[Line]
    rest: list[Line]

    @property
    def asked(self) -> list[Line]:
        """Those of the rest that come."""
        return [line for line in self.rest if line.when]

    @property
    def missed(self) -> list[Line]:
        """Those that would not come at the time shown; they do when it is put right in the same form."""
        return [line for line in (*self.lines, *self.rest) if line.words and not line.when]


@dataclass(frozen=True, slots=True)
class SessionDone:
    """The page. `session_id` is the booked session, or a new id, so that two taps make one session.

    `unbooked_id` is for one that was not booked, where a booked one is meant otherwise.
    """

    session_id: UUID
    unbooked_id: UUID
    minutes: int
    booked_at: datetime | None
    held_at: datetime
    day: str
    time: str
    offered: list[dict[str, Any]]
    groups: list[PlaceGroup]
    templates: list[TemplateOffered]


@router.get("/patients/{patient_id}/sessions/done")  # noqa: FAST003 (PatientInCare takes it)
async def show_session_done(
    request: Request,
    patient: PatientInCare,
    therapist: CurrentTherapist,
    read: Read,
    now: Now,
    session: Annotated[UUID | None, Query()] = None,
) -> Response:
    caller = Caller.therapist_of(patient)
    page = await read(read_session_done, caller, therapist.zone, session, now)
    values = {"day": page.day, "time": page.time, "template": "", "findings": "", "done": ""}
    form = FilledForm({**values, "visibility": Visibility.PRIVATE.value})
    return _shown(request, caller, page, form, therapist.zone, now)


@router.post("/patients/{patient_id}/sessions/done")  # noqa: FAST003
async def post_session_done(
    request: Request,
    form: Submitted,
    patient: PatientInCare,
    therapist: CurrentTherapist,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    caller = Caller.therapist_of(patient)
    session_id = id_in(form, "session")
    ended = _held_at(form, therapist.zone)
    page = await read(read_session_done, caller, therapist.zone, session_id, now, ended)
    try:
        held = held_in(form, therapist.zone, page.templates)
        seen = await write(hold_unbooked, caller, session_id, minutes_in(form), held, now)
    except (Invalid, Conflict) as error:
        return _shown(request, caller, page, refused(_typed(form), error, "session"), therapist.zone, now)
    request.app.state.worker.wake()
    return see_other(f"/patients/{caller.patient.id}/sessions?done={done_with(seen)}&about={seen.id}")


def read_session_done(
    db: Session,
    caller: Caller,
    zone: str,
    session_id: UUID | None,
    now: datetime,
    held_at: datetime | None = None,
) -> SessionDone:
    """`held_at` is when it ended as far as it was said already."""
    booked = _booked(db, caller, zone, session_id, now)
    ended = min(now, booked.starts_at + timedelta(minutes=booked.minutes)) if booked else now
    began = booked is None or booked.starts_at < now
    held_at = held_at or (ended if began else now).replace(second=0, microsecond=0)
    day, clock = day_and_time(held_at, zone)
    closing = booked or TreatmentSession(
        id=session_id or uuid4(),
        patient_id=caller.patient.id,
        therapist_id=caller.therapist_id,
        starts_at=held_at - timedelta(minutes=USUAL_MINUTES),
        minutes=USUAL_MINUTES,
    )
    return SessionDone(
        session_id=closing.id,
        unbooked_id=uuid4(),
        minutes=closing.minutes,
        booked_at=booked.starts_at if booked else None,
        held_at=held_at,
        day=day,
        time=clock,
        offered=_offered(db, caller, closing, now),
        groups=place_groups({}),
        templates=_templates(db, caller, outlook(db, caller, closing.id, held_at, now), zone),
    )


def held_in(form: FormData, zone: str, templates: Sequence[TemplateOffered]) -> SessionHeld:
    """What the form says was held; raises Invalid."""
    chosen = text_in(form, "template") or STANDARD_ID
    template = next((one for one in templates if one.id == chosen), None)
    if template is None:
        raise Invalid(FieldError("template", "unknown", _("Choose one of your own templates.")))
    said = {
        "held_at": instant_in(form, zone),
        "regions": regions_in(form),
        "findings": text_in(form, "findings"),
        "done": text_in(form, "done"),
        "visibility": text_in(form, "visibility") or Visibility.PRIVATE.value,
        "aftercare": _steps_in(form, template),
        "template": None if chosen in (STANDARD_ID, NONE_ID) else chosen,
    }
    return checked(SessionHeld, said)


def _steps_in(form: FormData, template: TemplateOffered) -> list[dict[str, Any]]:
    """The steps of the template with its lines as they were left: an empty one is left out."""
    written = [(line, " ".join(text_in(form, line.name).split())) for line in template.lines]
    lines = [
        line.step if words == line.words else {**line.step, "text": words} for line, words in written if words
    ]
    return [*lines, *(line.step for line in template.rest)]


def _booked(
    db: Session, caller: Caller, zone: str, session_id: UUID | None, now: datetime
) -> TreatmentSession | None:
    """The session asked for; when none was, the one this is most likely about."""
    if session_id is None:
        return session_to_hold(db, caller.patient.id, caller.account_id, zone, now)
    asked = db.get(TreatmentSession, session_id)
    kept_by = (asked.patient_id, asked.therapist_id) if asked else None
    return asked if kept_by == (caller.patient.id, caller.therapist_id) else None


def _offered(db: Session, caller: Caller, closing: TreatmentSession, now: datetime) -> list[dict[str, Any]]:
    """Places one tap away: what the patient marked for this session and lately, and what was treated last."""
    held = [one.regions or [] for one in sessions_of(db, caller, at_most=5).sessions if one.held_at]
    treated = held[0] if held else []
    if Scope.MEASURES not in caller.scopes:
        return each_once(treated)[:PLACES_OFFERED]
    said = standing_check_in(db, caller.patient.id, closing)
    today = caller.patient.day_at(now)
    days = days_between(db, caller.patient.id, today - timedelta(days=6), today)
    marked = [site for day in reversed(days) for site in day.pain_sites or []]
    return each_once([*(said.pain_sites or [] if said else []), *treated, *marked])[:PLACES_OFFERED]


def _templates(db: Session, caller: Caller, ahead: Outlook, zone: str) -> list[TemplateOffered]:
    standard = _template(STANDARD_ID, _("Standard"), [step.stored() for step in STANDARD], ahead, zone)
    own = templates_of(db, caller.account_id)
    offered = [_template(str(one.id), one.name, one.steps, ahead, zone) for one in own]
    return [standard, *offered, TemplateOffered(NONE_ID, _("None"), [], [])]


def _template(
    template_id: str, name: str, steps: Sequence[dict[str, Any]], ahead: Outlook, zone: str
) -> TemplateOffered:
    """Up to three things to do can be changed; blank lines make up for those that are missing."""
    steps = in_time_order(steps)
    to_do = [place for place, step in enumerate(steps) if not StepKind(step["kind"]).asks][:LINES]
    others = [step for place, step in enumerate(steps) if place not in to_do]
    offered = [*(steps[place] for place in to_do), *[_EXTRA] * (LINES - len(to_do))]
    whens = _whens([*offered, *others], ahead, zone)
    lines = [
        _line(template_id, number, step, when)
        for number, (step, when) in enumerate(zip(offered, whens, strict=False))
    ]
    asked = [_line(template_id, -1, step, when) for step, when in zip(others, whens[LINES:], strict=True)]
    return TemplateOffered(template_id, name, lines, asked)


def _whens(steps: Sequence[dict[str, Any]], ahead: Outlook, zone: str) -> list[str]:
    """When each step comes; a line nobody has written yet does not keep another away."""
    written = [step for step in steps if step is not _EXTRA]
    comes = iter(ahead.on([AftercareStep.model_validate(step) for step in written]))
    might = ahead.on([AftercareStep.model_validate({"text": "-", **step}) for step in steps])
    return [
        _when(one if step is _EXTRA else next(comes), ahead.now, zone)
        for step, one in zip(steps, might, strict=True)
    ]


def _when(planned: PlannedStep, now: datetime, zone: str) -> str:
    if planned.waits:
        return step_when(planned.step.stored())
    return moment_near(max(planned.due_at, now), now, zone) if planned.due_at else ""


def _line(template_id: str, number: int, step: dict[str, Any], when: str) -> Line:
    words = "" if step is _EXTRA else step_in_words(step["kind"], step.get("text"))
    return Line(f"line-{template_id}-{number}", when, words, step)


def _held_at(form: FormData, zone: str) -> datetime | None:
    try:
        return instant_in(form, zone)
    except Invalid:
        return None


def _typed(form: FormData) -> dict[str, Any]:
    """What was typed, to fill the form again."""
    names = (
        "day",
        "time",
        "template",
        "findings",
        "done",
        "visibility",
        *(n for n in form if n.startswith("line-")),
    )
    return {name: text_in(form, name) for name in names} | {"places": places_to_show(form), "session": ""}


def _shown(
    request: Request, caller: Caller, page: SessionDone, form: FilledForm, zone: str, now: datetime
) -> Response:
    chosen = form.values.get("places", [])
    return render(
        request,
        "session_done.html",
        form.status,
        patient=caller.patient,
        page=page,
        form=form,
        chosen={value_of(one) for one in chosen},
        zone=zone,
        now=now,
        offered=each_once([*page.offered, *chosen]),
        value_of=value_of,
    )
