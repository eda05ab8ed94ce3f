from __future__ import annotations

import re

import pytest

from app.web.assets import STATIC, all_assets, asset_url, assets_by_url
from app.web.scripts import FIRST_ON_ITS_PAGE, SHARED, imports_of
from running import AppInside

OF_BROWSERS = {
    "alert", "blur", "close", "confirm", "event", "external", "fetch", "find", "focus", "frames", "history",
    "length", "location", "name", "navigator", "open", "origin", "parent", "print", "prompt", "screen",
    "scroll", "self", "status", "stop", "top",
}  # fmt: skip


def test_a_style_sheet_may_be_kept_for_a_year(standing_app: AppInside) -> None:
    answer = standing_app.nobody.get(asset_url("aftercare.css"))
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


def test_an_old_name_is_not_there(standing_app: AppInside) -> None:
    assert standing_app.nobody.get("/static/aftercare.0000000000.css").status_code == 404


def test_no_file_outside_is_served(standing_app: AppInside) -> None:
    assert standing_app.nobody.get("/static/../page.py").status_code == 404
    assert standing_app.nobody.get("/static/%2e%2e/page.py").status_code == 404


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.5, gzip;q=0", "br"),
        ("identity", None),
        ("", None),
    ],
)
def test_a_browser_gets_the_smallest_that_it_reads(
    standing_app: AppInside, accepted: str, encoding: str | None
) -> None:
    """What is compressed is the same file: the client of the tests has unpacked it."""
    answer = standing_app.nobody.get(asset_url("aftercare.css"), headers={"Accept-Encoding": accepted})
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == all_assets()["aftercare.css"].body


def test_a_picture_is_not_compressed_twice(standing_app: AppInside) -> None:
    answer = standing_app.nobody.get(asset_url("icons/icon-192.png"), headers={"Accept-Encoding": "br"})
    assert "content-encoding" not in answer.headers
    assert answer.content == all_assets()["icons/icon-192.png"].body


def test_tokens_come_first_and_other_pages_bring_what_the_log_does_without() -> None:
    log, pages = (all_assets()[name].body.decode() for name in ("aftercare.css", "pages.css"))
    assert log.index("--paper:") < log.index("@layer components")
    assert "@media print" in pages
    assert "@media print" not in log


def test_a_script_comes_with_what_it_imports() -> None:
    script = all_assets()["js/plan.js"].body.decode()
    assert [script.count(f"$.{module}??=") for module in ("diary", "undo", "plan")] == [1, 1, 1]


def test_what_pages_and_the_worker_share_comes_once_and_first() -> None:
    script = all_assets()["js/log.js"].body.decode()
    shared = all_assets()["js/outbox.js"].url.rpartition("/")[2]
    assert script.startswith(f'import"./{shared}";')
    assert "$.store??=" not in script


def test_what_is_seldom_needed_comes_later_by_its_hashed_name() -> None:
    later = re.findall(r'import\("\./([^"]+)"\)', all_assets()["js/log.js"].body.decode())
    assert {f"/static/js/{name}" for name in later} <= assets_by_url().keys()
    assert any(name.startswith("attention.") for name in later)


def test_in_the_script_of_the_log_no_module_takes_a_name_of_the_browser() -> None:
    """There modules see each other's names (scripts.py), and one may mean the browser's."""
    nested = set(imports_of(STATIC, FIRST_ON_ITS_PAGE)) - set(imports_of(STATIC, SHARED))
    sources = "\n".join((STATIC / one).read_text() for one in nested)
    named = re.findall(r"^(?:export )?(?:async )?(?:function|const|let) (\w+)", sources, re.MULTILINE)
    assert set(named) & OF_BROWSERS == set()


def test_comments_do_not_travel() -> None:
    scripts = b"".join(asset.body for asset in all_assets().values() if asset.url.endswith(".js"))
    assert b"@param" not in scripts
    assert b"@type" not in scripts
