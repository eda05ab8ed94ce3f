"""The log in a real browser, as a thumb uses it: few taps, nothing lost, nothing said by itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from app.clock import utc_now
from app.models.daily_log import Day, day_on, entries_about
from app.models.patient import PatientProfile
from browser.conftest import HOME
from browser.installed import eventually
from builders import a_logged_day, a_patient
from running import ServedApp

pytestmark = pytest.mark.service_worker(False)

SCREEN = 844
SITES = [{"region": "shoulder", "side": "left", "intensity": 5}, {"region": "low_back", "side": "middle"}]


def someone_who_logged_yesterday(db: Session) -> PatientProfile:
    ana = a_patient(db, zone="UTC")
    yesterday = utc_now() - timedelta(days=1)
    a_logged_day(db, ana, ana.day_at(yesterday), yesterday, pain=5, sleep_hours=7, pain_sites=SITES)
    return ana


@pytest.fixture
def ana(served_app: ServedApp) -> PatientProfile:
    profile: PatientProfile = served_app.write(someone_who_logged_yesterday)
    return profile


@pytest.fixture
def today(phone_of: Callable[[UUID], Page], ana: PatientProfile) -> Page:
    """Ana's phone with Today open and ready for taps, and a clock that tests can turn."""
    page = phone_of(ana.id)
    page.clock.install(time=utc_now())
    page.goto("/today")
    ready(page)
    return page


def ready(page: Page) -> None:
    expect(page.locator("#save-status")).to_have_text("Each tap is saved by itself.")


def ready_or_saved(page: Page) -> None:
    expect(page.locator("#save-status")).to_have_text(re.compile("^(Each tap is saved by itself.|Saved)$"))


def saved(page: Page) -> None:
    expect(page.locator("#save-status")).to_have_text("Saved")


def tap(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_role("radio", name=answer, exact=True).tap(force=True)


def stored(app: ServedApp, ana: PatientProfile) -> Day | None:
    return app.read(day_on, ana.id, ana.day_at(utc_now()))


def entries(app: ServedApp, ana: PatientProfile) -> int:
    return len(app.read(entries_about, ana.id, ana.day_at(utc_now())))


def bottom_of(page: Page, selector: str) -> float:
    """Where it ends, counted from the top of the page."""
    found = f"document.querySelector('{selector}').getBoundingClientRect()"
    return float(page.evaluate(f"{found}.bottom + scrollY"))


def top_of_the_bar(page: Page) -> float:
    return float(page.evaluate("document.querySelector('#save-bar').getBoundingClientRect().top"))


def test_on_plain_http_in_a_home_network_a_tap_is_saved_too(
    phone: Page, served_app: ServedApp, ana: PatientProfile, complaints: list[str]
) -> None:
    home = served_app.url.replace("localhost", HOME)
    name, value = served_app.cookie_of(ana.id)
    phone.context.add_cookies([{"name": name, "value": value, "url": home}])
    phone.goto(f"{home}/today")
    assert not phone.evaluate("isSecureContext")
    ready(phone)
    tap(phone, "On average over the last 24 hours", "6")
    saved(phone)
    # A header that counts on https alone, of which Chromium says so.
    complaints[:] = [one for one in complaints if "Cross-Origin-Opener-Policy" not in one]
    day = stored(served_app, ana)
    assert day is not None
    assert day.pain == 6


def test_pain_is_the_first_question_and_seen_without_scrolling(today: Page) -> None:
    first = today.locator("#log input[type=radio]").first
    assert first.get_attribute("name") == "pain"
    assert bottom_of(today, "[data-measure=pain]") < top_of_the_bar(today)


def test_everything_said_daily_lies_within_two_screens(today: Page) -> None:
    assert bottom_of(today, "#note-section") <= 2 * SCREEN


def test_the_primary_button_stays_in_reach_of_the_thumb(today: Page) -> None:
    today.evaluate("scrollTo(0, document.body.scrollHeight)")
    box = today.get_by_role("button", name="Next").bounding_box()
    assert box is not None
    assert box["y"] > SCREEN * 2 / 3


def test_a_day_is_logged_in_six_taps(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    tap(today, "On average over the last 24 hours", "6")
    today.get_by_text("Same places as yesterday").tap()
    today.get_by_role("button", name="Yes, save").tap()
    tap(today, "How stiff were you", "3")
    tap(today, "How easily could you move", "7")
    tap(today, "How many hours did you sleep", "7.5 h")
    saved(today)
    day = stored(served_app, ana)
    assert day is not None
    assert (day.pain, day.stiffness, day.mobility, day.sleep_hours) == (6, 3, 7, 7.5)
    assert day.pain_sites == [{"region": site["region"], "side": site["side"]} for site in SITES[::-1]]


def test_looking_at_everything_and_touching_nothing_stores_nothing(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    today.evaluate("scrollTo(0, document.body.scrollHeight)")
    today.get_by_role("button", name="Next").tap()
    today.reload()
    ready(today)
    assert entries(served_app, ana) == 0


def test_next_leads_to_the_first_thing_not_said(today: Page) -> None:
    tap(today, "On average over the last 24 hours", "6")
    today.get_by_role("button", name="Next: Where it hurts").tap()
    today.get_by_role("button", name="Next: How stiff were you?").tap()
    expect(today.get_by_role("group", name="How stiff were you").get_by_role("radio").first).to_be_focused()


def test_when_all_is_said_the_page_says_so_and_a_second_tap_does_nothing(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    tap(today, "On average over the last 24 hours", "6")
    today.get_by_role("button", name="Left shoulder").tap()
    tap(today, "How stiff were you", "3")
    tap(today, "How easily could you move", "7")
    place = today.get_by_role("button", name="Next").bounding_box()
    assert place is not None
    tap(today, "How many hours did you sleep", "8 h")
    expect(today.get_by_text("All is logged")).to_be_visible()
    today.touchscreen.tap(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    saved(today)
    day = stored(served_app, ana)
    assert day is not None
    assert day.water_glasses is None


def test_where_all_was_said_before_a_glass_takes_the_place_of_next(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    tap(today, "On average over the last 24 hours", "6")
    today.get_by_role("button", name="Left shoulder").tap()
    tap(today, "How stiff were you", "3")
    tap(today, "How easily could you move", "7")
    tap(today, "How many hours did you sleep", "8 h")
    saved(today)
    today.reload()
    ready(today)
    today.get_by_role("button", name="Add a glass").tap()
    expect(today.get_by_role("button", name="Next")).to_be_hidden()
    expect(today.locator("#water-now")).to_have_text("1")


def test_undo_is_offered_for_eight_seconds(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    tap(today, "On average over the last 24 hours", "6")
    saved(today)
    today.clock.fast_forward(6000)
    expect(today.get_by_role("button", name="Undo")).to_be_visible()
    today.clock.fast_forward(2100)
    expect(today.get_by_role("button", name="Undo")).to_be_hidden()


def test_undo_leaves_the_day_as_it_was(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    tap(today, "On average over the last 24 hours", "6")
    saved(today)
    today.get_by_role("button", name="Undo").tap()
    expect(today.locator("#log input:checked")).to_have_count(0)
    saved(today)
    assert stored(served_app, ana) is None


def test_a_long_note_is_told_how_many_characters_are_left(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.get_by_text("Add a note").tap()
    note = today.get_by_label("In your own words")
    note.fill("a" * 1990)
    expect(today.get_by_text("10 characters left")).to_be_visible()
    note.fill("a" * 2003)
    expect(today.get_by_text("3 characters too many.")).to_be_visible()
    note.blur()
    tap(today, "How stiff were you", "3")
    saved(today)
    expect(note).to_have_value("a" * 2003)
    note.fill("a" * 2000)
    note.blur()
    saved(today)
    assert eventually(lambda: getattr(stored(served_app, ana), "note", None) == "a" * 2000)


def test_hours_of_sleep_that_are_not_usual_can_be_said_too(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.get_by_text("Other hours, how well you slept").tap()
    today.get_by_label("Other hours of sleep").select_option("5.5")
    saved(today)
    day = stored(served_app, ana)
    assert day is not None
    assert day.sleep_hours == 5.5
    today.reload()
    expect(today.get_by_label("Other hours of sleep")).to_have_value("5.5")
    tap(today, "How many hours did you sleep", "7 h")
    expect(today.get_by_label("Other hours of sleep")).to_have_value("")


def test_the_last_glass_taken_back_is_unknown_again(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.get_by_role("button", name="+1 glass").tap()
    today.get_by_role("button", name="Take one glass back").tap()
    saved(today)
    assert stored(served_app, ana) is None


def test_water_can_be_cleared(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    today.get_by_role("button", name="+1 glass").tap()
    today.get_by_role("button", name="+1 glass").tap()
    today.get_by_role("button", name="Clear water").tap()
    saved(today)
    assert stored(served_app, ana) is None


def test_more_than_a_day_can_hold_is_said_and_not_kept(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    served_app.write(a_logged_day, ana, ana.day_at(utc_now()), utc_now(), water_glasses=39)
    today.reload()
    ready(today)
    today.get_by_role("button", name="+1 glass").tap()
    expect(today.get_by_text("More than 40 glasses cannot be logged for a day.")).to_be_visible()
    today.get_by_role("button", name="+1 glass").tap()
    today.get_by_role("button", name="Take one glass back").tap()
    expect(today.get_by_text("More than 40 glasses")).to_be_hidden()
    saved(today)
    day = stored(served_app, ana)
    assert day is not None
    assert day.water_glasses == 39


def test_more_than_twenty_minutes_of_heat_are_not_taken_without_a_word(today: Page) -> None:
    today.get_by_text("Heat or ice", exact=True).tap()
    today.get_by_role("button", name="Heat: +20 minutes").tap()
    expect(today.locator("#much-heat_minutes")).to_have_count(0)
    today.get_by_role("button", name="Heat: +20 minutes").tap()
    expect(today.get_by_text("40 minutes in all. At most 20 at a time.")).to_be_visible()


def top_of(page: Page, selector: str) -> float:
    """Counted from the top of the whole page, wherever it is scrolled to."""
    top: float = page.locator(selector).evaluate("one => one.getBoundingClientRect().top + scrollY")
    return top


def outline(page: Page, view: str, place: str) -> Any:
    return page.locator(f"[data-body={view}] path[data-place='{place}']")


def test_a_tap_on_the_drawing_ticks_the_place_with_its_side(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.get_by_text("On a drawing").tap()
    # Seen from the front, the right knee is on the left of the drawing.
    right, left = outline(today, "front", "knee:right"), outline(today, "front", "knee:left")
    assert right.bounding_box()["x"] < left.bounding_box()["x"]
    right.tap()
    expect(today.locator("input[aria-label='right knee']")).to_be_checked()
    expect(today.locator("input[aria-label='left knee']")).not_to_be_checked()
    expect(outline(today, "back", "knee:right")).to_have_class("is-chosen ")
    saved(today)
    day = stored(served_app, ana)
    assert day is not None
    assert day.pain_sites == [{"region": "knee", "side": "right"}]


def test_a_tap_beside_what_is_narrower_than_a_thumb_means_it(today: Page) -> None:
    today.get_by_text("On a drawing").tap()
    wrist = outline(today, "front", "wrist:left")
    wrist.scroll_into_view_if_needed()
    box = wrist.bounding_box()
    today.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] + 2)
    expect(wrist).to_have_class("is-chosen ")
    today.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] + 14)
    expect(outline(today, "front", "hand:left")).to_have_class("is-chosen ")


def test_the_drawing_follows_the_checkboxes(today: Page) -> None:
    today.get_by_text("On a drawing").tap()
    today.get_by_role("button", name="Left shoulder").tap()
    expect(outline(today, "back", "shoulder:left")).to_have_class("is-chosen ")
    today.get_by_label("Left shoulder How strong?").select_option("7")
    expect(outline(today, "front", "shoulder:left")).to_have_class("is-chosen step-7")
    today.get_by_role("button", name="Left shoulder").tap()
    expect(outline(today, "back", "shoulder:left")).to_have_class("")


def test_the_drawing_stays_under_the_thumb_when_places_are_tapped(today: Page) -> None:
    expect(today.locator("#same-places")).to_be_visible()
    today.get_by_text("On a drawing").tap()
    before = top_of(today, "[data-body=front] svg")
    today.locator("[data-body=front] [data-place='knee:right']").tap()
    today.locator("[data-body=front] [data-place='shoulder:left']").tap()
    expect(today.locator("#chosen-places li")).to_have_count(2)
    assert top_of(today, "[data-body=front] svg") == before


def test_the_list_stays_under_the_thumb_when_places_are_ticked(today: Page) -> None:
    today.get_by_text("From the list").tap()
    today.locator("#from-the-list summary").get_by_text("Back").tap()
    low_back = "input[name=place][value='low_back:middle']"
    before = top_of(today, low_back)
    today.locator(low_back).check(force=True)
    expect(today.locator("#chosen-places li")).to_have_count(1)
    assert top_of(today, low_back) == before


def test_every_checkbox_has_its_outline_on_the_drawing(today: Page) -> None:
    today.get_by_text("On a drawing").tap()
    expect(outline(today, "back", "buttock:left")).to_be_visible()
    missing = today.evaluate(
        "[...document.querySelectorAll('input[name=place]')].map((box) => box.value)"
        ".filter((place) => !document.querySelector(`path[data-place='${place}']`))"
    )
    assert missing == []


def test_how_strong_is_asked_only_where_it_hurts(today: Page) -> None:
    expect(today.locator("#chosen-places select")).to_have_count(0)
    today.get_by_role("button", name="Left shoulder").tap()
    expect(today.locator("#chosen-places select")).to_have_count(1)


def test_a_bad_day_asks_one_question(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    today.get_by_label("Bad day").check(force=True)
    expect(today.locator("main fieldset:visible")).to_have_count(1)
    tap(today, "On average over the last 24 hours", "9")
    saved(today)
    day = stored(served_app, ana)
    assert day is not None
    assert (day.bad_day, day.pain) == (True, 9)


def test_on_a_bad_day_the_rest_can_be_said_all_the_same(today: Page) -> None:
    today.get_by_label("Bad day").check(force=True)
    today.get_by_text("Say more all the same").tap()
    expect(today.get_by_role("group", name="How stiff were you")).to_be_visible()


def test_a_bad_day_is_taken_back(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    today.get_by_label("Bad day").check(force=True)
    saved(today)
    today.get_by_label("Bad day").uncheck(force=True)
    expect(today.get_by_role("group", name="How stiff were you")).to_be_visible()
    saved(today)
    assert stored(served_app, ana) is None


def start(page: Page, fold: str, button: str) -> None:
    page.get_by_text(fold, exact=True).tap()
    page.get_by_role("button", name=button, exact=True).tap()
    expect(page.locator("#timer")).to_be_visible()


def test_heat_ends_at_twenty_minutes_across_a_reload(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    start(today, "Heat or ice", "Sore: heat")
    today.clock.fast_forward("12:00")
    expect(today.locator("#timer-time")).to_have_text("12:00 of 20:00")
    today.reload()
    expect(today.locator("#timer-time")).to_contain_text(" of 20:00")
    assert stored(served_app, ana) is None
    today.clock.fast_forward("08:01")
    expect(today.locator("#timer")).to_contain_text("20 minutes of heat are over. Take it off now.")
    saved(today)
    day = stored(served_app, ana)
    assert day is not None
    assert day.heat_minutes == 20


def test_a_timer_that_ended_while_the_phone_slept_is_logged_once(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    start(today, "Stretch timer", "5 minutes")
    today.goto("about:blank")
    today.clock.fast_forward("30:00")
    today.goto("/today")
    saved(today)
    today.reload()
    ready(today)
    day = stored(served_app, ana)
    assert day is not None
    assert day.stretching_minutes == 5
    assert entries(served_app, ana) == 1


def test_two_tabs_log_a_timer_once(today: Page, served_app: ServedApp, ana: PatientProfile) -> None:
    other = today.context.new_page()
    other.clock.install(time=utc_now())
    other.goto("/today")
    ready(other)
    start(today, "Stretch timer", "5 minutes")
    for page in (today, other):
        page.clock.fast_forward("05:01")
    assert eventually(lambda: entries(served_app, ana) == 1)
    for page in (today, other):
        page.reload()
        # A tab that did not hear the answer any more asks again, and is told that it is stored.
        ready_or_saved(page)
    day = stored(served_app, ana)
    assert day is not None
    assert (day.stretching_minutes, entries(served_app, ana)) == (5, 1)


@pytest.mark.parametrize("path", ["/plan", "/trends", "/days", "/check-in", "/account"])
def test_a_timer_runs_and_ends_in_sight_on_every_page(
    today: Page, served_app: ServedApp, ana: PatientProfile, path: str
) -> None:
    start(today, "Heat or ice", "Swollen: ice")
    saved(today)
    today.goto(path)
    expect(today.locator("#timer-time")).to_contain_text(" of 20:00")
    expect(today.get_by_role("button", name="Stop")).to_be_visible()
    today.clock.fast_forward("20:01")
    expect(today.locator("#timer")).to_contain_text("20 minutes of ice are over. Take it off now.")
    assert eventually(lambda: getattr(stored(served_app, ana), "ice_minutes", None) == 20)


def test_the_end_of_heat_is_said_until_it_is_answered(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    start(today, "Heat or ice", "Sore: heat")
    today.goto("about:blank")
    today.clock.fast_forward("30:00")
    for path in (f"/days/{ana.day_at(utc_now()) - timedelta(days=1)}", "/trends", "/today"):
        today.goto(path)
        expect(today.locator("#timer")).to_contain_text("Take it off now.")
    ready_or_saved(today)
    today.get_by_role("button", name="OK").tap()
    expect(today.locator("#timer")).to_be_hidden()
    today.goto("/plan")
    expect(today.locator("#save-status")).to_have_text("Each tap is saved by itself.")
    expect(today.locator("#timer")).to_have_count(0)
    day = stored(served_app, ana)
    assert day is not None
    assert (day.heat_minutes, entries(served_app, ana)) == (20, 1)


def test_the_end_of_ice_is_said_in_both_tabs(today: Page) -> None:
    other = today.context.new_page()
    other.clock.install(time=utc_now())
    other.goto("/trends")
    start(today, "Heat or ice", "Swollen: ice")
    for page in (today, other):
        page.clock.fast_forward("20:01")
    for page in (today, other):
        expect(page.locator("#timer")).to_contain_text("Take it off now.")


def test_ice_for_swelling_says_so_and_logs_what_was_done(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    start(today, "Heat or ice", "Swollen: ice")
    today.clock.fast_forward("07:30")
    today.get_by_role("button", name="Stop").tap()
    expect(today.locator("#timer")).to_contain_text("Ice: 7 min logged.")
    saved(today)
    day = stored(served_app, ana)
    assert day is not None
    assert (day.ice_minutes, day.swelling, day.heat_minutes) == (7, True, None)


def test_the_shortcut_for_a_glass_adds_one_in_the_installed_app(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.add_init_script("navigator.standalone = true")
    today.goto("about:blank")
    today.goto("/today#glass")
    expect(today.locator("#water-now")).to_have_text("1")
    saved(today)
    today.reload()
    ready(today)
    expect(today.locator("#water-now")).to_have_text("1")


def test_a_link_to_a_glass_only_shows_the_button(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    today.goto("about:blank")
    today.goto("/today#glass")
    expect(today.get_by_role("button", name="+1 glass")).to_be_focused()
    assert stored(served_app, ana) is None


def test_the_icon_counts_what_waits_to_be_sent(
    today: Page, served_app: ServedApp, complaints: list[str]
) -> None:
    today.evaluate("navigator.setAppBadge = async (count) => { window.badge = count; }")
    today.evaluate("navigator.clearAppBadge = async () => { window.badge = 0; }")
    today.context.set_offline(True)
    tap(today, "On average over the last 24 hours", "6")
    tap(today, "How stiff were you", "3")
    expect(today.locator("#save-status")).to_have_text("Saved on this phone")
    assert today.evaluate("window.badge") == 2
    today.context.set_offline(False)
    saved(today)
    assert today.evaluate("window.badge") == 0
    complaints.clear()


def offer_to_install(page: Page) -> None:
    page.evaluate("dispatchEvent(Object.assign(new Event('beforeinstallprompt'), { prompt() {} }))")


def test_the_hint_to_install_never_comes_back_once_declined(today: Page) -> None:
    offer_to_install(today)
    expect(today.get_by_role("button", name="Install")).to_be_visible()
    today.get_by_role("button", name="Do not show this again").tap()
    today.reload()
    ready(today)
    offer_to_install(today)
    expect(today.get_by_role("heading", name="Put Aftercare on your Home Screen")).to_be_hidden()


@pytest.mark.parametrize(
    ("browser", "words"),
    [("Version/18.0", "Scroll down, choose"), ("CriOS/130.0", "Share button in the address bar")],
)
def test_an_iphone_is_told_its_own_steps(
    phone_of: Callable[[UUID], Page], ana: PatientProfile, browser: str, words: str
) -> None:
    page = phone_of(ana.id)
    agent = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 {browser} Safari/605.1"
    page.add_init_script(f"Object.defineProperty(navigator, 'userAgent', {{ get: () => '{agent}' }})")
    page.goto("/today")
    expect(page.locator("#install-hint li:visible", has_text=words)).to_have_count(1)
    expect(page.locator("#install-hint li:visible")).to_have_count(3)


SHIFTS = """new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted = (window.shifted ?? 0) + entry.value;
}).observe({ type: "layout-shift", buffered: true })"""


def from_the_phone(page: Page, path: str = "/today") -> None:
    """Opens it as the worker keeps it, filled from what is kept on the phone."""
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.goto(path)
    ready(page)
    assert page.evaluate("'shell' in document.documentElement.dataset")


@pytest.mark.service_worker(True)
def test_a_page_from_the_phone_does_not_jump(today: Page) -> None:
    today.add_init_script(SHIFTS)
    from_the_phone(today)
    expect(today.get_by_role("button", name="Left shoulder")).to_be_visible()
    assert today.evaluate("window.shifted ?? 0") == 0


@pytest.mark.service_worker(True)
def test_the_page_of_a_day_that_is_today_is_today(today: Page, ana: PatientProfile) -> None:
    from_the_phone(today, f"/days/{ana.day_at(utc_now())}")
    expect(today).to_have_url(re.compile("/today$"))
    expect(today.get_by_text("not for today")).to_have_count(0)


@pytest.mark.service_worker(True)
def test_nobody_is_offered_the_places_of_an_empty_diary(
    phone_of: Callable[[UUID], Page], served_app: ServedApp
) -> None:
    page = phone_of(served_app.write(a_patient, "Bea", zone="UTC").id)
    page.goto("/today")
    ready(page)
    from_the_phone(page)
    expect(page.get_by_text("From the list")).to_be_visible()
    expect(page.locator("#same-places")).to_be_hidden()


@pytest.mark.service_worker(True)
def test_earlier_places_are_named_from_today_and_asked_about_in_a_sentence(
    today: Page, served_app: ServedApp, ana: PatientProfile
) -> None:
    yesterday, before = (utc_now() - timedelta(days=days) for days in (1, 2))
    served_app.write(a_logged_day, ana, ana.day_at(before), before, pain_sites=SITES)
    served_app.write(a_logged_day, ana, ana.day_at(yesterday), yesterday, pain_sites=None)
    today.reload()
    ready(today)
    from_the_phone(today, f"/days/{ana.day_at(yesterday)}")
    today.get_by_text(f"Same places as {before:%A}").tap()
    question = today.get_by_text("Is that right for this day?")
    expect(question).to_have_text("Left shoulder and low back, middle. Is that right for this day?")


@pytest.mark.service_worker(True)
def test_what_was_answered_is_seen_on_a_page_from_the_phone(today: Page) -> None:
    today.get_by_text("At its worst").tap()
    tap(today, "How strong was your pain at its worst?", "8")
    today.get_by_text("Heat or ice", exact=True).tap()
    today.get_by_role("button", name="Heat: +5 minutes").tap()
    today.get_by_text("Add a note").tap()
    today.get_by_label("In your own words").fill("Long walk.")
    today.get_by_label("In your own words").blur()
    saved(today)
    from_the_phone(today)
    expect(today.locator(":is(#at-its-worst, #heat-or-ice)[open]")).to_have_count(2)
    expect(today.locator("#how-well-slept[open]")).to_have_count(0)
    expect(today.get_by_text("Your note", exact=True)).to_be_visible()
    expect(today.get_by_label("In your own words")).to_be_visible()


@pytest.mark.service_worker(True)
def test_a_past_day_from_the_phone_has_neither_timers_nor_a_bad_day(today: Page, ana: PatientProfile) -> None:
    from_the_phone(today, f"/days/{ana.day_at(utc_now()) - timedelta(days=1)}")
    today.get_by_text("Heat or ice", exact=True).tap()
    expect(today.get_by_role("button", name="Heat: +5 minutes")).to_be_visible()
    expect(today.locator("[data-timer]:visible, .bad-day:visible, #one-more-glass:visible")).to_have_count(0)


def test_with_text_twice_as_large_the_page_keeps_most_of_the_screen(today: Page) -> None:
    today.evaluate("document.documentElement.style.fontSize = '200%'")
    expect(today.locator("#save-status")).to_be_hidden()
    assert top_of_the_bar(today) > 0.7 * SCREEN
    tap(today, "On average", "4")
    expect(today.locator("#save-status")).to_be_visible()
