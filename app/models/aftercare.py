"""What a held session plans for the next days: its steps, and the templates they come from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

from pydantic import Field as Limits
from pydantic import GetJsonSchemaHandler, TypeAdapter, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from sqlalchemy import JSON, CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.language import _
from app.models.field_types import GivenName, InputShape, ShortText, WallClock

MOST_STEPS = 10


class StepKind(StrEnum):
    """What a step is about: something to do (water, stretch, custom), or something that is asked."""

    WATER = "water"
    STRETCH = "stretch"
    CUSTOM = "custom"
    FEEDBACK = "feedback"
    COMPARE = "compare"
    BEFORE_NEXT = "before_next"

    @property
    def asks(self) -> bool:
        """Questions are asked on a bad day too; nobody is told to do anything then."""
        return self in (StepKind.FEEDBACK, StepKind.COMPARE, StepKind.BEFORE_NEXT)


class AftercareStep(InputShape):
    """One step: so many hours after the session, or so many days after it at a wall-clock time, or on the
    eve of the next session at that time. Without any of these it comes when its kind usually comes.

    Without `text` it is said in the product's own words, in the reader's language.
    """

    USUAL: ClassVar[dict[StepKind, dict[str, Any]]] = {
        StepKind.WATER: {"after_hours": 2},
        StepKind.CUSTOM: {"after_hours": 2},
        StepKind.FEEDBACK: {"days_after": 0, "at": "18:00"},
        StepKind.STRETCH: {"days_after": 1, "at": "08:30"},
        StepKind.COMPARE: {"days_after": 3, "at": "18:00"},
        StepKind.BEFORE_NEXT: {"on_eve": True, "at": "18:00"},
    }

    kind: StepKind
    text: ShortText | None = None
    after_hours: Annotated[int, Limits(strict=True, ge=1, le=72)] | None = None
    days_after: Annotated[int, Limits(strict=True, ge=0, le=14)] | None = None
    on_eve: Annotated[bool, Limits(strict=True)] = False
    at: WallClock | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_usual(cls, said: Any) -> Any:
        """A step may be just its text, and its time may be left to its kind."""
        step = {"kind": StepKind.CUSTOM, "text": said} if isinstance(said, str) else said
        if not isinstance(step, dict) or {"after_hours", "days_after", "on_eve", "at"} & set(step):
            return step
        kind = step.get("kind")
        return {**step, **(cls.USUAL.get(StepKind(kind), {}) if kind in list(StepKind) else {})}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Just its text, or all of it."""
        text = TypeAdapter(ShortText).json_schema() | {"minLength": 1}
        return {"anyOf": [text, handler(schema)]}

    @model_validator(mode="after")
    def _has_one_time(self) -> AftercareStep:
        by_hours, by_days, by_eve = self.after_hours is not None, self.days_after is not None, self.on_eve
        if by_hours + by_days + by_eve != 1:
            raise PydanticCustomError(
                "step_time", _("Say one of: hours after the session, days after it, or the eve of the next.")
            )
        if by_hours == (self.at is not None):
            raise PydanticCustomError(
                "step_clock", _("Give days and eves a time of day, and hours after the session none.")
            )
        if self.kind is StepKind.CUSTOM and not self.text:
            raise PydanticCustomError("step_text", _("Say what this step is about."))
        return self

    @property
    def usually_after(self) -> timedelta:
        """How long after a session that ended at noon; the eve of the next one is last."""
        if self.after_hours is not None:
            return timedelta(hours=self.after_hours)
        if self.days_after is None or self.at is None:
            return timedelta.max
        return timedelta(days=self.days_after, hours=self.at.hour - 12, minutes=self.at.minute)

    def stored(self) -> dict[str, Any]:
        kept = self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return kept | ({"at": f"{self.at:%H:%M}"} if self.at else {})


def in_time_order(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored steps as they come after a session."""
    return sorted(steps, key=lambda step: AftercareStep.model_validate(step).usually_after)


Steps = Annotated[list[AftercareStep], Limits(max_length=MOST_STEPS)]

STANDARD = tuple(
    AftercareStep(kind=kind)
    for kind in (
        StepKind.WATER,
        StepKind.FEEDBACK,
        StepKind.STRETCH,
        StepKind.COMPARE,
        StepKind.BEFORE_NEXT,
    )
)
"""What everybody starts with: water and rest, how it was, a gentle stretch, the day-3 question, the eve's."""


class AftercareTemplate(SQLModel, table=True):
    """A named set of steps of one therapist, or of a practice. What it says is in its versions, which never
    change."""

    __tablename__ = "aftercare_template"
    __table_args__ = (
        CheckConstraint(
            "(therapist_id is null) <> (practice_id is null)", name="aftercare_template_has_one_owner"
        ),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    therapist_id: UUID | None = Field(
        default=None, foreign_key="therapist.id", ondelete="CASCADE", index=True
    )
    practice_id: UUID | None = Field(default=None, foreign_key="practice.id", ondelete="CASCADE", index=True)
    created_at: datetime
    retired_at: datetime | None = None
    retired_by: UUID | None = Field(default=None, foreign_key="therapist.id", ondelete="SET NULL", index=True)

    def retire(self, by: UUID, *, at: datetime) -> None:
        if self.retired_at is None:
            self.retired_at, self.retired_by = at, by

    def bring_back(self) -> None:
        self.retired_at, self.retired_by = None, None


class AftercareTemplateVersion(SQLModel, table=True):
    """What a template said from `created_at` until its next version; `version` counts from 1.

    `written_by` is None once that account is gone.
    """

    __tablename__ = "aftercare_template_version"
    __table_args__ = (UniqueConstraint("template_id", "version", name="one_template_version"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    template_id: UUID = Field(foreign_key="aftercare_template.id", ondelete="CASCADE", index=True)
    version: int
    name: str = Field(max_length=100)
    steps: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime
    written_by: UUID | None = Field(default=None, foreign_key="therapist.id", ondelete="SET NULL", index=True)


class EndedBecause(StrEnum):
    """Why a sequence ended before its last step."""

    SOMETHING_WRONG = "something_wrong"
    NEXT_SESSION = "next_session"
    NOT_HELD = "not_held"


class AftercareSequence(SQLModel, table=True):
    """What a held session plans for the next days: one per session.

    Each step is a Reminder that names the session as its reason; `steps` keeps them as they were chosen, so
    that their times can be worked out anew when the session's time is corrected.
    """

    __tablename__ = "aftercare_sequence"
    __table_args__ = (
        CheckConstraint(
            "ended_because in ('something_wrong', 'next_session', 'not_held')",
            name="aftercare_ended_because",
        ),
        CheckConstraint("(ended_at is null) = (ended_because is null)", name="aftercare_ended_for_a_reason"),
    )

    session_id: UUID = Field(primary_key=True, foreign_key="treatment_session.id", ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    template_version_id: UUID | None = Field(
        default=None, foreign_key="aftercare_template_version.id", ondelete="SET NULL", index=True
    )
    steps: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    started_at: datetime
    ended_at: datetime | None = None
    ended_because: str | None = Field(default=None, max_length=16)

    def end(self, because: EndedBecause, *, at: datetime) -> None:
        if self.ended_at is None:
            self.ended_at, self.ended_because = at, because.value

    def go_on(self) -> None:
        """Take an end back that was a slip of the finger."""
        self.ended_at, self.ended_because = None, None


class AftercareTemplateIn(InputShape):
    """What a template says; saving it again makes a new version."""

    name: GivenName
    steps: Annotated[list[AftercareStep], Limits(min_length=1, max_length=MOST_STEPS)]


class AftercareTemplateNew(AftercareTemplateIn):
    """A template for oneself or, when `shared`, for the whole practice."""

    shared: Annotated[bool, Limits(strict=True)] = False


class AftercareTemplateChange(AftercareTemplateIn):
    """A new version; when `based_on` says which version was read, a newer one of somebody else is not
    overlooked."""

    based_on: Annotated[int, Limits(strict=True, ge=1, le=1_000_000)] | None = None
