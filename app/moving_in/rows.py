"""Records of nouns as rows again, under new ids and in another account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import FieldError, Invalid
from app.language import _
from app.models.field_types import InputShape
from app.models.home_care import HomeCarePlan
from app.models.question import open_question
from app.models.reminder import Reminder, ReminderKind, Weekday
from app.moving_in.shape import canonical
from app.reports.nouns import BY_PATIENT, Noun, Record, Row, plain


@dataclass(frozen=True, slots=True)
class Counted:
    """Records of one kind: how many were stored, and how many were here already."""

    stored: int
    already_here: int


def bring_back_rows(
    db: Session,
    account_id: UUID,
    nouns: Sequence[Noun],
    taken: Mapping[str, Sequence[InputShape]],
    now: datetime,
) -> dict[str, Counted]:
    """Store what is not here yet of each noun, those that are referred to before those that refer.

    What is here already stays as it is. Raises Invalid for a reference that leads nowhere.
    """
    keys: dict[str, list[Any]] = {}
    counted: dict[str, Counted] = {}
    for noun in nouns:
        rows = [_row(noun, shape, keys, number) for number, shape in enumerate(taken[noun.name])]
        here = _here(db, account_id, noun)
        before = len(here)
        keys[noun.name] = [_key_of_row(db, account_id, noun, row, here, now) for row in rows]
        counted[noun.name] = Counted(len(here) - before, len(rows) - len(here) + before)
    return counted


def _row(noun: Noun, shape: InputShape, keys: Mapping[str, list[Any]], number: int) -> Record:
    """What a record tells, with the ids of the rows it names."""
    as_json = shape.model_dump(mode="json", exclude_unset=True)
    row: Record = {}
    for name in noun.told:
        value = getattr(shape, name)
        if value is not None and name in noun.refers:
            row[name] = _named(value, keys[noun.refers[name]], f"{noun.name}.{number}.{name}")
        else:
            row[name] = value if isinstance(value, date | time) else as_json.get(name)
    return row


def _named(number: int, keys: list[Any], where: str) -> Any:
    if not 1 <= number <= len(keys):
        raise Invalid(FieldError(where, "reference", _("This names a record that is not in the file.")))
    return keys[number - 1]


def _here(db: Session, account_id: UUID, noun: Noun) -> dict[str, Any]:
    """The ids of what is here already, by what makes it the same."""
    rows = (dict(row) for row in db.execute(noun.of(account_id)).mappings())
    return {_sameness(noun, noun.hide(row, account_id)): row.get("id", True) for row in rows}


def _sameness(noun: Noun, row: Row) -> str:
    """Two rows are the same when they tell the same, or when there can be only one of them."""
    names = noun.told if noun.unique is None else noun.unique
    return canonical({name: plain(row[name]) for name in names})


def _key_of_row(
    db: Session, account_id: UUID, noun: Noun, row: Record, here: dict[str, Any], now: datetime
) -> Any:
    """The id of the row that is the same, or of one that is stored now."""
    same = _sameness(noun, row)
    if same not in here:
        own = {noun.owner: account_id} if noun.owner else {}
        own |= {"id": uuid4()} if "id" in noun.table.c else {}
        filled = _FILLED.get(noun.name, _as_told)(db, row, account_id, now)
        db.execute(insert(noun.table).values(filled | own))
        here[same] = own.get("id", True)
    return here[same]


def _as_told(_db: Session, row: Record, _account_id: UUID, _now: datetime) -> Record:
    return row


def _written_by_patient(_db: Session, row: Record, account_id: UUID, _now: datetime) -> Record:
    return row | {"written_by": _author(row["written_by"], account_id)}


def _next_version(db: Session, row: Record, account_id: UUID, _now: datetime) -> Record:
    """Beside plans that are here already, a version gets the next number."""
    of_account = col(HomeCarePlan.patient_id) == account_id
    taken = set(db.scalars(select(col(HomeCarePlan.version)).where(of_account)))
    version = row["version"] if row["version"] not in taken else max(taken) + 1
    return row | {"version": version, "author_id": _author(row["author_id"], account_id)}


def _planned_anew(_db: Session, row: Record, account_id: UUID, now: datetime) -> Record:
    """The worker works out when a reminder comes next."""
    due_at = None if row["switched_off_at"] else now
    return row | {"due_at": due_at, "plan_author_id": _author(row["plan_author_id"], account_id)}


def _one_open_question(db: Session, row: Record, account_id: UUID, now: datetime) -> Record:
    """The question that is open here already stays the open one."""
    open_here = row["ended_at"] is None and open_question(db, account_id) is not None
    return row | {"ended_at": now if open_here else row["ended_at"]}


def _author(told: str | None, account_id: UUID) -> UUID | None:
    return account_id if told == BY_PATIENT else None


_FILLED: dict[str, Callable[[Session, Record, UUID, datetime], Record]] = {
    "plans": _next_version,
    "questions": _one_open_question,
    "reminders": _planned_anew,
    "sessions": _written_by_patient,
}
"""How a record is kept, where that is more or other than it tells."""


def forget_untouched_check_in(db: Session, account_id: UUID, taken: Sequence[Any]) -> None:
    """The check-in every account begins with gives way to the reminders that come back."""
    reminders = list(db.scalars(select(Reminder).where(col(Reminder.patient_id) == account_id)))
    if not taken or len(reminders) != 1:
        return
    only = reminders[0]
    if any(one.created_at == only.created_at for one in taken):
        return
    as_made = ReminderKind.CHECK_IN.value, list(map(str, Weekday)), None, None
    if (only.kind, only.days, only.text, only.switched_off_at) == as_made:
        db.delete(only)
        db.flush()
