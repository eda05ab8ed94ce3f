"""Signing out leaves nothing on the phone: with a network, without one, and from another device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from app.access.sign_ins import sign_ins_of
from app.clock import utc_now
from browser.diary import (
    EVERYTHING_KEPT,
    GET_ALL,
    NOTHING,
    Diary,
    installed_on,
    saved,
    sign_in,
    signed_out_by_the_server,
    status,
    tap,
)
from builders import PASSWORD
from running import ServedApp


@pytest.fixture
def ana(served_app: ServedApp) -> Diary:
    return Diary(served_app, "Ana")


@pytest.fixture
def phone_with_app(phone_of: Callable[[UUID], Page], ana: Diary, complaints: list[str]) -> Iterator[Page]:
    yield installed_on(phone_of(ana.patient.id))
    complaints.clear()


def led_to_sign_in_once_online(page: Page) -> None:
    """The page hears of the network before its worker does, and loses a script it asks for in between."""
    page.context.set_offline(False)
    page.wait_for_url("**/sign-in")
    page.reload()


def test_signing_out_empties_the_browser_and_back_shows_the_sign_in(phone_with_app: Page) -> None:
    page = phone_with_app
    tap(page, "4")
    saved(page)
    page.goto("/trends")
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate(EVERYTHING_KEPT) == NOTHING
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.goto("/today")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_signing_out_offline_asks_about_what_is_not_sent_and_then_leaves_nothing(
    phone_with_app: Page, ana: Diary
) -> None:
    page = phone_with_app
    page.context.set_offline(True)
    tap(page, "4")
    expect(status(page)).to_have_text("Saved on this phone")
    page.goto("/account")
    page.get_by_role("link", name="Sign out").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#unsent")).to_contain_text("1 answer is not sent yet.")
    page.get_by_role("button", name="Sign out anyway").click()
    expect(page.locator("#unsent")).to_contain_text("You are signed out on this phone.")
    assert page.evaluate(EVERYTHING_KEPT) == NOTHING
    page.context.set_offline(False)
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert ana.app.read(sign_ins_of, ana.patient.id, ana.patient.id, utc_now()) == []
    assert ana.entries() == 0


def test_a_sign_out_from_another_device_empties_this_one(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    signed_out_by_the_server(ana.app, ana.patient.id)
    page.goto("/today")
    page.wait_for_url("**/sign-in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert page.evaluate(EVERYTHING_KEPT) == NOTHING


def test_a_sign_out_from_another_device_keeps_what_was_not_sent_for_its_owner(
    phone_with_app: Page, ana: Diary
) -> None:
    page = phone_with_app
    page.context.set_offline(True)
    tap(page, "4")
    expect(status(page)).to_have_text("Saved on this phone")
    signed_out_by_the_server(ana.app, ana.patient.id)
    led_to_sign_in_once_online(page)
    expect(page.locator("#waiting-here")).to_contain_text("1 answer on this phone is not sent yet.")
    assert len(page.evaluate(GET_ALL)) == 1
    sign_in(page, ana.app, ana)
    page.goto("/today")
    saved(page)
    assert ana.measures("pain") == [4]


def test_whoever_finds_answers_of_somebody_gone_can_drop_them(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    page.context.set_offline(True)
    tap(page, "4")
    expect(status(page)).to_have_text("Saved on this phone")
    signed_out_by_the_server(ana.app, ana.patient.id)
    led_to_sign_in_once_online(page)
    page.get_by_role("button", name="Drop them").click()
    expect(page.locator("#waiting-here")).to_be_hidden()
    assert page.evaluate(EVERYTHING_KEPT) == NOTHING


def test_somebody_else_who_signs_in_sees_nothing_of_who_was_here(
    phone_with_app: Page, served_app: ServedApp
) -> None:
    page = phone_with_app
    tap(page, "4")
    saved(page)
    sign_in(page, served_app, Diary(served_app, "Eva"))
    page.goto("/today")
    expect(page.locator("#log-state")).to_have_text("Not logged yet")
    expect(page.locator("input[name=pain]:checked")).to_have_count(0)


@pytest.fixture
def shared_computer(chromium: Browser, served_app: ServedApp, ana: Diary) -> Iterator[Page]:
    """Ana signs in where others do too."""
    context = chromium.new_context(base_url=served_app.url)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail address").fill(f"{ana.patient.name.lower()}@people.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("This is a shared device").check()
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/today")
    yield page
    context.close()


def test_on_a_shared_device_nothing_is_kept_and_everything_saved(shared_computer: Page, ana: Diary) -> None:
    tap(shared_computer, "4")
    saved(shared_computer)
    assert ana.measures("pain") == [4]
    kept = shared_computer.evaluate(EVERYTHING_KEPT)
    assert kept["caches"] == kept["databases"] == kept["local"] == []
    assert kept["workers"] == 0


def test_on_a_shared_device_the_cookies_go_with_the_browser(shared_computer: Page) -> None:
    assert {cookie["expires"] for cookie in shared_computer.context.cookies()} == {-1}


def test_on_a_shared_device_what_is_not_sent_says_that_the_page_must_stay_open(
    shared_computer: Page, ana: Diary
) -> None:
    shared_computer.context.set_offline(True)
    tap(shared_computer, "4")
    expect(status(shared_computer)).to_have_text("Not saved yet. Keep this page open until it is sent.")
    shared_computer.context.set_offline(False)
    saved(shared_computer)
    assert ana.measures("pain") == [4]
