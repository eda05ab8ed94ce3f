"""The appointment: booked, then held or cancelled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

from pydantic import AfterValidator, field_validator, model_validator
from pydantic import Field as Limits
from pydantic_core import PydanticCustomError
from sqlalchemy import (
    JSON,
    BindParameter,
    CheckConstraint,
    Column,
    ColumnElement,
    Text,
    and_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.clock import local_time
from app.errors import Conflict, FieldError, Invalid
from app.language import _
from app.models.account import Account
from app.models.aftercare import Steps
from app.models.body import BodyRegion, Side
from app.models.field_types import InputShape, Instant, SaidText, StrictBool
from app.models.patient import PatientProfile

NEAR = timedelta(days=10)


class Visibility(StrEnum):
    """Who may read what was written about a held session: its writer only, or the other side too."""

    PRIVATE = "private"
    SHARED = "shared"


class TreatmentSession(SQLModel, table=True):
    """One appointment of a patient, with the therapist who gives it.

    `held_at` is when it ended. What was found and done is `written_by` whoever marked it as held, and is
    theirs alone unless `visibility` is shared. `therapist_name` is who gave it when they have no account
    here: it was erased, or the session came with a take-out. Kept by the patient alone, it has neither.
    """

    __tablename__ = "treatment_session"
    __table_args__ = (
        CheckConstraint("minutes between 5 and 480", name="treatment_session_minutes"),
        CheckConstraint("held_at is null or cancelled_at is null", name="treatment_session_held_or_not"),
        CheckConstraint("visibility in ('private', 'shared')", name="treatment_session_visibility"),
    )
    SHORTEST: ClassVar[int] = 5
    LONGEST: ClassVar[int] = 480
    HELD_BACK: ClassVar[timedelta] = timedelta(days=365)
    HELD_AHEAD: ClassVar[timedelta] = timedelta(hours=1)
    """Clocks differ, and a session is sometimes closed a little before its end."""
    BEGINS_EARLY: ClassVar[timedelta] = timedelta(minutes=30)
    AHEAD_UNTIL: ClassVar[timedelta] = timedelta(hours=12)
    """A session that began is still the next one for this long: it is marked as held afterwards."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    therapist_id: UUID | None = Field(
        default=None, foreign_key="therapist.id", ondelete="SET NULL", index=True
    )
    starts_at: datetime
    minutes: int
    held_at: datetime | None = None
    cancelled_at: datetime | None = None
    regions: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    findings: str | None = Field(default=None, sa_column=Column(Text))
    done: str | None = Field(default=None, sa_column=Column(Text))
    visibility: str | None = Field(default=None, max_length=16)
    written_by: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    therapist_name: str | None = Field(default=None, max_length=100)

    @property
    def is_kept_alone(self) -> bool:
        """By the patient, without a therapist."""
        return self.therapist_id is None and self.therapist_name is None

    @property
    def stands_at(self) -> datetime | None:
        """When it is booked for, while it was neither held nor cancelled."""
        return self.starts_at if self.held_at is None and self.cancelled_at is None else None

    @property
    def begins_at(self) -> datetime:
        """When it is booked for; once it was held, its length before it ended."""
        return self.starts_at if self.held_at is None else self.held_at - timedelta(minutes=self.minutes)

    def move(self, starts_at: datetime, minutes: int | None = None) -> None:
        self._require_not_held(_("This session was held. Correct when it was held instead."))
        if self.cancelled_at is not None:
            raise Conflict(_("This session was cancelled. Take that back first."))
        self.starts_at, self.minutes = starts_at.astimezone(UTC), minutes or self.minutes

    def cancel(self, *, at: datetime) -> None:
        self._require_not_held(_("This session was held, so it cannot be cancelled."))
        self.cancelled_at = self.cancelled_at or at

    def take_back_cancelling(self) -> None:
        self.cancelled_at = None

    def hold(self, held: SessionHeld, written_by: UUID, *, now: datetime) -> None:
        """Mark as held, once. Raises Conflict the second time, or when it was cancelled.

        Without new words, those written before it was taken back stay, for the same eyes.
        """
        self._require_not_held(_("This session was already held."))
        if self.cancelled_at is not None:
            raise Conflict(_("This session was cancelled. Take that back first."))
        self.held_at = _possible(held.held_at, now)
        self.regions = [region.model_dump(mode="json") for region in held.regions]
        has_words = self.written_by == written_by and (self.findings or self.done)
        if held.findings or held.done or not has_words:
            self.findings, self.done, self.visibility = held.findings, held.done, held.visibility.value
        self.written_by = written_by

    def is_held_as(self, held: SessionHeld) -> bool:
        """Whether it was held just as this says, which may leave earlier words as they are."""
        said, kept = (held.findings, held.done), (self.findings, self.done)
        return (
            self.held_at == held.held_at.astimezone(UTC)
            and self.regions == [region.model_dump(mode="json") for region in held.regions]
            and (not any(said) or (*said, held.visibility.value) == (*kept, self.visibility))
        )

    def correct_held_at(self, held_at: datetime, *, now: datetime) -> None:
        if self.held_at is None:
            raise Conflict(_("This session was not held yet."))
        self.held_at = _possible(held_at, now)

    def take_back_holding(self) -> None:
        """It was not held after all. What was written about it stays, for when it is."""
        self.held_at = None

    def is_readable_by(self, account_id: UUID) -> bool:
        """Whether somebody may read what was found and done."""
        return self.visibility == Visibility.SHARED or self.written_by == account_id

    def _require_not_held(self, otherwise: str) -> None:
        if self.held_at is not None:
            raise Conflict(otherwise)


def _possible(held_at: datetime, now: datetime) -> datetime:
    if held_at > now + TreatmentSession.HELD_AHEAD:
        raise Invalid(FieldError("held_at", "future", _("Say when it ended; that is still to come.")))
    if held_at < now - TreatmentSession.HELD_BACK:
        raise Invalid(FieldError("held_at", "long_ago", _("Choose a time within the last year.")))
    return held_at.astimezone(UTC)


def held_sessions_known_to(db: Session, patient_id: UUID, therapist_id: UUID) -> list[TreatmentSession]:
    """The ones that this therapist may know of, oldest first."""
    return list(
        db.scalars(
            select(TreatmentSession)
            .where(
                col(TreatmentSession.patient_id) == patient_id,
                col(TreatmentSession.held_at).is_not(None),
                known_to(therapist_id),
            )
            .order_by(col(TreatmentSession.held_at))
        )
    )


def next_session(db: Session, patient_id: UUID, therapist_id: UUID, now: datetime) -> TreatmentSession | None:
    """The first session still ahead that this therapist may know of."""
    return db.scalar(
        select(TreatmentSession)
        .where(col(TreatmentSession.patient_id) == patient_id, is_ahead(now), known_to(therapist_id))
        .order_by(col(TreatmentSession.starts_at))
        .limit(1)
    )


def session_to_hold(
    db: Session, patient_id: UUID, therapist_id: UUID, zone: str, now: datetime
) -> TreatmentSession | None:
    """A therapist's own that is on now or was last left open, else the first still to come on this day in
    `zone`."""
    ahead = db.scalars(
        select(TreatmentSession)
        .where(
            col(TreatmentSession.patient_id) == patient_id,
            col(TreatmentSession.therapist_id) == therapist_id,
            is_ahead(now),
            col(TreatmentSession.starts_at) < now + timedelta(days=1),
        )
        .order_by(col(TreatmentSession.starts_at))
    ).all()
    begun = [one for one in ahead if one.starts_at <= now + TreatmentSession.BEGINS_EARLY]
    today = [one for one in ahead if local_time(one.starts_at, zone).date() == local_time(now, zone).date()]
    return next(iter(begun[-1:] or today), None)


def known_to(therapist_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    """A therapist's own sessions, and those a patient keeps alone; never those with another therapist."""
    return or_(col(TreatmentSession.therapist_id) == therapist_id, is_kept_alone())


def is_kept_alone() -> ColumnElement[bool]:
    """By the patient, without a therapist."""
    return and_(col(TreatmentSession.therapist_id).is_(None), col(TreatmentSession.therapist_name).is_(None))


def leave_sessions(db: Session, therapist: Account, at: datetime) -> None:
    """Before a therapist's account is erased: their sessions stay with the patients and bear their name, so
    that no other therapist begins to know of them. What only they could read goes with them, and nobody waits
    for what they had booked."""
    given = update(TreatmentSession).where(col(TreatmentSession.therapist_id) == therapist.id)
    db.execute(given.values(therapist_name=therapist.name))
    is_booked = and_(is_ahead(at), col(TreatmentSession.starts_at) > at)
    db.execute(given.where(is_booked).values(cancelled_at=at))
    is_private = col(TreatmentSession.visibility) == Visibility.PRIVATE.value
    written = and_(is_private, col(TreatmentSession.written_by) == therapist.id)
    db.execute(given.where(written).values(findings=None, done=None))


def same_hands(session: TreatmentSession | type[TreatmentSession]) -> tuple[ColumnElement[bool], ...]:
    """Sessions of this patient with the same therapist, or all those the patient keeps alone."""
    return (
        col(TreatmentSession.patient_id) == session.patient_id,
        col(TreatmentSession.therapist_id).is_not_distinct_from(session.therapist_id),
        col(TreatmentSession.therapist_name).is_not_distinct_from(session.therapist_name),
    )


def is_ahead(now: datetime) -> ColumnElement[bool]:
    """Booked, neither held nor cancelled, and not long past."""
    return and_(
        col(TreatmentSession.held_at).is_(None),
        col(TreatmentSession.cancelled_at).is_(None),
        col(TreatmentSession.starts_at) >= now - TreatmentSession.AHEAD_UNTIL,
    )


def held_days(
    db: Session, patient: PatientProfile, therapist_id: UUID | None, first: date, last: date
) -> list[date]:
    """The days from `first` through `last`, in the patient's calendar, on which a session was held that this
    therapist may know of; without one, all of the patient's."""
    held = select(col(TreatmentSession.held_at)).where(
        col(TreatmentSession.patient_id) == patient.id, col(TreatmentSession.held_at).is_not(None)
    )
    if therapist_id is not None:
        held = held.where(known_to(therapist_id))
    days = sorted({patient.day_at(at) for at in db.scalars(held) if at is not None})
    return [day for day in days if first <= day <= last]


class TreatedRegion(InputShape):
    """A part of the body that was treated; just its name says nothing about the side."""

    region: BodyRegion
    side: Side | None = None

    @model_validator(mode="before")
    @classmethod
    def _just_its_name(cls, said: Any) -> Any:
        return {"region": said} if isinstance(said, str) else said

    @model_validator(mode="after")
    def _side_exists(self) -> TreatedRegion:
        if self.side is not None and self.side not in self.region.sides:
            raise PydanticCustomError("side", _("This place has a left and a right, but no middle."))
        return self


def _each_region_once(regions: list[TreatedRegion]) -> list[TreatedRegion]:
    if len({(one.region, one.side) for one in regions}) < len(regions):
        raise PydanticCustomError("region_twice", _("Name each place and side only once."))
    return regions


Minutes = Annotated[int, Limits(strict=True, ge=TreatmentSession.SHORTEST, le=TreatmentSession.LONGEST)]
Regions = Annotated[list[TreatedRegion], Limits(max_length=60), AfterValidator(_each_region_once)]


class BookSession(InputShape):
    """When a session begins, and its length of 5 to 480 minutes."""

    starts_at: Instant
    minutes: Minutes = 50


class SessionHeld(InputShape):
    """What to keep of a session that was held; `held_at` is when it ended.

    `aftercare` are the steps to send, or the id of a `template`; without either the standard steps, with an
    empty list none.
    """

    held_at: Instant
    regions: Regions = Limits(default=[])
    findings: SaidText = None
    done: SaidText = None
    visibility: Visibility = Visibility.PRIVATE
    aftercare: Steps | None = None
    template: UUID | None = None

    @model_validator(mode="before")
    @classmethod
    def _names_a_template(cls, said: Any) -> Any:
        if isinstance(said, dict) and isinstance(said.get("aftercare"), str) and "template" not in said:
            template = said["aftercare"]
            return {name: value for name, value in said.items() if name != "aftercare"} | {
                "template": template
            }
        return said


class SessionChange(InputShape):
    """Move, cancel (`cancelled` false takes it back), or correct what was kept of a held session.

    `held_at` null says that it was not held after all. What is absent stays.
    """

    starts_at: Instant | None = None
    minutes: Minutes | None = None
    cancelled: StrictBool | None = None
    held_at: Instant | None = None
    regions: Regions | None = None
    findings: SaidText = None
    done: SaidText = None
    visibility: Visibility | None = None

    @field_validator("starts_at", "minutes", "cancelled", mode="before")
    @classmethod
    def _said(cls, value: object) -> object:
        if value is None:
            raise PydanticCustomError("null", _("Give this a value, or leave it out so that it stays."))
        return value


def session_is_near(patient_id: UUID, now: datetime) -> ColumnElement[bool]:
    """Whether one that was not cancelled began or begins within ten days, so that there may be something to
    show around it."""
    near = select(col(TreatmentSession.id)).where(
        col(TreatmentSession.patient_id) == patient_id,
        col(TreatmentSession.cancelled_at).is_(None),
        col(TreatmentSession.starts_at).between(now - NEAR, now + NEAR),
    )
    return near.exists()
