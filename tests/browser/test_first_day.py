"""The first day, from two empty browsers to a brief that shows what was logged."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from builders import PASSWORD
from running import ServedApp

DESK = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 640}


@pytest.fixture
def desk(chromium: Browser, served_app: ServedApp) -> Iterator[Page]:
    """The computer of a practice where nobody is signed in."""
    context = chromium.new_context(base_url=served_app.url, viewport=DESK, timezone_id="Europe/Lisbon")
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_phone(chromium: Browser, served_app: ServedApp) -> Iterator[Page]:
    """A phone that runs no scripts."""
    context = chromium.new_context(base_url=served_app.url, viewport=NARROW, java_script_enabled=False)
    yield context.new_page()
    context.close()


def sign_up(page: Page, name: str, role: str) -> None:
    page.get_by_label(f"I am a {role}").check(force=True)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail address").fill(f"{name.lower()}@people.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)


def invitation_of_rui(desk: Page) -> str:
    """Rui signs up, says who he is, and makes an invitation; its link."""
    desk.goto("/")
    desk.get_by_role("link", name="Create your account").click()
    sign_up(desk, "Rui", "therapist")
    expect(desk.get_by_text("Time zone of this device: Lisbon")).to_be_visible()
    desk.get_by_role("button", name="Create account").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Welcome, Rui")
    desk.get_by_label("Practice").fill("Practice by the river")
    desk.get_by_label("Licence").fill("PT 4711")
    desk.get_by_role("button", name="Save").click()
    desk.get_by_role("link", name="Invite a patient").click()
    desk.get_by_role("button", name="Make an invitation").click()
    return desk.get_by_label("Or send this link").input_value()


def accept(page: Page) -> None:
    """Share the numbers and the notes, but not the plan."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Rui invites you")
    page.get_by_label(re.compile("^Your daily numbers")).check()
    page.get_by_label(re.compile("^Your notes")).check()
    page.get_by_role("button", name="Accept and share").click()
    expect(page.get_by_text("You are sharing now.")).to_be_visible()


def say_how_it_was(page: Page) -> None:
    page.locator("input[name=pain][value='6']").check(force=True)
    page.get_by_text("From the list").click()
    page.get_by_text("Shoulders, arms and hands").click()
    page.locator("input[name=place][value='shoulder:left']").check(force=True)
    page.get_by_text("Add a note").click()
    page.get_by_label("In your own words").fill("Slept on the sofa.")


def opened_brief(desk: Page) -> Page:
    desk.get_by_role("link", name="Patients").click()
    desk.get_by_role("link", name=re.compile("^Ana")).click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Ana")
    return desk


def expect_what_ana_said(brief: Page) -> None:
    expect(brief.get_by_text("Left shoulder: 1 of 1 day", exact=True)).to_be_visible()
    expect(brief.locator("blockquote, .quote").get_by_text("Slept on the sofa.")).to_be_visible()
    expect(brief.locator(".brief__quality")).to_contain_text("1 of 1 day logged")
    expect(brief.get_by_role("region", name="Pain", exact=True)).to_contain_text("6.0")


def test_from_two_empty_browsers_to_a_brief(desk: Page, phone: Page) -> None:
    link = invitation_of_rui(desk)
    phone.goto(link)
    expect(phone.get_by_text("PT 4711")).to_be_visible()
    phone.get_by_role("link", name="Create your account").click()
    sign_up(phone, "Ana", "patient")
    phone.get_by_role("button", name="Create account").click()
    accept(phone)
    phone.get_by_role("link", name="Today").click()
    expect(phone.locator("#save-status")).to_have_text("Each tap is saved by itself.")
    say_how_it_was(phone)
    phone.get_by_label("In your own words").blur()
    expect(phone.locator("#save-status")).to_have_text("Saved")
    expect_what_ana_said(opened_brief(desk))
    phone.get_by_role("link", name="Sharing").click()
    expect(phone.get_by_text("Rui opened the summary of your days")).to_be_visible()


def test_the_same_day_without_any_script_on_the_phone(desk: Page, plain_phone: Page) -> None:
    link = invitation_of_rui(desk)
    plain_phone.goto(link)
    plain_phone.get_by_role("link", name="Create your account").click()
    sign_up(plain_phone, "Ana", "patient")
    plain_phone.get_by_label("Your time zone").select_option("America/Sao_Paulo")
    plain_phone.get_by_role("button", name="Create account").click()
    accept(plain_phone)
    plain_phone.get_by_role("link", name="Today").click()
    plain_phone.wait_for_url("**/today?whole=1")
    say_how_it_was(plain_phone)
    plain_phone.get_by_role("button", name="Save", exact=True).last.click()
    expect(plain_phone.get_by_text("Saved.")).to_be_visible()
    expect_what_ana_said(opened_brief(desk))


def test_what_is_wrong_takes_focus_and_leads_to_its_field(phone: Page, complaints: list[str]) -> None:
    phone.goto("/sign-up")
    phone.get_by_role("button", name="Create account").click()
    expect(phone.get_by_role("alert")).to_be_focused()
    phone.get_by_role("link", name="Write your name.").click()
    expect(phone.get_by_label("Your name")).to_be_focused()
    # The browser itself reports that the answer was a 422.
    complaints.clear()


def test_signing_out_leaves_nothing_of_the_day_behind(desk: Page) -> None:
    invitation_of_rui(desk)
    desk.goto("/account")
    desk.get_by_role("button", name="Sign out").click()
    desk.wait_for_url("**/sign-in")
    assert desk.context.cookies() == []
    desk.goto("/patients")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Sign in")
