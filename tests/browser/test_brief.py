"""The brief as it is read: on one screen, on a phone, on paper, and taken along as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.demo_pages import PHONE, THERAPIST, Demo, served_demo

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


def test_the_whole_brief_stands_on_one_screen(brief: Page) -> None:
    assert brief.evaluate(BOTTOM) <= DESK["height"]
    assert brief.evaluate(SIDEWAYS) == 0


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
    file = tmp_path / "brief.pdf"
    brief.pdf(path=file, format="A4")

    assert len(re.findall(rb"/Type\s*/Page\b", file.read_bytes())) == 1


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
