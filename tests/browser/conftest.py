"""Real browsers at the app served for real."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from app.settings import Settings
from browser.installed import InstalledApp
from push_service import PushService, push_service
from running import ServedApp, free_port, served

PHONE = {"width": 390, "height": 844}
POLICY_STOPPED = "policy stopped"
REPORT_STOPPED = f"""addEventListener("securitypolicyviolation", (one) =>
  console.warn("{POLICY_STOPPED}", one.effectiveDirective, one.blockedURI, one.sample));"""
expect.set_options(timeout=20_000)
"""What must come at all may take its time: beside other tests a phone is slow."""
LEFT_OUT_BY_PLAYWRIGHT = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
]
"""Said again, because Chromium listens only to the last such list."""
LEFT_OUT = [
    *LEFT_OUT_BY_PLAYWRIGHT,
    "WebUIOmniboxPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
]
"""The menu of the address bar is a page that every new window loads, unseen, in most of a second."""
HOME = "home.example"
"""This machine by a name that browsers do not trust as they trust localhost."""
QUIET = [
    f"--host-resolver-rules=MAP {HOME} 127.0.0.1",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    f"--disable-features={','.join(LEFT_OUT)}",
]


@dataclass(frozen=True, slots=True)
class Watched:
    """A browser, and what the content security policy of any of its pages had to stop."""

    browser: Browser
    stopped: list[str]


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Starting it costs as much as three pages.

    Not for the whole run: while Playwright is there, its loop fills the thread of the tests.
    """
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def shell_of_chromium(playwright: Playwright) -> Iterator[Watched]:
    """What draws and runs pages, without the windows: a page costs a third."""
    with _launched(playwright, "chromium-headless-shell") as watched:
        yield watched


@pytest.fixture(scope="package")
def whole_chromium(playwright: Playwright) -> Iterator[Watched]:
    with _launched(playwright, "chromium") as watched:
        yield watched


@pytest.fixture(scope="module")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The shell of Chromium, or all of it where a module asks; its policy must have nothing to stop."""
    is_whole = request.node.get_closest_marker("whole_browser")
    watched: Watched = request.getfixturevalue("whole_chromium" if is_whole else "shell_of_chromium")
    yield watched.browser
    stopped, watched.stopped[:] = list(watched.stopped), []
    assert stopped == []


@contextmanager
def _launched(playwright: Playwright, name: str) -> Iterator[Watched]:
    path = shutil.which(name)
    if path is None:
        pytest.fail("Chromium is missing: ./test.sh says how to install it")
    browser = playwright.chromium.launch(executable_path=path, args=QUIET)
    yield Watched(browser, _what_the_policy_stops(browser))
    browser.close()


def _what_the_policy_stops(browser: Browser) -> list[str]:
    """What any page of this browser had to be kept from, from now on."""
    stopped: list[str] = []
    open_context = browser.new_context

    def hear(message: ConsoleMessage) -> None:
        if "ontent Security Policy" in message.text or POLICY_STOPPED in message.text:
            stopped.append(f"{message.page.url if message.page else 'a worker'}: {message.text}")

    def watched(**how: Any) -> BrowserContext:
        context = open_context(**how)
        context.add_init_script(REPORT_STOPPED)
        context.on("console", hear)
        return context

    browser.new_context = watched  # type: ignore[method-assign]
    return stopped


@pytest.fixture
def push_peer() -> Iterator[PushService]:
    """The push service that the served app may send to."""
    with push_service() as peer:
        yield peer


@pytest.fixture
def served_app(migrated_sqlite: Path, tmp_path: Path, push_peer: PushService) -> Iterator[ServedApp]:
    """The app on an empty database, served on a free port of this machine."""
    port = free_port()
    settings = Settings(
        data=tmp_path,
        port=port,
        public_url=f"http://localhost:{port}",
        push_extra_hosts=(push_peer.host,),
        reminder_jitter=0,
    )
    shutil.copy(migrated_sqlite, tmp_path / "aftercare.sqlite3")
    with served(settings) as app:
        yield app


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browsers complained about; the test fails when anything is left in here."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def phone(
    request: pytest.FixtureRequest, chromium: Browser, served_app: ServedApp, complaints: list[str]
) -> Iterator[Page]:
    """A phone where nobody is signed in."""
    context = chromium.new_context(base_url=served_app.url, viewport=PHONE, has_touch=True, is_mobile=True)
    wanted = request.node.get_closest_marker("service_worker")
    if wanted and not wanted.args[0]:
        context.add_init_script("delete Navigator.prototype.serviceWorker;")
    yield _listening(context, complaints)
    context.close()


@pytest.fixture
def phone_of(served_app: ServedApp, phone: Page) -> Callable[[UUID], Page]:
    """Signs the account with this id in on the phone."""

    def signed_in(account_id: UUID) -> Page:
        name, value = served_app.cookie_of(account_id)
        phone.context.add_cookies([{"name": name, "value": value, "url": served_app.url}])
        return phone

    return signed_in


@pytest.fixture
def installed(phone: Page, served_app: ServedApp) -> InstalledApp:
    """The phone with the service worker in charge of its page."""
    return InstalledApp(phone, served_app)


def _listening(context: BrowserContext, complaints: list[str]) -> Page:
    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page = context.new_page()
    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page
