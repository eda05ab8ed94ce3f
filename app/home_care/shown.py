"""A plan as its patient and as its therapist see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.home_care.advice import advice_on
from app.home_care.answers import GivenAnswer, answers_to
from app.home_care.changes import Changed, ItemChange, changes_between
from app.models.daily_log import Day, day_on
from app.models.home_care import HABITS, PlanItem, PlanItemKind
from app.models.patient import PatientProfile
from app.models.plan_in_force import PlanHistory, PlanVersion, plan_history
from app.models.reminder import Weekday


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """How much, in the unit of the item's measure; an end that is None is open."""

    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class ShownItem:
    """An item of a version; see PlanItemIn."""

    id: str
    kind: PlanItemKind
    title: str
    why: str
    dose: str
    target: ShownTarget | None
    days: list[Weekday]
    reminder_times: list[str]
    link: str | None
    bad_day: str | None

    @classmethod
    def of(cls, item: PlanItem) -> ShownItem:
        has_target = item.least is not None or item.most is not None
        return cls(
            item.id,
            item.kind,
            item.title,
            item.why,
            item.dose,
            ShownTarget(item.least, item.most) if has_target else None,
            list(item.days),
            list(item.reminder_times),
            item.link,
            item.bad_day,
        )


@dataclass(frozen=True, slots=True)
class ShownChange:
    """What became of an item. `fields` names what differs from `before`."""

    what: Changed
    item: ShownItem
    before: ShownItem | None
    fields: list[str]

    @classmethod
    def of(cls, change: ItemChange) -> ShownChange:
        before = ShownItem.of(change.before) if change.before else None
        return cls(change.what, ShownItem.of(change.item), before, list(change.fields))


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version, why it was written, what changed in it, and what the patient answered.

    `author_id` is a therapist's or the patient's own id. `first_day` is the patient's first day with it,
    `stopped_at` when they stopped following it.
    """

    version: int
    author_id: UUID | None
    asked_by: str
    effective: str
    written_at: datetime
    effective_at: datetime
    first_day: date
    items: list[ShownItem]
    note: str
    flare: str
    changes: list[ShownChange]
    answers: list[GivenAnswer]
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OwnItem:
    """An item in force as its patient sees it today; see PlanItemIn.

    `today` is the tick of this day, `answer` what was last said to this item of `version`. `version` and
    `asked_by` are None for the habits everybody starts with; `author_id` is the patient's own id for what
    they wrote themselves. `advice` is what to know before doing it. `is_answered` says whether this day
    holds an answer already, be it a tick or a measure.
    """

    id: str
    kind: PlanItemKind
    title: str
    why: str
    dose: str
    target: ShownTarget | None
    days: list[Weekday]
    reminder_times: list[str]
    link: str | None
    bad_day: str | None
    version: int | None
    asked_by: str | None
    author_id: UUID | None
    due_today: bool
    today: str | None
    is_answered: bool
    answer: GivenAnswer | None
    advice: str | None


@dataclass(frozen=True, slots=True)
class OwnChange:
    """A change with the version it came in and why; see ShownChange."""

    version: int
    asked_by: str
    why: str
    effective_at: datetime
    what: Changed
    item: ShownItem
    before: ShownItem | None
    fields: list[str]


@dataclass(frozen=True, slots=True)
class BadDay:
    """What one author wants kept on a bad day."""

    asked_by: str
    words: str
    items: list[ShownItem]


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """Everything in force for a patient, whoever asked for it, and what is about to change.

    `next` is the id of the first item that is still to be answered today.
    """

    day: date
    version: int | None
    next: str | None
    items: list[OwnItem]
    changes: list[OwnChange]
    in_force: list[ShownVersion]
    coming: list[ShownVersion]
    bad_day: list[BadDay]


STARTING_KINDS = (PlanItemKind.WATER, PlanItemKind.STRETCH, PlanItemKind.SLEEP)


def own_plan(db: Session, patient: PatientProfile, now: datetime) -> OwnPlan:
    """The plans of all authors together, as of `now`."""
    history, today = plan_history(db, patient.id), patient.day_at(now)
    in_force = history.in_force_at(now)
    coming = history.coming_at(now)
    shown = shown_versions(db, history, [*in_force, *coming])
    logged = day_on(db, patient.id, today)
    items = [_own_item(shown[one.id], item, today, logged) for one in in_force for item in one.items]
    if not in_force:
        items = [_own_item(None, item, today, logged) for item in starting_items()]
    return OwnPlan(
        day=today,
        version=max((one.version for one in in_force), default=None),
        next=next((item.id for item in items if item.due_today and not item.is_answered), None),
        items=items,
        changes=[change for one in (*in_force, *coming) for change in _own_changes(shown[one.id])],
        in_force=[shown[one.id] for one in in_force],
        coming=[shown[one.id] for one in coming],
        bad_day=bad_day_plans(in_force),
    )


def plan_by(db: Session, patient_id: UUID, author_id: UUID) -> list[ShownVersion]:
    """Every version that one author wrote, the newest first."""
    history = plan_history(db, patient_id)
    versions = [one for line in history.lines for one in line if one.author_id == author_id]
    shown = shown_versions(db, history, versions)
    return [shown[one.id] for one in reversed(versions)]


def holding_at(versions: Sequence[ShownVersion], now: datetime) -> ShownVersion | None:
    """The one in force of an author's versions, the newest first."""
    begun = next((one for one in versions if one.effective_at <= now), None)
    return begun if begun and begun.stopped_at is None else None


def shown_versions(
    db: Session, history: PlanHistory, versions: Sequence[PlanVersion]
) -> dict[UUID, ShownVersion]:
    answers = answers_to(db, [one.id for one in versions])
    return {one.id: _shown(one, history.before(one), answers[one.id]) for one in versions}


def starting_items() -> list[PlanItem]:
    """The habits everybody starts with, as the items of a plan nobody has written."""
    return [
        PlanItem(
            id=kind.value,
            kind=kind,
            title="",
            why="",
            dose="",
            least=habit.least,
            most=habit.most,
            days=tuple(Weekday),
            reminder_times=(),
            link=None,
            bad_day=None,
        )
        for kind, habit in zip(STARTING_KINDS, HABITS, strict=True)
    ]


def bad_day_plans(in_force: Iterable[PlanVersion]) -> list[BadDay]:
    """What to hold on to on a bad day; nothing from those who said nothing about it."""
    told = [
        BadDay(one.asked_by, one.flare, [ShownItem.of(item) for item in one.items if item.bad_day])
        for one in in_force
    ]
    return [plan for plan in told if plan.words or plan.items]


def _shown(version: PlanVersion, before: PlanVersion | None, answers: list[GivenAnswer]) -> ShownVersion:
    changes = changes_between(before.items if before else (), version.items)
    return ShownVersion(
        version.version,
        version.author_id,
        version.asked_by,
        version.effective,
        version.written_at,
        version.effective_at,
        version.first_day,
        [ShownItem.of(item) for item in version.items],
        version.note,
        version.flare,
        [ShownChange.of(change) for change in changes],
        answers,
        version.stopped_at,
    )


def _own_item(by: ShownVersion | None, item: PlanItem, today: date, logged: Day | None) -> OwnItem:
    tick = _tick(item, logged)
    return OwnItem(
        **_fields(ShownItem.of(item)),
        version=by.version if by else None,
        asked_by=by.asked_by if by else None,
        author_id=by.author_id if by else None,
        due_today=item.falls_on(today.weekday()),
        today=tick,
        is_answered=tick is not None or _is_measured(item, logged),
        answer=next((one for one in by.answers if one.item == item.id), None) if by else None,
        advice=advice_on(item.kind),
    )


def _tick(item: PlanItem, logged: Day | None) -> str | None:
    return (logged.plan_items or {}).get(item.id) if logged else None


def _is_measured(item: PlanItem, logged: Day | None) -> bool:
    """Whether the day's measure has reached what the item asks for."""
    habit = item.habit
    value = getattr(logged, habit.measure, None) if habit else None
    return habit is not None and value is not None and habit.met_by(value)


def _own_changes(version: ShownVersion) -> list[OwnChange]:
    return [
        OwnChange(
            version=version.version,
            asked_by=version.asked_by,
            why=version.note,
            effective_at=version.effective_at,
            **_fields(change),
        )
        for change in version.changes
    ]


def _fields(shown: ShownItem | ShownChange) -> dict[str, Any]:
    return {field.name: getattr(shown, field.name) for field in fields(shown)}
