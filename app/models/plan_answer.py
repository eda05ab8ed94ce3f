"""What a patient says to what a plan asks of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID, uuid4

from pydantic import Field as Limits
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.daily_log import PlanItemId
from app.models.field_types import Comment, InputShape


class PlanItemAnswer(StrEnum):
    """What a patient says to what a version asks."""

    OK = "ok"
    TOO_MUCH = "too_much"
    HURTS = "hurts"
    NO_TIME = "no_time"


class PlanAnswerIn(InputShape):
    """An answer to one item of a version, or to the version as a whole when no item is named."""

    version: Annotated[int, Limits(strict=True, ge=1, lt=2**31)]
    item: PlanItemId | None = None
    answer: PlanItemAnswer
    comment: Comment | None = None


class PlanAnswer(SQLModel, table=True):
    """The answer to one item of a version, or to all of it when `item_id` is empty. The last one stands."""

    __tablename__ = "plan_answer"
    __table_args__ = (
        UniqueConstraint("plan_id", "item_id", name="one_answer_per_plan_item"),
        CheckConstraint(
            "answer in ('ok', 'too_much', 'hurts', 'no_time')",
            name="plan_answer_answer",
        ),
        CheckConstraint("length(comment) <= 500", name="plan_answer_comment"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    plan_id: UUID = Field(foreign_key="home_care_plan.id", ondelete="CASCADE")
    item_id: str = Field(default="", max_length=64)
    answer: str = Field(max_length=16)
    comment: str | None = None
    answered_at: datetime
