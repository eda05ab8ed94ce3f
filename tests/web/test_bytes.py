"""What a phone fetches the first time it opens a page, compressed, must stay small."""

from __future__ import annotations

import gzip
import re

import pytest
from starlette.testclient import TestClient

from app.web.assets import assets_by_url

KB = 1024
_BROUGHT = re.compile(r'(?:src|href)="(/static/[^"]+\.(?:css|js|svg))"')
_IMPORTED = re.compile(r'^import ?"\./([^"]+)"', re.MULTILINE)


def cold_bytes(browser: TestClient, path: str) -> int:
    """The page with its styles, scripts and drawn icon, and the worker: all of it, with an empty cache."""
    page, worker = browser.get(path), browser.get("/service-worker.js")
    waiting = _BROUGHT.findall(page.text)
    fetched: dict[str, int] = {}
    while waiting:
        url = waiting.pop()
        asset = assets_by_url()[url]
        fetched[url] = len(asset.compressed)
        if url.endswith(".js"):
            waiting += [f"/static/js/{name}" for name in _IMPORTED.findall(asset.body.decode())]
    return sum(fetched.values()) + sum(len(gzip.compress(one.content, 9)) for one in (page, worker))


@pytest.mark.parametrize(
    ("path", "most"), [("/today", 24 * KB), ("/trends", 26 * KB)], ids=["today", "trends"]
)
def test_a_page_of_a_patient_is_light(anas_phone: TestClient, path: str, most: int) -> None:
    """The promise, and what is held here may only become less."""
    assert cold_bytes(anas_phone, path) <= most


def test_nothing_comes_from_anybody_else(anas_phone: TestClient) -> None:
    page = anas_phone.get("/today").text
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page) == []


def test_a_page_travels_compressed_and_the_api_does_not(anas_phone: TestClient) -> None:
    page, days = anas_phone.get("/today"), anas_phone.get("/api/days")
    assert page.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in days.headers
