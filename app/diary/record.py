"""Recording what a phone sends: each entry judged for itself, then the days folded anew."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID, uuid4

from pydantic import ValidationError
from sqlalchemy import Executable, bindparam, delete, select, update
from sqlalchemy.orm import Session

from app.clock import local_time
from app.database import INSERT
from app.diary.fold import FoldedDay, Said, fold
from app.errors import Conflict, FieldError, Invalid
from app.language import _
from app.models.daily_log import (
    LATE_AFTER,
    MEASURES,
    WRITABLE_DAYS_BACK,
    DailyLog,
    Day,
    EntrySource,
    LogEntry,
    LogEntryIn,
    Measures,
    days_between,
)
from app.models.field_types import field_errors
from app.models.patient import Patient, PatientProfile

Status = Literal["accepted", "duplicate", "conflict", "invalid"]
MAY_RUN_FAST = timedelta(minutes=15)
"""How far a phone's clock may be ahead and its day still be believed."""

_ENTRY = LogEntry.__table__  # type: ignore[attr-defined]
_DAY = DailyLog.__table__  # type: ignore[attr-defined]
_PATIENT = Patient.__table__  # type: ignore[attr-defined]
_ENTRIES_OF_DAY = select(
    _ENTRY.c.id, _ENTRY.c.ordered_at, _ENTRY.c.received_at, _ENTRY.c.late, _ENTRY.c.content
).where(_ENTRY.c.patient_id == bindparam("patient_id"), _ENTRY.c.day == bindparam("day"))


_NOTE_LOGGED = (
    update(_PATIENT).where(_PATIENT.c.id == bindparam("of_patient")).values(last_logged_at=bindparam("at"))
)


# Built once and run on the connection: putting a statement together costs more than running it.
@cache
def _add_entry(dialect: str) -> Executable:
    return INSERT[dialect](_ENTRY).on_conflict_do_nothing().returning(_ENTRY.c.id)


@cache
def _put_day(dialect: str) -> Executable:
    insert = INSERT[dialect](_DAY)
    changed = {column.name: insert.excluded[column.name] for column in _DAY.c if not column.primary_key}
    return insert.on_conflict_do_update(index_elements=_DAY.primary_key, set_=changed)


@dataclass(frozen=True, slots=True)
class EntryResult:
    """What became of one entry; `error` says why it was refused. `id` is None when it had none to be read."""

    id: UUID | None
    status: Status
    error: FieldError | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of each entry, in the order sent, and the days they touched that stand now."""

    results: list[EntryResult]
    days: list[Day]


def record_entries(
    db: Session, patient: PatientProfile, raw_entries: Sequence[Any], now: datetime
) -> Recorded:
    """Store what is new, refuse what cannot stand, and answer for every entry by itself."""
    results: list[EntryResult] = []
    rows: dict[UUID, dict[str, Any]] = {}
    for raw in raw_entries:
        try:
            row = _row(patient, read_entry(raw, patient, now), now)
        except Invalid as invalid:
            results.append(EntryResult(_readable_id(raw), "invalid", invalid.errors[0]))
            continue
        known = rows.setdefault(row["id"], row)
        results.append(_result(row["id"], _compared(row, known)))
    statuses = _insert(db, patient.id, list(rows.values()))
    results = [_settled(result, statuses) for result in results]
    days = sorted(
        {rows[r.id]["day"] for r in results if r.id in rows and r.status in ("accepted", "duplicate")}
    )
    if not any(result.status == "accepted" for result in results):
        return Recorded(results, [day for d in days for day in days_between(db, patient.id, d, d)])
    # Noting this first makes two phones of one patient fold one after the other.
    note_logged(db, patient.id, now)
    return Recorded(results, refold(db, patient.id, days))


def change_day(
    db: Session, patient: PatientProfile, day: date, measures: Measures, now: datetime
) -> Day | None:
    """Set some measures of a day by one entry (for scripts); None when nothing stands afterwards."""
    said = measures.model_dump(mode="json", exclude_unset=True)
    return record_one(db, patient, {"id": uuid4(), "day": day, "recorded_at": now, "set": said}, now)


def record_one(db: Session, patient: PatientProfile, entry: dict[str, Any], now: datetime) -> Day | None:
    """Record a single entry; raises Invalid or Conflict instead of answering a status."""
    recorded = record_entries(db, patient, [entry], now)
    match recorded.results[0]:
        case EntryResult(status="conflict", error=FieldError(message=words)):
            raise Conflict(words)
        case EntryResult(error=FieldError() as error):
            raise Invalid(error)
        case _:
            return next(iter(recorded.days), None)


def read_entry(raw: Any, patient: PatientProfile, now: datetime) -> LogEntryIn:
    """The entry in its shape; raises Invalid with the first thing that is wrong with it."""
    try:
        entry = LogEntryIn.model_validate(raw)
    except ValidationError as error:
        raise Invalid(*field_errors(error.errors())) from None
    if entry.day > _newest_day(entry, patient, now):
        raise Invalid(
            FieldError("day", "future", _("This day has not begun yet. Check the date on your phone."))
        )
    if entry.day < patient.day_at(now) - timedelta(days=WRITABLE_DAYS_BACK):
        raise Invalid(
            FieldError(
                "day", "too_old", _("Only the last %(num)s days can be written.", num=WRITABLE_DAYS_BACK)
            )
        )
    return entry


def refold(db: Session, patient_id: UUID, days: Iterable[date]) -> list[Day]:
    """Fold these days anew from all their entries; answers those on which something stands."""
    standing: list[Day] = []
    for day in days:
        rows = db.connection().execute(_ENTRIES_OF_DAY, {"patient_id": patient_id, "day": day})
        folded = fold(_said(*row) for row in rows)
        if folded is None:
            db.execute(delete(_DAY).where(_DAY.c.patient_id == patient_id, _DAY.c.day == day))
        else:
            standing.append(_store(db, patient_id, day, folded))
    return standing


def _newest_day(entry: LogEntryIn, patient: PatientProfile, now: datetime) -> date:
    """Today by the patient's zone, or by the phone's own clock when it travelled ahead of it or runs fast."""
    soonest = now + MAY_RUN_FAST
    by_phone = min(entry.recorded_at, soonest).astimezone(entry.recorded_at.tzinfo).date()
    return max(local_time(now, patient.zone).date(), by_phone)


def entry_row(
    patient: PatientProfile,
    entry_id: UUID,
    day: date,
    recorded_at: datetime,
    content: dict[str, dict[str, Any]],
    received_at: datetime,
    source: EntrySource = EntrySource.APP,
) -> dict[str, Any]:
    """An entry as it is stored."""
    return {
        "patient_id": patient.id,
        "id": entry_id,
        "day": day,
        "recorded_at": recorded_at,
        "received_at": received_at,
        "ordered_at": min(recorded_at, received_at),
        "source": source.value,
        "late": patient.day_at(received_at) - day > LATE_AFTER,
        "content": json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    }


def standing(day: date, folded: FoldedDay) -> dict[str, Any]:
    """A folded day as it is stored; what is not known is None."""
    return {
        "day": day,
        **{measure: folded.measures.get(measure) for measure in MEASURES},
        "late": folded.late,
        "first_logged_at": folded.first_logged_at,
        "updated_at": folded.updated_at,
    }


def _row(patient: PatientProfile, entry: LogEntryIn, now: datetime) -> dict[str, Any]:
    return entry_row(patient, entry.id, entry.day, entry.recorded_at, entry.content, now, entry.source)


def _compared(row: dict[str, Any], known: dict[str, Any]) -> Status:
    """The same id says the same thing (a duplicate) or something else (a conflict)."""
    same = all(row[part] == known[part] for part in ("day", "recorded_at", "source", "content"))
    return "duplicate" if same else "conflict"


def _settled(result: EntryResult, statuses: dict[UUID, Status]) -> EntryResult:
    """The answer for one entry; when an id was sent several times, only the first was accepted."""
    if result.status != "duplicate" or result.id is None:
        return result
    status = statuses[result.id]
    if status == "accepted":
        statuses[result.id] = "duplicate"
    return _result(result.id, status)


def _result(entry_id: UUID, status: Status) -> EntryResult:
    if status != "conflict":
        return EntryResult(entry_id, status)
    words = _("Something else was saved under the same number.")
    return EntryResult(entry_id, status, FieldError("id", "conflict", words))


def _insert(db: Session, patient_id: UUID, rows: list[dict[str, Any]]) -> dict[UUID, Status]:
    """Insert what is new and say for each id whether it was, or how it compares with what is stored."""
    if not rows:
        return {}
    new = add_entries(db, rows)
    status_of: dict[UUID, Status] = dict.fromkeys(new, "accepted")
    old = {row["id"]: row for row in rows if row["id"] not in new}
    if old:
        stored = select(_ENTRY).where(_ENTRY.c.patient_id == patient_id, _ENTRY.c.id.in_(old))
        for known in db.execute(stored).mappings():
            status_of[known["id"]] = _compared(old[known["id"]], dict(known))
    return status_of


def _said(entry_id: UUID, ordered_at: datetime, received_at: datetime, late: bool, content: str) -> Said:
    said = json.loads(content)
    return Said(entry_id, ordered_at, received_at, late, said["set"], said["add"])


def add_entries(db: Session, rows: list[dict[str, Any]]) -> set[UUID]:
    """Insert entries and answer the ids of those that were not stored yet."""
    return set(db.connection().execute(_add_entry(_dialect(db)), rows).scalars())


def put_days(db: Session, patient_id: UUID, days: list[dict[str, Any]]) -> None:
    """Store folded days, whether or not anything stood on them before."""
    if days:
        rows = [{"patient_id": patient_id, **day} for day in days]
        db.connection().execute(_put_day(_dialect(db)), rows)


def _store(db: Session, patient_id: UUID, day: date, folded: FoldedDay) -> Day:
    stands = standing(day, folded)
    db.connection().execute(_put_day(_dialect(db)), {"patient_id": patient_id, **stands})
    return Day(**stands)


def note_logged(db: Session, patient_id: UUID, now: datetime) -> None:
    db.connection().execute(_NOTE_LOGGED, {"of_patient": patient_id, "at": now})


def _dialect(db: Session) -> str:
    return db.get_bind().dialect.name


def _readable_id(raw: Any) -> UUID | None:
    try:
        return UUID(raw["id"])
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
