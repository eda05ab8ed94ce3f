"""Turn due reminders into Deliveries, one for each device, and move the reminders on to their next time."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import structlog
from sqlalchemy import Row, String, bindparam, cast, select, update
from sqlalchemy.orm import Session

from app.models.account import Account
from app.models.patient import Patient
from app.models.push import PushSubscription
from app.models.reminder import Reminder
from app.reminders.decide import QuietHours
from app.reminders.free import FreeDelivery
from app.reminders.given import given_ids, ids_of
from app.reminders.mailbox import is_mailbox, no_former_mailbox
from app.reminders.plan import Planned, fallen_due, meant_by, next_look, plan_of
from app.settings import LONGEST_JITTER

UNREADABLE_FOR = timedelta(hours=1)
LATE_AT_MOST = timedelta(seconds=LONGEST_JITTER)
"""A plan may have been made with another jitter than there is now."""
TURNED_AT_MOST = timedelta(hours=2)
"""By so much new rules of a zone turn its clocks."""

log = structlog.get_logger()
_REMINDER = Reminder.__table__  # type: ignore[attr-defined]
_DEVICE = PushSubscription.__table__  # type: ignore[attr-defined]
_PATIENT = Patient.__table__  # type: ignore[attr-defined]
_ACCOUNT = Account.__table__  # type: ignore[attr-defined]


Planning = tuple[list[FreeDelivery], list[FreeDelivery]]
"""What can still be sent, and what is too late and only goes on record."""


def plan_due_reminders(db: Session, now: datetime, jitter: int, at_most: int) -> Planning:
    """A delivery for each device of each due reminder, not yet written down; the reminders move on."""
    due = due_reminders(db, now, at_most) if at_most > 0 else []
    devices = _devices_of(db, {row.patient_id for row in due})
    moves: defaultdict[_Standing, list[UUID]] = defaultdict(list)
    planned: list[FreeDelivery] = []
    missed: list[FreeDelivery] = []
    for row in due:
        occurrences, standing = _read(row, now, jitter, LATE_AT_MOST)
        moves[standing].append(row.id)
        missed.extend(_delivery(row, one, None) for one in occurrences[:-1])
        for device in devices[row.patient_id] or [None]:
            planned.extend(_delivery(row, one, device) for one in occurrences[-1:])
    _move_on(db, moves)
    return planned, missed


def plan_anew(db: Session, after: UUID, now: datetime, jitter: int, at_most: int) -> list[UUID]:
    """Work out when to look again at the reminders that follow `after`; answers which, in order.

    What is due already is looked at anyway, and must not lose its occurrence; what new rules of a zone have
    put behind us is due since then.
    """
    rows = db.execute(_COMING_AFTER.limit(at_most), {"after": after, "now": now}).all()
    moves: defaultdict[_Standing, list[UUID]] = defaultdict(list)
    for row in rows:
        passed, standing = _read(row, now, jitter, TURNED_AT_MOST)
        moves[_still_due(row, passed[0], jitter) if passed else standing].append(row.id)
    _move_on(db, moves)
    return [row.id for row in rows]


def due_reminders(db: Session, now: datetime, at_most: int) -> Sequence[Any]:
    """The reminders to look at now, held by this transaction, the one that waits longest first."""
    return db.execute(_DUE_REMINDERS.limit(at_most), {"now": now}).all()


def jitter_of(patient_id: UUID, jitter: int) -> timedelta:
    """The seconds by which this patient's reminders are late, so that not all leave together.

    Always the same for one patient, from 0 through `jitter`.
    """
    digest = hashlib.sha256(patient_id.bytes).digest()
    return timedelta(seconds=int.from_bytes(digest[:4]) % (jitter + 1))


_PLANS = (
    select(
        _REMINDER.c["id", "patient_id", "kind", "due_at", "snoozed_until", "snoozed_day", "on_day"],
        _REMINDER.c["text", "step", "plan_item", "target", "switched_off_at"],
        cast(_REMINDER.c.times, String).label("times"),
        cast(_REMINDER.c.days, String).label("days"),
        _PATIENT.c["quiet_from", "quiet_until", "day_starts_at", "reminders_paused_until", "reminders_a_day"],
        _ACCOUNT.c["zone", "locale"],
    )
    .join_from(_REMINDER, _PATIENT, _PATIENT.c.id == _REMINDER.c.patient_id)
    .join(_ACCOUNT, _ACCOUNT.c.id == _REMINDER.c.patient_id)
)
_DUE_REMINDERS = (
    _PLANS.where(_REMINDER.c.due_at <= bindparam("now"))
    .order_by(_REMINDER.c.due_at, _REMINDER.c.patient_id)
    # The patient too, so that all of one patient's reminders are decided by one worker at a time.
    .with_for_update(key_share=True, skip_locked=True, of=(_REMINDER, _PATIENT))
)
_COMING_AFTER = (
    _PLANS.where(_REMINDER.c.id > bindparam("after"), _REMINDER.c.due_at > bindparam("now"))
    .order_by(_REMINDER.c.id)
    .with_for_update(key_share=True, of=_REMINDER)
)
_DEVICES = (
    select(_DEVICE.c["account_id", "id", "endpoint", "p256dh", "auth", "server_key", "detail"])
    .join_from(_DEVICE, _ACCOUNT, _ACCOUNT.c.id == _DEVICE.c.account_id)
    .where(
        _DEVICE.c.account_id.in_(given_ids("people")),
        _DEVICE.c.forgotten_at.is_(None),
        _DEVICE.c.disabled_at.is_(None),
        _DEVICE.c.p256dh != "",
        no_former_mailbox(),
    )
)
_MOVE_ON = (
    update(_REMINDER)
    .where(_REMINDER.c.id.in_(given_ids("ids")))
    .values(
        due_at=bindparam("due_at"),
        snoozed_until=bindparam("snoozed_until"),
        snoozed_day=bindparam("snoozed_day"),
    )
)


class _Standing(NamedTuple):
    """Where a reminder stands: when to look at it next, and what it is put off to."""

    due_at: datetime | None
    snoozed_until: datetime | None = None
    snoozed_day: date | None = None


def _move_on(db: Session, moves: Mapping[_Standing, Sequence[UUID]]) -> None:
    for standing, ids in moves.items():
        db.execute(_MOVE_ON, {"ids": ids_of(ids), **standing._asdict()})


def _still_due(row: Row[Any], passed: Planned, jitter: int) -> _Standing:
    due_at = passed.occurrence.instant + jitter_of(row.patient_id, jitter)
    return _Standing(due_at, row.snoozed_until, row.snoozed_day)


def _read(
    row: Row[Any], now: datetime, jitter: int, within: timedelta
) -> tuple[Sequence[Planned], _Standing]:
    try:
        return _fallen_due(row, now, jitter, within)
    except (ValueError, KeyError):
        # One row nobody can read, say of a zone that is gone, must not stop everybody's reminders.
        log.error("reminders.unreadable", reminder=str(row.id))
        return (), _Standing(now + UNREADABLE_FOR, row.snoozed_until, row.snoozed_day)


def _fallen_due(
    row: Row[Any], now: datetime, jitter: int, within: timedelta
) -> tuple[Sequence[Planned], _Standing]:
    """What is due of one reminder, and where it stands afterwards. `due_at` has a jitter in it, and may lie
    `within` after the time it was meant for."""
    late = jitter_of(row.patient_id, jitter)
    planned, coming = _looked_at(
        row.kind,
        row.times,
        row.days,
        row.zone,
        (row.quiet_from, row.quiet_until),
        row.day_starts_at,
        row.snoozed_until,
        row.snoozed_day,
        row.on_day,
        due_at=row.due_at,
        late=late,
        within=within,
        until=now - late,
    )
    due_at = coming + late if coming else None
    if row.snoozed_until is not None and row.snoozed_until > now - late:
        return planned, _Standing(due_at, row.snoozed_until, row.snoozed_day)
    return planned, _Standing(due_at)


@lru_cache(maxsize=512)
def _looked_at(
    kind: str,
    times: str,
    days: str,
    zone: str,
    quiet: tuple[time, time],
    *stored: Any,
    due_at: datetime,
    late: timedelta,
    within: timedelta,
    until: datetime,
) -> tuple[tuple[Planned, ...], datetime | None]:
    """What fell due of a plan, and when to look again. Many people are reminded at eight in the evening."""
    plan = plan_of(kind, json.loads(times), json.loads(days), zone, QuietHours(*quiet), *stored)
    since = min(due_at - late, meant_by(plan, due_at, within))
    return fallen_due(plan, since, until), next_look(plan, until)


def _delivery(row: Row[Any], one: Planned, device: Row[Any] | None) -> FreeDelivery:
    return FreeDelivery(
        id=uuid4(),
        account_id=row.patient_id,
        reminder_id=row.id,
        subscription_id=device.id if device else None,
        kind=row.kind,
        day=one.occurrence.day,
        slot=one.occurrence.slot,
        counts_for=one.counts_for,
        put_off=one.put_off,
        planned_at=one.occurrence.instant,
        valid_until=one.valid_until,
        attempts=0,
        endpoint=device.endpoint if device else None,
        p256dh=device.p256dh if device else "",
        auth=device.auth if device else "",
        server_key=device.server_key if device else None,
        detail=device.detail if device else False,
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        day_starts_at=row.day_starts_at,
        reminders_paused_until=row.reminders_paused_until,
        reminders_a_day=row.reminders_a_day,
        zone=row.zone,
        locale=row.locale,
        text=row.text,
        step=row.step,
        plan_item=row.plan_item,
        target=row.target,
        is_on=row.switched_off_at is None,
        is_unclear=False,
    )


def _devices_of(db: Session, account_ids: set[UUID]) -> defaultdict[UUID, list[Row[Any] | None]]:
    """The devices that can be sent to. One without keys is known of, but nothing can be encrypted for it.
    A mailbox counts only where no browser can be sent to, so that nobody is reminded of one thing twice."""
    devices: defaultdict[UUID, list[Row[Any] | None]] = defaultdict(list)
    for device in db.execute(_DEVICES, {"people": ids_of(account_ids)}) if account_ids else ():
        devices[device.account_id].append(device)
    for account_id, known in devices.items():
        devices[account_id] = [one for one in known if one and not is_mailbox(one.endpoint)] or known
    return devices
