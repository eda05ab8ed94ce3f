"""Deliveries that nobody is sending: just planned, or given back by a worker that died or has to wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, literal, literal_column, select, update
from sqlalchemy.orm import Session

from app.database import INSERT
from app.models.account import Account
from app.models.patient import Patient
from app.models.push import Delivery, DeliveryState, PushSubscription
from app.models.reminder import Reminder
from app.reminders.decide import RANK, Suppression
from app.reminders.given import given_ids, given_rows, id_in, ids_of, rows_of
from app.reminders.mailbox import MAILTO, no_former_mailbox

LEASE = timedelta(seconds=60)
"""Longer than any send can take, retry with a fresh signature included."""

_REMINDER = Reminder.__table__  # type: ignore[attr-defined]
_DELIVERY = Delivery.__table__  # type: ignore[attr-defined]
_DEVICE = PushSubscription.__table__  # type: ignore[attr-defined]
_PATIENT = Patient.__table__  # type: ignore[attr-defined]
_ACCOUNT = Account.__table__  # type: ignore[attr-defined]


class FreeDelivery(NamedTuple):
    """One occurrence for one device, with what deciding and sending need to know.

    `endpoint` is None when there is no device to send it to. `attempts` counts those already made.
    `is_unclear`: a letter that a worker set out to post, and nobody can tell whether it did.
    """

    id: UUID
    account_id: UUID
    reminder_id: UUID | None
    subscription_id: UUID | None
    kind: str
    day: date
    slot: str
    counts_for: date
    put_off: bool
    planned_at: datetime
    valid_until: datetime
    attempts: int
    endpoint: str | None
    p256dh: str
    auth: str
    server_key: str | None
    detail: bool
    quiet_from: time
    quiet_until: time
    day_starts_at: time
    reminders_paused_until: datetime | None
    reminders_a_day: int
    zone: str
    locale: str
    text: str | None
    step: str | None
    plan_item: str | None
    target: float | None
    is_on: bool
    is_unclear: bool


class Fate(NamedTuple):
    """What is decided about a delivery, as it is written down."""

    state: str
    reason: str | None
    attempts: int
    claimed_at: datetime | None
    lease_until: datetime | None

    @classmethod
    def sent(cls, now: datetime) -> Fate:
        """To be sent by whoever asked. A lease that runs out frees it again."""
        return cls(DeliveryState.CLAIMED.value, None, 1, now, now + LEASE)

    @classmethod
    def left(cls, now: datetime) -> Fate:
        """To be decided at the next look."""
        return cls(DeliveryState.CLAIMED.value, None, 0, None, now)

    @classmethod
    def unclear(cls) -> Fate:
        """Not to be sent again: a letter cannot take the place of an earlier one as a push message does."""
        return cls(DeliveryState.FAILED.value, "unclear", 0, None, None)

    @classmethod
    def held_back(cls, reason: Suppression) -> Fate:
        state = DeliveryState.EXPIRED if reason is Suppression.EXPIRED else DeliveryState.SUPPRESSED
        return cls(state.value, reason.value, 0, None, None)


Fated = tuple[FreeDelivery, Fate]


def given_back(db: Session, now: datetime, at_most: int) -> list[FreeDelivery]:
    """What was planned before and is free, the one that waits longest first, held by this transaction."""
    return [FreeDelivery._make(row) for row in db.execute(_GIVEN_BACK.limit(at_most), {"now": now})]


def write_planned(db: Session, planned: Iterable[Fated]) -> set[UUID]:
    """Add to the ledger what was not in it; answers the ids of what was."""
    alike: defaultdict[tuple[Any, ...], list[FreeDelivery]] = defaultdict(list)
    for delivery, fate in planned:
        alike[*delivery[4:11], *fate].append(delivery)
    return {one for shared, some in alike.items() for one in _add(db, some, shared)}


def write_given_back(db: Session, decided: Iterable[Fated]) -> None:
    alike: defaultdict[Fate, list[UUID]] = defaultdict(list)
    for delivery, fate in decided:
        alike[fate].append(delivery.id)
    for fate, ids in alike.items():
        statement = _HELD_BACK if fate.claimed_at is None else _LEASED
        db.execute(statement, {"ids": ids_of(ids), **fate._asdict()})


# In the words of the index, which holds only such rows: a bound value would leave it unused.
IN_FLIGHT = _DELIVERY.c.state == literal(DeliveryState.CLAIMED.value, literal_execute=True)
_CAN_BE_SENT_TO = and_(_DEVICE.c.forgotten_at.is_(None), _DEVICE.c.disabled_at.is_(None), no_former_mailbox())
_IS_MAILBOX = _DEVICE.c.endpoint.like(f"{MAILTO}%")
_RANK = case(RANK, value=_DELIVERY.c.kind, else_=0)
_GIVEN_BACK = (
    select(
        _DELIVERY.c["id", "account_id", "reminder_id", "subscription_id", "kind", "day", "slot"],
        _DELIVERY.c["counts_for", "put_off", "planned_at", "valid_until", "attempts"],
        case((_CAN_BE_SENT_TO, _DEVICE.c.endpoint)),
        _DEVICE.c["p256dh", "auth", "server_key", "detail"],
        _PATIENT.c["quiet_from", "quiet_until", "day_starts_at", "reminders_paused_until", "reminders_a_day"],
        _ACCOUNT.c["zone", "locale"],
        _REMINDER.c["text", "step", "plan_item", "target"],
        and_(_REMINDER.c.id.is_not(None), _REMINDER.c.switched_off_at.is_(None)),
        func.coalesce(
            _IS_MAILBOX & _DELIVERY.c.claimed_at.is_not(None) & _DELIVERY.c.reason.is_(None), False
        ),
    )
    .join_from(_DELIVERY, _ACCOUNT, _ACCOUNT.c.id == _DELIVERY.c.account_id)
    .join(_PATIENT, _PATIENT.c.id == _DELIVERY.c.account_id)
    .outerjoin(_DEVICE, _DEVICE.c.id == _DELIVERY.c.subscription_id)
    .outerjoin(_REMINDER, _REMINDER.c.id == _DELIVERY.c.reminder_id)
    .where(IN_FLIGHT, _DELIVERY.c.lease_until <= bindparam("now"))
    .order_by(_DELIVERY.c.lease_until, _DELIVERY.c.account_id, _RANK)
    # The patient too: what two workers decide about one patient at once could add up to too much.
    .with_for_update(key_share=True, skip_locked=True, of=(_DELIVERY, _PATIENT))
)
_HELD_BACK = (
    update(_DELIVERY)
    .where(_DELIVERY.c.id.in_(given_ids("ids")))
    .values(state=bindparam("state"), reason=bindparam("reason"), lease_until=None)
)
_LEASED = (
    update(_DELIVERY)
    .where(_DELIVERY.c.id.in_(given_ids("ids")))
    .values(
        attempts=_DELIVERY.c.attempts + 1,
        reason=None,
        claimed_at=bindparam("claimed_at"),
        lease_until=bindparam("lease_until"),
    )
)

_OWN = FreeDelivery._fields[:4]
_SHARED = (*FreeDelivery._fields[4:11], *Fate._fields)
_ROWS = given_rows("rows")
_ADDED = select(
    *(id_in(_ROWS, number) for number, _name in enumerate(_OWN)),
    *(bindparam(name, type_=_DELIVERY.c[name].type) for name in _SHARED),
).where(literal_column("true"))
_ADD = {
    name: insert(_DELIVERY)
    .from_select([*_OWN, *_SHARED], _ADDED)
    .on_conflict_do_nothing()
    .execution_options(preserve_rowcount=True)
    for name, insert in INSERT.items()
}
_KNOWN = select(_DELIVERY.c.id).where(_DELIVERY.c.id.in_(given_ids("ids")))


def _add(db: Session, deliveries: Sequence[FreeDelivery], shared: tuple[Any, ...]) -> Iterable[UUID]:
    rows = rows_of(delivery[:4] for delivery in deliveries)
    values = dict(zip(_SHARED, shared, strict=True))
    added = db.execute(_ADD[db.get_bind().dialect.name], {"rows": rows, **values})
    ids = [delivery.id for delivery in deliveries]
    if added.rowcount == len(ids):  # type: ignore[attr-defined]
        return ids
    return db.scalars(_KNOWN, {"ids": ids_of(ids)})
