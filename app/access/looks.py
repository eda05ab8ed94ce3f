"""The only way to come near somebody else's patient, and the record of everybody who did."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from app.access.browsers import browser_in_words
from app.errors import NotFound
from app.models.access_log import AccessLog, note
from app.models.account import Account, Role
from app.models.care import CareRelationship, Scope, require_plan
from app.models.patient import Patient, PatientProfile

NOTED_ONCE_IN = timedelta(hours=1)
"""Who looks at the same overview again, or is refused the same again, is noted once in this time."""
OVERVIEW = "patients:read"
"""How the tag of a look at the list of patients ends."""
REFUSED = "refused"
"""The action of a look that was not let through."""


@dataclass(frozen=True, slots=True)
class SharedPatient:
    """A patient somebody else was let near, and what they may see."""

    profile: PatientProfile
    scopes: frozenset[Scope]
    therapist_id: UUID


@dataclass(frozen=True, slots=True)
class Look:
    """One record of the access log, as AccessLog says it."""

    number: int
    at: datetime
    who: str
    what: str


def patient_in_care(
    db: Session, therapist_id: UUID, patient_id: UUID, what: str, now: datetime
) -> SharedPatient:
    """Let a therapist near a patient and record the look.

    Raises NotFound for anybody without consent in force, and for the plan when it is not shared.
    """
    treated, treating = aliased(Account), aliased(Account)
    row = db.execute(
        select(CareRelationship, treated, Patient, col(treating.name))
        .join(Patient, col(Patient.id) == col(CareRelationship.patient_id))
        .join(treated, col(treated.id) == col(Patient.id))
        .join(treating, col(treating.id) == col(CareRelationship.therapist_id))
        .where(
            col(CareRelationship.therapist_id) == therapist_id,
            col(CareRelationship.patient_id) == patient_id,
            col(CareRelationship.revoked_at).is_(None),
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    relationship, account, patient, therapist_name = row
    profile = PatientProfile.of(account, patient)
    if not relationship.allows_on(profile.day_at(now)):
        raise NotFound
    if ":plan:" in what:
        require_plan(relationship.scopes)
    note(db, patient_id, what, therapist_name, therapist_id, now)
    return SharedPatient(
        profile,
        frozenset(relationship.scopes),
        therapist_id,
    )


def note_refusal(db: Session, account_id: UUID, patient_id: UUID, what: str, now: datetime) -> None:
    """Record that an account was not let near a patient. A therapist's name is told, a patient's is not."""
    asked = db.get(Patient, patient_id) is not None and account_id != patient_id
    if not asked or _noted_lately(db, account_id, [patient_id], what, now):
        return
    account = db.get_one(Account, account_id)
    who = account.name if account.role == Role.THERAPIST else ""
    note(db, patient_id, what, who, account_id, now)


def scopes_in_force(
    db: Session, therapist_id: UUID, patient: PatientProfile, now: datetime
) -> frozenset[Scope]:
    """What a therapist may see of this patient now; nothing without consent in force. This is no look."""
    relationship = db.scalar(
        select(CareRelationship).where(
            col(CareRelationship.therapist_id) == therapist_id,
            col(CareRelationship.patient_id) == patient.id,
            col(CareRelationship.revoked_at).is_(None),
        )
    )
    if relationship is None or not relationship.allows_on(patient.day_at(now)):
        return frozenset()
    return frozenset(relationship.scopes)


def patients_in_care(db: Session, therapist_id: UUID, now: datetime) -> list[SharedPatient]:
    """Everybody who shares with this therapist now. This is no look: whoever shows them notes one."""
    found: Iterable[Any] = db.execute(
        select(CareRelationship, *_PROFILE)
        .join(Patient, col(Patient.id) == col(CareRelationship.patient_id))
        .join(Account, col(Account.id) == col(Patient.id))
        .where(
            col(CareRelationship.therapist_id) == therapist_id,
            col(CareRelationship.accepted_at).is_not(None),
            col(CareRelationship.revoked_at).is_(None),
        )
    )
    return [
        SharedPatient(profile, frozenset(relationship.scopes), therapist_id)
        for relationship, *facts in found
        if relationship.allows_on((profile := PatientProfile(*facts)).day_at(now))
    ]


# Plain columns: making objects of a hundred accounts would take longer than asking for them.
_PROFILE = (
    col(Account.id),
    col(Account.name),
    col(Account.zone),
    col(Account.locale),
    col(Patient.day_starts_at),
    col(Patient.quiet_from),
    col(Patient.quiet_until),
)


def note_overview(
    db: Session, therapist_id: UUID, patient_ids: Collection[UUID], what: str, now: datetime
) -> None:
    """Record that these patients were seen in an overview; once an hour says it as well as every time."""
    noted = _noted_lately(db, therapist_id, patient_ids, what, now)
    who = db.scalars(select(col(Account.name)).where(col(Account.id) == therapist_id)).one()
    for patient_id in sorted(set(patient_ids) - noted):
        note(db, patient_id, what, who, therapist_id, now)


def _noted_lately(
    db: Session, by_id: UUID, account_ids: Collection[UUID], what: str, now: datetime
) -> set[UUID]:
    """About whom of these the same was noted of the same account already."""
    lately = select(col(AccessLog.account_id)).where(
        col(AccessLog.by_id) == by_id,
        col(AccessLog.account_id).in_(account_ids),
        col(AccessLog.what) == what,
        col(AccessLog.at) > now - NOTED_ONCE_IN,
    )
    return set(db.scalars(lately))


def note_own_export(db: Session, account_id: UUID, subject: str, now: datetime) -> None:
    """Record that somebody took out what is theirs."""
    note(db, account_id, f"account:{subject}:export", "", account_id, now)


def looks_at(db: Session, account_id: UUID, before: int | None = None, at_most: int = 200) -> list[Look]:
    """What is on record about an account, newest first; `before` is the number of the last one seen."""
    told = (col(AccessLog.number), col(AccessLog.at), col(AccessLog.who), col(AccessLog.what))
    looks = select(*told).where(col(AccessLog.account_id) == account_id)
    if before is not None:
        looks = looks.where(col(AccessLog.number) < before)
    rows = db.execute(looks.order_by(col(AccessLog.number).desc()).limit(at_most))
    return [Look(number, at, _who_in_words(who, what), what) for number, at, who, what in rows]


def _who_in_words(who: str, what: str) -> str:
    return browser_in_words(who) if what.startswith("account:sign_in:") else who
