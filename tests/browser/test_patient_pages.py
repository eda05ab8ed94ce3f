"""A patient's pages in a real browser: every tap counts, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.daily_log import Day, day_on
from app.models.patient import PatientProfile
from browser.installed import eventually
from builders import a_consent, a_logged_day, a_patient, a_therapist
from running import ServedApp

pytestmark = pytest.mark.service_worker(False)

NARROW = {"width": 320, "height": 640}
SITES = [{"region": "shoulder", "side": "left", "intensity": 5}]


def someone_with_a_diary(db: Session) -> PatientProfile:
    """Ana as her phone knows her, in the zone of the machine that runs the tests."""
    ana = a_patient(db, zone="UTC")
    a_consent(db, a_therapist(db).id, ana, now=utc_now())
    yesterday = utc_now() - timedelta(days=1)
    a_logged_day(db, ana, ana.day_at(yesterday), yesterday, pain=5, sleep_hours=7, pain_sites=SITES)
    return ana


@pytest.fixture
def ana(served_app: ServedApp) -> PatientProfile:
    profile: PatientProfile = served_app.write(someone_with_a_diary)
    return profile


@pytest.fixture
def today(phone_of: Callable[[UUID], Page], ana: PatientProfile) -> Page:
    """Ana's phone with Today open and ready for taps."""
    page = phone_of(ana.id)
    page.goto("/today")
    expect(status(page)).to_have_text("Each tap is saved by itself.")
    return page


@pytest.fixture
def without_javascript(chromium: Browser, served_app: ServedApp, ana: PatientProfile) -> Iterator[Page]:
    context = chromium.new_context(base_url=served_app.url, viewport=NARROW, java_script_enabled=False)
    name, value = served_app.cookie_of(ana.id)
    context.add_cookies([{"name": name, "value": value, "url": served_app.url}])
    yield context.new_page()
    context.close()


def status(page: Page) -> Any:
    return page.locator("#save-status")


def saved(page: Page) -> None:
    expect(status(page)).to_have_text("Saved")


def tap(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_role("radio", name=answer).check(force=True)


def stored(app: ServedApp, ana: PatientProfile) -> Day:
    day = app.read(day_on, ana.id, ana.day_at(utc_now()))
    assert day is not None
    return day


def test_a_day_is_logged_tap_by_tap(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    tap(today, "On average over the last 24 hours", "4")
    tap(today, "How stiff were you", "3")
    tap(today, "How many hours did you sleep", "7.5 h")
    today.get_by_role("button", name="+1 glass").click()
    today.get_by_role("button", name="Stretching: +10 minutes").click()
    expect(today.locator("#water-now")).to_have_text("1")
    saved(today)
    day = stored(served_app, ana)
    assert (day.pain, day.stiffness, day.sleep_hours) == (4, 3, 7.5)
    assert (day.water_glasses, day.stretching_minutes) == (1, 10)


def test_a_tap_before_the_scripts_have_come_is_saved_too(
    phone_of: Callable[[UUID], Page], served_app: ServedApp, ana: PatientProfile
) -> None:
    page = phone_of(ana.id)
    held: list[Route] = []
    page.route("**/static/js/today*.js", lambda route: held.append(route))
    page.goto("/today", wait_until="commit")
    tap(page, "On average over the last 24 hours", "6")
    held[0].continue_()
    saved(page)
    assert stored(served_app, ana).pain == 6


def test_taking_back_the_first_glass_leaves_water_unknown(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    tap(today, "On average over the last 24 hours", "4")
    today.get_by_role("button", name="+1 glass").click()
    saved(today)
    today.get_by_role("button", name="Undo").click()
    expect(today.locator("#water-now")).to_have_text("0")
    saved(today)
    assert stored(served_app, ana).water_glasses is None


def test_the_log_state_changes_with_the_first_tap(today: Page) -> None:
    tap(today, "On average over the last 24 hours", "4")
    expect(today.locator("#log-state")).to_contain_text("Logged at ")


def test_a_tap_can_be_undone(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    tap(today, "On average over the last 24 hours", "4")
    saved(today)
    tap(today, "On average over the last 24 hours", "9")
    saved(today)
    today.get_by_role("button", name="Undo").click()
    expect(today.get_by_role("group", name="On average").get_by_role("radio", name="4")).to_be_checked()
    expect(today.get_by_role("button", name="Undo")).to_be_hidden()
    saved(today)
    assert stored(served_app, ana).pain == 4


def test_a_place_is_chosen_with_its_side_and_strength(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.get_by_text("From the list").click()
    today.get_by_text("Shoulders, arms and hands").click()
    today.get_by_label("right elbow").check(force=True)
    today.get_by_label("Right elbow How strong?").select_option("6")
    saved(today)
    assert stored(served_app, ana).pain_sites == [{"region": "elbow", "side": "right", "intensity": 6}]


def test_the_same_places_are_saved_only_after_a_yes(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.get_by_text("Same places as yesterday").click()
    expect(today.get_by_label("left shoulder", exact=True)).to_be_checked()
    assert served_app.read(day_on, ana.id, ana.day_at(utc_now())) is None
    today.get_by_role("button", name="Yes, save").click()
    saved(today)
    assert stored(served_app, ana).pain_sites == [{"region": "shoulder", "side": "left"}]


def test_a_no_to_the_same_places_unticks_them(today: Page) -> None:
    today.get_by_text("Same places as yesterday").click()
    today.get_by_role("button", name="No", exact=True).click()
    expect(today.get_by_label("left shoulder", exact=True)).not_to_be_checked()


def test_a_note_is_saved_by_itself(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    today.get_by_text("Add a note").click()
    today.get_by_label("In your own words").fill("Long walk.")
    saved(today)
    assert stored(served_app, ana).note == "Long walk."


def test_a_cleared_answer_is_unknown_again(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    tap(today, "How stiff were you", "3")
    tap(today, "On average over the last 24 hours", "4")
    saved(today)
    today.get_by_role("button", name="Clear pain").click()
    expect(today.get_by_role("button", name="Clear pain")).to_be_hidden()
    saved(today)
    assert stored(served_app, ana).pain is None


def test_what_could_not_be_sent_is_kept_and_sent_later(
    today: Page, served_app: ServedApp, ana: PatientProfile, complaints: list[str]
) -> None:
    today.context.set_offline(True)
    tap(today, "On average over the last 24 hours", "4")
    expect(status(today)).to_contain_text("Saved on this phone")
    today.context.set_offline(False)
    saved(today)
    assert stored(served_app, ana).pain == 4
    complaints.clear()


def test_what_could_not_be_sent_survives_closing_the_page(
    today: Page, served_app: ServedApp, ana: PatientProfile, complaints: list[str]
) -> None:
    today.context.set_offline(True)
    tap(today, "On average over the last 24 hours", "4")
    expect(status(today)).to_contain_text("Saved on this phone")
    today.close()
    today.context.set_offline(False)
    again = today.context.new_page()
    again.goto("/today")
    # The worker may have sent it before the page was there.
    expect(again.locator("#log-state")).to_contain_text("Logged at ")
    assert eventually(lambda: served_app.read(day_on, ana.id, ana.day_at(utc_now())) is not None)
    assert stored(served_app, ana).pain == 4
    complaints.clear()


def test_an_answer_lost_on_the_way_does_not_double_a_glass(
    today: Page, served_app: ServedApp, ana: PatientProfile, complaints: list[str]
) -> None:
    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    today.route("**/api/entries", lose_the_answer, times=1)
    today.get_by_role("button", name="+1 glass").click()
    expect(status(today)).to_contain_text("Saved on this phone")
    today.evaluate("dispatchEvent(new Event('online'))")
    saved(today)
    assert stored(served_app, ana).water_glasses == 1
    complaints.clear()


def test_the_whole_log_can_be_made_without_javascript(
    without_javascript: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    page = without_javascript
    page.goto("/today")
    tap(page, "On average over the last 24 hours", "4")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator("#saved")).to_contain_text("Saved.")
    assert stored(served_app, ana).pain == 4
    page.get_by_role("button", name="Undo").click()
    assert served_app.read(day_on, ana.id, ana.day_at(utc_now())) is None


def test_dark_paper_is_dark_and_its_ink_is_light(
    chromium: Browser, served_app: ServedApp, ana: PatientProfile
) -> None:
    context = chromium.new_context(base_url=served_app.url, color_scheme="dark")
    page = context.new_page()
    page.goto("/help")
    colours = page.evaluate("(() => { const s = getComputedStyle(document.documentElement);"
                            " return [s.backgroundColor, s.color]; })()")  # fmt: skip
    assert colours == ["rgb(28, 26, 23)", "rgb(236, 229, 216)"]
    context.close()


def test_every_control_is_large_enough_for_a_thumb(today: Page) -> None:
    today.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    small = today.evaluate(
        "[...document.querySelectorAll('main button, main summary, main label, main select, nav a')]"
        ".filter((one) => one.offsetParent && !one.closest('.only-heard') && !one.matches('.field label'))"
        ".map((one) => [one.textContent.trim().slice(0, 20), one.getBoundingClientRect()])"
        ".filter(([, box]) => box.height > 2 && box.height < 47.5).map(([words]) => words)"
    )
    assert small == []
