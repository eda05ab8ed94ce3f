"""Which plan was in force on a day: what was asked of that day, told from the versions then in force.

A day on which a plan changed at noon belongs to both versions: what the morning's version asked and was
answered stays counted, and of two targets the kinder one judges. Of a plan that the patient stopped, the
day keeps what was answered before.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property, lru_cache
from itertools import zip_longest
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import String, bindparam, cast, select
from sqlalchemy.orm import Session

from app.models.home_care import HABITS, WATER, Habit, HomeCarePlan, PlanItem


@dataclass(frozen=True, slots=True)
class PlanVersion:
    """A version as plain values; see HomeCarePlan."""

    id: UUID
    version: int
    author_id: UUID | None
    asked_by: str
    effective: str
    written_at: datetime
    effective_at: datetime
    first_day: date
    items: tuple[PlanItem, ...]
    note: str
    flare: str
    stopped_at: datetime | None
    stopped_on: date | None

    @classmethod
    def of(cls, plan: HomeCarePlan) -> PlanVersion:
        return cls(
            plan.id,
            plan.version,
            plan.author_id,
            plan.asked_by,
            plan.effective,
            plan.written_at,
            plan.effective_at,
            plan.first_day,
            tuple(map(PlanItem.stored, plan.items)),
            plan.note,
            plan.flare,
            plan.stopped_at,
            plan.stopped_on,
        )

    @property
    def author(self) -> UUID | str:
        """As HomeCarePlan has it."""
        return self.author_id or self.asked_by

    def item(self, item_id: str) -> PlanItem | None:
        return next((item for item in self.items if item.id == item_id), None)

    def leaves_on(self, day: date) -> bool:
        """Whether the version before this one still counts on `day`."""
        return day < self.first_day or (day == self.first_day and self.effective == "now")

    def is_followed_on(self, day: date) -> bool:
        """Whether the patient had not stopped it before `day`."""
        return self.stopped_on is None or day <= self.stopped_on

    def is_followed_to_the_end_of(self, day: date) -> bool:
        return self.stopped_on is None or day < self.stopped_on


@dataclass(frozen=True, slots=True)
class AskedItem:
    """An item and the version that asks for it."""

    item: PlanItem
    by: PlanVersion


@dataclass(frozen=True)
class DayPlan:
    """What was asked of one day. Told when it is asked for: a list of many people needs little of it."""

    day: date
    held: tuple[tuple[PlanVersion, ...], ...]
    """The versions of each author that held at some time of the day, the last one at its end."""

    @cached_property
    def habits(self) -> Mapping[str, Habit]:
        """The targets by measure; those everybody starts with while nothing was written yet."""
        if not self.held:
            return _STARTING_HABITS
        of_authors = [_together_of(self._habits_of(line), _kinder) for line in self.held]
        return _together_of(of_authors, _stricter)

    @cached_property
    def asked(self) -> tuple[AskedItem, ...]:
        """The items that hold at the end of the day and fall on its weekday."""
        return tuple(
            AskedItem(item, line[-1])
            for line in self.held
            if line[-1].is_followed_to_the_end_of(self.day)
            for item in self._due(line[-1]).items
        )

    @cached_property
    def dropped(self) -> tuple[AskedItem, ...]:
        """The items a change during the day took away, which count only if answered."""
        if all(len(line) == 1 and line[0].is_followed_to_the_end_of(self.day) for line in self.held):
            return ()
        kept = {(one.by.author_id, one.item.id) for one in self.asked}
        dropped = {
            (version.author_id, item.id): AskedItem(item, version)
            for line in self.held
            for version in line
            for item in self._due(version).items
            if (version.author_id, item.id) not in kept
        }
        return tuple(dropped.values())

    def _habits_of(self, line: Iterable[PlanVersion]) -> list[Mapping[str, Habit]]:
        return [self._due(version).habits for version in line]

    def _due(self, version: PlanVersion) -> _Due:
        return _due_on(version.items, self.day.weekday())


@dataclass(frozen=True, slots=True)
class PlanHistory:
    """The versions of one patient, by whoever wrote them, without those that never came to count."""

    lines: tuple[tuple[PlanVersion, ...], ...]
    """One line of versions for each author, the oldest first."""

    @classmethod
    def of(cls, versions: Iterable[PlanVersion]) -> PlanHistory:
        by_author: dict[UUID | str, list[PlanVersion]] = defaultdict(list)
        for one in sorted(versions, key=lambda one: one.version):
            by_author[one.author].append(one)
        return cls(tuple(_came_to_count(line) for line in by_author.values()))

    def only_by(self, *authors: UUID) -> PlanHistory:
        """What these authors wrote, for somebody who must not learn of the others."""
        return PlanHistory(tuple(line for line in self.lines if line[-1].author_id in authors))

    def newest(self) -> list[PlanVersion]:
        """The newest version of each author, whether or not it counts already."""
        return [line[-1] for line in self.lines]

    def in_force_at(self, now: datetime) -> list[PlanVersion]:
        """The version of each author that holds at `now`."""
        began = ([one for one in line if one.effective_at <= now] for line in self.lines)
        return [line[-1] for line in began if line and line[-1].stopped_at is None]

    def coming_at(self, now: datetime) -> list[PlanVersion]:
        """The versions that begin later than `now`."""
        return [one for one in self.newest() if one.effective_at > now and one.stopped_at is None]

    def before(self, version: PlanVersion) -> PlanVersion | None:
        """The version of the same author that `version` took over from; none after one that was stopped."""
        line = next((line for line in self.lines if version in line), ())
        earlier = [one for one in line if one.version < version.version]
        stopped_at = earlier[-1].stopped_at if earlier else None
        is_over = stopped_at is not None and stopped_at <= version.written_at
        return earlier[-1] if earlier and not is_over else None

    def on(self, day: date) -> DayPlan:
        """What was asked of `day`."""
        return DayPlan(day, tuple(held for line in self.lines if (held := _held_on(line, day))))


def plan_history(db: Session, patient_id: UUID) -> PlanHistory:
    """All versions of a patient, whoever wrote them."""
    return plan_histories(db, [patient_id])[patient_id]


def plan_histories(db: Session, patient_ids: Sequence[UUID]) -> dict[UUID, PlanHistory]:
    """The same for many patients in one statement."""
    found: dict[UUID, list[PlanVersion]] = {patient_id: [] for patient_id in patient_ids}
    for row in db.execute(_VERSIONS, {"patients": list(patient_ids)}).mappings():
        values = {name: row[name] for name in _PLAIN}
        found[row["patient_id"]].append(PlanVersion(**values, items=_items(row["items_text"])))
    return {patient_id: PlanHistory.of(versions) for patient_id, versions in found.items()}


# Plain columns, and the items as text: reading the plans of a hundred patients row by row as objects would
# take longer than all the rest of their list.
_STARTING_HABITS = {habit.measure: habit for habit in HABITS}
_PLAN = HomeCarePlan.__table__  # type: ignore[attr-defined]
_PLAIN = tuple(field.name for field in fields(PlanVersion) if field.name != "items")
_VERSIONS = select(
    _PLAN.c.patient_id,
    cast(_PLAN.c["items"], String).label("items_text"),
    *(_PLAN.c[name] for name in _PLAIN),
).where(_PLAN.c.patient_id.in_(bindparam("patients", expanding=True)), _PLAN.c.withdrawn_at.is_(None))


@lru_cache(maxsize=4096)
def _items(stored: str) -> tuple[PlanItem, ...]:
    """Versions never change, so what was read once need not be read again."""
    return tuple(map(PlanItem.stored, json.loads(stored)))


def water_target_on(db: Session, patient_id: UUID, day: date) -> int | None:
    """Glasses asked for on `day`, None when the plan of that day asks for no number."""
    habit = plan_history(db, patient_id).on(day).habits.get(WATER.measure)
    return int(habit.least) if habit and habit.least >= 1 else None


def _came_to_count(line: Sequence[PlanVersion]) -> tuple[PlanVersion, ...]:
    """Without the versions that a newer one overtook before they began."""
    kept: list[PlanVersion] = []
    for one in reversed(line):
        if not kept or one.effective_at < kept[-1].effective_at:
            kept.append(one)
    return tuple(reversed(kept))


def _held_on(line: Sequence[PlanVersion], day: date) -> tuple[PlanVersion, ...]:
    """The versions of a line that held at some time of `day`, the last one at its end."""
    return tuple(
        one
        for one, after in zip_longest(line, line[1:])
        if one.first_day <= day and one.is_followed_on(day) and (after is None or after.leaves_on(day))
    )


class _Due(NamedTuple):
    """The items that fall on a weekday, and their targets."""

    items: tuple[PlanItem, ...]
    habits: Mapping[str, Habit]


@lru_cache(maxsize=4096)
def _due_on(items: tuple[PlanItem, ...], weekday: int) -> _Due:
    due = tuple(item for item in items if item.falls_on(weekday))
    return _Due(due, _together(filter(None, (item.habit for item in due)), _stricter))


def _together_of(found: Sequence[Mapping[str, Habit]], join: Any) -> Mapping[str, Habit]:
    """The target of each measure: the kinder one of a day's versions, the one that meets all authors."""
    if len(found) == 1:
        return found[0]
    return _together((habit for habits in found for habit in habits.values()), join)


def _together(habits: Iterable[Habit], join: Any) -> dict[str, Habit]:
    joined: dict[str, Habit] = {}
    for habit in habits:
        so_far = joined.get(habit.measure)
        joined[habit.measure] = habit if so_far is None else join(so_far, habit)
    return joined


def _kinder(one: Habit, other: Habit) -> Habit:
    """Met by whatever meets either."""
    most = None if one.most is None or other.most is None else max(one.most, other.most)
    return Habit(one.measure, min(one.least, other.least), most)


def _stricter(one: Habit, other: Habit) -> Habit:
    """Met by what meets both; where nothing could, the higher aim stands alone."""
    least = max(one.least, other.least)
    ends = [most for most in (one.most, other.most) if most is not None]
    most = min(ends) if ends else None
    return Habit(one.measure, least, None if most is not None and most < least else most)
