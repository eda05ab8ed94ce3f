"""What deciding needs to know of the steps after held sessions, for many patients at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, bindparam, select
from sqlalchemy.orm import Session

from app.clock import local_time
from app.models.aftercare import StepKind
from app.models.care import CareRelationship
from app.models.reminder import Reminder, ReminderKind
from app.models.treatment_session import TreatmentSession, is_kept_alone
from app.reminders.decide import RANK, comes_to_nothing
from app.reminders.free import FreeDelivery
from app.reminders.given import given_ids, ids_of
from app.reminders.promised import Promised

_REMINDER = Reminder.__table__  # type: ignore[attr-defined]
_SESSION = TreatmentSession.__table__  # type: ignore[attr-defined]
_CARE = CareRelationship.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Step:
    """What a step is about, and through which day its therapist may reach the patient.

    `until` is None for never (any more); a session that a patient keeps alone reaches them always.
    """

    kind: StepKind
    until: date | None

    def may_reach_on(self, day: date) -> bool:
        return self.until is not None and day <= self.until


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps among the reminders of a batch (`of`), the days on which steps come, and those to come."""

    of: Mapping[UUID, Step]
    days: frozenset[tuple[UUID, date]]
    coming: Mapping[tuple[UUID, date], list[tuple[StepKind, datetime]]]

    def promised_to(
        self, patient_id: UUID, today: date, logged: Mapping[str, Any], now: datetime
    ) -> list[Promised]:
        """What a patient still gets today, where this is logged; overdue counts as now."""
        return [
            Promised(RANK[ReminderKind.AFTERCARE], max(at, now))
            for step, at in self.coming.get((patient_id, today), ())
            if not comes_to_nothing(step, logged)
        ]


def _with_consent(*columns: Any) -> Select[Any]:
    """Steps with what says whether their therapist may reach the patient."""
    return (
        select(
            *columns,
            is_kept_alone().label("is_kept_alone"),
            _CARE.c.id.label("consent_id"),
            _CARE.c.expires_on,
        )
        .join_from(_REMINDER, _SESSION, _SESSION.c.id == _REMINDER.c.session_id)
        .outerjoin(
            _CARE,
            and_(
                _CARE.c.therapist_id == _SESSION.c.therapist_id,
                _CARE.c.patient_id == _SESSION.c.patient_id,
                _CARE.c.accepted_at.is_not(None),
                _CARE.c.revoked_at.is_(None),
            ),
        )
    )


_PLANNED = _with_consent(_REMINDER.c["id", "patient_id", "on_day", "due_at", "step"]).where(
    _REMINDER.c.patient_id.in_(given_ids("people")),
    _REMINDER.c.on_day.is_not(None),
    _REMINDER.c.switched_off_at.is_(None),
)
_STEP_DAYS = _PLANNED.where(_REMINDER.c.on_day.in_(bindparam("days", expanding=True)))
_TO_COME = _PLANNED.where(_REMINDER.c.on_day >= bindparam("today"))
_STEPS = _with_consent(_REMINDER.c["id", "step"]).where(
    _REMINDER.c.id.in_(bindparam("reminders", expanding=True))
)


def steps_around(db: Session, free: Sequence[FreeDelivery], now: datetime) -> Steps:
    """The steps among these deliveries, and those that come to the same patients about now."""
    ours = [row.reminder_id for row in free if row.kind == ReminderKind.AFTERCARE and row.reminder_id]
    people = {row.account_id for row in free if row.reminder_id}
    days: set[tuple[UUID, date]] = set()
    coming: defaultdict[tuple[UUID, date], list[tuple[StepKind, datetime]]] = defaultdict(list)
    for row in _days_with_steps(db, people, now):
        days.add((row.patient_id, row.on_day))
        if row.due_at is not None:
            coming[row.patient_id, row.on_day].append((StepKind(row.step), row.due_at))
    return Steps(steps_of(db, ours), frozenset(days), coming)


def steps_of(db: Session, reminder_ids: Sequence[UUID]) -> dict[UUID, Step]:
    """What these reminders are about, by their ids."""
    rows = db.execute(_STEPS, {"reminders": reminder_ids}) if reminder_ids else ()
    return {row.id: _step(row) for row in rows}


def steps_to_come(db: Session, patient_id: UUID, today: date) -> list[UUID]:
    """The steps that come to this patient today or later."""
    rows = db.execute(_TO_COME, {"people": ids_of([patient_id]), "today": today})
    return [row.id for row in _that_reach(rows)]


def _days_with_steps(db: Session, people: set[UUID], now: datetime) -> Sequence[Row[Any]]:
    if not people:
        return []
    utc = local_time(now, "UTC").date()
    days = [utc + timedelta(days=off) for off in (-1, 0, 1)]
    return _that_reach(db.execute(_STEP_DAYS, {"people": ids_of(people), "days": days}))


def _that_reach(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Without those whose therapist may not reach the patient any more: nothing makes room for them."""
    return [row for row in rows if _step(row).may_reach_on(row.on_day)]


def _step(row: Row[Any]) -> Step:
    return Step(StepKind(row.step), _until(row))


def _until(row: Row[Any]) -> date | None:
    if row.is_kept_alone:
        return date.max
    return None if row.consent_id is None else row.expires_on or date.max
