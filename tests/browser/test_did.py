"""The page that does what a notification asked for, where a phone has no buttons on notifications."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.push import Delivery
from app.reminders.message import token_of
from browser.installed import a_sent_delivery, eventually, glasses, heard
from running import ServedApp

pytestmark = pytest.mark.service_worker(False)


def did(app: ServedApp, delivery_id: UUID, wanted: str) -> str:
    return f"/did/{delivery_id}?{wanted}#{token_of(delivery_id, app.app.state.secrets.key)}"


def test_the_page_of_an_action_does_it_at_once_and_offers_undo(phone: Page, served_app: ServedApp) -> None:
    delivery_id = served_app.write(a_sent_delivery, "water")
    phone.goto(did(served_app, delivery_id, "action=add_glass"))
    expect(phone.get_by_role("heading", level=1)).to_have_text("1 of 8 glasses")
    phone.get_by_role("button", name="Undo").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Taken back")
    assert served_app.read(glasses, delivery_id) is None


def test_opening_the_page_again_adds_no_second_glass(phone: Page, served_app: ServedApp) -> None:
    delivery_id = served_app.write(a_sent_delivery, "water")
    phone.goto(did(served_app, delivery_id, "action=add_glass"))
    expect(phone.get_by_role("button", name="Undo")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("heading", level=1)).to_have_text("1 of 8 glasses")
    assert served_app.read(glasses, delivery_id) == 1


def test_the_page_that_asks_waits_for_the_tap(phone: Page, served_app: ServedApp) -> None:
    delivery_id = served_app.write(a_sent_delivery, "water")
    phone.goto(did(served_app, delivery_id, "ask=add_glass"))
    assert eventually(lambda: "opened" in served_app.read(heard, delivery_id))
    assert served_app.read(glasses, delivery_id) is None
    phone.get_by_role("button", name="+1 glass").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("1 of 8 glasses")


def ends_soon(db: Session, delivery_id: UUID) -> None:
    db.get_one(Delivery, delivery_id).valid_until = utc_now() + timedelta(minutes=10)


def test_a_later_that_is_too_late_leaves_no_button_for_it(phone: Page, served_app: ServedApp) -> None:
    delivery_id = served_app.write(a_sent_delivery, "water")
    served_app.write(ends_soon, delivery_id)
    phone.goto(did(served_app, delivery_id, "action=later"))
    expect(phone.get_by_text("It is too late to ask again, so this one ends here.")).to_be_visible()
    expect(phone.get_by_role("button", name="Later")).to_be_hidden()


def test_a_link_without_the_token_does_nothing_by_itself(
    phone_of: Callable[[UUID], Page], served_app: ServedApp
) -> None:
    delivery_id = served_app.write(a_sent_delivery, "water")
    owner = served_app.read(lambda db: db.get_one(Delivery, delivery_id).account_id)
    phone = phone_of(owner)
    phone.goto(f"/did/{delivery_id}?action=add_glass")
    phone.wait_for_load_state("networkidle")
    assert served_app.read(glasses, delivery_id) is None
    phone.get_by_role("button", name="+1 glass").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("1 of 8 glasses")


def test_without_scripts_the_button_of_the_page_does_it(chromium: Browser, served_app: ServedApp) -> None:
    delivery_id = served_app.write(a_sent_delivery, "stretch")
    owner = served_app.read(lambda db: db.get_one(Delivery, delivery_id).account_id)
    context = chromium.new_context(base_url=served_app.url, java_script_enabled=False)
    name, value = served_app.cookie_of(owner)
    context.add_cookies([{"name": name, "value": value, "url": served_app.url}])
    page = context.new_page()
    page.goto(f"/did/{delivery_id}?ask=done")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("5 minutes added to today.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Taken back")
    context.close()
