"""What changed from one version of a plan to the next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.models.home_care import PlanItem


class Changed(StrEnum):
    """What became of an item from one version of a plan to the next."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


SHOWN_FIELDS = ("title", "dose", "target", "days", "reminder_times", "why", "link", "bad_day")
"""What can differ about an item, in the order in which it matters to the patient."""


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item that is new, gone or different. `fields` names what differs; `before` is how it was."""

    what: Changed
    item: PlanItem
    before: PlanItem | None
    fields: tuple[str, ...]


def changes_between(before: Sequence[PlanItem], after: Sequence[PlanItem]) -> list[ItemChange]:
    """What is new or different, in the order of the new version, and then what is gone."""
    was, still = {item.id: item for item in before}, {item.id for item in after}
    told = [_change(was.get(item.id), item) for item in after]
    gone = [ItemChange(Changed.REMOVED, item, item, ()) for item in before if item.id not in still]
    return [change for change in told if change is not None] + gone


def _change(before: PlanItem | None, after: PlanItem) -> ItemChange | None:
    if before is None:
        return ItemChange(Changed.ADDED, after, None, ())
    fields = tuple(field for field in SHOWN_FIELDS if _shown(before, field) != _shown(after, field))
    return ItemChange(Changed.CHANGED, after, before, fields) if fields else None


def _shown(item: PlanItem, field: str) -> object:
    return (item.least, item.most) if field == "target" else getattr(item, field)
