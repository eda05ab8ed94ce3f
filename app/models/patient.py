"""The person who logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.clock import DAY_STARTS_AT, day_of
from app.models.account import Account
from app.models.daily_log import DailyLog

REMINDERS_A_DAY = 3
"""The most that is sent on one local day; a patient can choose fewer."""


class Patient(SQLModel, table=True):
    """Settings and last sign of life of the account with the same id.

    `last_answered_at` is when a reminder was last opened, acted upon or changed; `last_logged_at` when
    something was last logged. Either tells that reminders are not ignored.
    """

    __table_args__ = (
        CheckConstraint(f"reminders_a_day between 1 and {REMINDERS_A_DAY}", name="reminders_a_day"),
    )

    id: UUID = Field(primary_key=True, foreign_key="account.id", ondelete="CASCADE")
    day_starts_at: time = DAY_STARTS_AT
    quiet_from: time = time(21, 30)
    quiet_until: time = time(8, 0)
    last_logged_at: datetime | None = None
    reminders_paused_until: datetime | None = None
    reminders_a_day: int = REMINDERS_A_DAY
    last_answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PatientProfile:
    """A patient as a door may hold one: who, and how their clock runs."""

    id: UUID
    name: str
    zone: str
    locale: str
    day_starts_at: time
    quiet_from: time
    quiet_until: time

    @classmethod
    def of(cls, account: Account, patient: Patient) -> PatientProfile:
        return cls(
            id=account.id,
            name=account.name,
            zone=account.zone,
            locale=account.locale,
            day_starts_at=patient.day_starts_at,
            quiet_from=patient.quiet_from,
            quiet_until=patient.quiet_until,
        )

    def day_at(self, instant: datetime) -> date:
        return day_of(instant, self.zone, self.day_starts_at)


def patient_profile(db: Session, patient_id: UUID) -> PatientProfile:
    """The patient with this id, who must exist."""
    return PatientProfile.of(db.get_one(Account, patient_id), db.get_one(Patient, patient_id))


def diary_began(db: Session, patient: PatientProfile) -> date:
    """The day on which the account was made, or an earlier one that was filled in: nobody could have missed
    the days before."""
    first_logged = select(func.min(col(DailyLog.day))).where(col(DailyLog.patient_id) == patient.id)
    created_at, first = db.execute(
        select(col(Account.created_at), first_logged.scalar_subquery()).where(col(Account.id) == patient.id)
    ).one()
    return min(patient.day_at(created_at), first or date.max)


def note_answer(db: Session, patient_id: UUID, now: datetime) -> None:
    """Remember that the patient opened, acted upon or changed a reminder: none of them is ignored."""
    db.execute(update(Patient).where(col(Patient.id) == patient_id).values(last_answered_at=now))
