"""What a patient says about a day: entries that are only added, and the day they fold into.

Unknown is None, never 0. A day is a local date, sent by the client and never recomputed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, StringConstraints, model_validator
from pydantic import Field as Limits
from pydantic_core import PydanticCustomError
from sqlalchemy import JSON, CheckConstraint, Column, Text, UniqueConstraint, and_, bindparam, or_, select
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.language import _
from app.models.body import BodyRegion, Side
from app.models.field_types import InputShape, Instant, LocalDay, NoteText, StrictBool

WRITABLE_DAYS_BACK = 365
LATE_AFTER = timedelta(days=2)

RANGES: dict[str, tuple[float, float]] = {
    "pain": (0, 10),
    "pain_worst": (0, 10),
    "stiffness": (0, 10),
    "mobility": (0, 10),
    "sleep_hours": (0, 24),
    "sleep_quality": (0, 10),
    "water_glasses": (0, 40),
    "stretching_minutes": (0, 300),
    "heat_minutes": (0, 240),
    "ice_minutes": (0, 240),
    "soreness": (0, 10),
}
"""Lowest and highest value of every numeric measure; ratings are whole, sleep is in half hours."""

SORENESS_ASKED_UNTIL = 3
"""Days after a session on which soreness is asked; the session's own day is 0."""

COUNTERS = ("water_glasses", "stretching_minutes", "heat_minutes", "ice_minutes")
MEASURES = (*RANGES, "swelling", "pain_sites", "plan_items", "bad_day", "note")


class EntrySource(StrEnum):
    """Where an entry was made: in the app, on a notification, or in a file that was brought in."""

    APP = "app"
    NOTIFICATION = "notification"
    IMPORT = "import"


class PainSite(InputShape):
    """A place that hurts. `side` is never lost; `intensity` is 1 to 10 when given."""

    region: BodyRegion
    side: Side
    intensity: Annotated[int, Limits(strict=True, ge=1, le=10)] | None = None

    @model_validator(mode="after")
    def _side_exists(self) -> PainSite:
        if self.side not in self.region.sides:
            raise PydanticCustomError("side", _("This place has a left and a right, but no middle."))
        return self


def _each_site_once(sites: list[PainSite]) -> list[PainSite]:
    if len({(site.region, site.side) for site in sites}) < len(sites):
        raise PydanticCustomError("site_twice", _("Name each place and side only once."))
    return sites


Score = Annotated[int, Limits(strict=True, ge=0, le=10)]
Glasses = Annotated[int, Limits(strict=True, ge=0, le=40)]
StretchingMinutes = Annotated[int, Limits(strict=True, ge=0, le=300)]
HeatOrIceMinutes = Annotated[int, Limits(strict=True, ge=0, le=240)]
SleepHours = Annotated[float, Limits(strict=True, ge=0, le=24, multiple_of=0.5, allow_inf_nan=False)]
PainSites = Annotated[list[PainSite], Limits(max_length=60), AfterValidator(_each_site_once)]
PlanAnswer = Literal["done", "too_much", "hurts", "no_time", "forgot"]
PlanItemId = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9_-]{1,64}$")]
PlanItems = Annotated[dict[PlanItemId, PlanAnswer | None], Limits(max_length=100)]


class Measures(InputShape):
    """The measures of a day. In an entry, a measure that is absent is untouched and null clears it."""

    pain: Score | None = None
    pain_worst: Score | None = None
    stiffness: Score | None = None
    mobility: Score | None = Limits(default=None, description="Ease of movement: higher is better.")
    sleep_hours: SleepHours | None = None
    sleep_quality: Score | None = None
    water_glasses: Glasses | None = None
    stretching_minutes: StretchingMinutes | None = None
    heat_minutes: HeatOrIceMinutes | None = None
    ice_minutes: HeatOrIceMinutes | None = None
    soreness: Score | None = None
    swelling: StrictBool | None = None
    pain_sites: PainSites | None = None
    plan_items: PlanItems | None = None
    bad_day: StrictBool | None = None
    note: NoteText | None = None


class Additions(InputShape):
    """What an entry adds to the counters; a negative number takes back."""

    water_glasses: Annotated[int, Limits(strict=True, ge=-40, le=40)] | None = None
    stretching_minutes: Annotated[int, Limits(strict=True, ge=-300, le=300)] | None = None
    heat_minutes: Annotated[int, Limits(strict=True, ge=-240, le=240)] | None = None
    ice_minutes: Annotated[int, Limits(strict=True, ge=-240, le=240)] | None = None


class LogEntryIn(InputShape):
    """One thing said about a day, with the id the phone gave it."""

    id: UUID
    day: LocalDay
    recorded_at: Instant
    source: EntrySource = EntrySource.APP
    set: Measures | None = None
    add: Additions | None = None

    @model_validator(mode="after")
    def _says_something(self) -> LogEntryIn:
        if not self.content["set"] and not self.content["add"]:
            raise PydanticCustomError("empty", _("Set a measure or add to a counter."))
        return self

    @property
    def content(self) -> dict[str, dict[str, Any]]:
        """What is said, as plain JSON values: measures set (null clears) and counters added to."""
        said = self.set.model_dump(mode="json", exclude_unset=True) if self.set else {}
        added = self.add.model_dump(mode="json", exclude_none=True) if self.add else {}
        return {"set": said, "add": added}


class LogEntry(SQLModel, table=True):
    """An entry as it was received; never changed.

    `content` is canonical JSON, so that the same id with other content can be told apart.
    `ordered_at` is the earlier of `recorded_at` and `received_at`: a phone whose clock runs ahead
    cannot win over what is said after it.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        CheckConstraint("source in ('app', 'notification', 'import')", name="log_entry_source"),
        UniqueConstraint("patient_id", "id", name="one_entry_per_id"),
        {"sqlite_with_rowid": False},
    )

    # Keyed by day, so that the entries of one day lie side by side and refolding reads one place.
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", primary_key=True)
    day: date = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    recorded_at: datetime
    received_at: datetime
    ordered_at: datetime
    source: str = Field(max_length=16)
    late: bool
    content: str = Field(sa_column=Column(Text, nullable=False))


class DailyLog(SQLModel, table=True):
    """What a patient's entries say about one day, folded. A day on which nothing stands has no row."""

    __tablename__ = "daily_log"
    __table_args__ = (
        *(
            CheckConstraint(f"{measure} between {lowest} and {highest}", name=f"daily_log_{measure}")
            for measure, (lowest, highest) in RANGES.items()
        ),
        CheckConstraint("length(note) <= 2000", name="daily_log_note"),
        {"sqlite_with_rowid": False},
    )

    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", primary_key=True)
    day: date = Field(primary_key=True)
    pain: int | None = None
    pain_worst: int | None = None
    stiffness: int | None = None
    mobility: int | None = None
    sleep_hours: float | None = None
    sleep_quality: int | None = None
    water_glasses: int | None = None
    stretching_minutes: int | None = None
    heat_minutes: int | None = None
    ice_minutes: int | None = None
    soreness: int | None = None
    swelling: bool | None = None
    pain_sites: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    plan_items: dict[str, str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    bad_day: bool | None = None
    note: str | None = None
    late: bool = False
    first_logged_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """One logged day as it leaves through a door. Unknown is None."""

    day: date
    pain: int | None
    pain_worst: int | None
    stiffness: int | None
    mobility: int | None
    sleep_hours: float | None
    sleep_quality: int | None
    water_glasses: int | None
    stretching_minutes: int | None
    heat_minutes: int | None
    ice_minutes: int | None
    soreness: int | None
    swelling: bool | None
    pain_sites: list[dict[str, Any]] | None
    plan_items: dict[str, str] | None
    bad_day: bool | None
    note: str | None
    late: bool
    first_logged_at: datetime
    updated_at: datetime

    @classmethod
    def blank(cls, day: date, at: datetime) -> Day:
        """A day on which nothing stands (any more)."""
        unknown = dict.fromkeys(MEASURES)
        return cls(day=day, **unknown, late=False, first_logged_at=at, updated_at=at)


_DAILY_LOG = DailyLog.__table__  # type: ignore[attr-defined]
_OF_PATIENT = select(*(_DAILY_LOG.c[field.name] for field in fields(Day))).where(
    _DAILY_LOG.c.patient_id == bindparam("patient_id")
)
# Built once and run on the connection: putting a statement together costs more than running it.
_DAYS_BETWEEN = (
    _OF_PATIENT.where(_DAILY_LOG.c.day.between(bindparam("first"), bindparam("last")))
    .order_by(_DAILY_LOG.c.day)
    .limit(bindparam("at_most"))
)


def days_between(db: Session, patient_id: UUID, first: date, last: date, at_most: int = 400) -> list[Day]:
    """The logged days from `first` through `last`, oldest first."""
    period = {"patient_id": patient_id, "first": first, "last": last, "at_most": at_most}
    return [Day(*row) for row in db.connection().execute(_DAYS_BETWEEN, period)]


def day_on(db: Session, patient_id: UUID, day: date) -> Day | None:
    return next(iter(days_between(db, patient_id, day, day)), None)


def entries_about(db: Session, patient_id: UUID, day: date) -> list[LogEntry]:
    """Every entry about a day, in the order they fold."""
    return list(
        db.scalars(
            select(LogEntry)
            .where(col(LogEntry.patient_id) == patient_id, col(LogEntry.day) == day)
            .order_by(col(LogEntry.ordered_at), col(LogEntry.id))
        )
    )


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it leaves in an export; `content` is canonical JSON."""

    day: date
    id: UUID
    recorded_at: datetime
    received_at: datetime
    source: str
    late: bool
    content: str


_LOG_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_STORED = select(*(_LOG_ENTRY.c[field.name] for field in fields(StoredEntry)))


def entries_after(
    db: Session, patient_id: UUID, after: tuple[date, UUID] | None, at_most: int
) -> list[StoredEntry]:
    """Entries in the order they are stored, by day; `after` names the last one already seen."""
    entries = _STORED.where(_LOG_ENTRY.c.patient_id == patient_id)
    if after is not None:
        day, entry_id = after
        later_that_day = and_(_LOG_ENTRY.c.day == day, _LOG_ENTRY.c.id > entry_id)
        entries = entries.where(or_(_LOG_ENTRY.c.day > day, later_that_day))
    rows = db.execute(entries.order_by(_LOG_ENTRY.c.day, _LOG_ENTRY.c.id).limit(at_most))
    return [StoredEntry(*row) for row in rows]
