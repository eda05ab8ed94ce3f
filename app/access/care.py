"""Inviting, accepting, changing and revoking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from app.access.tokens import hash_of, new_token
from app.errors import Conflict, FieldError, Invalid, NotFound, TooMany
from app.language import _
from app.models.access_log import AccessLog, note
from app.models.account import Account
from app.models.care import AcceptInvitation, CareRelationship, Scope, ShareChange
from app.models.patient import Patient, PatientProfile
from app.models.therapist import Therapist

INVITATIONS_AN_HOUR = 60


@dataclass(frozen=True, slots=True)
class InvitationPreview:
    """Who invites, shown before anything is accepted."""

    code: str
    therapist_name: str
    practice: str
    licence: str
    certifications: list[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that somebody can still accept. Its code was told once, when it was made."""

    id: UUID
    invited_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Relationship:
    """A care relationship as either side sees it. A therapist is told no name once the consent has ended."""

    id: UUID
    therapist_id: UUID
    therapist_name: str
    practice: str
    patient_id: UUID
    patient_name: str | None
    scopes: list[Scope]
    expires_on: date | None
    invited_at: datetime
    accepted_at: datetime
    revoked_at: datetime | None


def invite(db: Session, therapist_id: UUID, now: datetime) -> tuple[str, datetime]:
    """A new single-use invitation code and when it expires."""
    code = new_token()
    expires_at = now + CareRelationship.INVITATION_LASTS
    db.add(
        CareRelationship(
            therapist_id=therapist_id,
            code_hash=hash_of(code),
            invited_at=now,
            invitation_expires_at=expires_at,
        )
    )
    return code, expires_at


def invite_within_limit(db: Session, therapist_id: UUID, now: datetime) -> tuple[str, datetime]:
    """As `invite`; raises TooMany after a busy hour, counted exactly however many ask at once."""
    db.get_one(Therapist, therapist_id, with_for_update={"key_share": True})
    lately = select(func.count()).where(
        col(CareRelationship.therapist_id) == therapist_id,
        col(CareRelationship.invited_at) > now - timedelta(hours=1),
    )
    if (db.scalar(lately) or 0) >= INVITATIONS_AN_HOUR:
        raise TooMany(_("That was enough invitations for an hour."), retry_after=3600)
    return invite(db, therapist_id, now)


def open_invitations(db: Session, therapist_id: UUID, now: datetime) -> list[OpenInvitation]:
    """The invitations of this therapist that nobody has accepted yet, the newest first."""
    found = db.scalars(
        select(CareRelationship)
        .where(
            col(CareRelationship.therapist_id) == therapist_id,
            col(CareRelationship.accepted_at).is_(None),
            col(CareRelationship.revoked_at).is_(None),
            col(CareRelationship.invitation_expires_at) > now,
        )
        .order_by(col(CareRelationship.invited_at).desc(), col(CareRelationship.id))
    )
    return [OpenInvitation(one.id, one.invited_at, one.invitation_expires_at) for one in found]


def withdraw_invitation(db: Session, therapist_id: UUID, invitation_id: UUID, now: datetime) -> None:
    """Make an invitation worthless; raises Conflict where somebody has accepted it."""
    _locked(db, therapist_id, invitation_id).withdraw(at=now)


def preview_invitation(db: Session, code: str, now: datetime) -> InvitationPreview:
    """Raises NotFound for a code that is unknown, used, withdrawn or expired."""
    row = db.execute(
        select(CareRelationship, Therapist, Account)
        .join(Therapist, col(Therapist.id) == col(CareRelationship.therapist_id))
        .join(Account, col(Account.id) == col(Therapist.id))
        .where(col(CareRelationship.code_hash) == hash_of(code))
    ).one_or_none()
    if row is not None and row.CareRelationship.was_withdrawn:
        raise NotFound(_("This invitation was withdrawn. Ask your therapist for a new one."))
    if row is None or not row.CareRelationship.is_open(at=now):
        raise NotFound(_("This invitation is not valid any more. Ask your therapist for a new one."))
    return InvitationPreview(
        code,
        row.Account.name,
        row.Therapist.practice,
        row.Therapist.licence,
        row.Therapist.certifications,
        row.CareRelationship.invitation_expires_at,
    )


def was_accepted_by(db: Session, code: str, patient_id: UUID) -> bool:
    """Whether this patient accepted this invitation; of anybody else's nothing is told."""
    accepted = select(col(CareRelationship.id)).where(
        col(CareRelationship.code_hash) == hash_of(code), col(CareRelationship.patient_id) == patient_id
    )
    return db.scalar(accepted) is not None


def code_in(pasted: str) -> str:
    """The invitation code in what a person pasted: the code itself or the whole link."""
    found = re.search(r"([A-Za-z0-9_-]{43})/?\s*$", pasted)
    return found.group(1) if found else ""


def accept_invitation(
    db: Session, code: str, patient: PatientProfile, consent: AcceptInvitation, now: datetime
) -> Relationship:
    """Turn an invitation into consent. An older consent for the same therapist ends: this one replaces it."""
    _require_future(consent.expires_on, patient, now)
    # The row is locked, so that of fifty parallel claims one wins.
    relationship = db.scalar(
        select(CareRelationship).where(col(CareRelationship.code_hash) == hash_of(code)).with_for_update()
    )
    if relationship is None:
        raise NotFound(_("This invitation is not valid. Check the link with your therapist."))
    if relationship.accepted_at is None:
        _end_consent(db, relationship.therapist_id, patient.id, now)
    relationship.accept(patient.id, consent, at=now)
    db.flush()
    return _noted(db, relationship, "given", now)


def accept_once(
    db: Session, code: str, patient: PatientProfile, consent: AcceptInvitation, now: datetime
) -> None:
    """As `accept_invitation`; a form sent twice is one consent."""
    accepted = db.scalar(
        select(CareRelationship).where(
            col(CareRelationship.code_hash) == hash_of(code),
            col(CareRelationship.patient_id) == patient.id,
            col(CareRelationship.revoked_at).is_(None),
        )
    )
    if accepted is None or not accepted.is_shared_as(consent):
        accept_invitation(db, code, patient, consent, now)


def relationships_of(db: Session, account_id: UUID, now: datetime | None = None) -> list[Relationship]:
    """Every accepted relationship of a patient or a therapist, newest first, ended ones included.

    Without `now`, a consent with a last day counts as one that may have ended.
    """
    return _relationships(db, account_id, col(CareRelationship.accepted_at).is_not(None), now)


def change_share(
    db: Session, patient: PatientProfile, relationship_id: UUID, change: ShareChange, now: datetime
) -> Relationship:
    _require_future(change.expires_on, patient, now)
    relationship = db.get(CareRelationship, relationship_id)
    if relationship is None or relationship.patient_id != patient.id:
        raise NotFound
    if relationship.revoked_at is not None:
        raise Conflict(_("You ended this sharing. A new invitation starts it again."))
    expires_on = change.expires_on if "expires_on" in change.model_fields_set else relationship.expires_on
    relationship.share(change.scopes or relationship.scopes, expires_on)
    db.flush()
    return _noted(db, relationship, "changed", now)


def revoke(db: Session, account_id: UUID, relationship_id: UUID, now: datetime) -> None:
    """End consent from either side; it counts from the next request on. Revoking again changes nothing.

    What the patient has ended, a therapist can end too: then it is not taken back against their will. An
    invitation that nobody has accepted is withdrawn.
    """
    relationship = _locked(db, account_id, relationship_id)
    left = account_id == relationship.therapist_id
    stands = relationship.revoked_at is None or (left and _may_go_on(db, relationship))
    if relationship.patient_id is not None and stands:
        what = f"care:consent:{'left' if left else 'ended'}"
        note(db, relationship.patient_id, what, _name_of(db, relationship.therapist_id), account_id, now)
    relationship.revoke(at=now)


def take_back_revoking(
    db: Session, patient: PatientProfile, relationship_id: UUID, now: datetime
) -> Relationship:
    """Consent goes on as it was. What the therapist ended, or a newer consent replaced, stays ended."""
    relationship = _locked(db, patient.id, relationship_id)
    if relationship.revoked_at is None:
        return _relationship(db, patient.id, relationship_id)
    if not _may_go_on(db, relationship):
        raise Conflict(_("This sharing has ended. A new invitation starts it again."))
    relationship.go_on(at=now)
    db.flush()
    return _noted(db, relationship, "given", now)


def ended_just_now(db: Session, patient_id: UUID, now: datetime) -> set[UUID]:
    """The relationships whose end the patient can still take back."""
    lately = db.scalars(
        select(CareRelationship).where(
            col(CareRelationship.patient_id) == patient_id,
            col(CareRelationship.revoked_at) >= now - CareRelationship.UNDO_FOR,
        )
    )
    return {relationship.id for relationship in lately if _may_go_on(db, relationship)}


def _may_go_on(db: Session, relationship: CareRelationship) -> bool:
    return (
        _was_ended_by_patient(db, relationship)
        and not _was_left_since(db, relationship)
        and not _has_newer_consent(db, relationship)
    )


def _was_ended_by_patient(db: Session, relationship: CareRelationship) -> bool:
    """As it is on record: a relationship itself says only when."""
    ended = select(col(AccessLog.number)).where(
        col(AccessLog.account_id) == relationship.patient_id,
        col(AccessLog.by_id) == relationship.patient_id,
        col(AccessLog.at) == relationship.revoked_at,
        col(AccessLog.what) == "care:consent:ended",
    )
    return db.scalar(ended.limit(1)) is not None


def _was_left_since(db: Session, relationship: CareRelationship) -> bool:
    """Whether the therapist has ended it too."""
    left = select(col(AccessLog.number)).where(
        col(AccessLog.account_id) == relationship.patient_id,
        col(AccessLog.by_id) == relationship.therapist_id,
        col(AccessLog.at) >= relationship.revoked_at,
        col(AccessLog.what) == "care:consent:left",
    )
    return db.scalar(left.limit(1)) is not None


def _has_newer_consent(db: Session, relationship: CareRelationship) -> bool:
    standing = select(col(CareRelationship.id)).where(
        col(CareRelationship.therapist_id) == relationship.therapist_id,
        col(CareRelationship.patient_id) == relationship.patient_id,
        col(CareRelationship.revoked_at).is_(None),
    )
    return db.scalar(standing) is not None


def _locked(db: Session, account_id: UUID, relationship_id: UUID) -> CareRelationship:
    """The row is locked, so that it is not accepted while it ends."""
    relationship = db.get(CareRelationship, relationship_id, with_for_update={"key_share": True})
    if relationship is None or account_id not in (relationship.patient_id, relationship.therapist_id):
        raise NotFound
    return relationship


def _end_consent(db: Session, therapist_id: UUID, patient_id: UUID, now: datetime) -> None:
    db.execute(
        update(CareRelationship)
        .where(
            col(CareRelationship.therapist_id) == therapist_id,
            col(CareRelationship.patient_id) == patient_id,
            col(CareRelationship.revoked_at).is_(None),
        )
        .values(revoked_at=now)
    )


def _noted(db: Session, relationship: CareRelationship, action: str, now: datetime) -> Relationship:
    """The relationship as it stands now, which its patient can read on record ever after."""
    stands = _relationship(db, relationship.patient_id or relationship.therapist_id, relationship.id)
    subject = "+".join(stands.scopes) + (f"@{stands.expires_on}" if stands.expires_on else "")
    what = f"care:{subject}:{action}"
    note(db, stands.patient_id, what, stands.therapist_name, stands.patient_id, now)
    return stands


def _name_of(db: Session, account_id: UUID) -> str:
    return db.scalars(select(col(Account.name)).where(col(Account.id) == account_id)).one()


def _require_future(expires_on: date | None, patient: PatientProfile, now: datetime) -> None:
    if expires_on is not None and expires_on < patient.day_at(now):
        raise Invalid(FieldError("expires_on", "past", _("Choose today or a later day.")))


def _relationship(db: Session, account_id: UUID, relationship_id: UUID) -> Relationship:
    return _relationships(db, account_id, col(CareRelationship.id) == relationship_id)[0]


def _relationships(
    db: Session, account_id: UUID, which: ColumnElement[bool], now: datetime | None = None
) -> list[Relationship]:
    treating, treated = aliased(Account), aliased(Account)
    rows = db.execute(
        select(CareRelationship, col(treating.name), col(Therapist.practice), treated, Patient)
        .join(Therapist, col(Therapist.id) == col(CareRelationship.therapist_id))
        .join(treating, col(treating.id) == col(Therapist.id))
        .join(treated, col(treated.id) == col(CareRelationship.patient_id))
        .join(Patient, col(Patient.id) == col(treated.id))
        .where(
            which,
            or_(
                col(CareRelationship.patient_id) == account_id,
                col(CareRelationship.therapist_id) == account_id,
            ),
        )
        .order_by(col(CareRelationship.accepted_at).desc())
    )
    return [
        Relationship(
            id=relationship.id,
            therapist_id=relationship.therapist_id,
            therapist_name=therapist_name,
            practice=practice,
            patient_id=relationship.patient_id,
            patient_name=account.name
            if _may_name(account_id, relationship, PatientProfile.of(account, patient), now)
            else None,
            scopes=relationship.scopes,
            expires_on=relationship.expires_on,
            invited_at=relationship.invited_at,
            accepted_at=relationship.accepted_at,
            revoked_at=relationship.revoked_at,
        )
        for relationship, therapist_name, practice, account, patient in rows
        if relationship.patient_id and relationship.accepted_at
    ]


def _may_name(
    account_id: UUID, relationship: CareRelationship, patient: PatientProfile, now: datetime | None
) -> bool:
    """Whether this account may hear what the patient is called now."""
    if account_id == patient.id:
        return True
    if now is None:
        return relationship.revoked_at is None and relationship.expires_on is None
    return relationship.allows_on(patient.day_at(now))
