"""When the card on getting help was shown, so that it is offered seldom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar
from uuid import UUID

from sqlmodel import Field, SQLModel


class HelpCard(SQLModel, table=True):
    """The day on which a patient was last offered the card."""

    __tablename__ = "help_card"
    AT_MOST_EVERY: ClassVar[timedelta] = timedelta(days=14)

    patient_id: UUID = Field(primary_key=True, foreign_key="patient.id", ondelete="CASCADE")
    shown_on: date

    def may_be_shown_again(self, today: date) -> bool:
        """On its own day it stays; afterwards it rests for two weeks."""
        return today == self.shown_on or today - self.shown_on >= self.AT_MOST_EVERY
