"""The ledger of deliveries, and what notifications report back about themselves."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, PlainValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from app.api.strict_route import StrictJSONRoute
from app.deps import AppSecrets, CurrentPatient, Now, Read, Write
from app.language import _
from app.models.field_types import Instant, LocalDay
from app.reminders.heard import DeliveryEvent
from app.reminders.ledger import LedgerLine, deliveries_of
from app.reminders.schedule import instant_of
from app.taps import DeliveryNow, take_report

router = APIRouter(tags=["reminders"], route_class=StrictJSONRoute)

PAGE = 200
SHOWN_UNASKED = timedelta(days=14)


def _instant_or_day(said: object) -> datetime | date:
    for kind in (_INSTANT, _DAY):
        with suppress(ValidationError):
            return kind.validate_python(said)
    raise PydanticCustomError(
        "since", _("Write an instant such as 2026-03-18T12:00:00Z, or a day as YYYY-MM-DD.")
    )


_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_DAY: TypeAdapter[date] = TypeAdapter(LocalDay)
Since = Annotated[datetime | date, PlainValidator(_instant_or_day, json_schema_input_type=datetime | date)]
"""Of two kinds that do not fit, a union would tell by the names it has inside."""


class Ledger(BaseModel):
    """A page of deliveries, the newest first. `next_cursor` is the id of the last when there are more."""

    deliveries: list[LedgerLine]
    next_cursor: UUID | None


@router.get("/deliveries")
async def list_deliveries(
    patient: CurrentPatient,
    read: Read,
    now: Now,
    since: Annotated[Since | None, Query(description="An instant or a day; else 14 days.")] = None,
    cursor: Annotated[UUID | None, Query(description="`next_cursor` of the page before.")] = None,
) -> Ledger:
    """What became of every reminder, on each device, the newest first."""
    first = _as_instant(since, patient.zone) or now - SHOWN_UNASKED
    lines = await read(deliveries_of, patient.id, first, PAGE + 1, cursor)
    return Ledger(deliveries=lines[:PAGE], next_cursor=lines[PAGE - 1].id if len(lines) > PAGE else None)


@router.post("/deliveries/{delivery_id}/events")
async def post_event(
    delivery_id: UUID, said: DeliveryEvent, request: Request, secrets: AppSecrets, write: Write, now: Now
) -> DeliveryNow:
    """Shown, opened, acted upon or taken back; the token in the notification is the permission.

    Said twice is once. `title` and `body` answer a tap, as the notification that replaces the first.
    """
    delivery = await write(take_report, delivery_id, said, secrets.key, now)
    request.app.state.worker.wake()
    return delivery


def _as_instant(since: datetime | date | None, zone: str) -> datetime | None:
    """A day begins at its midnight in the patient's zone."""
    if since is None or isinstance(since, datetime):
        return since
    return instant_of(since, time(), zone) or instant_of(since + timedelta(days=1), time(), zone)
