"""Every page by the rules of WCAG 2.2 AA, and for people who see, tap or read in another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from browser.demo_pages import ANA, NOBODY, PAGES, PHONE, THERAPIST, Demo, name_of, served_demo

AXE = (Path(__file__).parent.parent / "vendor" / "axe-core-4.14.1.min.js").read_text()
VIOLATIONS = """(only) => axe.run(document, {
  resultTypes: ["violations"], ...(only.length ? { runOnly: only } : {}) }).then(({violations}) =>
  violations.flatMap(({id, nodes}) => nodes.map(({target, failureSummary}) =>
    `${id} at ${target}: ${failureSummary}`)))"""
NARROW = {"width": 320, "height": 700}
COLOURS = ("color-contrast", "link-in-text-block")
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TWICE_AS_LARGE = "document.documentElement.style.fontSize = '200%'"
AS_IT_WAS = "document.documentElement.removeAttribute('style')"
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .filter((one) => !one.closest(".only-heard, .skip-link, [hidden], svg"))
  .filter((one) => !one.matches("p a:not(.button, :only-child), figcaption a, .small a:not(:only-child)"))
  .map((one) => [one, (one.closest("label") ?? one).getBoundingClientRect()])
  .filter(([one, {width, height}]) => width > 0 && (height < 44 || (width < 44 && !one.matches("p a"))))
  .map(([one, {width, height}]) => [width, height, one.outerHTML.slice(0, 120)].join(" "))
"""
"""A link among others within a sentence may be as small as its line, and any as narrow as its word."""
OUT_OF_THEIR_BOX = """() => [...document.querySelectorAll(".button, summary, .chip, .check")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
  .map((one) => [one.scrollWidth, one.clientWidth, one.textContent.trim()].join(" "))"""
COVERED = """() => { scrollTo(0, document.body.scrollHeight);
  return [...document.querySelectorAll(".foot a")].filter((one) => {
    const {left, top, width, height} = one.getBoundingClientRect();
    return width > 0 && !one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  }).map((one) => one.outerHTML) }"""
SHORT = {"width": 320, "height": 568}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with served_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


class Tab:
    """A page of somebody, and what it has asked for that has not come yet."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._asked = self._came = 0
        page.on("request", self._ask)
        page.on("requestfinished", self._come)
        page.on("requestfailed", self._come)

    def open(self, address: str) -> Page:
        """Until all has come and nothing more is asked for; `networkidle` would wait five times as long."""
        self.page.goto(address)
        asked = -1
        while self._asked > asked or self._came < self._asked:
            asked = self._asked
            self.page.wait_for_timeout(100)
        return self.page

    def _ask(self, _request: Request) -> None:
        self._asked += 1

    def _come(self, _request: Request) -> None:
        self._came += 1


@pytest.fixture(scope="module")
def tabs(demo: Demo, chromium: Browser) -> Iterator[dict[str, Tab]]:
    """One tab of each person."""
    phones = {who: demo.browser_of(chromium, who) for who in (NOBODY, ANA, THERAPIST)}
    yield {who: Tab(phone.new_page()) for who, phone in phones.items()}
    for phone in phones.values():
        phone.close()


@pytest.fixture(scope="module", params=PAGES, ids=name_of)
def opened(request: pytest.FixtureRequest, demo: Demo, tabs: dict[str, Tab]) -> Page:
    """One page, opened once for all that is asked of it."""
    who, path = request.param
    page = tabs[who].open(demo.address(path))
    page.evaluate(AXE)
    return page


@pytest.fixture
def dark(opened: Page) -> Iterator[Page]:
    opened.emulate_media(color_scheme="dark")
    yield opened
    opened.emulate_media(color_scheme="light")


@pytest.fixture
def narrow(opened: Page) -> Iterator[Page]:
    opened.set_viewport_size(NARROW)
    yield opened
    opened.set_viewport_size(PHONE)
    opened.evaluate(AS_IT_WAS)


@pytest.fixture(scope="module")
def arabic(demo: Demo) -> Iterator[None]:
    demo.speak("ar")
    yield
    demo.speak("en")


@pytest.fixture(scope="module")
def german(demo: Demo) -> Iterator[None]:
    demo.speak("de")
    yield
    demo.speak("en")


def violations(page: Page, only: Sequence[str] = ()) -> list[str]:
    """What axe finds by these of its rules, or by all."""
    found: list[str] = page.evaluate(VIOLATIONS, list(only))
    return found


def test_axe_finds_nothing_by_day(opened: Page) -> None:
    assert violations(opened) == []


def test_axe_finds_nothing_in_the_dark(dark: Page) -> None:
    """The same page in other colours, so only colours can be wrong."""
    assert violations(dark, only=COLOURS) == []


def test_nothing_has_to_be_scrolled_sideways_at_320_pixels(narrow: Page) -> None:
    assert narrow.evaluate(SIDEWAYS) == 0


def test_text_twice_as_large_still_fits_a_narrow_phone(narrow: Page) -> None:
    narrow.evaluate(TWICE_AS_LARGE)
    assert narrow.evaluate(SIDEWAYS) == 0


def test_whatever_can_be_tapped_is_44_pixels_large(opened: Page) -> None:
    assert opened.evaluate(TOO_SMALL) == []


def test_nothing_fixed_covers_the_end_of_a_page(opened: Page) -> None:
    assert opened.evaluate(COVERED) == []


@pytest.mark.parametrize("path", ["/today", "/reminders/turn-on", "/check-in"])
def test_long_words_twice_as_large_stay_in_their_buttons_on_a_narrow_phone(
    demo: Demo, german: None, tabs: dict[str, Tab], path: str
) -> None:
    page = tabs[ANA].open(demo.address(path))
    page.set_viewport_size(NARROW)
    page.evaluate(TWICE_AS_LARGE)
    page.evaluate("document.querySelectorAll('#new-version, #turn-on').forEach((one) => one.hidden = false)")
    found = (page.evaluate(SIDEWAYS), page.evaluate(OUT_OF_THEIR_BOX))
    page.set_viewport_size(PHONE)
    assert found == (0, [])


@pytest.mark.parametrize("path", ["/patients/{patient_id}/plan", "/patients/{patient_id}/sessions/done"])
def test_on_a_short_screen_sending_waits_at_the_end_of_the_form(
    demo: Demo, tabs: dict[str, Tab], path: str
) -> None:
    page = tabs[THERAPIST].open(demo.address(path))
    page.set_viewport_size(SHORT)
    bar = page.locator(".save-bar").bounding_box()
    page.set_viewport_size(PHONE)
    assert bar is not None
    assert bar["y"] >= SHORT["height"]


def test_every_page_has_one_heading_and_says_its_language(opened: Page) -> None:
    assert opened.locator("h1").count() == 1
    assert (opened.locator("html").get_attribute("lang"), opened.title().endswith("· Aftercare")) == (
        "en",
        True,
    )


@pytest.mark.parametrize("where", PAGES, ids=name_of)
def test_from_right_to_left_nothing_has_to_be_scrolled_sideways_either(
    demo: Demo, arabic: None, tabs: dict[str, Tab], where: tuple[str, str]
) -> None:
    """The rules of axe ask about what is on a page, not on which side of it, so they are not asked again."""
    who, path = where
    tabs[who].page.set_extra_http_headers({"Accept-Language": "ar"})
    page = tabs[who].open(demo.address(path))
    assert (page.locator("html").get_attribute("dir"), page.evaluate(SIDEWAYS)) == ("rtl", 0)
