"""Who may see whose log: invited, accepted, revoked, and how much is shared."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID, uuid4

from pydantic import Field as Limits
from sqlalchemy import CheckConstraint, Index, select, text
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.errors import Conflict, NotFound
from app.language import _
from app.models.field_types import InputShape, LocalDay


class Scope(StrEnum):
    """A part of the log a patient can share."""

    MEASURES = "measures"
    NOTES = "notes"
    PLAN = "plan"


class CareRelationship(SQLModel, table=True):
    """A therapist's invitation and, once a patient accepted it, their consent.

    Consent is in force from `accepted_at` until `revoked_at`, and through the day `expires_on`.
    """

    __tablename__ = "care_relationship"
    __table_args__ = (
        CheckConstraint("(patient_id is null) = (accepted_at is null)", name="care_accepted_by_somebody"),
        Index(
            "one_consent_per_pair",
            "therapist_id",
            "patient_id",
            unique=True,
            sqlite_where=text("accepted_at is not null and revoked_at is null"),
            postgresql_where=text("accepted_at is not null and revoked_at is null"),
        ),
    )
    INVITATION_LASTS: ClassVar[timedelta] = timedelta(days=7)
    UNDO_FOR: ClassVar[timedelta] = timedelta(hours=1)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    therapist_id: UUID = Field(foreign_key="therapist.id", ondelete="CASCADE", index=True)
    patient_id: UUID | None = Field(default=None, foreign_key="patient.id", ondelete="CASCADE", index=True)
    code_hash: str = Field(unique=True, max_length=64)
    invited_at: datetime
    invitation_expires_at: datetime
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None
    shares_measures: bool = False
    shares_notes: bool = False
    shares_plan: bool = False
    expires_on: date | None = None

    @property
    def scopes(self) -> list[Scope]:
        shared = {
            Scope.MEASURES: self.shares_measures,
            Scope.NOTES: self.shares_notes,
            Scope.PLAN: self.shares_plan,
        }
        return [scope for scope, is_shared in shared.items() if is_shared]

    def is_open(self, *, at: datetime) -> bool:
        """Whether this is still an invitation somebody can accept."""
        return self.accepted_at is None and self.revoked_at is None and at < self.invitation_expires_at

    @property
    def was_withdrawn(self) -> bool:
        """Whether the therapist took the invitation back before anybody accepted it."""
        return self.accepted_at is None and self.revoked_at is not None

    def allows_on(self, day: date) -> bool:
        """Whether consent is in force on `day`, a day of the patient's diary."""
        return (
            self.accepted_at is not None
            and self.revoked_at is None
            and (self.expires_on is None or day <= self.expires_on)
        )

    def is_shared_as(self, consent: AcceptInvitation) -> bool:
        return set(self.scopes) == set(consent.scopes) and self.expires_on == consent.expires_on

    def share(self, scopes: list[Scope], expires_on: date | None) -> None:
        self.shares_measures = Scope.MEASURES in scopes
        self.shares_notes = Scope.NOTES in scopes
        self.shares_plan = Scope.PLAN in scopes
        self.expires_on = expires_on

    def accept(self, patient_id: UUID, consent: AcceptInvitation, *, at: datetime) -> None:
        if self.was_withdrawn:
            raise Conflict(_("This invitation was withdrawn. Ask your therapist for a new one."))
        if self.accepted_at is not None:
            raise Conflict(_("This invitation was already used."))
        if at >= self.invitation_expires_at:
            raise Conflict(_("This invitation has expired. Ask your therapist for a new one."))
        self.patient_id, self.accepted_at = patient_id, at
        self.share(consent.scopes, consent.expires_on)

    def withdraw(self, *, at: datetime) -> None:
        """Take back an invitation; withdrawing again changes nothing."""
        if self.accepted_at is not None:
            raise Conflict(_("Somebody accepted this invitation. You find them in your list of patients."))
        self.revoke(at=at)

    def revoke(self, *, at: datetime) -> None:
        self.revoked_at = self.revoked_at or at

    def go_on(self, *, at: datetime) -> None:
        """Take back what was a slip of the finger: consent is in force as it was."""
        if self.revoked_at is not None and at - self.revoked_at > self.UNDO_FOR:
            raise Conflict(_("You stopped sharing more than an hour ago. A new invitation starts it again."))
        self.revoked_at = None


class AcceptInvitation(InputShape):
    """Consent: what is shared, through the day `expires_on` of the patient's diary, or until it is ended."""

    scopes: Annotated[list[Scope], Limits(min_length=1, max_length=3)]
    expires_on: LocalDay | None = None


class ShareChange(InputShape):
    """What is absent stays; `expires_on` null takes the last day away."""

    scopes: Annotated[list[Scope], Limits(min_length=1, max_length=3)] | None = None
    expires_on: LocalDay | None = None


def require_plan(scopes: Collection[Scope]) -> None:
    """What is not shared is not there."""
    if Scope.PLAN not in scopes:
        raise NotFound(_("This patient does not share their plan with you."))


def therapists_of(db: Session, patient_id: UUID, day: date) -> set[UUID]:
    """The therapists with consent of this patient in force on `day`."""
    found = db.scalars(
        select(CareRelationship).where(
            col(CareRelationship.patient_id) == patient_id, col(CareRelationship.revoked_at).is_(None)
        )
    )
    return {one.therapist_id for one in found if one.allows_on(day)}
