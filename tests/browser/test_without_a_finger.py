"""The day of somebody who uses a keyboard, a screen reader or the colours of the system."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from app.clock import utc_now
from app.models.daily_log import Day, day_on
from app.models.patient import PatientProfile
from builders import a_patient
from running import ServedApp

pytestmark = pytest.mark.service_worker(False)

PLUS_ONE = ".counter button[value='water_glasses:1']"


@pytest.fixture
def ana(served_app: ServedApp) -> PatientProfile:
    return served_app.write(a_patient, now=utc_now())


@pytest.fixture
def today(phone_of: Callable[[UUID], Page], ana: PatientProfile) -> Page:
    page = phone_of(ana.id)
    page.goto("/today", wait_until="networkidle")
    return page


def tab_to(page: Page, what: str, at_most: int = 60) -> None:
    """Tab on until the focus lies on what the selector names."""
    for _step in range(at_most):
        page.keyboard.press("Tab")
        if page.evaluate("(what) => document.activeElement.matches(what)", what):
            return
    pytest.fail(f"The keyboard never reaches {what}.")


def stored(app: ServedApp, ana: PatientProfile) -> Day | None:
    return app.read(day_on, ana.id, ana.day_at(utc_now()))


def test_the_first_tab_leads_past_everything_to_the_page(today: Page) -> None:
    today.keyboard.press("Tab")
    expect(today.locator(":focus")).to_have_text("Skip to the page")
    today.keyboard.press("Enter")
    assert today.evaluate("location.hash") == "#main"


def test_a_day_is_logged_with_the_keyboard_alone(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    tab_to(today, "input[name=pain]")
    today.keyboard.press("ArrowRight")
    tab_to(today, "input[name=stiffness]")
    today.keyboard.press("Space")
    tab_to(today, "button[value='water_glasses:1']")
    today.keyboard.press("Enter")
    expect(today.locator("#save-status")).to_have_text("Saved")
    day = stored(served_app, ana)
    assert day is not None
    assert (day.pain, day.stiffness, day.water_glasses) == (1, 0, 1)


def press(page: Page, what: str) -> None:
    page.locator(what).focus()
    page.keyboard.press("Enter")


def test_a_cleared_answer_leaves_the_focus_in_its_question(today: Page) -> None:
    today.locator("input[name=stiffness]").first.focus()
    today.keyboard.press("Space")
    press(today, "button[name=clear][value=stiffness]")
    expect(today.locator("input[name=stiffness]").first).to_be_focused()


@pytest.mark.parametrize("taken_back", ["#one-glass-less", "button[name=clear][value=water_glasses]"])
def test_the_last_glass_taken_back_leaves_the_focus_at_the_glasses(today: Page, taken_back: str) -> None:
    press(today, PLUS_ONE)
    press(today, taken_back)
    expect(today.locator(PLUS_ONE)).to_be_focused()


def test_undo_leaves_the_focus_where_the_answer_was(today: Page) -> None:
    today.locator("input[name=stiffness]").first.focus()
    today.keyboard.press("Space")
    tab_to(today, "#undo-tap", 120)
    today.keyboard.press("Enter")
    expect(today.locator("input[name=stiffness]").first).to_be_focused()


def test_undo_that_goes_by_itself_leaves_the_focus_where_the_answer_was(today: Page) -> None:
    today.locator("input[name=stiffness]").first.focus()
    today.keyboard.press("Space")
    today.locator("#undo-tap").focus()
    expect(today.locator("#undo-tap")).to_be_hidden(timeout=12_000)
    expect(today.locator("input[name=stiffness]").first).to_be_focused()


def test_next_leads_the_keyboard_to_the_places_too(today: Page) -> None:
    today.locator("input[name=pain]").first.focus()
    today.keyboard.press("Space")
    press(today, "#next-question")
    assert today.evaluate("document.activeElement.closest('#places') !== null")


def test_whatever_has_the_focus_shows_it(today: Page) -> None:
    tab_to(today, "button[value='water_glasses:1']")
    assert today.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_rating_is_a_group_of_eleven_named_choices_and_none_is_made(today: Page) -> None:
    pain = today.get_by_role("group", name="On average over the last 24 hours, how strong was your pain?")
    expect(pain.get_by_role("radio")).to_have_count(11)
    expect(pain.get_by_role("radio", name="0 no pain", exact=True)).not_to_be_checked()
    expect(pain.get_by_role("radio", name="10 worst pain you can imagine", exact=True)).to_be_visible()
    expect(pain.get_by_role("radio", checked=True)).to_have_count(0)


def test_what_becomes_of_a_tap_is_read_aloud(today: Page) -> None:
    expect(today.locator("#save-status")).to_have_role("status")
    expect(today.locator("#save-status")).to_have_attribute("aria-live", "polite")
    today.get_by_role("button", name="+1 glass").click()
    expect(today.locator("#save-status")).to_have_text("Saved")


def test_nothing_moves_for_somebody_who_asked_for_stillness(today: Page) -> None:
    today.emulate_media(reduced_motion="reduce")
    moving = """() => [...document.querySelectorAll("*")].filter((one) => {
      const { transitionDuration, animationName } = getComputedStyle(one);
      return animationName !== "none" || transitionDuration.split(", ").some((time) => parseFloat(time) > 0);
    }).length"""
    assert today.evaluate(moving) == 0


def test_a_choice_is_seen_in_the_colours_of_the_system(today: Page) -> None:
    today.emulate_media(forced_colors="active")
    pain = today.get_by_role("group", name="On average over the last 24 hours")
    pain.get_by_role("radio", name="7", exact=True).check()
    look = "(one) => getComputedStyle(one.nextElementSibling).backgroundColor"
    chosen = pain.get_by_role("radio", name="7", exact=True).evaluate(look)
    other = pain.get_by_role("radio", name="6", exact=True).evaluate(look)
    assert chosen != other
