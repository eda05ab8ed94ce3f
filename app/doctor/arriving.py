"""What the doctor asks the database about arriving: push services and devices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.doctor.check import Check, counted, in_order, to_mend, worth_a_look
from app.models.push import Delivery, DeliveryState, PushSubscription
from app.reminders.mailbox import is_mailbox, no_mailbox

LOOKED_BACK = timedelta(hours=24)
SILENT_AFTER = timedelta(days=7)
FEW_TAKEN = 0.9
"""Below this share of messages taken in a day, a push service is worth a look."""


def examine_arriving(db: Session, server_key: str | None, now: datetime) -> Iterator[Check]:
    """`server_key` is the fingerprint of our push key, None while there is none."""
    yield from push_services(db, now)
    yield from devices(db, server_key, now)


@dataclass(slots=True)
class Taken:
    """Messages of one push service that came to an end: how many, taken, and refused for our signature."""

    messages: int = 0
    taken: int = 0
    unsigned: int = 0


def push_services(db: Session, now: datetime) -> Iterator[Check]:
    """For each push service, how many messages of the last day it took. Taken is not yet shown."""
    for host, told in sorted(taken_by_host(db, now).items()):
        yield _push_service(host, told)


def taken_by_host(db: Session, now: datetime) -> dict[str, Taken]:
    refused = case((col(Delivery.reason) == "vapid_refused", 1))
    rows = db.execute(
        select(
            col(PushSubscription.endpoint),
            func.count(),
            func.count(col(Delivery.sent_at)),
            func.count(refused),
        )
        .join(Delivery, col(Delivery.subscription_id) == col(PushSubscription.id))
        .where(
            col(Delivery.account_id) == col(PushSubscription.account_id),
            col(Delivery.planned_at) >= now - LOOKED_BACK,
            col(Delivery.attempts) > 0,
            col(Delivery.state) != DeliveryState.CLAIMED.value,
        )
        .group_by(col(PushSubscription.endpoint))
    )
    by_host: defaultdict[str, Taken] = defaultdict(Taken)
    for endpoint, messages, taken, unsigned in rows:
        told = by_host[_service_of(endpoint)]
        told.messages, told.taken = told.messages + messages, told.taken + taken
        told.unsigned += unsigned
    return dict(by_host)


def _service_of(endpoint: str) -> str:
    """The push service, or "e-mail"; the address of a mailbox is nobody's business here."""
    if is_mailbox(endpoint):
        return "e-mail"
    return urlsplit(endpoint).hostname or "a browser that changed hands"


def devices(db: Session, server_key: str | None, now: datetime) -> Iterator[Check]:
    """The phones that get reminders, and those that seem not to show any."""
    device, week_ago = PushSubscription, now - SILENT_AFTER
    shown_at = func.coalesce(col(device.last_shown_at), col(device.created_at))
    silent = (col(device.last_accepted_at) >= week_ago) & (shown_at < week_ago)
    other_key = col(device.server_key) != (server_key or "")
    subscribed, mute, strangers, disabled = db.execute(
        select(
            func.count(),
            func.count(case((silent, 1))),
            func.count(case((other_key, 1))),
            func.count(col(device.disabled_at)),
        )
        .select_from(device)
        .where(col(device.forgotten_at).is_(None), no_mailbox())
    ).one()
    yield in_order("devices", f"{counted(subscribed, 'device')} subscribed.")
    if mute:
        found = f"{counted(mute, 'device')} showed none of the messages of the last {SILENT_AFTER.days} days."
        fix = "Ask these people to send a test from their Reminders page. An iPhone tells only of taps."
        yield worth_a_look("silent devices", found, fix)
    if disabled:
        found = f"nothing is sent to {counted(disabled, 'device')} any more, after a day of failures."
        yield worth_a_look("failing devices", found, "Ask these people to turn reminders on again.")
    if strangers:
        found = f"{counted(strangers, 'device')} subscribed with another push key, so nothing can arrive."
        fix = "Put the old secrets back from your copy; otherwise these people turn reminders on again."
        yield to_mend("push key of devices", found, fix)


def _push_service(host: str, told: Taken) -> Check:
    name = f"push service {host}"
    found = f"it took {told.taken} of {counted(told.messages, 'message')} in the last day."
    if told.unsigned:
        found = f"it refused our signature {counted(told.unsigned, 'time')} in the last day."
        return to_mend(name, found, "Set AFTERCARE_VAPID_SUBJECT to an address of yours and check the clock.")
    if told.taken >= FEW_TAKEN * told.messages:
        return in_order(name, found)
    fix = "See in the log why: it may be down, or this computer may not be let out to it."
    return to_mend(name, found, fix) if not told.taken else worth_a_look(name, found, fix)
