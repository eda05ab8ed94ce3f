"""How often in a row a reminder was ignored, read from the ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, String, case, cast, func, select
from sqlalchemy.orm import Session

from app.models.patient import Patient
from app.models.push import Delivery
from app.models.reminder import Reminder
from app.reminders.back_off import Ignored
from app.reminders.given import given_ids, ids_of

_DELIVERY = Delivery.__table__  # type: ignore[attr-defined]
_PATIENT = Patient.__table__  # type: ignore[attr-defined]
_REMINDER = Reminder.__table__  # type: ignore[attr-defined]
_NEVER = datetime.fromtimestamp(0, UTC)
_LOGGED = func.coalesce(_PATIENT.c.last_logged_at, _NEVER)
_ANSWERED = func.coalesce(_PATIENT.c.last_answered_at, _NEVER)


def _since_the_last_sign(found: ColumnElement[Any]) -> ScalarSelect[Any]:
    """`found` among what was sent of a reminder since its patient last gave a sign.

    Asked for one reminder at a time, so that the index leads past all that was sent before.
    """
    return (
        select(found)
        .where(
            _DELIVERY.c.reminder_id == _REMINDER.c.id,
            _DELIVERY.c.sent_at > case((_LOGGED > _ANSWERED, _LOGGED), else_=_ANSWERED),
            _DELIVERY.c.put_off.is_(False),
        )
        .correlate(_REMINDER, _PATIENT)
        .scalar_subquery()
    )


_OCCURRENCE = cast(_DELIVERY.c.day, String) + _DELIVERY.c.slot
_IGNORED = (
    select(
        _REMINDER.c.id,
        _since_the_last_sign(func.count(func.distinct(_OCCURRENCE))),
        _since_the_last_sign(func.max(_DELIVERY.c.day)),
    )
    .join_from(_REMINDER, _PATIENT, _PATIENT.c.id == _REMINDER.c.patient_id)
    .where(_REMINDER.c.id.in_(given_ids("reminders")))
)


def ignored_of(db: Session, reminder_ids: Collection[UUID]) -> dict[UUID, Ignored]:
    """What was sent of each reminder since its patient last logged, opened, acted or changed a reminder."""
    if not reminder_ids:
        return {}
    rows = db.execute(_IGNORED, {"reminders": ids_of(reminder_ids)})
    return {reminder_id: Ignored(in_a_row, last_day) for reminder_id, in_a_row, last_day in rows}
