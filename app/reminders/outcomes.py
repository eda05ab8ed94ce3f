"""Record what push services said about deliveries, and what that means for the devices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, Update, and_, bindparam, case, exists, func, select, update
from sqlalchemy.orm import Session

from app.models.push import Delivery, DeliveryState, PushSubscription
from app.reminders.dispatch import Parcel
from app.reminders.given import given_ids, ids_of
from app.reminders.verdict import RESTING, TOO_MANY, Outcome, Verdict

STRIKES = 3
STRIKES_WITHIN = timedelta(hours=24)
"""A device whose messages were refused this often, for at least this long, gets nothing more."""

OF_THE_DEVICE = ("rejected", "redirected", "unusable_keys", "needs_resubscribe", "unclear")
"""For all else our key, our network or the whole push service may be at fault, and then all devices would be
disabled together."""

WAITS = (TOO_MANY, RESTING)
"""Nobody is at fault; the message has to wait."""

_DELIVERY = Delivery.__table__  # type: ignore[attr-defined]
_DEVICE = PushSubscription.__table__  # type: ignore[attr-defined]
_THIS = _DELIVERY.c.id == bindparam("key")
_STILL_CLAIMED = _DELIVERY.c.state == DeliveryState.CLAIMED.value
_THESE = _DELIVERY.c.id.in_(given_ids("ids"))
_NOW = bindparam("now", type_=_DEVICE.c.failing_since.type)
_SAID: dict[str, Any] = {"http_status": bindparam("said_status"), "reason": bindparam("said_reason")}

# The phone may have reported "shown" before we get here; that is further along. What was held back or given
# up while it was under way was sent nevertheless, and is told so.
_TOLD_BY_PHONE = _DELIVERY.c.state.in_((DeliveryState.SHOWN.value, DeliveryState.ACTED.value))
_SENT = (
    update(_DELIVERY)
    .where(_THESE)
    .values(
        state=case((_TOLD_BY_PHONE, _DELIVERY.c.state), else_=DeliveryState.SENT.value),
        sent_at=_NOW,
        lease_until=None,
        **_SAID,
    )
)
_PUT_BACK = (
    update(_DELIVERY)
    .where(_THIS, _STILL_CLAIMED)
    .values(lease_until=bindparam("free_at"), attempts=bindparam("sends"), **_SAID)
)
_ENDED = (
    update(_DELIVERY).where(_THIS, _STILL_CLAIMED).values(state=bindparam("end"), lease_until=None, **_SAID)
)
# A browser renews its endpoint just when the old one ends: the message goes there then, and what was said of
# the old one is nothing against the new.
_RENEWED = exists().where(
    _DEVICE.c.id == _DELIVERY.c.subscription_id,
    _DEVICE.c.endpoint != bindparam("sent_to"),
    _DEVICE.c.forgotten_at.is_(None),
)
_GONE_FROM = (
    update(_DELIVERY)
    .where(_THIS, _STILL_CLAIMED)
    .values(
        state=case((_RENEWED, DeliveryState.CLAIMED.value), else_=DeliveryState.FAILED.value),
        lease_until=case((_RENEWED, _NOW)),
        **_SAID,
    )
)
_ON_DEVICE = and_(_DEVICE.c.id == bindparam("key"), _DEVICE.c.endpoint == bindparam("sent_to"))
_ALIVE = (
    update(_DEVICE)
    .where(_DEVICE.c.id.in_(given_ids("ids")))
    .values(last_accepted_at=_NOW, strikes=0, failing_since=None, disabled_at=None)
)
_GONE = update(_DEVICE).where(_ON_DEVICE).values(forgotten_at=_NOW)
_FAILING = (
    update(_DEVICE).where(_ON_DEVICE).values(failing_since=func.coalesce(_DEVICE.c.failing_since, _NOW))
)
_STRUCK_OUT = and_(_DEVICE.c.strikes + 1 >= STRIKES, _DEVICE.c.failing_since <= bindparam("day_ago"))
_STRIKE = (
    update(_DEVICE)
    .where(_ON_DEVICE)
    .values(
        strikes=_DEVICE.c.strikes + 1,
        failing_since=func.coalesce(_DEVICE.c.failing_since, _NOW),
        disabled_at=case((_STRUCK_OUT, _NOW), else_=_DEVICE.c.disabled_at),
    )
)
_HELD = {
    table: select(table.c.id)
    .where(table.c.id.in_(given_ids("ids")))
    .order_by(table.c.id)
    .with_for_update(key_share=True)
    for table in (_DELIVERY, _DEVICE)
}


def record_outcomes(db: Session, outcomes: Sequence[tuple[Parcel, Outcome]], now: datetime) -> None:
    """Write down what push services said, and what that means for the devices."""
    connection = db.connection()
    _hold(connection, _DELIVERY, {parcel.delivery_id for parcel, _outcome in outcomes})
    _write(connection, _on_deliveries(outcomes, now))
    _hold(connection, _DEVICE, {parcel.subscription_id for parcel, _outcome in outcomes})
    _write(connection, _on_devices(outcomes, now))


def _hold(connection: Connection, table: Table, ids: set[UUID]) -> None:
    """Two workers that record for the same devices, and a phone that reports what it showed, take them in one
    order: deliveries before devices. So none of them waits for ever."""
    if connection.dialect.name == "postgresql":
        connection.execute(_HELD[table], {"ids": ids_of(ids)})


def _write(connection: Connection, changes: Iterable[tuple[Update, dict[str, Any]]]) -> None:
    alike: dict[Update, list[dict[str, Any]]] = defaultdict(list)
    for change, row in changes:
        alike[change].append(row)
    for change, rows in alike.items():
        connection.execute(change, rows)


def _on_deliveries(
    outcomes: Sequence[tuple[Parcel, Outcome]], now: datetime
) -> Iterable[tuple[Update, dict[str, Any]]]:
    """Of all that is sent nearly all is accepted, and alike."""
    accepted: dict[int | None, list[UUID]] = defaultdict(list)
    for parcel, outcome in outcomes:
        if outcome.verdict is Verdict.ACCEPTED:
            accepted[outcome.http_status].append(parcel.delivery_id)
        else:
            yield _on_delivery(parcel, outcome, now)
    for status, ids in accepted.items():
        yield _SENT, {"ids": ids_of(ids), "now": now, "said_status": status, "said_reason": None}


def _on_delivery(parcel: Parcel, outcome: Outcome, now: datetime) -> tuple[Update, dict[str, Any]]:
    row = {"key": parcel.delivery_id, "said_status": outcome.http_status, "said_reason": outcome.reason}
    match outcome.verdict:
        case Verdict.RETRY if now + outcome.wait < parcel.valid_until:
            was_sent = outcome.reason != RESTING
            sends = parcel.attempt if was_sent else parcel.attempt - 1
            return _PUT_BACK, row | {"free_at": now + outcome.wait, "sends": sends}
        case Verdict.RETRY:
            return _ENDED, row | {"end": DeliveryState.EXPIRED.value}
        case Verdict.GONE:
            return _GONE_FROM, row | {"sent_to": parcel.endpoint, "now": now}
        case _:
            return _ENDED, row | {"end": DeliveryState.FAILED.value}


def _on_devices(
    outcomes: Sequence[tuple[Parcel, Outcome]], now: datetime
) -> Iterable[tuple[Update, dict[str, Any]]]:
    """What is wrong with a device is noted once, except that every strike counts."""
    alive = {_device_of(parcel) for parcel, outcome in outcomes if outcome.verdict is Verdict.ACCEPTED}
    if alive:
        yield _ALIVE, {"ids": ids_of({device_id for device_id, _endpoint in alive}), "now": now}
    gone = {_device_of(parcel) for parcel, outcome in outcomes if outcome.verdict is Verdict.GONE}
    yield from ((_GONE, {"key": key, "sent_to": endpoint, "now": now}) for key, endpoint in gone)
    settled = alive | gone
    for parcel, outcome in outcomes:
        if _device_of(parcel) not in settled and outcome.reason not in WAITS:
            row = {"key": parcel.subscription_id, "sent_to": parcel.endpoint, "now": now}
            if outcome.reason in OF_THE_DEVICE:
                yield _STRIKE, row | {"day_ago": now - STRIKES_WITHIN}
            else:
                yield _FAILING, row


def _device_of(parcel: Parcel) -> tuple[UUID, str]:
    """The device as it was when this was sent to it."""
    return parcel.subscription_id, parcel.endpoint
