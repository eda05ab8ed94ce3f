"""The devices that reminders go to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from app.api.strict_route import StrictJSONRoute
from app.deps import AppSecrets, AppSettings, CurrentAccount, CurrentPatient, Now, Read, Write
from app.errors import FieldError, Invalid
from app.language import _
from app.models.field_types import InputShape, TypedAddress
from app.reminders.devices import (
    Device,
    SubscriptionIn,
    devices_of,
    forget_device,
    subscribe,
    subscribe_within_limit,
)
from app.reminders.endpoint_guard import guard_for
from app.reminders.ledger import LedgerLine, order_test, order_test_in_patience
from app.reminders.web_push import VapidKey

router = APIRouter(tags=["reminders"], route_class=StrictJSONRoute)


class PublicKey(BaseModel):
    """The application server key to subscribe with: a P-256 point, base64url without padding."""

    public_key: str


class Subscriptions(BaseModel):
    """The browsers of an account that reminders go to, oldest first."""

    subscriptions: list[Device]
    next_cursor: None = None


class Tests(BaseModel):
    """The test notifications that were ordered, one for each device."""

    deliveries: list[LedgerLine]


class ForgetDevice(InputShape):
    """The endpoint of the browser that gets nothing more."""

    endpoint: TypedAddress


@router.get("/push/key")
async def read_key(settings: AppSettings, secrets: AppSecrets) -> PublicKey:
    """The public key with which a browser subscribes to push messages."""
    return PublicKey(public_key=VapidKey(secrets.vapid_private_pem, settings.vapid_contact).public_key_text)


@router.post("/push/subscriptions", status_code=201, responses={200: {"model": Device}})
async def create_subscription(
    said: SubscriptionIn,
    settings: AppSettings,
    secrets: AppSecrets,
    account: CurrentAccount,
    patient: CurrentPatient,
    write: Write,
    now: Now,
    response: Response,
) -> Device:
    """Send reminders to this browser too, until it signs out. 201 when it is new here, 200 when known."""
    guard = guard_for(settings.push_extra_hosts, is_production=settings.is_production)
    our_key = VapidKey(secrets.vapid_private_pem, settings.vapid_contact).fingerprint
    take_in = subscribe_within_limit if settings.limits_rates else subscribe
    device, is_new = await write(take_in, patient.id, said, guard, now, our_key, account.sign_in_id)
    response.status_code = 201 if is_new else 200
    return device


@router.get("/push/subscriptions")
async def list_subscriptions(
    settings: AppSettings, secrets: AppSecrets, patient: CurrentPatient, read: Read
) -> Subscriptions:
    """The devices that reminders can reach."""
    our_key = VapidKey(secrets.vapid_private_pem, settings.vapid_contact).fingerprint
    return Subscriptions(subscriptions=await read(devices_of, patient.id, our_key))


@router.delete("/push/subscriptions", status_code=204)
async def delete_subscription(
    patient: CurrentPatient,
    write: Write,
    now: Now,
    sent: ForgetDevice | None = None,
    endpoint: Annotated[TypedAddress | None, Query()] = None,
) -> None:
    """Forget the device with this endpoint, named in the body or in the query."""
    named = sent.endpoint if sent else endpoint
    if named is None:
        raise Invalid(FieldError("endpoint", "missing", _("Name the endpoint to forget.")))
    await write(forget_device, patient.id, named, now)


@router.post("/push/test")
async def send_test(
    request: Request, settings: AppSettings, patient: CurrentPatient, write: Write, now: Now
) -> Tests:
    """A test notification to each of this account's devices, on its way when this answers."""
    order = order_test_in_patience if settings.limits_rates else order_test
    deliveries = await write(order, patient, now)
    request.app.state.worker.wake()
    return Tests(deliveries=deliveries)
