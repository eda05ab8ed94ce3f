"""My data in a real browser: a look at a file, and bringing it in with its progress."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page

from app.clock import utc_now
from builders import a_patient, an_entry
from running import ServedApp

DAYS = 2300
"""More entries than one piece holds, three times over."""


@pytest.fixture
def long_takeout(tmp_path: Path) -> Path:
    now = utc_now()
    entries: list[dict[str, Any]] = [
        {**an_entry(now.date() - timedelta(days=back), set={"pain": 4}), "received_at": now.isoformat()}
        for back in range(DAYS)
    ]
    file = tmp_path / "takeout.json"
    file.write_text(json.dumps({"format": "aftercare-takeout", "version": 1, "entries": entries}))
    return file


@pytest.fixture
def page(served_app: ServedApp, phone_of: Callable[[UUID], Page]) -> Page:
    """Ana's phone at her data."""
    phone = phone_of(served_app.write(a_patient, now=utc_now()).id)
    phone.goto("/my-data")
    return phone


def test_a_file_is_looked_at_and_then_brought_in_piece_by_piece(page: Page, long_takeout: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_input_files("#file", long_takeout)
    page.get_by_role("button", name="Look what is in it").click()
    page.get_by_text("This would be stored:").wait_for(timeout=60_000)
    page.get_by_role("button", name="Bring it in").click()
    page.get_by_text("Stored:", exact=True).wait_for(timeout=60_000)
    assert f"{DAYS} new" in page.locator("#import-said").inner_text()
    previews = [url.partition("preview=")[2] for url in asked if "/api/me/import" in url]
    assert previews == ["true"] * 6 + ["false"] * 3


def test_what_is_wrong_with_a_file_is_listed_and_nothing_is_stored(
    page: Page, tmp_path: Path, complaints: list[str]
) -> None:
    file = tmp_path / "diary.csv"
    file.write_text("day,pain\n2026-01-01,4\n2026-01-02,<b>44</b>\n")
    page.set_input_files("#file", file)
    page.get_by_role("button", name="Bring it in").click()
    page.get_by_text("Row 3:").wait_for()
    assert [words for words in complaints if "422" not in words] == []
    complaints.clear()
    assert page.request.get("/api/days?first=2026-01-01&last=2026-01-02").json()["days"] == []
