"""Signing up and changing one's own account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field as Limits
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.password_links import end_links_of
from app.access.practices import forget_member
from app.errors import Conflict, NotFound
from app.language import _, spoken
from app.models.access_log import AccessChain, AccessLog, note
from app.models.account import Account, Role, SignUp
from app.models.erasure import Erasure
from app.models.field_types import InputShape, Locale, PersonName, WallClock, ZoneName
from app.models.home_care import HomeCarePlan
from app.models.patient import REMINDERS_A_DAY, Patient
from app.models.practice import Practice, practices_with_somebody
from app.models.reminder import take_reminders_along
from app.models.therapist import Therapist
from app.models.treatment_session import leave_sessions


class ProfileIn(InputShape):
    """What a person can change about themselves; all but name and zone are the patient's.

    `reminders_a_day` is the most that is sent on one day: 3, or fewer for whoever wants fewer reminders.
    """

    name: PersonName | None = None
    zone: ZoneName | None = None
    locale: Locale | None = None
    day_starts_at: WallClock | None = None
    quiet_from: WallClock | None = None
    quiet_until: WallClock | None = None
    reminders_a_day: Annotated[int, Limits(strict=True, ge=1, le=REMINDERS_A_DAY)] | None = None


@dataclass(frozen=True, slots=True)
class Me:
    """An account as its owner sees it. Times are HH:MM; only a patient has them, and reminders."""

    id: UUID
    email: str
    name: str
    role: str
    zone: str
    locale: str
    created_at: datetime
    day_starts_at: str | None = None
    quiet_from: str | None = None
    quiet_until: str | None = None
    reminders_a_day: int | None = None


def require_free_email(db: Session, email: str) -> None:
    """Raises Conflict when there is already an account with this e-mail address."""
    if db.scalar(select(col(Account.id)).where(col(Account.email) == email)):
        raise Conflict(_("There is already an account with this e-mail address. Sign in instead."))


def sign_up(db: Session, person: SignUp, password_hash: str, now: datetime) -> Account:
    """A new account with its patient or therapist; raises Conflict when the e-mail address is taken.

    Its language is the one being spoken.
    """
    require_free_email(db, person.email)
    account = Account(
        **person.model_dump(exclude={"password"}),
        password_hash=password_hash,
        locale=spoken().tag,
        created_at=now,
    )
    db.add(account)
    db.flush()
    db.add(Patient(id=account.id) if account.role == Role.PATIENT else Therapist(id=account.id))
    db.flush()
    return account


def me(db: Session, account_id: UUID) -> Me:
    account, patient = _account_and_patient(db, account_id)
    return Me(
        **account.model_dump(exclude={"password_hash"}),
        day_starts_at=f"{patient.day_starts_at:%H:%M}" if patient else None,
        quiet_from=f"{patient.quiet_from:%H:%M}" if patient else None,
        quiet_until=f"{patient.quiet_until:%H:%M}" if patient else None,
        reminders_a_day=patient.reminders_a_day if patient else None,
    )


def change_me(db: Session, account_id: UUID, change: ProfileIn, now: datetime) -> Me:
    """Change what is named; reminders follow the patient into another zone."""
    account, patient = _account_and_patient(db, account_id)
    wanted: dict[str, Any] = change.model_dump(exclude_none=True)
    of_account = {field: value for field, value in wanted.items() if field in ("name", "zone", "locale")}
    of_patient = {field: value for field, value in wanted.items() if field not in of_account}
    if of_patient and patient is None:
        raise Conflict(_("Only a patient has a day start, quiet hours and reminders."))
    zone = account.zone
    account.sqlmodel_update(of_account)
    if patient is not None:
        patient.sqlmodel_update(of_patient)
    db.flush()
    if account.zone != zone:
        take_reminders_along(db, account_id, zone, account.zone, now)
    return me(db, account_id)


def change_email(db: Session, account_id: UUID, email: str, now: datetime) -> None:
    """Sign in with this address from now on; links sent to the old one open nothing. Raises Conflict."""
    account, _patient = _account_and_patient(db, account_id)
    if email != account.email:
        require_free_email(db, email)
        end_links_of(db, account_id, now)
        account.email = email
        db.flush()
        note(db, account_id, "account:email:changed", "", account_id, now)


def change_password(db: Session, account_id: UUID, password_hash: str, now: datetime) -> None:
    """Links to choose another one open nothing any more."""
    end_links_of(db, account_id, now)
    note(db, account_id, "account:password:changed", "", account_id, now)
    db.execute(update(Account).where(col(Account.id) == account_id).values(password_hash=password_hash))


def _account_and_patient(db: Session, account_id: UUID) -> tuple[Account, Patient | None]:
    account = db.get(Account, account_id)
    if account is None:
        raise NotFound
    return account, db.get(Patient, account_id)


def erase_account(db: Session, account_id: UUID, erased_at: datetime) -> None:
    """Everything of this account is gone, and listed by its id so that a restored backup can forget it too.

    What stays is not theirs: the looks a therapist took and the sessions they gave, under the name of then.
    """
    # Held from here on, so that nothing is booked between cancelling and erasing.
    therapist = db.get(Therapist, account_id, with_for_update=True)
    if therapist is not None:
        leave_sessions(db, db.get_one(Account, account_id), erased_at)
    forget_member(db, account_id)
    # Their plans stay with the patients, and by the name it is told which of them follow one another.
    name = select(col(Account.name)).where(col(Account.id) == account_id).scalar_subquery()
    written = col(HomeCarePlan.author_id) == account_id
    db.execute(update(HomeCarePlan).where(written).values(asked_by=name))
    db.execute(delete(Account).where(col(Account.id) == account_id))
    if db.get(Erasure, account_id) is None:
        db.add(Erasure(account_id=account_id, erased_at=erased_at))
        db.flush()
    # A practice may bear the name of the last who belonged to it.
    db.execute(delete(Practice).where(col(Practice.id).not_in(practices_with_somebody())))
    # The records about an account may go once it is gone and its erasure is listed, and not before.
    db.execute(delete(AccessLog).where(col(AccessLog.account_id) == account_id))
    db.execute(delete(AccessChain).where(col(AccessChain.account_id) == account_id))
