"""The ledger of deliveries: what became of each, as the phone and the patient tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import local_time
from app.errors import TooMany
from app.language import _
from app.models.patient import Patient, PatientProfile
from app.models.push import TEST, Delivery, DeliveryState, PushSubscription
from app.models.reminder import Reminder
from app.reminders.decide import Suppression
from app.reminders.mailbox import no_mailbox

TEST_VALID_FOR = timedelta(minutes=5)
TESTS_PER_MINUTE = 6


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One delivery as its patient sees it. `subscription_id` and `device_name` tell for which device; both
    are None when it was for none."""

    id: UUID
    reminder_id: UUID | None
    subscription_id: UUID | None
    kind: str
    day: date
    slot: str
    state: str
    reason: str | None
    device_name: str | None
    http_status: int | None
    planned_at: datetime
    claimed_at: datetime | None
    sent_at: datetime | None
    shown_at: datetime | None
    opened_at: datetime | None
    acted_at: datetime | None
    undone_at: datetime | None
    action: str | None
    entry_id: UUID | None


def deliveries_of(
    db: Session, account_id: UUID, since: datetime, at_most: int, after: UUID | None = None
) -> list[LedgerLine]:
    """What was planned from `since` on, the newest first, continued after the delivery `after`."""
    query = (
        select(Delivery, col(PushSubscription.device_name))
        .outerjoin(PushSubscription, col(PushSubscription.id) == col(Delivery.subscription_id))
        .where(col(Delivery.account_id) == account_id, col(Delivery.planned_at) >= since)
        .order_by(col(Delivery.planned_at).desc(), col(Delivery.id))
        .limit(at_most)
    )
    last = db.get(Delivery, after) if after else None
    if last is not None:
        same_instant = and_(col(Delivery.planned_at) == last.planned_at, col(Delivery.id) > last.id)
        query = query.where(or_(col(Delivery.planned_at) < last.planned_at, same_instant))
    return [_line(delivery, device_name) for delivery, device_name in db.execute(query)]


@dataclass(frozen=True, slots=True)
class Occurred:
    """One occurrence of a reminder, or one test, with what became of it on each device."""

    reminder_id: UUID | None
    kind: str
    day: date
    slot: str
    lines: tuple[LedgerLine, ...]


def occurrences_of(db: Session, account_id: UUID, since: datetime, at_most: int) -> list[Occurred]:
    """What was planned from `since` on, one for each occurrence, the newest first."""
    together: dict[tuple[object, ...], list[LedgerLine]] = {}
    for line in deliveries_of(db, account_id, since, at_most):
        together.setdefault((line.reminder_id, line.kind, line.day, line.slot), []).append(line)
    return [
        Occurred(lines[0].reminder_id, lines[0].kind, lines[0].day, lines[0].slot, tuple(lines))
        for lines in together.values()
    ]


def order_test_in_patience(db: Session, patient: PatientProfile, now: datetime) -> list[LedgerLine]:
    """As `order_test`; raises TooMany when enough tests were sent within the last minute."""
    db.get_one(Patient, patient.id, with_for_update={"key_share": True})
    lately = db.scalar(
        select(func.count()).where(
            col(Delivery.account_id) == patient.id,
            col(Delivery.planned_at) > now - timedelta(minutes=1),
            col(Delivery.kind) == TEST,
        )
    )
    if (lately or 0) >= TESTS_PER_MINUTE:
        raise TooMany(_("That was enough tests for a minute."), retry_after=60)
    return order_test(db, patient, now)


def order_test(db: Session, patient: PatientProfile, now: datetime) -> list[LedgerLine]:
    """A test notification for each of the patient's devices, ready to be claimed."""
    devices = db.scalars(
        select(PushSubscription).where(
            col(PushSubscription.account_id) == patient.id,
            col(PushSubscription.forgotten_at).is_(None),
            no_mailbox(),
        )
    ).all()
    deliveries = [(_test(patient, device, now), device.device_name) for device in devices]
    db.add_all(delivery for delivery, _name in deliveries)
    db.flush()
    return [_line(delivery, name) for delivery, name in deliveries]


def hold_back(db: Session, reminder: Reminder) -> None:
    """What is on its way of this reminder is not wanted any more."""
    db.execute(
        update(Delivery)
        .where(col(Delivery.reminder_id) == reminder.id, col(Delivery.state) == DeliveryState.CLAIMED.value)
        .values(state=DeliveryState.SUPPRESSED.value, reason=Suppression.REVOKED.value, lease_until=None)
    )


def _test(patient: PatientProfile, device: PushSubscription, now: datetime) -> Delivery:
    local = local_time(now, patient.zone)
    return Delivery(
        id=uuid4(),
        account_id=patient.id,
        subscription_id=device.id,
        kind=TEST,
        day=local.date(),
        slot=f"{local:%H:%M}",
        counts_for=patient.day_at(now),
        state=DeliveryState.CLAIMED.value,
        planned_at=now,
        valid_until=now + TEST_VALID_FOR,
        lease_until=now,
    )


def _line(delivery: Delivery, device_name: str | None) -> LedgerLine:
    shown: Sequence[str] = [name for name in LedgerLine.__slots__ if name != "device_name"]
    return LedgerLine(device_name=device_name, **{name: getattr(delivery, name) for name in shown})
