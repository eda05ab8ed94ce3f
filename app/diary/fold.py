"""Folding entries into a day.

Laws, each held by a property test: the order in which entries arrive does not matter; an entry counts
once; the last `set` of a measure stands; what is added after it sums up; null clears; plan items are
answered one by one; an entry that was taken back counts for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from app.models.daily_log import COUNTERS, RANGES


@dataclass(frozen=True, slots=True)
class Said:
    """What one entry says. `ordered_at` and `id` give its place among the others."""

    id: UUID
    ordered_at: datetime
    received_at: datetime
    late: bool
    set: dict[str, Any] = field(default_factory=dict)
    add: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoldedDay:
    """What stands after all entries. `measures` holds only what is known.

    `late` says whether anything that stands was received more than two days after its day.
    """

    measures: dict[str, Any]
    late: bool
    first_logged_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class _Standing:
    """A value that stands so far, and whether a late entry had a part in it."""

    value: Any
    late: bool


def fold(said: Iterable[Said]) -> FoldedDay | None:
    """The day these entries make, or None when nothing stands."""
    in_order = sorted(said, key=lambda entry: (entry.ordered_at, entry.id.hex))
    standing: dict[str, _Standing] = {}
    for entry in _without_undone(in_order):
        for measure, value in entry.set.items():
            _set(standing, measure, value, entry.late)
        for counter, amount in entry.add.items():
            _add(standing, counter, amount, entry.late)
    if not standing:
        return None
    return FoldedDay(
        measures={measure: _within_range(measure, held.value) for measure, held in standing.items()},
        late=any(held.late for held in standing.values()),
        first_logged_at=in_order[0].ordered_at,
        updated_at=max(entry.received_at for entry in in_order),
    )


def came_with_done(said: Iterable[Said]) -> dict[str, Counter[str]]:
    """What each item of the plan that is done added to the counters, by the id of the item."""
    came: dict[str, Counter[str]] = {}
    for entry in _without_undone(sorted(said, key=lambda entry: (entry.ordered_at, entry.id.hex))):
        for item, answer in (entry.set.get("plan_items") or {}).items():
            if answer == "done":
                came.setdefault(item, Counter()).update(entry.add)
            else:
                came.pop(item, None)
    return came


def undo_of(entry_id: UUID) -> UUID:
    """The id of the entry that takes this one back. It follows from it, so a second tap is the same entry."""
    return uuid5(entry_id, "undo")


_VERSION_OF_UNDO = 5
"""Of its id. Those that phones make are of another, and need not be looked through."""


def _without_undone(entries: list[Said]) -> list[Said]:
    """What was taken back goes together with what took it back, which says only what stood at that moment:
    an earlier word of another phone may still be on its way."""
    known = {entry.id for entry in entries}
    if all(one.version != _VERSION_OF_UNDO for one in known):
        return entries
    undos = known & {undo_of(one) for one in known}

    def is_undone(entry_id: UUID) -> bool:
        undo = undo_of(entry_id)
        return undo in undos and not is_undone(undo)

    return [one for one in entries if one.id not in undos and not is_undone(one.id)]


def _set(standing: dict[str, _Standing], measure: str, value: Any, late: bool) -> None:
    if measure == "plan_items" and value is not None:
        _answer_plan_items(standing, value, late)
    elif value is None:
        standing.pop(measure, None)
    else:
        standing[measure] = _Standing(value, late)


def _add(standing: dict[str, _Standing], counter: str, amount: int, late: bool) -> None:
    so_far = standing.get(counter)
    if so_far is None:
        standing[counter] = _Standing(amount, late)
    else:
        standing[counter] = _Standing(so_far.value + amount, so_far.late or late)


def _answer_plan_items(standing: dict[str, _Standing], answers: dict[str, str | None], late: bool) -> None:
    """Two phones may answer different items of one day, so each item is set or cleared by itself."""
    so_far = standing.get("plan_items", _Standing({}, False))
    answered = {item: answer for item, answer in (so_far.value | answers).items() if answer is not None}
    if answered:
        standing["plan_items"] = _Standing(answered, so_far.late or late)
    else:
        standing.pop("plan_items", None)


def _within_range(measure: str, value: Any) -> Any:
    """A sum can leave the range of its counter although every part was inside; it stops at the edge."""
    if measure not in COUNTERS:
        return value
    lowest, highest = RANGES[measure]
    return int(min(max(value, lowest), highest))
