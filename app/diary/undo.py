"""Taking back what one entry said. The entry stays in the history; a new one says what stood without it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from app.diary.fold import Said, fold, undo_of
from app.diary.record import record_entries
from app.errors import NotFound
from app.language import _
from app.models.daily_log import LogEntry, entries_about
from app.models.patient import PatientProfile

Words = dict[str, dict[str, Any]]
"""What an entry says: measures under "set", counters under "add"."""


def undo_entry(db: Session, patient: PatientProfile, day: date, entry_id: UUID, now: datetime) -> None:
    """Only the measures that this entry changed change back. Undoing twice is undoing once.

    Raises NotFound when this patient said no such thing about `day`.
    """
    entries = entries_about(db, patient.id, day)
    undone = next((entry for entry in entries if entry.id == entry_id), None)
    if undone is None:
        raise NotFound(_("There is nothing to take back."))
    without = _measures_of(entry for entry in entries if entry.id != entry_id)
    opposite = opposite_of(json.loads(undone.content), without)
    # At the same instant the ids would settle which of the two comes first.
    at = max(now, undone.ordered_at + timedelta(microseconds=1))
    record_entries(db, patient, [{"id": undo_of(entry_id), "day": day, "recorded_at": at, **opposite}], at)


def was_undone(entry_id: UUID, known: Collection[UUID]) -> bool:
    """Whether `known`, the ids of all entries about a day, holds the undo of this entry."""
    return undo_of(entry_id) in known


def id_when_sent(entry_id: UUID, known: Collection[UUID]) -> UUID:
    """The id of an entry that a form sends: another one each time it was taken back and is sent again.

    `known` are the ids of all entries about its day.
    """
    while was_undone(entry_id, known):
        entry_id = uuid5(entry_id, "again")
    return entry_id


def opposite_of(said: Words, without: dict[str, Any]) -> Words:
    """What takes `said` back; `without` are the measures of the day as they stand without it."""
    added = {counter: amount for counter, amount in said["add"].items() if counter not in said["set"]}
    return {
        "set": {measure: _before(value, without.get(measure)) for measure, value in said["set"].items()}
        # Taking away what was added would leave a zero where nothing was known.
        | {counter: None for counter in added if counter not in without},
        "add": {counter: -amount for counter, amount in added.items() if counter in without},
    }


def _before(said: Any, before: Any) -> Any:
    """Plan items are answered one by one, so those that had no answer before are cleared one by one."""
    if isinstance(said, dict):
        return {item: (before or {}).get(item) for item in said}
    return before


def said_in(entries: Iterable[LogEntry]) -> list[Said]:
    return [
        Said(entry.id, entry.ordered_at, entry.received_at, entry.late, **json.loads(entry.content))
        for entry in entries
    ]


def _measures_of(entries: Iterable[LogEntry]) -> dict[str, Any]:
    folded = fold(said_in(entries))
    return folded.measures if folded else {}
