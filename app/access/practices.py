"""Founding a practice, inviting colleagues to it, joining and leaving. It opens no patient to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.tokens import hash_of, new_token
from app.errors import Conflict, NotFound, Refused
from app.language import _
from app.models.account import Account
from app.models.aftercare import AftercareTemplate
from app.models.practice import Practice, PracticeIn, PracticeMembership, practice_id_of
from app.models.therapist import Therapist


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a practice. `ended_at` says until when, and `was_removed` whether another ended it."""

    therapist_id: UUID
    name: str
    joined_at: datetime
    ended_at: datetime | None
    was_removed: bool


@dataclass(frozen=True, slots=True)
class PracticeSeen:
    """A practice as its members see it, the longest there first.

    `keeper_id` is who may remove others: the founder or, once they have left, whoever is there longest.
    """

    id: UUID
    name: str
    founded_at: datetime
    keeper_id: UUID
    members: list[Member]
    former_members: list[Member]


@dataclass(frozen=True, slots=True)
class PracticePreview:
    """What a colleague is invited to, shown before anything is accepted."""

    code: str
    practice_id: UUID
    practice: str
    invited_by: str
    members: list[str]
    expires_at: datetime


def found_practice(db: Session, therapist_id: UUID, wanted: PracticeIn, now: datetime) -> PracticeSeen:
    _require_alone(db, therapist_id)
    practice = Practice(name=wanted.name, founded_at=now)
    db.add(practice)
    db.flush()
    db.add(
        PracticeMembership(
            practice_id=practice.id,
            therapist_id=therapist_id,
            invited_at=now,
            invitation_expires_at=now,
            joined_at=now,
        )
    )
    _name_in_profile(db, therapist_id, practice)
    return practice_of(db, therapist_id)


def practice_of(db: Session, therapist_id: UUID) -> PracticeSeen:
    """The practice of a therapist; raises NotFound for who works alone."""
    practice = db.get_one(Practice, _own_practice_id(db, therapist_id))
    people = _people(db, practice.id)
    members = [one for one in people if one.ended_at is None]
    former = [one for one in people if one.ended_at is not None]
    return PracticeSeen(
        practice.id, practice.name, practice.founded_at, members[0].therapist_id, members, former
    )


def practice_if_any(db: Session, therapist_id: UUID) -> PracticeSeen | None:
    return practice_of(db, therapist_id) if practice_id_of(db, therapist_id) else None


def rename_practice(db: Session, therapist_id: UUID, wanted: PracticeIn) -> PracticeSeen:
    seen = practice_of(db, therapist_id)
    if seen.keeper_id != therapist_id:
        raise Refused(_("Only who founded the practice can do this."))
    db.get_one(Practice, seen.id).name = wanted.name
    db.flush()
    return practice_of(db, therapist_id)


def invite_colleague(db: Session, therapist_id: UUID, now: datetime) -> tuple[str, datetime]:
    """A new single-use invitation code and when it expires."""
    code = new_token()
    expires_at = now + PracticeMembership.INVITATION_LASTS
    db.add(
        PracticeMembership(
            practice_id=_own_practice_id(db, therapist_id),
            invited_by=therapist_id,
            code_hash=hash_of(code),
            invited_at=now,
            invitation_expires_at=expires_at,
        )
    )
    return code, expires_at


def preview_practice(db: Session, code: str, now: datetime) -> PracticePreview:
    """Raises NotFound for a code that is unknown, used, withdrawn or expired."""
    row = db.execute(
        select(PracticeMembership, Practice, Account)
        .join(Practice, col(Practice.id) == col(PracticeMembership.practice_id))
        .join(Account, col(Account.id) == col(PracticeMembership.invited_by))
        .where(col(PracticeMembership.code_hash) == hash_of(code))
    ).one_or_none()
    if row is None or not row.PracticeMembership.is_open(at=now):
        raise NotFound(_("This invitation is not valid any more. Ask your colleague for a new one."))
    members = [one.name for one in _people(db, row.Practice.id) if one.ended_at is None]
    expires_at = row.PracticeMembership.invitation_expires_at
    return PracticePreview(code, row.Practice.id, row.Practice.name, row.Account.name, members, expires_at)


def join_practice(db: Session, code: str, therapist_id: UUID, now: datetime) -> PracticeSeen:
    # The row is locked, so that of many who claim one code at once one joins.
    invitation = db.scalar(
        select(PracticeMembership).where(col(PracticeMembership.code_hash) == hash_of(code)).with_for_update()
    )
    if invitation is None or invitation.invited_by is None:
        raise NotFound(_("This invitation is not valid any more. Ask your colleague for a new one."))
    practice = _locked(db, invitation.practice_id)
    _require_alone(db, therapist_id)
    invitation.join(therapist_id, at=now)
    _name_in_profile(db, therapist_id, practice)
    return practice_of(db, therapist_id)


def end_membership(db: Session, caller_id: UUID, member_id: UUID, now: datetime) -> None:
    """Leave a practice, or remove somebody from the practice one founded.

    What belongs to the practice stays with it; the last one out takes it along.
    """
    practice = _locked(db, _own_practice_id(db, caller_id))
    people = [one for one in _people(db, practice.id) if one.ended_at is None]
    if member_id not in {one.therapist_id for one in people}:
        raise NotFound
    if caller_id not in (member_id, people[0].therapist_id):
        raise Refused(_("Only who founded the practice can do this."))
    _end(db, practice.id, member_id, caller_id, now)
    if len(people) == 1:
        _close(db, practice, member_id, now)
    db.flush()


def forget_member(db: Session, account_id: UUID) -> None:
    """Before an account is erased: a practice of which it is the only one left goes with it."""
    practice_id = practice_id_of(db, account_id)
    if practice_id is None:
        return
    practice = _locked(db, practice_id)
    if len([one for one in _people(db, practice_id) if one.ended_at is None]) == 1:
        db.execute(delete(Practice).where(col(Practice.id) == practice.id))


def _own_practice_id(db: Session, therapist_id: UUID) -> UUID:
    practice_id = practice_id_of(db, therapist_id)
    if practice_id is None:
        raise NotFound(_("You work alone here. Start a practice, or accept the invitation of a colleague."))
    return practice_id


def _require_alone(db: Session, therapist_id: UUID) -> None:
    # Who founds and joins at the same moment waits here.
    db.get_one(Therapist, therapist_id, with_for_update=True)
    if practice_id_of(db, therapist_id) is not None:
        raise Conflict(_("You belong to a practice already. Leave it first."))


def _locked(db: Session, practice_id: UUID) -> Practice:
    """The practice, so that people join and leave it one after the other."""
    return db.get_one(Practice, practice_id, with_for_update=True)


def _people(db: Session, practice_id: UUID) -> Sequence[Member]:
    rows = db.execute(
        select(PracticeMembership, col(Account.name))
        .join(Account, col(Account.id) == col(PracticeMembership.therapist_id))
        .where(col(PracticeMembership.practice_id) == practice_id)
        .order_by(col(PracticeMembership.joined_at), col(PracticeMembership.id))
    )
    return [
        Member(one.therapist_id, name, one.joined_at, one.ended_at, _was_removed(one))
        for one, name in rows
        if one.therapist_id and one.joined_at
    ]


def _was_removed(membership: PracticeMembership) -> bool:
    return membership.ended_at is not None and membership.ended_by != membership.therapist_id


def _end(db: Session, practice_id: UUID, member_id: UUID, by: UUID, now: datetime) -> None:
    """End a membership, and with it the invitations that this member has not seen accepted."""
    of_member = select(PracticeMembership).where(
        col(PracticeMembership.practice_id) == practice_id,
        col(PracticeMembership.ended_at).is_(None),
        (col(PracticeMembership.therapist_id) == member_id)
        | ((col(PracticeMembership.invited_by) == member_id) & col(PracticeMembership.joined_at).is_(None)),
    )
    for membership in db.scalars(of_member):
        membership.end(by, at=now)


def _close(db: Session, practice: Practice, last_id: UUID, now: datetime) -> None:
    practice.closed_at = now
    db.execute(
        update(AftercareTemplate)
        .where(col(AftercareTemplate.practice_id) == practice.id)
        .values(practice_id=None, therapist_id=last_id)
    )


def _name_in_profile(db: Session, therapist_id: UUID, practice: Practice) -> None:
    """Patients read the profile; it names the practice unless the therapist wrote something there."""
    therapist = db.get_one(Therapist, therapist_id)
    therapist.practice = therapist.practice or practice.name
    db.flush()
