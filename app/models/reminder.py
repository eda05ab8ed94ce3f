"""When a patient wants to be reminded, in wall-clock time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, get_args
from uuid import UUID, uuid4

from pydantic import AfterValidator
from pydantic import Field as Limits
from sqlalchemy import JSON, CheckConstraint, Column, Index, select, text
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.clock import turned_forward
from app.errors import Conflict
from app.language import _
from app.models.field_types import InputShape, Instant, ShortText, StrictBool, WallClock


class ReminderKind(StrEnum):
    """What a reminder is about."""

    CHECK_IN = "check_in"
    WATER = "water"
    STRETCH = "stretch"
    EXERCISE = "exercise"
    SLEEP = "sleep"
    CUSTOM = "custom"
    AFTERCARE = "aftercare"
    """A step after a held session. Sessions plan these; nobody arranges one."""


class Weekday(StrEnum):
    """A day of the week in the patient's calendar."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Reminder(SQLModel, table=True):
    """Wall-clock times and weekdays, read in the patient's zone.

    `due_at` is when to look at this reminder next, or None while there is no next time (switched off).
    `snoozed_until` is one extra time the patient asked for; it counts for `snoozed_day`.
    A step of the aftercare has the session as its reason (`session_id`, and the place of the `step` in its
    sequence), and comes only on `on_day`; it has no day while that depends on a session not yet booked.
    `plan_item` is the item of a home-care plan this reminder exists for, and `plan_author_id` whose plan
    that is; both are None for the patient's own. `target` is what the plan in force asks for in the unit
    of the kind's measure, None where it asks for nothing in particular. `removed_at` is since when it is out
    of sight: for good when the patient took it away (one of their own goes once that can no longer be taken
    back), and until its item is asked for again when one that the patient had switched off left the plan.
    """

    __table_args__ = (
        CheckConstraint(
            "kind in ('check_in', 'water', 'stretch', 'exercise', 'sleep', 'custom', 'aftercare')",
            name="reminder_kind",
        ),
        CheckConstraint("(kind = 'aftercare') = (session_id is not null)", name="reminder_has_its_reason"),
        Index("one_reminder_per_step", "session_id", "step_number", unique=True),
        Index(
            "aftercare_days",
            "patient_id",
            "on_day",
            sqlite_where=text("on_day is not null"),
            postgresql_where=text("on_day is not null"),
        ),
        Index(
            "reminders_due",
            "due_at",
            "patient_id",
            sqlite_where=text("due_at is not null"),
            postgresql_where=text("due_at is not null"),
        ),
    )

    UNDO_FOR: ClassVar[timedelta] = timedelta(hours=1)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    kind: str
    times: list[str] = Field(sa_column=Column(JSON, nullable=False))
    days: list[str] = Field(sa_column=Column(JSON, nullable=False))
    text: str | None = Field(default=None, max_length=200)
    created_at: datetime
    switched_off_at: datetime | None = None
    due_at: datetime | None = None
    snoozed_until: datetime | None = None
    snoozed_day: date | None = None
    session_id: UUID | None = Field(default=None, foreign_key="treatment_session.id", ondelete="CASCADE")
    step: str | None = Field(default=None, max_length=16)
    step_number: int | None = None
    on_day: date | None = None
    plan_item: str | None = Field(default=None, max_length=64)
    plan_author_id: UUID | None = None
    target: float | None = None
    removed_at: datetime | None = None

    def remove(self, *, at: datetime) -> None:
        """The patient does not want it, whatever a later plan says."""
        # By this very instant `come_back` knows what a plan must not bring back.
        if self.plan_item is not None or self.switched_off_at is None:
            self.switched_off_at = at
        self.removed_at, self.due_at = at, None

    @property
    def was_on_when_removed(self) -> bool:
        return self.switched_off_at == self.removed_at

    def take_back_removing(self, *, on: bool, at: datetime) -> None:
        if self.removed_at is not None and at - self.removed_at > self.UNDO_FOR:
            raise Conflict(_("You removed this reminder more than an hour ago. Add a new one."))
        self.removed_at = None
        if on:
            self.switched_off_at = None

    def leave_the_plan(self, *, at: datetime) -> None:
        """Its item is asked for no more."""
        self.removed_at = self.removed_at or at

    def come_back(self) -> None:
        """Its item is asked for again; who took it away switched it off at that very instant."""
        if self.removed_at != self.switched_off_at:
            self.removed_at = None

    def move(self, zone: str, into: str, *, at: datetime) -> None:
        """Have the worker work out the next time anew by the clocks of another zone.

        What they have passed already and the clocks before had not is due since then: it still comes, or
        goes on record as expired.
        """
        if self.due_at is not None:
            self.due_at = min(at, self.due_at - turned_forward(self.due_at, zone, into))


LATER_MINUTES = 30
"""How long "Later" puts a reminder off."""


def _in_order(times: list[time]) -> list[time]:
    return sorted(set(times))


def _in_week(days: list[Weekday]) -> list[Weekday]:
    return [day for day in Weekday if day in days]


ArrangedKind = Literal[
    ReminderKind.CHECK_IN,
    ReminderKind.WATER,
    ReminderKind.STRETCH,
    ReminderKind.EXERCISE,
    ReminderKind.SLEEP,
    ReminderKind.CUSTOM,
]
"""The kinds a patient can arrange."""
ARRANGED: tuple[ReminderKind, ...] = get_args(ArrangedKind)
Times = Annotated[list[WallClock], Limits(min_length=1, max_length=12), AfterValidator(_in_order)]
Days = Annotated[list[Weekday], Limits(min_length=1, max_length=7), AfterValidator(_in_week)]


class ReminderIn(InputShape):
    """A reminder to arrange: wall-clock times in the patient's zone, every day unless told otherwise.

    For water the times are when the pace is looked at: at each of them a reminder goes out only when a
    glass or more is missing by then, and none goes out in the two hours before quiet hours.
    """

    kind: ArrangedKind
    times: Times
    days: Days = Limits(default=list(Weekday))
    on: StrictBool = True
    text: ShortText | None = None


class ReminderChange(InputShape):
    """What to change; what is absent stays."""

    times: Times | None = None
    days: Days | None = None
    on: StrictBool | None = None
    text: ShortText | None = None


class Snooze(InputShape):
    """For how long to put a reminder off, in minutes."""

    minutes: Annotated[int, Limits(strict=True, ge=1, le=720)] = LATER_MINUTES


class PauseUntil(InputShape):
    """Until when nothing is sent; null goes on at once."""

    until: Instant | None


def take_reminders_along(db: Session, patient_id: UUID, zone: str, into: str, now: datetime) -> None:
    """The patient's reminders go by the clocks of another zone from now on."""
    for reminder in db.scalars(select(Reminder).where(col(Reminder.patient_id) == patient_id)):
        reminder.move(zone, into, at=now)
    db.flush()
