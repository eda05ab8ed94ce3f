"""What comes with a page, and how it travels. How much it is in all: tests/browser/test_bytes.py."""

from __future__ import annotations

import re

from starlette.testclient import TestClient


def test_nothing_comes_from_anybody_else(anas_phone: TestClient) -> None:
    page = anas_phone.get("/today").text
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page) == []


def test_a_page_travels_compressed_and_the_api_does_not(anas_phone: TestClient) -> None:
    page, days = anas_phone.get("/today"), anas_phone.get("/api/days")
    assert page.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in days.headers
