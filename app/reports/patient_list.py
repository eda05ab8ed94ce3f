"""A therapist's patients, each in one line. The number of queries does not depend on how many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.looks import REFUSED, SharedPatient, patients_in_care
from app.clock import local_time
from app.insights.days import Window, inside
from app.insights.since_last_session import WEEK, Change, Windows, pain_change, windows_around
from app.insights.wording import Comparison, means_words
from app.models.access_log import AccessLog
from app.models.account import Account
from app.models.brief_read import who_ticked_unread
from app.models.care import Scope
from app.models.daily_log import DailyLog, LogEntry
from app.models.patient import Patient, PatientProfile
from app.models.plan_in_force import PlanHistory, plan_histories
from app.models.treatment_session import TreatmentSession, is_ahead, known_to
from app.reminders.given import day_in, given_rows, id_in, rows_of
from app.reminders.reach import ReminderReach, reach_of_all
from app.reports.habits import SHOWS_HABITS, PlanAnswers, plan_answers, plans_of_window

SILENT_AFTER = timedelta(days=7)
"""Without a log for this long, somebody has gone silent; who came later has not."""
_READ_BACK = timedelta(days=15)
"""Days a note may be about to be new."""
_LAST_WEEK = timedelta(days=WEEK + 1)
"""Covers the last seven days in any zone."""
_SHOW_NOTES = ("brief:", "days:", "report.")
"""What looks were taken at, where the patient's notes stand."""
_DAILY_LOG = DailyLog.__table__  # type: ignore[attr-defined]


class PatientGroup(StrEnum):
    """A session today, no log for a week, and everybody else."""

    TODAY = "today"
    SILENT = "silent"
    OTHERS = "others"


@dataclass(frozen=True, slots=True)
class PatientRow:
    """One patient as their therapist's list shows them. What is not shared is None.

    `pain` compares the same days as the brief, before the last session and now; `plan` counts the daily
    habits of the last seven days; `unread_note` says whether a note was written since this therapist last
    looked, `unread_tick` whether something they have to know of first was ticked since they last marked the
    brief as read.
    """

    id: UUID
    name: str
    zone: str
    group: PatientGroup
    next_session: datetime | None
    last_logged_at: datetime | None
    pain: Change | None
    plan: PlanAnswers | None
    reminders_reach: ReminderReach
    unread_note: bool | None
    unread_tick: bool


class _RecentDay(NamedTuple):
    """What the list needs of a logged day. Rows of the database take several times as long to read from."""

    day: date
    pain: int | None
    late: bool
    plan_items: dict[str, str] | None
    water_glasses: int | None
    stretching_minutes: int | None
    heat_minutes: int | None
    ice_minutes: int | None


class _Standing(NamedTuple):
    """Since when a patient has a diary, when they last logged, and their sessions, the next and the last."""

    created_at: datetime
    last_logged_at: datetime | None
    next_session: datetime | None
    held_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read about all patients at once, by patient."""

    days: dict[UUID, list[_RecentDay]]
    standings: dict[UUID, _Standing]
    compared: dict[UUID, Windows]
    notes_written: dict[UUID, datetime]
    last_looks: dict[UUID, datetime]
    ticked_unread: set[UUID]
    reach: dict[UUID, ReminderReach]
    plans: dict[UUID, PlanHistory]

    def has_unread_note(self, patient_id: UUID) -> bool:
        written, looked = self.notes_written.get(patient_id), self.last_looks.get(patient_id)
        return written is not None and (looked is None or written > looked)


def patients_of(db: Session, therapist_id: UUID, now: datetime) -> list[PatientRow]:
    """Everybody who shares with this therapist now: today first, then the silent, then the others."""
    in_care = patients_in_care(db, therapist_id, now)
    ids = [patient.profile.id for patient in in_care]
    standings = _standings(db, therapist_id, ids, now)
    compared = {one.profile.id: _compared(one.profile, standings[one.profile.id], now) for one in in_care}
    known = _Known(
        days=_recent_days(db, compared, now),
        standings=standings,
        compared=compared,
        notes_written=_notes_written(db, ids, now),
        last_looks=_looks_at_notes(db, therapist_id, ids),
        ticked_unread=who_ticked_unread(db, therapist_id),
        reach=reach_of_all(db, ids, now),
        plans=plan_histories(db, ids),
    )
    return sorted((_row(patient, known, now) for patient in in_care), key=_place_in_list)


def _compared(profile: PatientProfile, standing: _Standing, now: datetime) -> Windows:
    last_session = profile.day_at(standing.held_at) if standing.held_at else None
    return windows_around(last_session, profile.day_at(now))


def _recent_days(db: Session, compared: dict[UUID, Windows], now: datetime) -> dict[UUID, list[_RecentDay]]:
    """The last week, and the week before each patient's last session."""
    weeks = rows_of((one, windows.before.first, windows.before.last) for one, windows in compared.items())
    rows = db.execute(_RECENT_DAYS, {"weeks": weeks, "since": (now - _LAST_WEEK).date()}).all()
    known = {stored: one for one in compared for stored in (one, one.hex)}
    days: dict[UUID, list[_RecentDay]] = defaultdict(list)
    for whose, *said in rows:
        days[known[whose]].append(_RecentDay(*said))
    return days


def _days_of_weeks() -> CompoundSelect[Any]:
    """Ids are taken as the database has them: making them UUIDs again costs more than reading the rest. In
    two parts, because PostgreSQL finds days in its index by one stretch, not by either of two."""
    weeks, day, since = given_rows("weeks"), _DAILY_LOG.c.day, bindparam("since", type_=Date)
    of_each = select(
        type_coerce(_DAILY_LOG.c.patient_id, String), *(_DAILY_LOG.c[name] for name in _RecentDay._fields)
    ).join_from(weeks, _DAILY_LOG, _DAILY_LOG.c.patient_id == id_in(weeks, 0))
    before = of_each.where(day < since, day.between(day_in(weeks, 1), day_in(weeks, 2)))
    return union_all(of_each.where(day >= since), before)


_RECENT_DAYS = _days_of_weeks()


def _standings(db: Session, therapist_id: UUID, ids: list[UUID], now: datetime) -> dict[UUID, _Standing]:
    """How it stands with each, one row a patient."""
    rows = db.execute(
        select(
            col(Patient.id),
            col(Account.created_at),
            col(Patient.last_logged_at),
            func.min(case((is_ahead(now), col(TreatmentSession.starts_at)))),
            func.max(col(TreatmentSession.held_at)),
        )
        .join(Account, col(Account.id) == col(Patient.id))
        .outerjoin(
            TreatmentSession,
            and_(col(TreatmentSession.patient_id) == col(Patient.id), known_to(therapist_id)),
        )
        .where(col(Patient.id).in_(ids))
        .group_by(col(Patient.id), col(Account.created_at))
    )
    return {patient_id: _Standing(began, *facts) for patient_id, began, *facts in rows}


def _notes_written(db: Session, ids: list[UUID], now: datetime) -> dict[UUID, datetime]:
    """When each patient last wrote a note about the last two weeks, told from the entries: a day changes
    for other reasons too."""
    return _by_patient(
        db,
        select(col(LogEntry.patient_id), func.max(col(LogEntry.received_at)))
        .where(
            col(LogEntry.patient_id).in_(ids),
            col(LogEntry.day) >= (now - _READ_BACK).date(),
            col(LogEntry.content).contains('"note":"', autoescape=True),
        )
        .group_by(col(LogEntry.patient_id)),
    )


def _looks_at_notes(db: Session, therapist_id: UUID, ids: list[UUID]) -> dict[UUID, datetime]:
    return _by_patient(
        db,
        select(col(AccessLog.account_id), func.max(col(AccessLog.at)))
        .where(
            col(AccessLog.account_id).in_(ids),
            col(AccessLog.by_id) == therapist_id,
            or_(*(col(AccessLog.what).like(f"%:{subject}%") for subject in _SHOW_NOTES)),
            col(AccessLog.what).not_like(f"%:{REFUSED}"),
        )
        .group_by(col(AccessLog.account_id)),
    )


def _by_patient(db: Session, query: Select[UUID, datetime | None]) -> dict[UUID, datetime]:
    return {row[0]: row[1] for row in db.execute(query) if row[1] is not None}


def _row(patient: SharedPatient, known: _Known, now: datetime) -> PatientRow:
    profile, scopes = patient.profile, patient.scopes
    days, week = known.days.get(profile.id, []), Window.of_days(WEEK, until=profile.day_at(now))
    standing = known.standings[profile.id]
    return PatientRow(
        id=profile.id,
        name=profile.name,
        zone=profile.zone,
        group=_group(profile.zone, standing, now),
        next_session=standing.next_session,
        last_logged_at=standing.last_logged_at,
        pain=_pain(days, known.compared[profile.id]) if Scope.MEASURES in scopes else None,
        plan=_plan_answers(patient, known, week) if scopes & SHOWS_HABITS else None,
        reminders_reach=known.reach[profile.id],
        unread_note=known.has_unread_note(profile.id) if Scope.NOTES in scopes else None,
        unread_tick=profile.id in known.ticked_unread,
    )


def _pain(days: Sequence[_RecentDay], compared: Windows) -> Change:
    """Two weeks know less of ups and downs than the brief: what they leave open they do not call unclear."""
    change = pain_change(days, compared)
    if change.comparison is Comparison.NO_CLEAR_CHANGE:
        return replace(change, words=means_words(change.before, change.now))
    return change


def _plan_answers(patient: SharedPatient, known: _Known, week: Window) -> PlanAnswers:
    """By this therapist's own plan and, with that scope, the patient's; never by another therapist's."""
    patient_id = patient.profile.id
    own = (patient_id,) if Scope.PLAN in patient.scopes else ()
    plans = plans_of_window(known.plans[patient_id].only_by(patient.therapist_id, *own), week)
    return plan_answers(inside(known.days.get(patient_id, []), week), plans, patient.scopes)


def _group(zone: str, standing: _Standing, now: datetime) -> PatientGroup:
    session = standing.next_session
    if session and local_time(session, zone).date() == local_time(now, zone).date():
        return PatientGroup.TODAY
    if now - (standing.last_logged_at or standing.created_at) >= SILENT_AFTER:
        return PatientGroup.SILENT
    return PatientGroup.OTHERS


def _place_in_list(row: PatientRow) -> tuple[int, float, float, str]:
    """Within a group by the next session; those without one by the length of their silence."""
    last = row.last_logged_at.timestamp() if row.last_logged_at else 0.0
    ahead = row.next_session.timestamp() if row.next_session else float("inf")
    return list(PatientGroup).index(row.group), ahead, last, row.name
