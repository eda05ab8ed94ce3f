"""What a patient says before a session: once at the start (Intake), and before each one (CheckIn)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4

from pydantic import AfterValidator
from pydantic import Field as Limits
from pydantic_core import PydanticCustomError
from sqlalchemy import JSON, CheckConstraint, Column, Index, Text, select, text
from sqlalchemy.orm import Session, aliased
from sqlmodel import Field, SQLModel, col

from app.language import _
from app.models.daily_log import PainSites, Score
from app.models.field_types import GivenName, InputShape, SaidText
from app.models.treatment_session import TreatmentSession, same_hands

MOST_ACTIVITIES = 3


class SafetyItem(StrEnum):
    """What a patient can tick that should be looked at by a doctor first. A static list, no judgement."""

    NUMB_OR_WEAK = "numb_or_weak"
    BLADDER_OR_BOWEL = "bladder_or_bowel"
    FEVER_OR_VERY_ILL = "fever_or_very_ill"
    AFTER_A_FALL = "after_a_fall"
    WEIGHT_LOSS = "weight_loss"
    NIGHT_PAIN = "night_pain"


class Intake(SQLModel, table=True):
    """What a patient says once, at the start; they can change it. What was not said is None."""

    patient_id: UUID = Field(primary_key=True, foreign_key="patient.id", ondelete="CASCADE")
    reason: str | None = Field(default=None, sa_column=Column(Text))
    history: str | None = Field(default=None, sa_column=Column(Text))
    pain_feels: str | None = Field(default=None, sa_column=Column(Text))
    goals: str | None = Field(default=None, sa_column=Column(Text))
    must_know: str | None = Field(default=None, sa_column=Column(Text))
    written_at: datetime
    updated_at: datetime


class NamedActivity(SQLModel, table=True):
    """Something of daily life that is hard because of the problem, in the patient's words.

    Its scores are one series from `started_at` until `ended_at`. A name that replaces another, or comes
    back after it was replaced, starts a new one.
    """

    __tablename__ = "named_activity"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=100)
    started_at: datetime
    ended_at: datetime | None = None

    def end(self, *, at: datetime) -> None:
        self.ended_at = self.ended_at or at


class CheckIn(SQLModel, table=True):
    """What a patient says just before a session. Without `session_id` it is for the next one, whenever."""

    __tablename__ = "check_in"
    __table_args__ = (
        CheckConstraint("overall_change between 1 and 7", name="check_in_overall_change"),
        Index(
            "one_check_in_for_the_next",
            "patient_id",
            unique=True,
            sqlite_where=text("session_id is null"),
            postgresql_where=text("session_id is null"),
        ),
        Index("check_ins_of_patient", "patient_id", "answered_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    session_id: UUID | None = Field(
        default=None, foreign_key="treatment_session.id", ondelete="CASCADE", unique=True
    )
    request: str | None = Field(default=None, sa_column=Column(Text))
    pain_sites: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    overall_change: int | None = None
    safety_items: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    answered_at: datetime
    updated_at: datetime


class ActivityScore(SQLModel, table=True):
    """How well an activity went at a check-in: 0 unable to do it … 10 as well as before the problem."""

    __tablename__ = "activity_score"
    __table_args__ = (CheckConstraint("score between 0 and 10", name="activity_score_range"),)

    check_in_id: UUID = Field(primary_key=True, foreign_key="check_in.id", ondelete="CASCADE")
    activity_id: UUID = Field(
        primary_key=True, foreign_key="named_activity.id", ondelete="CASCADE", index=True
    )
    score: int


def standing_check_in(db: Session, patient_id: UUID, session: TreatmentSession | None) -> CheckIn | None:
    """What was said for this session, else for the next one whenever that would be, else for one in the same
    hands that was cancelled. Without a session, what waits for whichever comes."""
    of_patient = select(CheckIn).where(col(CheckIn.patient_id) == patient_id)
    for_it = db.scalar(of_patient.where(col(CheckIn.session_id) == session.id)) if session else None
    waiting = for_it or db.scalar(of_patient.where(col(CheckIn.session_id).is_(None)))
    return waiting or _of_one_cancelled(db, patient_id, session)


def _of_one_cancelled(db: Session, patient_id: UUID, session: TreatmentSession | None) -> CheckIn | None:
    """The newest that was said since the last session in the same hands."""
    held = aliased(TreatmentSession)
    held_since = select(col(held.id)).where(*same_hands(held), col(held.held_at) > col(CheckIn.updated_at))
    return db.scalar(
        select(CheckIn)
        .join(TreatmentSession, col(TreatmentSession.id) == col(CheckIn.session_id))
        .where(
            col(CheckIn.patient_id) == patient_id,
            col(TreatmentSession.cancelled_at).is_not(None),
            ~held_since.exists(),
            *(same_hands(session) if session else ()),
        )
        .order_by(col(CheckIn.updated_at).desc())
        .limit(1)
    )


def same_activity(one: str, other: str) -> bool:
    """Whether two names mean the same activity: capitals and spaces make no difference."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _each_activity_once(names: list[str]) -> list[str]:
    if len({_folded(name) for name in names}) < len(names):
        raise PydanticCustomError("activity_twice", _("Name each activity only once."))
    return names


def _each_score_once(scores: list[ActivityScored]) -> list[ActivityScored]:
    _each_activity_once([one.name for one in scores])
    return scores


def _each_item_once(items: list[SafetyItem]) -> list[SafetyItem]:
    return [item for item in SafetyItem if item in items]


ActivityName = GivenName
SafetyItems = Annotated[list[SafetyItem], Limits(max_length=len(SafetyItem)), AfterValidator(_each_item_once)]


class IntakeIn(InputShape):
    """All of the intake at once; what is absent is not said."""

    reason: SaidText = None
    history: SaidText = None
    pain_feels: SaidText = None
    hard_activities: Annotated[
        list[ActivityName], Limits(max_length=MOST_ACTIVITIES), AfterValidator(_each_activity_once)
    ] = Limits(default=[])
    goals: SaidText = None
    must_know: SaidText = None


class ActivityScored(InputShape):
    """0 unable to do it … 10 as well as before the problem."""

    name: ActivityName
    score: Score


class CheckInSaid(InputShape):
    """All of the check-in at once; what is absent is not said.

    `overall_change`: 1 very much better … 7 very much worse, since the first session.
    """

    request: SaidText = None
    pain_sites: PainSites | None = None
    activities: Annotated[
        list[ActivityScored], Limits(max_length=MOST_ACTIVITIES), AfterValidator(_each_score_once)
    ] = Limits(default=[])
    overall_change: Annotated[int, Limits(strict=True, ge=1, le=7)] | None = None
    safety_items: SafetyItems = Limits(default=[])
