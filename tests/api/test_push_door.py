from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.patient import Patient, PatientProfile, patient_profile
from app.models.reminder import Reminder, ReminderIn
from app.reminders.arrange import arrange
from app.reminders.message import token_of
from app.settings import Settings
from builders import a_delivery, a_device, a_patient
from postgres import database_of, name_of
from push_service import PushService, push_service
from running import AppInside, running


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with push_service() as started:
        yield started
    assert started.violations == []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, service: PushService
) -> Iterator[AppInside]:
    """The app with the push service of the tests on its list; every test brings a patient of its own."""
    folder = tmp_path_factory.mktemp("push")
    with a_database(request, folder) as url:
        settings = Settings(
            data=folder / "data",
            database_url=url,
            public_url="http://testserver",
            push_extra_hosts=(service.host,),
            reminder_jitter=0,
        )
        with running(settings) as started:
            yield started


@contextmanager
def a_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_sqlite'), folder / 'push.sqlite3')}"
    else:
        template = name_of(request.getfixturevalue("migrated_postgresql"))
        with database_of(request.getfixturevalue("postgres"), template) as url:
            yield url


@pytest.fixture
def ana(app: AppInside) -> PatientProfile:
    return app.write(a_wakeful_patient)


@pytest.fixture
def phone(app: AppInside, ana: PatientProfile) -> TestClient:
    """Ana's browser."""
    return app.browser_of(ana.id)


def a_wakeful_patient(db: Session) -> PatientProfile:
    """Somebody without quiet hours whose day is not about to end, whatever the time is now."""
    ana = a_patient(db, f"Ana-{uuid4().hex}", zone="UTC", now=utc_now())
    patient = db.get_one(Patient, ana.id)
    patient.quiet_from = patient.quiet_until
    patient.day_starts_at = (utc_now() + timedelta(hours=12)).time().replace(second=0, microsecond=0)
    db.flush()
    return patient_profile(db, ana.id)


def a_shown_water_reminder(db: Session, ana: PatientProfile) -> UUID:
    """The id of a delivery that is on Ana's phone now."""
    water = arrange(db, ana, ReminderIn.model_validate({"kind": "water", "times": ["10:00"]}), utc_now())
    delivery = a_delivery(db, db.get_one(Reminder, water.id), a_device(db, ana.id, utc_now()), utc_now())
    delivery.counts_for = ana.day_at(utc_now())
    db.flush()
    return delivery.id


def until(holds: Callable[[], Any], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.02)


def token(app: AppInside, delivery_id: UUID) -> str:
    return token_of(delivery_id, app.app.state.secrets.key)


def say(app: AppInside, delivery_id: UUID, **said: Any) -> Any:
    """What a notification says, from a browser where nobody is signed in."""
    body = {"token": token(app, delivery_id), **said}
    return app.nobody.post(f"/api/deliveries/{delivery_id}/events", json=body)


def test_the_public_key_is_what_browsers_subscribe_with(app: AppInside) -> None:
    key = app.nobody.get("/api/push/key").json()["public_key"]
    assert len(base64.urlsafe_b64decode(key + "=")) == 65
    assert "=" not in key


def test_a_device_subscribes_once_and_is_known_afterwards(phone: TestClient, service: PushService) -> None:
    device = service.device("phone").subscription
    first = phone.post("/api/push/subscriptions", json={**device, "device_name": "Phone", "detail": True})
    again = phone.post("/api/push/subscriptions", json=device)
    assert (first.status_code, again.status_code) == (201, 200)
    (known,) = phone.get("/api/push/subscriptions").json()["subscriptions"]
    assert (known["device_name"], known["detail"]) == ("Phone", True)


def test_keys_of_a_device_never_leave_again(phone: TestClient, service: PushService) -> None:
    device = service.device("phone").subscription
    phone.post("/api/push/subscriptions", json=device)
    assert device["keys"]["auth"] not in phone.get("/api/push/subscriptions").text


def test_a_device_is_forgotten(phone: TestClient, service: PushService) -> None:
    device = service.device("phone").subscription
    phone.post("/api/push/subscriptions", json=device)
    gone = phone.request("DELETE", "/api/push/subscriptions", json={"endpoint": device["endpoint"]})
    assert gone.status_code == 204
    assert phone.get("/api/push/subscriptions").json()["subscriptions"] == []


def test_to_forget_a_device_it_must_be_named(phone: TestClient) -> None:
    assert phone.delete("/api/push/subscriptions").status_code == 422


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://fcm.googleapis.com.example.org/x",
        "https://ana@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "file:///etc/passwd",
        "x" * 1025,
        "",
        7,
    ],
)
def test_an_endpoint_of_nobody_we_know_is_refused_and_not_echoed(
    app: AppInside, phone: TestClient, service: PushService, endpoint: Any
) -> None:
    before = app.stored()
    answer = phone.post(
        "/api/push/subscriptions", json={**service.device("x").subscription, "endpoint": endpoint}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "endpoint"
    assert not endpoint or str(endpoint) not in answer.text.replace("7.", "")
    assert app.stored() == before


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "AAAA", "auth": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"p256dh": "B" * 87, "auth": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"auth": "AAAAAAAAAAAAAAAAAAAAAA"},
        {},
        None,
    ],
)
def test_damaged_keys_are_refused(app: AppInside, phone: TestClient, service: PushService, keys: Any) -> None:
    before = app.stored()
    answer = phone.post("/api/push/subscriptions", json={**service.device("x").subscription, "keys": keys})
    assert answer.status_code == 422
    assert app.stored() == before


def test_a_test_arrives_on_every_device(phone: TestClient, service: PushService) -> None:
    devices = [service.device("Ana's phone"), service.device("Ana's tablet")]
    [phone.post("/api/push/subscriptions", json=device.subscription) for device in devices]
    answer = phone.post("/api/push/test")
    assert [delivery["kind"] for delivery in answer.json()["deliveries"]] == ["test", "test"]
    service.wait_until(lambda seen: all(len(seen.received_by(device)) == 1 for device in devices))


def test_a_test_without_a_device_goes_nowhere(phone: TestClient) -> None:
    assert phone.post("/api/push/test").json() == {"deliveries": []}


def test_tests_have_a_limit(phone: TestClient, service: PushService) -> None:
    phone.post("/api/push/subscriptions", json=service.device("phone").subscription)
    answers = [phone.post("/api/push/test") for _number in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_a_test_is_in_the_ledger_with_its_times(phone: TestClient, service: PushService) -> None:
    phone.post(
        "/api/push/subscriptions", json={**service.device("phone").subscription, "device_name": "Phone"}
    )
    phone.post("/api/push/test")
    until(lambda: phone.get("/api/deliveries").json()["deliveries"][0]["state"] == "sent")
    (line,) = phone.get("/api/deliveries?since=2026-01-01").json()["deliveries"]
    assert (line["device_name"], line["http_status"], line["reason"]) == ("Phone", 201, None)


def test_a_notification_reports_with_the_token_it_was_sent(
    app: AppInside, phone: TestClient, service: PushService
) -> None:
    device = service.device("Ana's phone")
    phone.post("/api/push/subscriptions", json=device.subscription)
    phone.post("/api/push/test")
    service.wait_until(lambda seen: len(seen.received_by(device)) == 1)
    ticket = service.received_by(device)[0].notification["data"]
    path = f"/api/deliveries/{ticket['delivery']}/events"
    answer = app.nobody.post(path, json={"token": ticket["token"], "event": "shown"})
    assert (answer.status_code, answer.json()["state"]) == (200, "shown")


def test_the_ledger_of_somebody_else_stays_shut(app: AppInside, ana: PatientProfile) -> None:
    app.write(a_shown_water_reminder, ana)
    bea = app.browser_of(app.write(a_wakeful_patient).id)
    assert bea.get("/api/deliveries").json() == {"deliveries": [], "next_cursor": None}


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "0000-01-01", "5"])
def test_a_ledger_since_no_moment_is_refused(phone: TestClient, since: str) -> None:
    answer = phone.get("/api/deliveries", params={"since": since})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"]) == (422, "since")
    assert error["message"] == "Write an instant such as 2026-03-18T12:00:00Z, or a day as YYYY-MM-DD."


def test_five_taps_on_one_notification_are_one_glass(
    app: AppInside, phone: TestClient, ana: PatientProfile
) -> None:
    delivery_id = app.write(a_shown_water_reminder, ana)
    answers = [say(app, delivery_id, event="acted", action="add_glass") for _tap in range(5)]
    assert len({answer.text for answer in answers}) == 1
    day = phone.get(f"/api/days/{ana.day_at(utc_now())}").json()
    assert day["water_glasses"] == 1
    (line,) = phone.get("/api/deliveries").json()["deliveries"]
    assert (line["state"], line["action"]) == ("acted", "add_glass")
    assert line["entry_id"] == answers[0].json()["entry_id"]


def test_later_puts_the_reminder_off_once(app: AppInside, phone: TestClient, ana: PatientProfile) -> None:
    delivery_id = app.write(a_shown_water_reminder, ana)
    first = say(app, delivery_id, event="acted", action="later")
    put_off = phone.get("/api/reminders").json()["reminders"][0]["snoozed_until"]
    again = say(app, delivery_id, event="acted", action="later")
    assert (first.status_code, again.status_code) == (200, 200)
    assert phone.get("/api/reminders").json()["reminders"][0]["snoozed_until"] == put_off


def test_shown_and_opened_move_a_delivery_forward_only(app: AppInside, ana: PatientProfile) -> None:
    delivery_id = app.write(a_shown_water_reminder, ana)
    said = [say(app, delivery_id, event="acted", action="done"), say(app, delivery_id, event="shown")]
    assert [answer.json()["state"] for answer in said] == ["acted", "acted"]


@pytest.mark.parametrize(
    "bad",
    [
        {"event": "shown", "action": "done"},
        {"event": "acted"},
        {"event": "acted", "action": "erase"},
        {"event": "eaten"},
        {"event": "shown", "day": "2026-01-01"},
        {},
    ],
)
def test_what_no_notification_says_is_refused(
    app: AppInside, ana: PatientProfile, bad: dict[str, Any]
) -> None:
    assert say(app, app.write(a_shown_water_reminder, ana), **bad).status_code == 422


@pytest.mark.parametrize("forged", ["", "x" * 32, "\u2603"])
def test_a_forged_token_opens_nothing(app: AppInside, ana: PatientProfile, forged: str) -> None:
    delivery_id = app.write(a_shown_water_reminder, ana)
    before = app.stored()
    said = {"token": forged, "event": "acted", "action": "add_glass"}
    assert app.nobody.post(f"/api/deliveries/{delivery_id}/events", json=said).status_code == 404
    assert app.stored() == before


def test_a_token_of_one_delivery_opens_no_other(app: AppInside, ana: PatientProfile) -> None:
    mine, other = app.write(a_shown_water_reminder, ana), app.write(a_shown_water_reminder, ana)
    said = {"token": token(app, mine), "event": "shown"}
    assert app.nobody.post(f"/api/deliveries/{other}/events", json=said).status_code == 404


def test_a_delivery_nobody_made_is_not_there(app: AppInside) -> None:
    assert say(app, uuid4(), event="shown").status_code == 404


def test_signing_out_ends_the_reminders_of_this_browser_only(
    app: AppInside, ana: PatientProfile, service: PushService
) -> None:
    phone, tablet = app.browser_of(ana.id), app.browser_of(ana.id)
    phone.post(
        "/api/push/subscriptions", json={**service.device("phone").subscription, "device_name": "Phone"}
    )
    tablet.post(
        "/api/push/subscriptions", json={**service.device("tablet").subscription, "device_name": "Tablet"}
    )
    assert phone.delete("/api/sign-in").status_code == 204
    left = tablet.get("/api/push/subscriptions").json()["subscriptions"]
    assert [device["device_name"] for device in left] == ["Tablet"]


def test_a_browser_signed_out_from_elsewhere_gets_no_more_reminders(
    app: AppInside, ana: PatientProfile, service: PushService
) -> None:
    phone, tablet = app.browser_of(ana.id), app.browser_of(ana.id)
    phone.post("/api/push/subscriptions", json=service.device("phone").subscription)
    known = tablet.get("/api/push/subscriptions").json()["subscriptions"][0]
    assert tablet.delete(f"/api/me/sign-ins/{known['sign_in_id']}").status_code == 204
    assert tablet.get("/api/push/subscriptions").json()["subscriptions"] == []
