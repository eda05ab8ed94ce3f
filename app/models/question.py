"""What a patient wants to know of their own diary, chosen before anybody looks, and what reviews found."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, Column, Index, select, text
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.models.field_types import InputShape


class AskedHabit(StrEnum):
    """A habit that may be set against the next day's pain. Heat and ice are used because of pain: never."""

    WATER = "water"
    STRETCH = "stretch"
    EXERCISES = "exercises"
    SLEEP = "sleep"


class Question(SQLModel, table=True):
    """Does this habit go with the next day's pain? Only days from `first_day` on are looked at.

    A patient has at most one open question. Choosing another ends it, and nothing of it is forgotten.
    """

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("habit in ('water', 'stretch', 'exercises', 'sleep')", name="question_habit"),
        Index(
            "one_open_question",
            "patient_id",
            unique=True,
            sqlite_where=text("ended_at is null"),
            postgresql_where=text("ended_at is null"),
        ),
    )
    REVIEWED_EVERY: ClassVar[timedelta] = timedelta(days=28)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    habit: str = Field(max_length=16)
    first_day: date
    asked_at: datetime
    ended_at: datetime | None = None

    def end(self, *, at: datetime) -> None:
        self.ended_at = self.ended_at or at

    def newest_review_day(self, today: date) -> date | None:
        """The last of its review days that has come, every four weeks; None before the first."""
        reviews = (today - self.first_day) // self.REVIEWED_EVERY
        return self.first_day + reviews * self.REVIEWED_EVERY if reviews > 0 else None

    def next_review_day(self, today: date) -> date:
        reviews = max((today - self.first_day) // self.REVIEWED_EVERY, 0)
        return self.first_day + (reviews + 1) * self.REVIEWED_EVERY


class QuestionReview(SQLModel, table=True):
    """What one review found, kept as it was found: it is never computed anew.

    `first_day` and `last_day` are the days it looked at. `effects` holds each habit's figures by name.
    """

    __tablename__ = "question_review"

    question_id: UUID = Field(primary_key=True, foreign_key="question.id", ondelete="CASCADE")
    reviewed_on: date = Field(primary_key=True)
    first_day: date
    last_day: date
    effects: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    reviewed_at: datetime


class ChooseQuestion(InputShape):
    """The habit to ask about; null for none."""

    habit: AskedHabit | None


def open_question(db: Session, patient_id: UUID) -> Question | None:
    return db.scalar(
        select(Question).where(col(Question.patient_id) == patient_id, col(Question.ended_at).is_(None))
    )


def reviews_of(db: Session, question_id: UUID) -> list[QuestionReview]:
    """Oldest first."""
    return list(
        db.scalars(
            select(QuestionReview)
            .where(col(QuestionReview.question_id) == question_id)
            .order_by(col(QuestionReview.reviewed_on))
        )
    )
