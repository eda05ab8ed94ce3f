"""Bringing it all in, in one transaction: all or nothing, and brought in twice is once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.access.accounts import ProfileIn
from app.diary.bring_in import BroughtIn, bring_back_entries, bring_in_days
from app.diary.spreadsheet import SpreadsheetDay
from app.models.account import Account, Role
from app.models.carried_over import CarriedOver
from app.models.patient import Patient, patient_profile
from app.models.therapist import ProfileChange, change_profile
from app.moving_in.rows import Counted, bring_back_rows, forget_untouched_check_in
from app.moving_in.shape import canonical
from app.reminders.of_the_plan import set_targets
from app.reports.nouns import OF_PATIENTS, OF_THERAPISTS, Record
from app.reports.takeout import NOTED, NOTED_OF_A_THERAPIST, Listed, profile_of
from app.treatment.own_clock import change_settings


@dataclass(frozen=True, slots=True)
class MovedIn:
    """What came in, by kind, and the days that what is new is about. Of a preview nothing is stored."""

    preview: bool
    parts: dict[str, Counted]
    days: int
    first_day: date | None
    last_day: date | None


class TakenBack(Exception):
    """Carries what a preview found out of the transaction that takes it all back."""

    def __init__(self, found: MovedIn) -> None:
        super().__init__()
        self.found = found


def bring_takeout(
    db: Session, account_id: UUID, role: Role, taken: Any, now: datetime, *, preview: bool
) -> MovedIn:
    """Bring in what a take-out holds. Raises Invalid for what cannot stand, and TakenBack for a preview."""
    _one_at_a_time(db, account_id)
    of_patient = role is Role.PATIENT
    parts = {"profile": _bring_profile(db, account_id, taken.profile, now)}
    entries = BroughtIn(0, 0, ())
    if of_patient:
        forget_untouched_check_in(db, account_id, taken.reminders)
    parts |= bring_back_rows(db, account_id, OF_PATIENTS if of_patient else OF_THERAPISTS, vars(taken), now)
    if of_patient:
        patient = patient_profile(db, account_id)
        set_targets(db, patient, now)
        entries = bring_back_entries(db, patient, taken.entries)
        parts["entries"] = Counted(entries.new, entries.already_here)
    for listed in NOTED if of_patient else NOTED_OF_A_THERAPIST:
        parts[listed.name] = _carry_over(db, account_id, listed, getattr(taken, listed.name))
    return _told(parts, entries, preview)


def bring_spreadsheet(
    db: Session, patient_id: UUID, rows: Sequence[SpreadsheetDay], now: datetime, *, preview: bool
) -> MovedIn:
    """Bring in the days of a spreadsheet; raises as `bring_takeout` does."""
    _one_at_a_time(db, patient_id)
    days = bring_in_days(db, patient_profile(db, patient_id), rows, now)
    return _told({"days": Counted(days.new, days.already_here)}, days, preview)


def _one_at_a_time(db: Session, account_id: UUID) -> None:
    """What is here already is looked up first, so the same file sent twice at once would come in twice."""
    db.get_one(Account, account_id, with_for_update={"key_share": True})


def _told(parts: dict[str, Counted], brought: BroughtIn, preview: bool) -> MovedIn:
    days = brought.days
    first, last = min(days, default=None), max(days, default=None)
    told = {name: one for name, one in parts.items() if one.stored or one.already_here}
    moved_in = MovedIn(preview, told, len(days), first, last)
    if preview:
        raise TakenBack(moved_in)
    return moved_in


def _bring_profile(db: Session, account_id: UUID, wanted: Any, now: datetime) -> Counted:
    if wanted is None:
        return Counted(0, 0)
    before = profile_of(db, account_id)
    chosen = wanted.model_dump(exclude_none=True)
    of_account = {name: value for name, value in chosen.items() if name in ProfileIn.model_fields}
    change_settings(db, account_id, ProfileIn.model_validate(of_account), now)
    of_practice = {name: value for name, value in chosen.items() if name in ProfileChange.model_fields}
    if of_practice:
        change_profile(db, account_id, ProfileChange.model_validate(of_practice))
    if "reminders_paused_until" in chosen:
        db.get_one(Patient, account_id).reminders_paused_until = chosen["reminders_paused_until"]
        db.flush()
    same = profile_of(db, account_id) == before
    return Counted(not same, same)


def _carry_over(db: Session, account_id: UUID, listed: Listed, records: Sequence[Record]) -> Counted:
    """Keep the records that nothing here acts upon, without those this server noted itself."""
    here = _digests_here(db, account_id, listed) if records else set()
    new = {digest: one for one in records if (digest := _digest(listed, one)) not in here}
    rows = [
        {"account_id": account_id, "noun": listed.name, "digest": digest, "record": canonical(record)}
        for digest, record in new.items()
    ]
    if rows:
        db.execute(insert(CarriedOver), rows)
    return Counted(len(new), len(records) - len(new))


def _digests_here(db: Session, account_id: UUID, listed: Listed) -> set[str]:
    digests: set[str] = set()
    place = None
    while True:
        records, place = listed.page(db, account_id, place)
        digests.update(_digest(listed, record) for record in records)
        if place is None:
            return digests


def _digest(listed: Listed, record: Record) -> str:
    told = {name: record.get(name) for name in listed.same_by}
    return hashlib.sha256(canonical(told).encode()).hexdigest()
