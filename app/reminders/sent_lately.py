"""What a patient's devices got lately, and what it leaves room for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.clock import local_time
from app.models.push import TEST, Delivery, DeliveryState
from app.reminders.decide import Others
from app.reminders.given import given_ids, ids_of
from app.reminders.promised import Promised, that_will_come

_DELIVERY = Delivery.__table__  # type: ignore[attr-defined]

SENT_WITHIN = timedelta(hours=30)
"""Longer than a local day and the longest wait before a last attempt."""
_GETTING_THERE = (DeliveryState.CLAIMED, DeliveryState.SENT, DeliveryState.SHOWN, DeliveryState.ACTED)

Occasion = tuple[UUID | None, date, str]
"""One occurrence of one reminder, whatever the number of devices."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a patient's devices got or are getting, and since when."""

    occasion: Occasion
    at: datetime
    put_off: bool


def sent_lately(db: Session, patients: Iterable[UUID], now: datetime) -> defaultdict[UUID, list[Sent]]:
    """What each of these patients was sent within a day."""
    sent: defaultdict[UUID, list[Sent]] = defaultdict(list)
    for row in db.execute(_SENT_LATELY, {"people": ids_of(patients), "since": now - SENT_WITHIN}):
        sent[row.account_id].append(Sent((row.reminder_id, row.day, row.slot), row.claimed_at, row.put_off))
    return sent


def others_at(
    now: datetime, zone: str, rank: int, sent: Sequence[Sent], promised: Iterable[Promised]
) -> Others:
    """What one patient's other reminders mean for one of this rank that is due `now`."""
    today, last_sent_at = local_time(now, zone).date(), max((one.at for one in sent), default=None)
    counted = {one.occasion for one in sent if not one.put_off and local_time(one.at, zone).date() == today}
    above = that_will_come([one for one in promised if one.rank < rank], last_sent_at)
    return Others(
        sent_today=len(counted),
        last_sent_at=last_sent_at,
        promised_today=len(above),
        promised_at=min(above, default=None),
    )


_SENT_LATELY = select(_DELIVERY.c["account_id", "reminder_id", "day", "slot", "claimed_at", "put_off"]).where(
    _DELIVERY.c.account_id.in_(given_ids("people")),
    _DELIVERY.c.planned_at > bindparam("since"),
    _DELIVERY.c.claimed_at.is_not(None),
    _DELIVERY.c.state.in_([state.value for state in _GETTING_THERE]),
    _DELIVERY.c.kind != TEST,
)
