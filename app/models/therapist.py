"""The person who treats, as a patient sees them before accepting an invitation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator
from pydantic import Field as Limits
from sqlalchemy import JSON, Column
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel

from app.errors import NotFound
from app.models.account import Account
from app.models.field_types import InputShape, ShortText, WallClock


class Therapist(SQLModel, table=True):
    """The professional profile of the account with the same id.

    `digest_at` is the wall-clock time of the daily letter, None for who wants none.
    """

    id: UUID = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    practice: str = Field(default="", max_length=200)
    licence: str = Field(default="", max_length=200)
    certifications: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    digest_at: time | None = None


def _each_once(said: list[str]) -> list[str]:
    return [one for one in dict.fromkeys(said) if one]


Certifications = Annotated[list[ShortText], Limits(max_length=20), AfterValidator(_each_once)]


class ProfileChange(InputShape):
    """What a therapist says of their work; what is absent stays."""

    practice: ShortText | None = None
    licence: ShortText | None = None
    certifications: Certifications | None = None
    digest_at: WallClock | None = Limits(
        default=None, description="Time of the daily letter; null stops it, absent leaves it."
    )


@dataclass(frozen=True, slots=True)
class TherapistProfile:
    """A therapist as a door may hold one."""

    id: UUID
    name: str
    zone: str
    practice: str
    licence: str
    certifications: list[str]
    digest_at: str | None


def therapist_profile(db: Session, therapist_id: UUID) -> TherapistProfile:
    account, therapist = db.get(Account, therapist_id), db.get(Therapist, therapist_id)
    if account is None or therapist is None:
        raise NotFound
    return TherapistProfile(
        id=account.id,
        name=account.name,
        zone=account.zone,
        practice=therapist.practice,
        licence=therapist.licence,
        certifications=therapist.certifications,
        digest_at=f"{therapist.digest_at:%H:%M}" if therapist.digest_at else None,
    )


def change_profile(db: Session, therapist_id: UUID, change: ProfileChange) -> TherapistProfile:
    therapist = db.get(Therapist, therapist_id)
    if therapist is None:
        raise NotFound
    therapist.sqlmodel_update(change.model_dump(exclude_none=True))
    if "digest_at" in change.model_fields_set:
        therapist.digest_at = change.digest_at
    db.flush()
    return therapist_profile(db, therapist_id)
