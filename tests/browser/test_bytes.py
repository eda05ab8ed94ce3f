"""What a phone fetches the first time it opens a page must stay small: measured on people of the demo.

Counted is all that comes by itself, also what scripts ask for once they run, and the worker. What the worker
fetches ahead is not: no page waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request

from browser.demo_pages import ANA, THERAPIST, Demo, served_demo

KB = 1024
GLANCE = "fetch('/service-worker.js').then((answer) => answer.text()).then(() => null)"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with served_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


def fetched(demo: Demo, chromium: Browser, email: str, path: str) -> dict[str, int]:
    """The bytes of everything that comes over the network, by its address, with nothing kept from before."""
    with demo.browser_of(chromium, email) as context:
        page, finished = context.new_page(), list[Request]()
        page.on("requestfinished", lambda one: finished.append(one))
        page.goto(demo.address(path), wait_until="networkidle")
        page.evaluate(GLANCE)
        page.wait_for_timeout(500)
        return {one.url: one.sizes()["responseBodySize"] for one in finished}


@pytest.mark.parametrize(
    ("email", "path", "most"),
    [
        (ANA, "/today", 24 * KB),
        (ANA, "/trends", 26 * KB),
        (THERAPIST, "/patients/{patient_id}/brief", 36 * KB),
    ],
    ids=["today", "trends", "brief"],
)
def test_a_page_is_light(demo: Demo, chromium: Browser, email: str, path: str, most: int) -> None:
    """The promise, and what is held here may only become less."""
    files = {url: size for url, size in fetched(demo, chromium, email, path).items() if "/api/" not in url}
    assert any(url.endswith("/service-worker.js") for url in files)
    assert sum(files.values()) <= most, files


def test_what_today_asks_the_api_for_travels_compressed(demo: Demo, chromium: Browser) -> None:
    answers = {url: size for url, size in fetched(demo, chromium, ANA, "/today").items() if "/api/" in url}
    assert {url.rpartition("/")[2] for url in answers} == {"today", "plan", "aftercare"}
    assert sum(answers.values()) <= 4 * KB, answers
