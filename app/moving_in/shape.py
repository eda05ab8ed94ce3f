"""What a take-out must look like to be let in again, noun by noun."""

from __future__ import annotations

import json
import re
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    PlainSerializer,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic import Field as Limits
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from app.access.accounts import ProfileIn
from app.diary.bring_in import EntryComingBack
from app.errors import Invalid
from app.insights.trend import Seen
from app.language import _
from app.models.account import Role
from app.models.aftercare import AftercareStep, EndedBecause, Steps
from app.models.check_in import ActivityName, SafetyItems
from app.models.daily_log import PainSites, PlanItemId, Score
from app.models.feedback import Pressure
from app.models.field_types import (
    Comment,
    HttpsLink,
    InputShape,
    Instant,
    LocalDay,
    LongText,
    PersonName,
    SaidText,
    ShortText,
    StrictBool,
    WallClock,
    field_errors,
)
from app.models.home_care import Amount, Effective, PlanItemKind
from app.models.plan_answer import PlanItemAnswer
from app.models.question import AskedHabit
from app.models.reminder import ArrangedKind, Days, Times
from app.models.therapist import Certifications
from app.models.treatment_session import Minutes, Regions, Visibility
from app.reports.nouns import OF_PATIENTS, OF_THERAPISTS
from app.reports.takeout import NOTED, NOTED_OF_A_THERAPIST

ERRORS_AT_MOST = 50
RECORDS_AT_MOST = 20_000
RECORD_AT_MOST = 8192
"""Characters of a record that nothing acts upon."""


Number = Annotated[int, Limits(strict=True, ge=1, le=RECORDS_AT_MOST)]
"""The place of another record in its own list."""


def _as_hours_and_minutes(times: list[time]) -> list[str]:
    return [f"{at:%H:%M}" for at in times]


def _as_stored(steps: list[AftercareStep]) -> list[dict[str, Any]]:
    return [step.stored() for step in steps]


class SessionComingBack(InputShape):
    """A session, with what was found and done as far as its owner may read it."""

    starts_at: Instant
    minutes: Minutes
    held_at: Instant | None = None
    cancelled_at: Instant | None = None
    regions: Regions | None = None
    findings: SaidText = None
    done: SaidText = None
    visibility: Visibility | None = None
    written_by: Literal["patient"] | None = None
    therapist_name: PersonName | None = None

    @model_validator(mode="after")
    def _held_or_cancelled(self) -> SessionComingBack:
        if self.held_at is not None and self.cancelled_at is not None:
            raise PydanticCustomError("session", _("A session was held or cancelled, not both."))
        return self


class IntakeComingBack(InputShape):
    """What a patient said once, at the start."""

    reason: SaidText = None
    history: SaidText = None
    pain_feels: SaidText = None
    goals: SaidText = None
    must_know: SaidText = None
    written_at: Instant
    updated_at: Instant


class ActivityComingBack(InputShape):
    """Something that is hard; scores name it by its place in this list."""

    name: ActivityName
    started_at: Instant
    ended_at: Instant | None = None


class CheckInComingBack(InputShape):
    """`overall_change`: 1 very much better … 7 very much worse, since the first session."""

    session_id: Number | None = None
    request: SaidText = None
    pain_sites: PainSites | None = None
    overall_change: Annotated[int, Limits(strict=True, ge=1, le=7)] | None = None
    safety_items: SafetyItems = Limits(default=[])
    answered_at: Instant
    updated_at: Instant


class ActivityScoreComingBack(InputShape):
    """0 unable to do it … 10 as well as before the problem."""

    check_in_id: Number
    activity_id: Number
    score: Score


class FeedbackComingBack(InputShape):
    """How a session was: the pressure, how sore it left one (0 to 10), anything off."""

    session_id: Number
    pressure: Pressure | None = None
    soreness: Score | None = None
    comment: SaidText = None
    something_wrong_at: Instant | None = None
    given_at: Instant
    updated_at: Instant


class AftercareComingBack(InputShape):
    """The steps after a session. A sequence that ended early says when and why."""

    session_id: Number
    steps: Annotated[Steps, PlainSerializer(_as_stored)]
    started_at: Instant
    ended_at: Instant | None = None
    ended_because: EndedBecause | None = None

    @model_validator(mode="after")
    def _ended_for_a_reason(self) -> AftercareComingBack:
        if (self.ended_at is None) != (self.ended_because is None):
            raise PydanticCustomError("aftercare", _("An end needs its reason."))
        return self


class PlanItemComingBack(InputShape):
    """One thing to do at home; `least` and `most` are in the unit of its kind's measure."""

    id: PlanItemId
    kind: PlanItemKind
    title: ShortText = ""
    why: LongText = ""
    dose: ShortText = ""
    least: Amount | None = None
    most: Amount | None = None
    days: Days
    reminder_times: Annotated[list[WallClock], Limits(max_length=6), PlainSerializer(_as_hours_and_minutes)]
    link: HttpsLink | None = None
    bad_day: ShortText | None = None


class PlanComingBack(InputShape):
    """One version of a plan. `author_id` is "patient" for their own, and None for any therapist's."""

    version: Number
    author_id: Literal["patient"] | None = None
    asked_by: PersonName
    effective: Effective
    written_at: Instant
    effective_at: Instant
    first_day: LocalDay
    items: Annotated[list[PlanItemComingBack], Limits(max_length=40)]
    note: LongText = ""
    flare: LongText = ""
    withdrawn_at: Instant | None = None
    arranged_at: Instant | None = None
    stopped_at: Instant | None = None
    stopped_on: LocalDay | None = None


class PlanAnswerComingBack(InputShape):
    """The answer to one item of a version, or to all of it when `item_id` is empty."""

    plan_id: Number
    item_id: PlanItemId | Literal[""] = ""
    answer: PlanItemAnswer
    comment: Comment | None = None
    answered_at: Instant


class ReminderComingBack(InputShape):
    """A reminder that was arranged, or that a plan brought; steps of an aftercare come with their session."""

    kind: ArrangedKind
    times: Annotated[Times, PlainSerializer(_as_hours_and_minutes)]
    days: Days
    text: ShortText | None = None
    created_at: Instant
    switched_off_at: Instant | None = None
    plan_item: PlanItemId | None = None
    plan_author_id: Literal["patient"] | None = None
    removed_at: Instant | None = None


class QuestionComingBack(InputShape):
    """A habit that was set against the next day's pain, from `first_day` on."""

    habit: AskedHabit
    first_day: LocalDay
    asked_at: Instant
    ended_at: Instant | None = None


Figure = Annotated[float, Limits(strict=True, allow_inf_nan=False)]
DayCount = Annotated[int, Limits(strict=True, ge=0, le=100_000)]
EffectTold = TypedDict(
    "EffectTold",
    {
        "status": Seen,
        "effect": Figure | None,
        "lo95": Figure | None,
        "hi95": Figure | None,
        "p": Figure | None,
        "shown": StrictBool,
        "days": DayCount,
        "with": DayCount,
        "without": DayCount,
    },
)


class QuestionReviewComingBack(InputShape):
    """What a review of the days from `first_day` through `last_day` found: each habit's figures."""

    question_id: Number
    reviewed_on: LocalDay
    first_day: LocalDay
    last_day: LocalDay
    effects: dict[AskedHabit, EffectTold]
    reviewed_at: Instant


class HelpCardComingBack(InputShape):
    """A day on which help was offered."""

    shown_on: LocalDay


class TemplateComingBack(InputShape):
    """An aftercare template; what it says is in its versions."""

    created_at: Instant
    retired_at: Instant | None = None


class TemplateVersionComingBack(InputShape):
    """What a template said from `created_at` on; `version` counts from 1."""

    template_id: Number
    version: Number
    name: ActivityName
    steps: Annotated[Steps, PlainSerializer(_as_stored)]
    created_at: Instant


SHAPES: dict[str, type[InputShape]] = {
    "sessions": SessionComingBack,
    "intake": IntakeComingBack,
    "activities": ActivityComingBack,
    "check_ins": CheckInComingBack,
    "activity_scores": ActivityScoreComingBack,
    "feedback": FeedbackComingBack,
    "aftercare": AftercareComingBack,
    "plans": PlanComingBack,
    "plan_answers": PlanAnswerComingBack,
    "reminders": ReminderComingBack,
    "questions": QuestionComingBack,
    "question_reviews": QuestionReviewComingBack,
    "help_card": HelpCardComingBack,
    "aftercare_templates": TemplateComingBack,
    "aftercare_template_versions": TemplateVersionComingBack,
}
"""What a record of each noun must be to come back as a row."""
AT_MOST = {"reminders": 200, "plans": 2_000}
"""Of what a server looks at again and again there can be fewer."""


class ProfileOfPatient(ProfileIn):
    """What a patient chose about themselves."""

    reminders_paused_until: Instant | None = None


class ProfileOfTherapist(ProfileIn):
    """What a therapist chose about themselves, and their practice."""

    practice: ShortText | None = None
    licence: ShortText | None = None
    certifications: Certifications | None = None
    digest_at: WallClock | None = None


def canonical(record: Any) -> str:
    """The same record is always the same text."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _noted(record: dict[str, Any]) -> dict[str, Any]:
    named = all(re.fullmatch(r"[a-z_]{1,32}", name) for name in record)
    if not named or not all(map(_is_plain, record.values())) or len(canonical(record)) > RECORD_AT_MOST:
        raise PydanticCustomError("record", _("This record cannot have come from a take-out."))
    return record


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) <= 20 and all(isinstance(one, str) for one in value)
    return value is None or isinstance(value, str | int | float | bool)


Noted = Annotated[list[Annotated[dict[str, Any], AfterValidator(_noted)]], Limits(max_length=RECORDS_AT_MOST)]
"""Records that nothing acts upon: only short plain values."""


def _shape_of(role: Role) -> type[InputShape]:
    is_patient = role is Role.PATIENT
    fields: dict[str, Any] = {
        "format": (Literal["aftercare-takeout"], ...),
        "version": (Literal[1], ...),
        "made_at": (Any, None),
        "account": (Any, None),
        "profile": (ProfileOfPatient | None if is_patient else ProfileOfTherapist | None, None),
        **{listed.name: (Noted, []) for listed in (NOTED if is_patient else NOTED_OF_A_THERAPIST)},
    }
    nouns = OF_PATIENTS if is_patient else OF_THERAPISTS
    fields |= {noun.name: (_list_of(noun.name), []) for noun in nouns}
    if is_patient:
        fields |= {"entries": (list[EntryComingBack], []), "days": (Any, None)}
    return create_model(f"TakeOutOfA{role.value.capitalize()}", __base__=InputShape, **fields)


def _list_of(noun: str) -> Any:
    at_most = AT_MOST.get(noun, RECORDS_AT_MOST)
    return Annotated[list[SHAPES[noun]], Limits(max_length=at_most)]  # type: ignore[valid-type]


_TAKE_OUTS = {role: _shape_of(role) for role in Role}


def read_takeout(document: Any, role: Role) -> Any:
    """The document in its shape, a field for each list; raises Invalid with at most fifty things wrong."""
    try:
        return _TAKE_OUTS[role].model_validate(document)
    except ValidationError as error:
        raise Invalid(*field_errors(error.errors())[:ERRORS_AT_MOST]) from None
