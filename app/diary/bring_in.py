"""Days from elsewhere: rows of a spreadsheet, or entries that left with a take-out and come back.

All or nothing: whoever calls runs this in one transaction, and what cannot stand is raised before anything
is stored. Brought in twice is once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import local_time
from app.diary.fold import Said, fold
from app.diary.record import add_entries, entry_row, note_logged, put_days, standing
from app.diary.spreadsheet import ERRORS_AT_MOST, SpreadsheetDay, wrong_in
from app.errors import FieldError, Invalid
from app.language import _
from app.models.daily_log import DailyLog, EntrySource, LogEntry, LogEntryIn, days_between
from app.models.field_types import Instant, StrictBool
from app.models.patient import Patient, PatientProfile

FIRST_DAY = date(2000, 1, 1)
"""Nobody has kept this diary for longer; an older day is a slip of the keyboard."""
AT_ONCE = 500
DAYS_AT_MOST = 40_000

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_DAY = DailyLog.__table__  # type: ignore[attr-defined]


class EntryComingBack(LogEntryIn):
    """An entry as a take-out holds it: also when it was received, and whether that was late."""

    received_at: Instant
    late: StrictBool = False

    @model_validator(mode="after")
    def _day_had_begun(self) -> EntryComingBack:
        # Somewhere on earth it is already the next day.
        if not FIRST_DAY <= self.day <= self.received_at.date() + timedelta(days=1):
            raise PydanticCustomError("day", _("This day had not begun when the entry was received."))
        return self


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """How many were new and how many were here already, and the days that what is new is about."""

    new: int
    already_here: int
    days: tuple[date, ...]


def bring_in_days(
    db: Session, patient: PatientProfile, rows: Sequence[SpreadsheetDay], now: datetime
) -> BroughtIn:
    """Store what the rows say beyond what stands already, as entries of `now`. Raises Invalid."""
    _require_days_that_were(patient, rows, now)
    if not rows:
        return BroughtIn(0, 0, ())
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    known = {
        day.day: day for day in days_between(db, patient.id, first, last, at_most=2 * len(rows) + 40_000)
    }
    news = [(row.day, _beyond(row.said, known.get(row.day))) for row in rows]
    entries = [
        entry_row(patient, uuid4(), day, now, {"set": said, "add": {}}, now, EntrySource.IMPORT)
        for day, said in news
        if said
    ]
    days = [entry["day"] for entry in entries]
    _store(db, patient, entries, days, now)
    return BroughtIn(len(entries), len(rows) - len(entries), tuple(days))


def bring_back_entries(db: Session, patient: PatientProfile, entries: Sequence[EntryComingBack]) -> BroughtIn:
    """Store entries that are not here, as they once were. Raises Invalid for an id that is taken."""
    rows = {entry.id: _row(patient, entry) for entry in entries}
    known = _known(db, patient, rows)
    for number, entry in enumerate(entries):
        if entry.id in known and known[entry.id] != rows[entry.id]["content"]:
            message = _("Something else is stored under this id.")
            raise Invalid(FieldError(f"entries.{number}.id", "conflict", message))
    new = [row for entry_id, row in rows.items() if entry_id not in known]
    days = sorted({row["day"] for row in new})
    _store(db, patient, new, days, max((row["received_at"] for row in new), default=None))
    return BroughtIn(len(new), len(entries) - len(new), tuple(days))


def _require_days_that_were(patient: PatientProfile, rows: Sequence[SpreadsheetDay], now: datetime) -> None:
    today = local_time(now, patient.zone).date()
    wrong = [row for row in rows if not FIRST_DAY <= row.day <= today]
    if wrong:
        message = _("Use a day from %(first)s until today.", first=FIRST_DAY)
        raise Invalid(*(wrong_in(row.row, "day", "day", message) for row in wrong[:ERRORS_AT_MOST]))


def _beyond(said: dict[str, Any], day: object) -> dict[str, Any]:
    """What a row says that does not stand already."""
    beyond = {measure: _new_in(value, getattr(day, measure, None)) for measure, value in said.items()}
    return {measure: new for measure, new in beyond.items() if new is not None}


def _new_in(value: Any, stands: Any) -> Any:
    """None where nothing is new. Plan items are answered one by one, so only the others are."""
    if isinstance(value, dict) and isinstance(stands, dict):
        return {item: answer for item, answer in value.items() if stands.get(item) != answer} or None
    return None if _without_blanks(value) == _without_blanks(stands) else value


def _without_blanks(value: Any) -> Any:
    """A place whose intensity is blank is the place without one."""
    if not isinstance(value, list):
        return value
    return [{name: said for name, said in place.items() if said is not None} for place in value]


def _row(patient: PatientProfile, entry: EntryComingBack) -> dict[str, Any]:
    row = entry_row(
        patient, entry.id, entry.day, entry.recorded_at, entry.content, entry.received_at, entry.source
    )
    return row | {"late": entry.late}


def _known(db: Session, patient: PatientProfile, ids: Collection[Any]) -> dict[Any, str]:
    """Content by id of those that are stored already."""
    wanted, found = list(ids), {}
    for start in range(0, len(wanted), AT_ONCE):
        chunk = wanted[start : start + AT_ONCE]
        stored = select(_ENTRY.c.id, _ENTRY.c.content).where(
            _ENTRY.c.patient_id == patient.id, _ENTRY.c.id.in_(chunk)
        )
        found.update(dict(tuple(row) for row in db.execute(stored)))
    return found


def _store(
    db: Session,
    patient: PatientProfile,
    entries: list[dict[str, Any]],
    days: Sequence[date],
    logged_at: datetime | None,
) -> None:
    if not entries or logged_at is None:
        return
    # Noting this first makes two who write for one patient fold one after the other.
    last = db.scalar(select(col(Patient.last_logged_at)).where(col(Patient.id) == patient.id))
    note_logged(db, patient.id, max(last or logged_at, logged_at))
    add_entries(db, entries)
    _refold_many(db, patient, days)


def _refold_many(db: Session, patient: PatientProfile, days: Sequence[date]) -> None:
    """Fold many days anew, reading their entries at one go for each stretch of days."""
    for start in range(0, len(days), AT_ONCE):
        some = days[start : start + AT_ONCE]
        said: dict[date, list[Said]] = defaultdict(list)
        about = select(_ENTRY).where(_ENTRY.c.patient_id == patient.id, _ENTRY.c.day.in_(some))
        for row in db.execute(about):
            told = json.loads(row.content)
            said[row.day].append(
                Said(row.id, row.ordered_at, row.received_at, row.late, told["set"], told["add"])
            )
        folded = {day: fold(said[day]) for day in some}
        blank = [day for day, stands in folded.items() if stands is None]
        db.execute(delete(_DAY).where(_DAY.c.patient_id == patient.id, _DAY.c.day.in_(blank)))
        put_days(db, patient.id, [standing(day, stands) for day, stands in folded.items() if stands])
