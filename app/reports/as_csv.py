"""The diary as CSV: one row for each logged day, or for each entry. What was not logged is an empty cell."""

from __future__ import annotations

import json
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.diary.spreadsheet import COLUMNS, cell, guarded, line
from app.models.daily_log import MEASURES, Day, StoredEntry, entries_after
from app.models.patient import PatientProfile
from app.reports.exporting import NextPiece, Period, Piece, Place, Subject, days_from
from app.reports.shared_days import measures_in

ENTRIES_A_PIECE = 500
ENTRY_COLUMNS = ("day", "recorded_at", "received_at", "source", "late", *MEASURES, "cleared", "added", "id")
TEMPLATE = line(COLUMNS[: -len(("late", "first_logged_at", "updated_at"))])
"""An empty file with the columns that can come in."""


def days_as_csv(subject: Subject, period: Period, now: datetime) -> NextPiece:
    """Logged days of the period. What is not shared has no column, so that it cannot be taken for unknown."""
    shown = measures_in(subject.scopes)
    columns = [column for column in COLUMNS if column not in MEASURES or column in shown]
    return partial(_days, subject, period, now, columns)


def entries_as_csv(patient: PatientProfile) -> NextPiece:
    """Every entry of the patient's own diary, with what it set, cleared and added."""
    return partial(_entries, patient.id)


def _days(
    subject: Subject, period: Period, now: datetime, columns: list[str], db: Session, after: Place
) -> Piece:
    subject.require_still_shared(db, now)
    days, more = days_from(db, subject, after or period.first, period.last)
    head = "" if after else line(columns)
    return Piece(head + "".join(line(_cells(day, columns)) for day in days), more)


def _cells(day: Day, columns: list[str]) -> list[str]:
    return [_as_text(getattr(day, column)) for column in columns]


def _as_text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else cell(value)


def _entries(patient_id: UUID, db: Session, after: Place) -> Piece:
    entries = entries_after(db, patient_id, after, ENTRIES_A_PIECE)
    head = "" if after else line(ENTRY_COLUMNS)
    more = (entries[-1].day, entries[-1].id) if len(entries) == ENTRIES_A_PIECE else None
    return Piece(head + "".join(line(_entry_cells(entry)) for entry in entries), more)


def _entry_cells(entry: StoredEntry) -> list[str]:
    content = json.loads(entry.content)
    said, added = content["set"], content["add"]
    cleared = "; ".join(measure for measure, value in said.items() if value is None)
    sums = "; ".join(f"{counter} {amount:+d}" for counter, amount in added.items())
    told = [_as_text(getattr(entry, column)) for column in ENTRY_COLUMNS[:5]]
    return [*told, *(cell(said.get(measure)) for measure in MEASURES), cleared, guarded(sums), str(entry.id)]
