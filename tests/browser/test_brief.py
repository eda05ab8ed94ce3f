"""The brief as it is read: on one screen, on a phone, on paper, and taken along as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.clock import utc_now
from app.models.patient import PatientProfile
from browser.demo_pages import PHONE, THERAPIST, Demo, served_demo
from browser.heavy_patient import WORDS, a_heavy_patient

DESK = {"width": 1280, "height": 800}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
BOTTOM = "document.querySelector('.brief__quality').getBoundingClientRect().bottom"
TOPS_BY_COLUMN = """() => {
  const parts = [...document.querySelectorAll(".brief__part")].map((part) => part.getBoundingClientRect());
  return parts.map(({left, top}) => [Math.round(left), Math.round(top)]);
}"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with served_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def desk(demo: Demo, chromium: Browser) -> Iterator[BrowserContext]:
    context = demo.browser_of(
        chromium, THERAPIST, viewport=DESK, permissions=["clipboard-read", "clipboard-write"]
    )
    yield context
    context.close()


@pytest.fixture
def brief(demo: Demo, desk: BrowserContext) -> Page:
    page = desk.new_page()
    page.goto(demo.address("/patients/{patient_id}/brief"))
    return page


@pytest.fixture(scope="module")
def benedita(demo: Demo) -> PatientProfile:
    patient: PatientProfile = demo.app.write(a_heavy_patient, demo.accounts[THERAPIST], utc_now())
    return patient


@pytest.fixture
def heavy(demo: Demo, desk: BrowserContext, benedita: PatientProfile) -> Page:
    page = desk.new_page()
    page.goto(f"{demo.app.url}/patients/{benedita.id}/brief")
    return page


def pages_of(brief: Page, folder: Path) -> int:
    """On A4."""
    file = folder / "brief.pdf"
    brief.pdf(path=file, format="A4")
    return len(re.findall(rb"/Type\s*/Page\b", file.read_bytes()))


def test_the_whole_brief_stands_on_one_screen(brief: Page) -> None:
    assert brief.evaluate(BOTTOM) <= DESK["height"]
    assert brief.evaluate(SIDEWAYS) == 0


def test_however_much_was_said_it_stands_on_one_screen(heavy: Page) -> None:
    assert heavy.evaluate(BOTTOM) <= DESK["height"]
    assert heavy.evaluate(SIDEWAYS) == 0


def test_however_much_was_said_it_is_printed_on_one_page(heavy: Page, tmp_path: Path) -> None:
    """Also when somebody unfolded what does not fit."""
    heavy.locator("details").evaluate_all("folds => folds.forEach((fold) => { fold.open = true; })")

    assert pages_of(heavy, tmp_path) == 1


def test_paper_has_every_line_of_the_plan(heavy: Page) -> None:
    last = heavy.get_by_role("region", name="Plan").get_by_text("Exercise 11 with")
    expect(last.locator("visible=true")).to_have_count(0)
    heavy.emulate_media(media="print")

    expect(last.locator("visible=true")).to_have_count(1)


def test_all_of_a_quote_is_one_tap_away(heavy: Page) -> None:
    request = heavy.get_by_role("region", name="Wants today")
    request.locator("summary").click()

    expect(request.locator("blockquote")).to_have_text(WORDS)


def test_its_columns_are_read_from_top_to_bottom(brief: Page) -> None:
    places = brief.evaluate(TOPS_BY_COLUMN)

    assert places == sorted(places)


def test_on_a_phone_nothing_lies_beside_the_screen(demo: Demo, chromium: Browser) -> None:
    context = demo.browser_of(chromium, THERAPIST, viewport=PHONE)
    page = context.new_page()
    page.goto(demo.address("/patients/{patient_id}/brief"))

    assert page.evaluate(SIDEWAYS) == 0
    context.close()


def test_it_is_printed_on_one_page(brief: Page, tmp_path: Path) -> None:
    assert pages_of(brief, tmp_path) == 1


def test_it_is_copied_as_plain_text(brief: Page) -> None:
    brief.get_by_role("button", name="Copy as text").click()
    expect(brief.locator("#brief-said")).to_have_text("Copied.")
    copied = brief.evaluate("navigator.clipboard.readText()")

    assert copied.startswith("Ana Ferreira\nSince the session on")
    assert "Left low back" in copied


def test_marking_as_read_takes_one_tap_and_so_does_taking_it_back(brief: Page) -> None:
    brief.get_by_role("button", name="Mark read").click()
    expect(brief.get_by_role("status").filter(has_text="Read today")).to_be_visible()
    brief.get_by_role("button", name="Undo").click()

    expect(brief.get_by_role("button", name="Mark read")).to_be_visible()
