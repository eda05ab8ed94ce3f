"""A new release, and taking the worker away, while a page is open: no white page, no loop, no lost tap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.diary import FACTS, GET_ALL, Diary, installed_on, opened, saved, status, tap
from browser.installed import eventually
from running import ServedApp

ANOTHER_RELEASE = "navigator.serviceWorker.register('/service-worker.js?release=2').then(() => null)"
WORKERS = "() => navigator.serviceWorker.getRegistrations().then((all) => all.length)"


@pytest.fixture
def ana(served_app: ServedApp) -> Diary:
    return Diary(served_app, "Ana")


@pytest.fixture
def phone_with_app(phone_of: Callable[[UUID], Page], ana: Diary, complaints: list[str]) -> Iterator[Page]:
    yield installed_on(phone_of(ana.patient.id))
    complaints.clear()


def test_a_new_release_reloads_every_open_page_once_and_only_after_a_tap(
    phone_with_app: Page, ana: Diary
) -> None:
    page = opened(phone_with_app)
    other = opened(page.context.new_page())
    loads: list[str] = []
    for one in (page, other):
        one.on("load", lambda loaded: loads.append(loaded.url))
    page.evaluate(ANOTHER_RELEASE)
    expect(page.get_by_text("A new version of Aftercare is ready.")).to_be_visible()
    tap(page, "4")
    saved(page)
    assert loads == []
    page.get_by_role("button", name="Update now").click()
    expect(page.locator("input[name=pain][value='4']")).to_be_checked()
    # Only who waits on a page hears of loads.
    waited = 0
    while len(loads) < 2 and (waited := waited + 1) < 200:
        page.wait_for_timeout(50)
    page.wait_for_timeout(700)
    assert len(loads) == 2
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "17px"
    assert ana.measures("pain") == [4]


def test_a_new_release_leaves_alone_what_is_typed_into_a_form(phone_with_app: Page, ana: Diary) -> None:
    form = phone_with_app
    form.goto("/check-in")
    wish = form.get_by_label("What would help you most")
    wish.fill("Turning my head")
    today = opened(form.context.new_page())
    today.evaluate(ANOTHER_RELEASE)
    expect(today.get_by_text("A new version of Aftercare is ready.")).to_be_visible()
    expect(form.locator("#new-version")).to_be_hidden()
    with today.expect_navigation():
        today.get_by_role("button", name="Update now").click()
    form.bring_to_front()
    form.wait_for_timeout(700)
    expect(wish).to_have_value("Turning my head")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text("Saved. You can change it until your session.")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390])
def test_the_notice_of_a_new_release_lies_over_nothing(phone_with_app: Page, width: int) -> None:
    page = phone_with_app
    page.set_viewport_size({"width": width, "height": 844})
    opened(page).evaluate(ANOTHER_RELEASE)
    notice = page.locator("#new-version")
    expect(notice).to_be_visible()
    assert notice.evaluate("(one) => getComputedStyle(one).position") == "static"
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    bars = page.locator(".save-bar, .tabs").all()
    assert [bar for bar in bars if top_of(bar) < bottom_of(notice)] == []


def top_of(one: Locator) -> float:
    box = one.bounding_box()
    return box["y"] if box else float("inf")


def bottom_of(one: Locator) -> float:
    box = one.bounding_box()
    return box["y"] + box["height"] if box else 0.0


def test_another_language_is_on_the_next_page_and_is_no_new_version(phone_with_app: Page) -> None:
    page = phone_with_app
    page.goto("/account")
    page.get_by_label("Language").select_option("de")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/account?saved=yes")
    assert eventually(lambda: page.evaluate(FACTS)["locale"] == "de")
    page.goto("/today")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => null)")
    page.wait_for_timeout(700)
    expect(page.locator("#new-version")).to_be_hidden()


def test_a_page_from_before_the_release_still_finds_its_style_and_scripts(phone_with_app: Page) -> None:
    fetched = "(path) => fetch(path).then((answer) => [answer.status, answer.headers.get('content-type')])"
    opened(phone_with_app)
    assert phone_with_app.evaluate(fetched, "/static/aftercare.0000000000.css") == [
        200, "text/css; charset=utf-8",
    ]  # fmt: skip


def test_an_operator_can_take_the_worker_away_without_losing_what_waits(
    phone_with_app: Page, served_app: ServedApp, ana: Diary
) -> None:
    page = phone_with_app
    page.context.route("**/api/entries", lambda route: route.abort())
    tap(page, "4")
    expect(status(page)).to_have_text("Saved on this phone")
    served_app.app.state.settings = served_app.app.state.settings.model_copy(update={"service_worker": "off"})
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => null)")
    assert eventually(lambda: page.evaluate(WORKERS) == 0)
    page.wait_for_timeout(700)
    assert len(loads) <= 2
    assert page.evaluate("caches.keys()") == []
    assert len(page.evaluate(GET_ALL)) == 1
    page.context.unroute("**/api/entries")
    page.reload()
    saved(page)
    assert page.evaluate(WORKERS) == 0
    assert ana.measures("pain") == [4]


def test_an_older_page_goes_on_with_a_database_that_only_grew(phone_with_app: Page, ana: Diary) -> None:
    page = phone_with_app
    page.evaluate("""() => new Promise((resolve) => {
      const request = indexedDB.open("aftercare", 99);
      request.onupgradeneeded = () => request.result.createObjectStore("later");
      request.onsuccess = () => { request.result.close(); resolve(); };
    })""")
    page.context.set_offline(True)
    opened(page)
    tap(page, "4")
    expect(status(page)).to_have_text("Saved on this phone")
    page.context.set_offline(False)
    saved(page)
    assert ana.measures("pain") == [4]
