"""Taps on notifications in real Chromium: done once, answered in place, kept while there is no network."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.clock import utc_now
from app.models.push import Delivery
from app.reminders.message import token_of
from browser.diary import EVERYTHING_KEPT, NOTHING, signed_out_by_the_server
from browser.installed import (
    KEPT_COMMANDS,
    TAP,
    TAP_FIVE_TIMES,
    InstalledApp,
    a_sent_delivery,
    eventually,
    glasses,
    heard,
    message_of,
)
from running import ServedApp

pytestmark = pytest.mark.whole_browser

SEND = "navigator.serviceWorker.ready.then((registration) => registration.active.postMessage('send'))"


@pytest.fixture
def water(installed: InstalledApp) -> UUID:
    """A water reminder that is on the phone now."""
    delivery_id: UUID = installed.app.write(a_sent_delivery, "water")
    installed.push(message_of(installed.app, delivery_id))
    return delivery_id


def test_a_glass_is_answered_in_place_with_undo(installed: InstalledApp, water: UUID) -> None:
    (answer,) = installed.tap("add_glass")
    assert (answer["title"], answer["buttons"]) == ("1 of 8 glasses", ["Undo"])
    assert installed.page.url == f"{installed.app.url}/offline"


def test_five_taps_on_one_notification_are_one_glass(installed: InstalledApp, water: UUID) -> None:
    installed.tap("add_glass", TAP_FIVE_TIMES)
    assert eventually(lambda: installed.worker.evaluate(KEPT_COMMANDS) == 0)
    assert installed.app.read(glasses, water) == 1


def test_undo_takes_the_glass_back(installed: InstalledApp, water: UUID) -> None:
    installed.tap("add_glass")
    (answer,) = installed.tap("undo")
    assert (answer["title"], answer["body"], answer["buttons"]) == ("Taken back", "0 of 8 glasses", [])
    assert installed.app.read(glasses, water) is None


def test_a_tap_without_a_network_is_kept_and_sent_later(
    installed: InstalledApp, water: UUID, complaints: list[str]
) -> None:
    installed.page.context.set_offline(True)
    (kept,) = installed.tap("add_glass")
    assert (kept["title"], kept["buttons"]) == ("Kept on this phone", ["Undo"])
    assert installed.app.read(glasses, water) is None
    installed.page.context.set_offline(False)
    (answer,) = installed.after(lambda: installed.page.evaluate(SEND))
    assert answer["title"] == "1 of 8 glasses"
    assert installed.app.read(glasses, water) == 1
    complaints.clear()


def test_a_tap_and_its_undo_without_a_network_leave_nothing(
    installed: InstalledApp, water: UUID, complaints: list[str]
) -> None:
    installed.page.context.set_offline(True)
    installed.tap("add_glass")
    (kept,) = installed.tap("undo")
    assert kept["buttons"] == []
    installed.page.context.set_offline(False)
    installed.page.evaluate(SEND)
    assert eventually(lambda: installed.worker.evaluate(KEPT_COMMANDS) == 0)
    assert installed.app.read(glasses, water) is None
    complaints.clear()


def test_what_was_kept_goes_out_with_the_next_push(
    installed: InstalledApp, water: UUID, complaints: list[str]
) -> None:
    installed.page.context.set_offline(True)
    installed.tap("add_glass")
    installed.page.context.set_offline(False)
    installed.protocol.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": installed.app.url, "registrationId": installed.registration, "data": "{}"},
    )
    assert eventually(lambda: installed.app.read(glasses, water) == 1)
    complaints.clear()


def test_opening_the_app_sends_what_was_kept(
    installed: InstalledApp, water: UUID, complaints: list[str]
) -> None:
    installed.page.context.set_offline(True)
    installed.tap("add_glass")
    installed.page.context.set_offline(False)
    installed.page.goto("/offline")
    assert eventually(lambda: installed.app.read(glasses, water) == 1)
    complaints.clear()


def test_signing_out_without_a_network_asks_about_a_kept_tap_and_sends_it_later(
    installed: InstalledApp, water: UUID, complaints: list[str]
) -> None:
    page = installed.page
    page.context.set_offline(True)
    installed.tap("add_glass")
    page.goto("/sign-out")
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#unsent")).to_contain_text("1 answer is not sent yet.")
    page.context.set_offline(False)
    page.get_by_role("button", name="Send and sign out").click()
    page.wait_for_url("**/sign-in")
    assert installed.app.read(glasses, water) == 1
    assert page.evaluate(EVERYTHING_KEPT) == NOTHING
    complaints.clear()


def test_a_kept_tap_is_sent_also_after_a_sign_out_from_another_device(
    installed: InstalledApp, water: UUID, complaints: list[str]
) -> None:
    page, app = installed.page, installed.app
    ana = app.read(lambda db: db.get_one(Delivery, water).account_id)
    name, value = app.cookie_of(ana)
    page.context.add_cookies([{"name": name, "value": value, "url": app.url}])
    page.goto("/today")
    expect(page.locator("#save-status")).to_have_text("Each tap is saved by itself.")
    page.context.set_offline(True)
    installed.tap("add_glass")
    signed_out_by_the_server(app, ana)
    page.context.set_offline(False)
    page.goto("/today")
    page.wait_for_url("**/sign-in")
    assert app.read(glasses, water) == 1
    assert page.evaluate(EVERYTHING_KEPT) == NOTHING
    complaints.clear()


def test_a_kept_tap_tells_when_it_was_tapped(
    installed: InstalledApp, water: UUID, complaints: list[str]
) -> None:
    installed.page.context.set_offline(True)
    installed.tap("add_glass")
    before = utc_now()
    installed.page.wait_for_timeout(1500)
    installed.page.context.set_offline(False)
    installed.after(lambda: installed.page.evaluate(SEND))
    acted_at = installed.app.read(lambda db: db.get_one(Delivery, water).acted_at)
    assert acted_at - before < timedelta(seconds=1)
    complaints.clear()


def test_where_there_are_buttons_a_tap_beside_them_only_looks(installed: InstalledApp, water: UUID) -> None:
    installed.worker.evaluate(TAP, "")
    installed.page.wait_for_url(f"**/sign-in?next=%2Ftoday%3Fdelivery%3D{water}")
    assert eventually(lambda: installed.app.read(heard, water) == ["shown", "opened"])
    assert installed.app.read(glasses, water) is None


def test_later_says_when_it_asks_again_or_that_it_is_too_late(installed: InstalledApp, water: UUID) -> None:
    (answer,) = installed.tap("later")
    assert answer["title"] == "Later"
    assert answer["buttons"] == []


def test_a_notification_the_phone_showed_by_itself_tells_that_it_was_opened(
    phone_of: Callable[[UUID], Page], served_app: ServedApp
) -> None:
    delivery_id = served_app.write(a_sent_delivery)
    owner = served_app.read(lambda db: db.get_one(Delivery, delivery_id).account_id)
    phone = phone_of(owner)
    phone.goto(f"/today?delivery={delivery_id}#{token_of(delivery_id, served_app.app.state.secrets.key)}")
    assert eventually(lambda: "opened" in served_app.read(heard, delivery_id))
    expect(phone).to_have_url(f"{served_app.url}/today")
