"""The service worker in real Chromium: what it shows, what it keeps, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from app.reminders.message import token_of
from app.web.pwa import KEPT_PAGES
from browser.installed import TAP, InstalledApp, a_sent_delivery, declared, eventually, heard
from builders import a_patient

pytestmark = pytest.mark.whole_browser

KEPT = """() => caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name))))
  .then((opened) => Promise.all(opened.map((cache) => cache.keys())))
  .then((kept) => kept.flat().map(({ url }) => new URL(url).pathname))"""
GARBAGE = {
    "empty": "",
    "text": "not JSON",
    "list": "[1, 2]",
    "null": "null",
    "no notification": '{"notification": "no object"}',
    "wrong types": declared(title=["a list"], body=7, navigate={}, tag=None, actions="none", data=3),
    "half filled": declared(title="", navigate="https://elsewhere.example/", actions=[{}, None]),
}
CLEAR = "() => registration.getNotifications().then((all) => all.forEach((one) => one.close()))"
FALLBACK = {"title": "Your check-in is ready", "body": "Tap to open."}


def test_a_reminder_is_shown_as_it_was_declared(installed: InstalledApp) -> None:
    message = declared(
        title="Time for a glass of water",
        body="One tap adds it to today.",
        navigate=f"{installed.app.url}/today",
        tag="water",
        lang="en",
        silent=False,
        actions=[{"action": "later", "title": "Later", "navigate": f"{installed.app.url}/today"}],
    )
    assert installed.push(message) == [
        {
            "title": "Time for a glass of water",
            "body": "One tap adds it to today.",
            "tag": "water",
            "lang": "en",
            "silent": False,
            "buttons": ["Later"],
        }
    ]


def test_any_push_shows_exactly_one_notification(installed: InstalledApp) -> None:
    for name, garbage in GARBAGE.items():
        (shown,) = installed.push(garbage)
        assert {part: shown[part] for part in FALLBACK} == FALLBACK, name
        installed.worker.evaluate(CLEAR)


def test_a_reminder_sent_again_replaces_the_first(installed: InstalledApp) -> None:
    installed.push(declared(title="Your check-in is ready", tag="one"))
    assert len(installed.push(declared(title="Your check-in is ready", tag="one"))) == 1


def test_a_tap_leads_the_open_window_to_the_page_of_the_reminder(installed: InstalledApp) -> None:
    installed.push(declared(title="Hello", navigate=f"{installed.app.url}/help?from=reminder"))
    installed.worker.evaluate(TAP, "")
    installed.page.wait_for_url("**/help?from=reminder")


def test_a_tap_never_leads_away_from_this_site(installed: InstalledApp) -> None:
    installed.push(declared(title="Hello", navigate="https://elsewhere.example/help"))
    installed.worker.evaluate(TAP, "")
    installed.page.wait_for_url(f"{installed.app.url}/sign-in?next=%2Ftoday")


def test_the_server_hears_that_a_reminder_was_shown_and_opened(installed: InstalledApp) -> None:
    app = installed.app
    delivery_id = app.write(a_sent_delivery)
    token = token_of(delivery_id, app.app.state.secrets.key)
    installed.push(declared(title="Hello", data={"delivery": str(delivery_id), "token": token}))
    assert eventually(lambda: app.read(heard, delivery_id) == ["shown"])
    installed.worker.evaluate(TAP, "")
    assert eventually(lambda: app.read(heard, delivery_id) == ["shown", "opened"])


def test_a_button_does_its_thing_without_opening_a_page(installed: InstalledApp) -> None:
    app = installed.app
    delivery_id = app.write(a_sent_delivery)
    ticket = {"delivery": str(delivery_id), "token": token_of(delivery_id, app.app.state.secrets.key)}
    later = {"action": "later", "title": "Later", "navigate": "/help"}
    installed.push(declared(title="Hello", data=ticket, actions=[later]))
    installed.worker.evaluate(TAP, "later")
    assert eventually(lambda: app.read(heard, delivery_id) == ["shown", "later"])
    assert installed.page.url == f"{app.url}/offline"


def test_a_button_opens_its_page_when_the_server_does_not_take_it(
    installed: InstalledApp, complaints: list[str]
) -> None:
    ticket = {"delivery": str(uuid4()), "token": "forged"}
    later = {"action": "later", "title": "Later", "navigate": "/help?action=later"}
    installed.push(declared(title="Hello", data=ticket, actions=[later]))
    installed.worker.evaluate(TAP, "later")
    installed.page.wait_for_url("**/help?action=later")
    complaints.clear()


def test_without_a_network_a_page_says_so(installed: InstalledApp, complaints: list[str]) -> None:
    installed.page.context.set_offline(True)
    installed.page.goto("/intake")
    expect(installed.page.get_by_role("heading", level=1)).to_have_text("No connection")
    assert installed.page.evaluate("getComputedStyle(document.body).fontSize") == "17px"
    # The browser itself reports what it could not fetch.
    complaints.clear()


def test_trying_again_opens_the_page_that_was_asked_for(
    installed: InstalledApp, complaints: list[str]
) -> None:
    installed.page.context.set_offline(True)
    installed.page.goto("/intake")
    installed.page.context.set_offline(False)
    installed.page.get_by_role("link", name="Try again").click()
    installed.page.wait_for_url("**/sign-in?next=*intake")
    expect(installed.page.get_by_role("heading", level=1)).not_to_have_text("No connection")
    complaints.clear()


def test_no_personal_page_and_no_answer_of_the_api_is_kept(
    installed: InstalledApp, phone_of: Callable[[UUID], Page]
) -> None:
    phone = phone_of(installed.app.write(a_patient).id)
    phone.goto("/today")
    phone.evaluate("fetch('/api/days').then((answer) => answer.json())")
    kept = installed.worker.evaluate(KEPT)
    personless = {f"/shell/en/{page}" for page in KEPT_PAGES}
    assert {path for path in kept if not path.startswith("/static/")} == personless


def test_a_new_version_waits_until_the_person_wants_it(installed: InstalledApp) -> None:
    page = installed.page
    notice = page.get_by_text("A new version of Aftercare is ready.")
    expect(notice).to_be_hidden()
    page.evaluate("navigator.serviceWorker.register('/service-worker.js?later').then(() => null)")
    expect(notice).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.controller.scriptURL").endswith("/service-worker.js")
    with page.expect_navigation():
        page.get_by_role("button", name="Update now").click()
    assert page.evaluate("navigator.serviceWorker.controller.scriptURL").endswith("?later")


def test_no_other_address_becomes_a_script(installed: InstalledApp) -> None:
    register = "async () => navigator.serviceWorker.register('/help')"
    assert installed.page.evaluate(f"({register})().then(() => 'taken', ({{ name }}) => name)") == "TypeError"


def test_the_app_can_be_installed(installed: InstalledApp) -> None:
    found = installed.protocol.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in found if error["errorId"] != "in-incognito"] == []
    assert installed.protocol.send("Page.getAppManifest")["errors"] == []
