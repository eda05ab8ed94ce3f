"""The devices reminders go to: subscribing and forgetting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field as Limits
from pydantic import StringConstraints
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.database import insert_into
from app.errors import Conflict, NotFound, TooMany
from app.language import _
from app.models.account import Account
from app.models.field_types import InputShape, ShortText, StrictBool
from app.models.push import PushSubscription
from app.reminders.endpoint_guard import EndpointGuard, fingerprint_of, require_keys
from app.reminders.mailbox import no_mailbox

DEVICES_PER_ACCOUNT = 20
NEW_DEVICES_AN_HOUR = 60

KeyText = Annotated[str, StringConstraints(strict=True, max_length=128)]


class SubscriptionKeys(InputShape):
    """`p256dh` is a public key on P-256 and `auth` a secret of 16 bytes, both base64url."""

    p256dh: KeyText
    auth: KeyText


class SubscriptionIn(InputShape):
    """What `PushSubscription.toJSON()` gives a page, and what the patient calls the device.

    `detail` asks for notifications that say what they are about, on the lock screen too.
    `application_server_key` is the public key it was subscribed with, as `PushSubscription.options` has it.
    `replaces` is the endpoint the same browser had before, so that the device stays one.
    """

    endpoint: Annotated[str, StringConstraints(strict=True, max_length=1024)]
    expirationTime: Annotated[float, Limits(strict=True, ge=0)] | None = None  # noqa: N815 - a browser's own name
    keys: SubscriptionKeys
    device_name: ShortText | None = None
    detail: StrictBool | None = None
    application_server_key: KeyText | None = None
    replaces: Annotated[str, StringConstraints(strict=True, max_length=1024)] | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A subscribed device as its owner sees it.

    `needs_resubscribe`: it subscribed with another key than ours, so nothing we send can arrive.
    `last_sign_of_life` is when its browser last showed a notification or told us about itself.
    """

    id: UUID
    endpoint: str
    device_name: str
    detail: bool
    created_at: datetime
    last_accepted_at: datetime | None
    last_shown_at: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    needs_resubscribe: bool
    last_sign_of_life: datetime | None
    sign_in_id: UUID | None


def subscribe(
    db: Session,
    account_id: UUID,
    said: SubscriptionIn,
    guard: EndpointGuard,
    now: datetime,
    server_key: str | None = None,
    sign_in_id: UUID | None = None,
) -> tuple[Device, bool]:
    """Take a device in, or bring what is known of it up to date; True when it is new to this account.

    An endpoint is one browser: whoever uses it now is who its reminders are for. `server_key` is the
    fingerprint of our own key, `sign_in_id` the sign-in of that browser. Raises Invalid for an endpoint or
    keys that are none, and Conflict when there are too many devices.
    """
    guard.require(said.endpoint)
    require_keys(said.keys.p256dh, said.keys.auth)
    # Devices are counted below, so those of one person come one after the other.
    db.get_one(Account, account_id, with_for_update={"key_share": True})
    known = _renewed(db, account_id, said) or _known(db, said.endpoint)
    is_new = known is None or known.account_id != account_id or known.forgotten_at is not None
    if is_new and len(devices_of(db, account_id)) >= DEVICES_PER_ACCOUNT:
        raise Conflict(
            _("There can be %(num)s devices. Turn reminders off on one first.", num=DEVICES_PER_ACCOUNT)
        )
    if known is not None and known.account_id != account_id:
        known.give_up_endpoint(at=now)
        db.flush()
        known = None
    device = known or _taken_in(db, account_id, said.endpoint, now)
    _bring_up_to_date(device, said, server_key, now)
    device.sign_in_id = sign_in_id
    db.flush()
    return _as_seen(device, server_key), is_new


def subscribe_within_limit(
    db: Session,
    account_id: UUID,
    said: SubscriptionIn,
    guard: EndpointGuard,
    now: datetime,
    server_key: str | None = None,
    sign_in_id: UUID | None = None,
) -> tuple[Device, bool]:
    """As `subscribe`; raises TooMany after many new devices in an hour. Known ones may always."""
    device, is_new = subscribe(db, account_id, said, guard, now, server_key, sign_in_id)
    lately = select(func.count()).where(
        col(PushSubscription.account_id) == account_id,
        col(PushSubscription.created_at) > now - timedelta(hours=1),
    )
    if is_new and (db.scalar(lately) or 0) > NEW_DEVICES_AN_HOUR:
        raise TooMany(_("That was enough new devices for an hour."), retry_after=3600)
    return device, is_new


def devices_of(db: Session, account_id: UUID, server_key: str | None = None) -> list[Device]:
    """The browsers of a person, oldest first; `server_key` is the fingerprint of our own key."""
    found = db.scalars(
        select(PushSubscription)
        .where(
            col(PushSubscription.account_id) == account_id,
            col(PushSubscription.forgotten_at).is_(None),
            no_mailbox(),
        )
        .order_by(col(PushSubscription.created_at), col(PushSubscription.id))
    )
    return [_as_seen(device, server_key) for device in found]


def forget_device(db: Session, account_id: UUID, endpoint: str, now: datetime) -> None:
    """Send nothing more there; raises NotFound when it is none of this account's devices."""
    device = db.scalar(
        select(PushSubscription).where(
            col(PushSubscription.account_id) == account_id,
            col(PushSubscription.endpoint) == endpoint,
            col(PushSubscription.forgotten_at).is_(None),
        )
    )
    if device is None:
        raise NotFound(_("This device gets no reminders here."))
    device.forget(at=now)
    db.flush()


def _known(db: Session, endpoint: str) -> PushSubscription | None:
    same = col(PushSubscription.endpoint) == endpoint
    return db.scalar(select(PushSubscription).where(same).with_for_update())


def _renewed(db: Session, account_id: UUID, said: SubscriptionIn) -> PushSubscription | None:
    """The device of this account whose endpoint has become another, unless that one is known already."""
    before = _known(db, said.replaces) if said.replaces and said.replaces != said.endpoint else None
    if before is None or before.account_id != account_id or _known(db, said.endpoint) is not None:
        return None
    before.endpoint = said.endpoint
    db.flush()
    return before


def _taken_in(db: Session, account_id: UUID, endpoint: str, now: datetime) -> PushSubscription:
    """The new row of an endpoint; of two requests at once one makes it and both get it."""
    fresh = PushSubscription(account_id=account_id, endpoint=endpoint, p256dh="", auth="", created_at=now)
    row = {name: getattr(fresh, name) for name in PushSubscription.model_fields}
    db.execute(
        insert_into(db, PushSubscription).values(row).on_conflict_do_nothing(index_elements=["endpoint"])
    )
    device = _known(db, endpoint)
    if device is None or device.account_id != account_id:
        raise Conflict(_("Another account took this browser just now. Try again."))
    return device


def _bring_up_to_date(
    device: PushSubscription, said: SubscriptionIn, server_key: str | None, now: datetime
) -> None:
    """The browser knows its keys best. What the patient did not say again stays as it was."""
    p256dh, auth = said.keys.p256dh.rstrip("="), said.keys.auth.rstrip("=")
    is_fresh = (device.p256dh, device.auth) != (p256dh, auth)
    if said.application_server_key is not None:
        device.server_key = fingerprint_of(said.application_server_key)
    elif is_fresh:
        device.server_key = server_key
    if is_fresh or device.forgotten_at is not None or device.disabled_at is not None:
        device.forgotten_at, device.disabled_at, device.strikes, device.failing_since = None, None, 0, None
    device.p256dh, device.auth, device.last_seen_at = p256dh, auth, now
    device.device_name = device.device_name if said.device_name is None else said.device_name[:100]
    device.detail = device.detail if said.detail is None else said.detail


def _as_seen(device: PushSubscription, server_key: str | None) -> Device:
    return Device(
        id=device.id,
        endpoint=device.endpoint,
        device_name=device.device_name,
        detail=device.detail,
        created_at=device.created_at,
        last_accepted_at=device.last_accepted_at,
        last_shown_at=device.last_shown_at,
        failing_since=device.failing_since,
        disabled_at=device.disabled_at,
        needs_resubscribe=None not in (device.server_key, server_key) and device.server_key != server_key,
        last_sign_of_life=max(filter(None, (device.last_shown_at, device.last_seen_at)), default=None),
        sign_in_id=device.sign_in_id,
    )
