"""Therapists who work together: what they share is how they work, never whom they treat."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, Select, select, text
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.errors import Conflict
from app.language import _
from app.models.field_types import GivenName, InputShape


class Practice(SQLModel, table=True):
    """Some therapists under one name, from `founded_at` until the last of them has left."""

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=100)
    founded_at: datetime
    closed_at: datetime | None = None


class PracticeMembership(SQLModel, table=True):
    """An invitation to a practice and, once a therapist accepted it, their belonging to it.

    It is in force from `joined_at` until `ended_at`; `ended_by` is the member who left, or whoever removed
    them or withdrew the invitation. Who founded the practice was invited by nobody.
    """

    __tablename__ = "practice_membership"
    __table_args__ = (
        CheckConstraint("(therapist_id is null) = (joined_at is null)", name="practice_joined_by_somebody"),
        Index(
            "one_practice_at_a_time",
            "therapist_id",
            unique=True,
            sqlite_where=text("joined_at is not null and ended_at is null"),
            postgresql_where=text("joined_at is not null and ended_at is null"),
        ),
    )
    INVITATION_LASTS: ClassVar[timedelta] = timedelta(days=7)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    practice_id: UUID = Field(foreign_key="practice.id", ondelete="CASCADE", index=True)
    therapist_id: UUID | None = Field(
        default=None, foreign_key="therapist.id", ondelete="CASCADE", index=True
    )
    invited_by: UUID | None = Field(default=None, foreign_key="therapist.id", ondelete="SET NULL", index=True)
    code_hash: str | None = Field(default=None, unique=True, max_length=64)
    invited_at: datetime
    invitation_expires_at: datetime
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: UUID | None = Field(default=None, foreign_key="therapist.id", ondelete="SET NULL", index=True)

    def is_open(self, *, at: datetime) -> bool:
        """Whether this is still an invitation somebody can accept."""
        return self.joined_at is None and self.ended_at is None and at < self.invitation_expires_at

    def join(self, therapist_id: UUID, *, at: datetime) -> None:
        if self.joined_at is not None or self.ended_at is not None:
            raise Conflict(_("This invitation was already used."))
        if at >= self.invitation_expires_at:
            raise Conflict(_("This invitation has expired. Ask your colleague for a new one."))
        self.therapist_id, self.joined_at = therapist_id, at

    def end(self, by: UUID, *, at: datetime) -> None:
        if self.ended_at is None:
            self.ended_at, self.ended_by = at, by


class PracticeIn(InputShape):
    """A practice as one of its members names it."""

    name: GivenName


def practice_id_of(db: Session, therapist_id: UUID) -> UUID | None:
    """The practice a therapist belongs to now, None for who works alone."""
    return db.scalar(
        select(col(PracticeMembership.practice_id)).where(
            col(PracticeMembership.therapist_id) == therapist_id,
            col(PracticeMembership.joined_at).is_not(None),
            col(PracticeMembership.ended_at).is_(None),
        )
    )


def practices_with_somebody() -> Select[UUID]:
    """The ids of those that a therapist belongs to, or did."""
    return select(col(PracticeMembership.practice_id)).where(
        col(PracticeMembership.therapist_id).is_not(None)
    )
