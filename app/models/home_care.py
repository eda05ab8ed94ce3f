"""Home care between sessions: the plan somebody asks a patient to follow, in versions that never change.

Until a plan is written, `HABITS` are what everybody starts with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID, uuid4

from pydantic import AfterValidator, ValidationInfo, field_validator, model_validator
from pydantic import Field as Limits
from pydantic_core import PydanticCustomError
from sqlalchemy import JSON, CheckConstraint, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.errors import Conflict
from app.language import _
from app.models.daily_log import RANGES, PlanItemId
from app.models.field_types import HttpsLink, InputShape, LongText, ShortText, WallClock
from app.models.reminder import Days, Weekday


@dataclass(frozen=True, slots=True)
class Habit:
    """A daily habit and its target in the unit of `measure`; `most` is None when more is fine."""

    measure: str
    least: float
    most: float | None = None

    def met_by(self, value: float) -> bool:
        return value >= self.least and (self.most is None or value <= self.most)


WATER = Habit("water_glasses", least=8)
STRETCHING = Habit("stretching_minutes", least=5)
SLEEP = Habit("sleep_hours", least=7, most=9)
HABITS = (WATER, STRETCHING, SLEEP)


class PlanItemKind(StrEnum):
    """A habit is told by a measure of the day, an exercise or a custom item by a tick."""

    WATER = "water", WATER.measure
    STRETCH = "stretch", STRETCHING.measure
    HEAT = "heat", "heat_minutes"
    ICE = "ice", "ice_minutes"
    SLEEP = "sleep", SLEEP.measure
    EXERCISE = "exercise"
    CUSTOM = "custom"

    measure: str | None

    def __new__(cls, value: str, measure: str | None = None) -> PlanItemKind:
        kind = str.__new__(cls, value)
        kind._value_, kind.measure = value, measure
        return kind


Amount = Annotated[float, Limits(strict=True, ge=0, le=1000, allow_inf_nan=False)]


class Target(InputShape):
    """How much, in the unit of the item's measure; either end may be open."""

    min: Amount | None = None
    max: Amount | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Target:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise PydanticCustomError("order", _("The least must not be more than the most."))
        return self


class PlanItemIn(InputShape):
    """One thing to do at home. `id` names an item of an earlier version, so that its ticks go on.

    `bad_day` is what to keep of it on a bad day; without it the item rests on such a day.
    """

    id: PlanItemId | None = None
    kind: PlanItemKind
    title: ShortText = Limits(default="", validate_default=True)
    why: LongText = ""
    dose: ShortText = ""
    target: Target | None = None
    days: Days = Limits(default=list(Weekday))
    reminder_times: Annotated[list[WallClock], Limits(max_length=6)] = Limits(default_factory=list)
    link: HttpsLink | None = None
    bad_day: ShortText | None = None

    @field_validator("title")
    @classmethod
    def _tells_what_to_do(cls, title: str, told: ValidationInfo) -> str:
        if not title and told.data.get("kind") in (PlanItemKind.EXERCISE, PlanItemKind.CUSTOM):
            raise PydanticCustomError("title", _("Give this a title."))
        return title

    @field_validator("target")
    @classmethod
    def _can_be_met(cls, target: Target | None, told: ValidationInfo) -> Target | None:
        kind = told.data.get("kind")
        if target is not None and kind is not None and kind.measure is not None:
            _require_within(RANGES[kind.measure], target)
        return target


def _require_within(allowed: tuple[float, float], target: Target) -> None:
    lowest, highest = allowed
    if 0 in (target.min, target.max):
        raise PydanticCustomError("nothing", _("Choose a target above 0, or leave it empty."))
    if any(end is not None and not lowest <= end <= highest for end in (target.min, target.max)):
        raise PydanticCustomError(
            "target", _("Choose a target from {lowest} to {highest}."), {"lowest": lowest, "highest": highest}
        )


def _each_id_once(items: list[PlanItemIn]) -> list[PlanItemIn]:
    ids = [item.id for item in items if item.id is not None]
    if len(set(ids)) < len(ids):
        raise PydanticCustomError("item_twice", _("Name each item only once."))
    return items


Effective = Literal["now", "tomorrow"]


class PlanIn(InputShape):
    """A new version of a plan: all its items, from when it counts, and why it changed.

    `flare` is what to hold on to on a bad day, in the therapist's own words. When `based_on` says which of
    the author's versions was read, 0 being none, a newer one is not overlooked.
    """

    items: Annotated[list[PlanItemIn], Limits(max_length=40), AfterValidator(_each_id_once)]
    effective: Effective = "now"
    note: LongText = ""
    flare: LongText = ""
    based_on: Annotated[int, Limits(strict=True, ge=0, le=1_000_000)] | None = None


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One thing to do at home, as a version says it. `least` and `most` are its target."""

    id: str
    kind: PlanItemKind
    title: str
    why: str
    dose: str
    least: float | None
    most: float | None
    days: tuple[Weekday, ...]
    reminder_times: tuple[str, ...]
    link: str | None
    bad_day: str | None

    def __hash__(self) -> int:
        # Items are looked up by the hundred, and an id tells them apart.
        return hash(self.id)

    @property
    def habit(self) -> Habit | None:
        """The habit this item is told by; without a target, any amount will do."""
        measure = self.kind.measure
        if measure is None:
            return None
        return Habit(measure, _ANY_AMOUNT if self.least is None else self.least, self.most)

    def falls_on(self, weekday: int) -> bool:
        """`weekday` as `date.weekday` tells it: 0 is Monday."""
        return _WEEK[weekday] in self.days

    @classmethod
    def stored(cls, item: dict[str, Any]) -> PlanItem:
        """An item as a version keeps it."""
        return cls(
            kind=PlanItemKind(item["kind"]),
            days=tuple(map(Weekday, item["days"])),
            reminder_times=tuple(item["reminder_times"]),
            **{name: item[name] for name in _PLAIN},
        )

    def to_store(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in _PLAIN}
        days, times = [day.value for day in self.days], list(self.reminder_times)
        return plain | {"kind": self.kind.value, "days": days, "reminder_times": times}


_PLAIN = ("id", "title", "why", "dose", "least", "most", "link", "bad_day")
_ANY_AMOUNT = 0.5
_WEEK = tuple(Weekday)


class HomeCarePlan(SQLModel, table=True):
    """One version of what one person asks a patient to do at home. Only ever added.

    Versions are numbered for each patient; those of one author follow one another, those of several
    authors hold side by side. The author is a therapist or the patient, None once their account is gone;
    `asked_by` is their name at the time, and their last one on all of them once they are gone. `first_day`
    is the patient's day on which it began to count: from the start of that day with `effective` "tomorrow",
    in the middle of it with "now".
    `arranged_at` is when its reminders were arranged. `stopped_at` is when the patient stopped following it,
    and `stopped_on` the day of their diary.
    """

    __tablename__ = "home_care_plan"
    __table_args__ = (
        UniqueConstraint("patient_id", "version", name="one_plan_per_version"),
        CheckConstraint("effective in ('now', 'tomorrow')", name="home_care_plan_effective"),
        CheckConstraint("version >= 1", name="home_care_plan_version"),
        Index(
            "plans_to_arrange",
            "effective_at",
            sqlite_where=text("arranged_at is null and withdrawn_at is null"),
            postgresql_where=text("arranged_at is null and withdrawn_at is null"),
        ),
        CheckConstraint("length(note) <= 2000", name="home_care_plan_note"),
        CheckConstraint("length(flare) <= 2000", name="home_care_plan_flare"),
    )
    UNDO_FOR: ClassVar[timedelta] = timedelta(hours=1)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    version: int
    author_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL", index=True)
    asked_by: str = Field(max_length=100)
    effective: str = Field(max_length=16)
    written_at: datetime
    effective_at: datetime
    first_day: date
    items: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    note: str = ""
    flare: str = ""
    withdrawn_at: datetime | None = None
    arranged_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped_on: date | None = None

    @property
    def author(self) -> UUID | str:
        """What an author's versions have in common: their id, or their name once their account is gone."""
        return self.author_id or self.asked_by

    def withdraw(self, *, at: datetime) -> None:
        """Take back what was just sent, as if it had never been."""
        if self.withdrawn_at is None and at - self.written_at > self.UNDO_FOR:
            raise Conflict(_("This version is older than an hour. Write a new one instead."))
        self.withdrawn_at = self.withdrawn_at or at

    def stop(self, on: date, *, at: datetime) -> None:
        """It is followed no more. What was done of it stays."""
        if self.stopped_at is None:
            self.stopped_at, self.stopped_on = at, on

    def go_on(self, *, at: datetime) -> None:
        """Take a stop back that was a slip of the finger."""
        if self.stopped_at is not None and at - self.stopped_at > self.UNDO_FOR:
            raise Conflict(_("You stopped this plan more than an hour ago. Ask for a new one."))
        self.stopped_at, self.stopped_on = None, None
