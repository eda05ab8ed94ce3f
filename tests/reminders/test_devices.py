from __future__ import annotations

import asyncio
import base64
import os
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import Database
from app.errors import Conflict, Invalid, NotFound
from app.models.patient import PatientProfile
from app.models.push import Delivery, PushSubscription
from app.reminders.arrange import ensure_check_in
from app.reminders.devices import DEVICES_PER_ACCOUNT, SubscriptionIn, devices_of, forget_device, subscribe
from app.reminders.endpoint_guard import EndpointGuard, fingerprint_of
from app.reminders.own_reminders import reminders_of
from app.reminders.reach import ReminderReach, reach_of, reach_of_all, reach_through
from builders import NOON, a_delivery, a_device, a_patient, a_reminder

DAY = timedelta(days=1)
ENDPOINT = "https://fcm.googleapis.com/fcm/send/anas-phone"


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def a_subscription(endpoint: str = ENDPOINT, **said: Any) -> SubscriptionIn:
    point = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    keys = {"p256dh": b64(point), "auth": b64(os.urandom(16))}
    return SubscriptionIn.model_validate({"endpoint": endpoint, "expirationTime": None, "keys": keys, **said})


def a_phone(**known: Any) -> PushSubscription:
    return PushSubscription(endpoint="x", p256dh="", auth="", created_at=NOON - 10 * DAY, **known)


def test_a_new_device_is_new(db: Session, ana: PatientProfile) -> None:
    device, is_new = subscribe(db, ana.id, a_subscription(device_name="Phone"), EndpointGuard(), NOON)
    assert is_new
    assert devices_of(db, ana.id) == [device]
    assert (device.device_name, device.detail) == ("Phone", False)


def test_a_known_device_is_brought_up_to_date(db: Session, ana: PatientProfile) -> None:
    subscribe(db, ana.id, a_subscription(device_name="Phone", detail=True), EndpointGuard(), NOON)
    again = a_subscription()
    device, is_new = subscribe(db, ana.id, again, EndpointGuard(), NOON)
    assert not is_new
    assert (device.device_name, device.detail) == ("Phone", True)
    stored = db.scalars(select(PushSubscription)).one()
    assert stored.p256dh == again.keys.p256dh.rstrip("=")


def test_a_renewed_subscription_stays_the_same_device(db: Session, ana: PatientProfile) -> None:
    first, _ = subscribe(db, ana.id, a_subscription(device_name="Phone", detail=True), EndpointGuard(), NOON)
    renewed = a_subscription(f"{ENDPOINT}-renewed", replaces=ENDPOINT)
    second, is_new = subscribe(db, ana.id, renewed, EndpointGuard(), NOON)
    assert (second.id, second.device_name, second.detail, is_new) == (first.id, "Phone", True, False)
    assert [device.endpoint for device in devices_of(db, ana.id)] == [f"{ENDPOINT}-renewed"]


def test_a_renewal_that_is_said_twice_is_one_device(db: Session, ana: PatientProfile) -> None:
    subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON)
    renewed = a_subscription(f"{ENDPOINT}-renewed", replaces=ENDPOINT)
    subscribe(db, ana.id, renewed, EndpointGuard(), NOON)
    subscribe(db, ana.id, renewed, EndpointGuard(), NOON)
    assert len(devices_of(db, ana.id)) == 1


def test_nobody_replaces_the_device_of_somebody_else(db: Session, ana: PatientProfile) -> None:
    subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON)
    bea = a_patient(db, "Bea")
    subscribe(db, bea.id, a_subscription(f"{ENDPOINT}-bea", replaces=ENDPOINT), EndpointGuard(), NOON)
    assert [device.endpoint for device in devices_of(db, ana.id)] == [ENDPOINT]


def test_a_forgotten_device_can_come_back(db: Session, ana: PatientProfile) -> None:
    subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON)
    forget_device(db, ana.id, ENDPOINT, NOON)
    _device, is_new = subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON + DAY)
    assert is_new
    assert len(devices_of(db, ana.id)) == 1


def test_a_device_that_subscribed_with_our_key_is_fine(db: Session, ana: PatientProfile) -> None:
    subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON, "our key")
    assert [device.needs_resubscribe for device in devices_of(db, ana.id, "our key")] == [False]


def test_a_device_that_subscribed_with_an_older_key_must_do_so_again(
    db: Session, ana: PatientProfile
) -> None:
    said = a_subscription()
    subscribe(db, ana.id, said, EndpointGuard(), NOON, "an older key")
    device, _is_new = subscribe(db, ana.id, said, EndpointGuard(), NOON + DAY, "our key")
    assert device.needs_resubscribe
    device, _is_new = subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON + DAY, "our key")
    assert not device.needs_resubscribe


def test_a_browser_may_say_which_key_it_subscribed_with(db: Session, ana: PatientProfile) -> None:
    said = a_subscription(application_server_key="BFOREIGN")
    device, _is_new = subscribe(db, ana.id, said, EndpointGuard(), NOON, fingerprint_of("BOURS"))
    assert device.needs_resubscribe
    said = a_subscription(application_server_key="BOURS")
    device, _is_new = subscribe(db, ana.id, said, EndpointGuard(), NOON, fingerprint_of("BOURS"))
    assert not device.needs_resubscribe


def test_every_visit_is_a_sign_of_life(db: Session, ana: PatientProfile) -> None:
    said = a_subscription()
    subscribe(db, ana.id, said, EndpointGuard(), NOON)
    device, _is_new = subscribe(db, ana.id, said, EndpointGuard(), NOON + DAY)
    assert device.last_sign_of_life == NOON + DAY


def test_a_disabled_device_comes_back_when_it_subscribes(db: Session, ana: PatientProfile) -> None:
    said = a_subscription()
    subscribe(db, ana.id, said, EndpointGuard(), NOON)
    stored = db.scalars(select(PushSubscription)).one()
    stored.disabled_at, stored.strikes, stored.failing_since = NOON, 3, NOON - DAY
    device, is_new = subscribe(db, ana.id, said, EndpointGuard(), NOON + DAY)
    assert (device.disabled_at, device.failing_since, is_new) == (None, None, False)


def test_a_browser_that_changes_hands_reminds_its_new_owner_only(db: Session, ana: PatientProfile) -> None:
    bea = a_patient(db, "Bea")
    subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON)
    a_delivery(db, a_reminder(db, ana.id), db.scalars(select(PushSubscription)).one())
    subscribe(db, bea.id, a_subscription(), EndpointGuard(), NOON)
    assert devices_of(db, ana.id) == []
    assert [device.endpoint for device in devices_of(db, bea.id)] == [ENDPOINT]
    assert db.scalars(select(Delivery)).one().account_id == ana.id


@pytest.mark.parametrize(
    "endpoint",
    ["http://fcm.googleapis.com/x", "https://10.0.0.1/x", "https://fcm.googleapis.com.evil.example/x"],
)
def test_an_endpoint_of_nobody_we_know_is_refused(db: Session, ana: PatientProfile, endpoint: str) -> None:
    with pytest.raises(Invalid):
        subscribe(db, ana.id, a_subscription(endpoint), EndpointGuard(), NOON)
    assert devices_of(db, ana.id) == []


def test_there_is_an_end_to_devices(db: Session, ana: PatientProfile) -> None:
    [a_device(db, ana.id) for _number in range(DEVICES_PER_ACCOUNT)]
    with pytest.raises(Conflict):
        subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON)


def test_a_stranger_cannot_forget_my_device(db: Session, ana: PatientProfile) -> None:
    bea = a_patient(db, "Bea")
    subscribe(db, ana.id, a_subscription(), EndpointGuard(), NOON)
    with pytest.raises(NotFound):
        forget_device(db, bea.id, ENDPOINT, NOON)
    assert len(devices_of(db, ana.id)) == 1


def test_nobody_knows_whether_reminders_reach_somebody_without_a_device() -> None:
    assert reach_through([], NOON) == ReminderReach(None, None)


def test_nobody_knows_yet_about_a_new_device() -> None:
    assert reach_through([a_phone()], NOON).reaches is None


def test_a_phone_that_shows_reminders_is_reached() -> None:
    phone = a_phone(last_accepted_at=NOON - DAY, last_shown_at=NOON - DAY)
    assert reach_through([phone], NOON) == ReminderReach(True, NOON - DAY, taken=NOON - DAY)


def test_a_disabled_phone_is_not_reached() -> None:
    phone = a_phone(last_accepted_at=NOON - DAY, last_shown_at=NOON - DAY, disabled_at=NOON)
    assert reach_through([phone], NOON).reaches is False


def test_a_phone_that_is_gone_is_not_reached_since_its_last_sign() -> None:
    phone = a_phone(
        last_accepted_at=NOON - 3 * DAY, last_shown_at=NOON - 4 * DAY, forgotten_at=NOON - 2 * DAY
    )
    assert reach_through([phone], NOON) == ReminderReach(False, NOON - 4 * DAY, taken=NOON - 3 * DAY)


def test_a_phone_whose_push_service_takes_everything_but_shows_nothing_is_not_reached() -> None:
    phone = a_phone(last_accepted_at=NOON, last_shown_at=NOON - 3 * DAY)
    assert reach_through([phone], NOON).reaches is False


def test_what_a_push_service_took_is_no_sign_that_it_arrived() -> None:
    phone = a_phone(last_accepted_at=NOON)
    assert reach_through([phone], NOON) == ReminderReach(None, None, taken=NOON)


def test_a_phone_that_is_gone_and_never_showed_any_was_never_reached() -> None:
    phone = a_phone(last_accepted_at=NOON - DAY, forgotten_at=NOON)
    assert reach_through([phone], NOON) == ReminderReach(False, None, taken=NOON - DAY)


def test_the_silence_of_an_iphone_may_only_mean_that_nothing_was_tapped() -> None:
    iphone = a_phone(last_accepted_at=NOON, last_shown_at=NOON - 3 * DAY)
    iphone.endpoint = "https://web.push.apple.com/x"
    assert reach_through([iphone], NOON) == ReminderReach(None, NOON - 3 * DAY, taken=NOON)


def test_a_device_that_failed_for_an_hour_still_counts() -> None:
    phone = a_phone(
        last_accepted_at=NOON - DAY, last_shown_at=NOON - DAY, failing_since=NOON - timedelta(hours=1)
    )
    assert reach_through([phone], NOON).reaches is True


def test_a_device_that_failed_for_a_day_is_not_reached() -> None:
    phone = a_phone(last_accepted_at=NOON - 2 * DAY, last_shown_at=NOON - 2 * DAY, failing_since=NOON - DAY)
    assert reach_through([phone], NOON).reaches is False


def test_one_device_that_is_reached_is_enough() -> None:
    lost = a_phone(forgotten_at=NOON)
    phone = a_phone(last_accepted_at=NOON, last_shown_at=NOON)
    assert reach_through([lost, phone], NOON).reaches is True


def test_reach_is_found_for_a_whole_list(db: Session, ana: PatientProfile) -> None:
    bea = a_patient(db, "Bea")
    device = a_device(db, ana.id)
    device.last_accepted_at = device.last_shown_at = NOON
    db.flush()
    found = reach_of_all(db, [ana.id, bea.id], NOON)
    assert found == {ana.id: ReminderReach(True, NOON, taken=NOON), bea.id: ReminderReach(None, None)}
    assert reach_of(db, ana.id, NOON) == found[ana.id]


@pytest.mark.anyio
async def test_two_taps_at_once_subscribe_one_device(database: Database) -> None:
    bea = await database.write(a_patient, "Bea")
    said = a_subscription()
    taps = [database.write(subscribe, bea.id, said, EndpointGuard(), NOON) for _tap in range(8)]
    await asyncio.gather(*taps)
    assert len(await database.read(devices_of, bea.id)) == 1


@pytest.mark.anyio
async def test_two_first_visits_at_once_make_one_check_in(database: Database) -> None:
    bea = await database.write(a_patient, "Bea")
    await asyncio.gather(*(database.write(ensure_check_in, bea, "20:00", NOON) for _visit in range(8)))
    assert len(await database.read(reminders_of, bea, NOON)) == 1
