from __future__ import annotations

import re
import shutil
import struct
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.language import LANGUAGES
from app.web.pwa import KEPT_PAGES
from conftest import settings_for
from running import AppInside, running
from web.reading import found, parsed, words_of


@pytest.fixture
def visitor(standing_app: AppInside) -> TestClient:
    standing_app.nobody.cookies.clear()
    return standing_app.nobody


def kept_of(visitor: TestClient) -> list[str]:
    """The files that the worker is told to keep."""
    told = re.search(r"kept:\[([^]]*)\]", visitor.get("/service-worker.js").text)
    return re.findall(r'"([^"]+)"', told[1]) if told else []


def test_the_worker_is_a_script_that_is_asked_for_each_time(visitor: TestClient) -> None:
    answer = visitor.get("/service-worker.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "no-cache"
    assert "<html" not in answer.text


def test_everything_the_worker_keeps_is_there_for_a_visitor(visitor: TestClient) -> None:
    kept = kept_of(visitor)
    pages = [f"/shell/{language}/{page}" for language in LANGUAGES for page in KEPT_PAGES]
    assert len(kept) > 10
    assert {visitor.get(address).status_code for address in [*kept, *pages]} == {200}


def test_the_same_shell_has_the_same_name(visitor: TestClient) -> None:
    script = visitor.get("/service-worker.js").text
    assert script == visitor.get("/service-worker.js").text
    assert re.search(r'name:"aftercare-[0-9a-f]{10}"', script)


def test_the_page_for_no_network_holds_nothing_personal(visitor: TestClient) -> None:
    page = parsed(visitor.get("/offline"))
    assert words_of(found(page, "h1")) == "No connection"
    assert words_of(found(page, "main a.button")) == "Try again"


@pytest.mark.parametrize("page", ["day", "days", "sign-out", "offline", "help", "not-told"])
def test_a_kept_page_is_the_same_for_everybody(
    standing_app: AppInside, anas_phone: TestClient, visitor: TestClient, page: str
) -> None:
    of_ana, of_nobody = (browser.get(f"/shell/de/{page}").text for browser in (anas_phone, visitor))
    assert of_ana == of_nobody
    assert "Ana" not in of_ana


def test_today_is_kept_without_a_day_or_a_person(visitor: TestClient) -> None:
    page = parsed(visitor.get("/shell/en/day"))
    form = found(page, "form#log")
    assert form.attributes["data-patient"] == "00000000-0000-0000-0000-000000000000"
    assert words_of(found(page, "h1")) == ""
    assert page.css("input[checked], option[selected]") == []


def test_there_is_no_other_kept_page(visitor: TestClient) -> None:
    paths = ("/shell/en/trends", "/shell/xx/day", "/shell/en/..%2fday")
    assert [visitor.get(path).status_code for path in paths] == [404, 404, 404]


def test_switched_off_the_worker_removes_itself(tmp_path: Path, migrated_sqlite: Path) -> None:
    file = shutil.copy(migrated_sqlite, tmp_path / "aftercare.sqlite3")
    settings = settings_for(f"sqlite:///{file}", tmp_path).model_copy(update={"service_worker": "off"})
    with running(settings) as app:
        script = app.nobody.get("/service-worker.js").text
    assert "registration.unregister()" in script
    assert "respondWith" not in script


def test_every_icon_of_the_manifest_has_the_size_it_claims(visitor: TestClient) -> None:
    manifest = visitor.get("/manifest.webmanifest").json()
    drawn = [visitor.get(icon["src"]).content for icon in manifest["icons"] if icon["sizes"] != "any"]
    claimed = [icon["sizes"] for icon in manifest["icons"] if icon["sizes"] != "any"]
    assert ["{}x{}".format(*struct.unpack(">II", png[16:24])) for png in drawn] == claimed


def test_every_screenshot_has_the_size_it_claims(visitor: TestClient) -> None:
    shown = visitor.get("/manifest.webmanifest").json()["screenshots"]
    drawn = [visitor.get(one["src"]).content[16:24] for one in shown]
    assert ["{}x{}".format(*struct.unpack(">II", size)) for size in drawn] == [one["sizes"] for one in shown]
    assert {one["form_factor"] for one in shown} == {"narrow", "wide"}


def test_a_long_press_on_the_icon_leads_to_log_glass_and_trends(visitor: TestClient) -> None:
    shortcuts = visitor.get("/manifest.webmanifest").json()["shortcuts"]
    assert [one["url"] for one in shortcuts] == ["/today", "/today#glass", "/trends"]
    assert [one["name"] for one in shortcuts] == ["Log", "+1 glass", "Trends"]


def test_the_manifest_says_how_the_app_is_opened(visitor: TestClient) -> None:
    answer = visitor.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    opened = {name: answer.json()[name] for name in ("id", "start_url", "scope", "display")}
    assert opened == {"id": "/", "start_url": "/", "scope": "/", "display": "standalone"}


def test_an_icon_may_stand_on_any_shape(visitor: TestClient) -> None:
    icons = visitor.get("/manifest.webmanifest").json()["icons"]
    assert {icon["purpose"] for icon in icons} == {"any", "maskable"}


def test_every_page_names_the_manifest(visitor: TestClient) -> None:
    page = parsed(visitor.get("/sign-in"))
    assert found(page, "link[rel=manifest]").attributes["href"] == "/manifest.webmanifest"


def test_only_pages_of_patients_bring_the_worker(anas_phone: TestClient, visitor: TestClient) -> None:
    brought = [
        bool(parsed(browser.get(path)).css("script[src*='/patient.'], script[src*='/today.']"))
        for browser, path in ((anas_phone, "/today"), (anas_phone, "/sharing"), (visitor, "/sign-in"))
    ]
    assert brought == [True, True, False]


def test_the_old_name_of_the_icon_leads_to_the_icon(visitor: TestClient) -> None:
    answer = visitor.get(visitor.get("/favicon.ico").headers["location"])
    assert answer.headers["content-type"] == "image/png"
