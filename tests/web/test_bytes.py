"""What comes with a page, and how it travels. How much it is in all: tests/browser/test_bytes.py."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient


def test_nothing_comes_from_anybody_else(anas_phone: TestClient) -> None:
    page = anas_phone.get("/today").text
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', page) == []


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("gzip, br;q=0", "gzip"), ("gzip;q=0", None), ("", None)],
)
def test_a_page_travels_compressed_and_the_api_does_not(
    anas_phone: TestClient, accepted: str, encoding: str | None
) -> None:
    page, days = (
        anas_phone.get(path, headers={"Accept-Encoding": accepted}) for path in ("/today", "/api/days")
    )
    assert page.headers.get("content-encoding") == encoding
    assert page.headers["vary"] == "Accept-Encoding"
    assert page.text.endswith("</html>")
    assert "content-encoding" not in days.headers
