"""The days of a patient as somebody else may see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.access.looks import SharedPatient
from app.models.care import Scope
from app.models.daily_log import MEASURES, Day, days_between

_IN_SCOPE: dict[Scope, tuple[str, ...]] = {
    Scope.NOTES: ("note",),
    Scope.PLAN: ("plan_items",),
    Scope.MEASURES: tuple(measure for measure in MEASURES if measure not in ("note", "plan_items")),
}


@dataclass(frozen=True, slots=True)
class SharedDays:
    """Days in scope, oldest first; `next_cursor` is the first day of the next page, if there is one."""

    days: list[Day]
    next_cursor: date | None


def shared_days(
    db: Session, patient: SharedPatient, first: date, last: date, at_most: int = 200
) -> SharedDays:
    """The logged days from `first` through `last`, as far as they are shared."""
    logged = days_between(db, patient.profile.id, first, last, at_most + 1)
    more = logged[at_most].day if len(logged) > at_most else None
    return SharedDays(in_scope(logged[:at_most], patient.scopes), more)


def in_scope(days: Iterable[Day], scopes: Collection[Scope]) -> list[Day]:
    """The days with only what `scopes` show; a day on which they show nothing is left out."""
    visible = measures_in(scopes)
    hidden: dict[str, Any] = dict.fromkeys(measure for measure in MEASURES if measure not in visible)
    seen = (replace(day, **hidden) for day in days)
    return [day for day in seen if any(getattr(day, measure) is not None for measure in visible)]


def measures_in(scopes: Collection[Scope]) -> frozenset[str]:
    """The measures that `scopes` show."""
    return frozenset(measure for scope in scopes for measure in _IN_SCOPE[scope])
