"""What a patient says after a session, mostly that evening."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Text
from sqlmodel import Field, SQLModel

from app.models.daily_log import Score
from app.models.field_types import InputShape, SaidText


class Pressure(StrEnum):
    """How strong the therapist's hands felt."""

    TOO_LIGHT = "too_light"
    RIGHT = "right"
    TOO_STRONG = "too_strong"


class Feedback(SQLModel, table=True):
    """One answer per session, which can be changed. What was not said is None.

    `something_wrong_at` is when the patient ticked that something is wrong, which ends the aftercare.
    """

    __table_args__ = (
        CheckConstraint("pressure in ('too_light', 'right', 'too_strong')", name="feedback_pressure"),
        CheckConstraint("soreness between 0 and 10", name="feedback_soreness"),
    )

    session_id: UUID = Field(primary_key=True, foreign_key="treatment_session.id", ondelete="CASCADE")
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE", index=True)
    pressure: str | None = Field(default=None, max_length=16)
    soreness: int | None = None
    comment: str | None = Field(default=None, sa_column=Column(Text))
    something_wrong_at: datetime | None = None
    given_at: datetime
    updated_at: datetime


class FeedbackIn(InputShape):
    """How the session was: the pressure, how sore it left one (0 to 10), anything off."""

    pressure: Pressure
    soreness: Score | None = None
    comment: SaidText = None
