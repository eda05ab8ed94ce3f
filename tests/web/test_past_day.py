from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.daily_log import day_on
from app.models.patient import PatientProfile
from builders import a_logged_day, a_patient
from running import AppInside
from web.reading import filled_in, found, parsed, words_of


@pytest.fixture
def ana(standing_app: AppInside) -> PatientProfile:
    profile: PatientProfile = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    return profile


@pytest.fixture
def browser(standing_app: AppInside, ana: PatientProfile) -> TestClient:
    return standing_app.browser_of(ana.id)


def days_ago(ana: PatientProfile, days: int) -> date:
    return ana.day_at(utc_now()) - timedelta(days=days)


def fill_in(browser: TestClient, day: date, **fields: str) -> str:
    form = found(parsed(browser.get(f"/days/{day}")), "form#log")
    answer = browser.post(form.attributes["action"], data={**filled_in(form), **fields})
    assert answer.status_code == 303
    return answer.headers["location"]


def test_the_list_offers_seven_days_back(browser: TestClient, ana: PatientProfile) -> None:
    links = [link.attributes["href"] for link in parsed(browser.get("/days")).css("main li a")]
    assert links == [
        *(f"/days/{days_ago(ana, 1)}", f"/days/{days_ago(ana, 2)}", f"/days/{days_ago(ana, 3)}"),
        *(f"/days/{days_ago(ana, 4)}", f"/days/{days_ago(ana, 5)}", f"/days/{days_ago(ana, 6)}"),
        f"/days/{days_ago(ana, 7)}",
    ]


def test_a_line_says_what_was_logged(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    sites = [{"region": "knee", "side": "right"}]
    standing_app.write(a_logged_day, ana, days_ago(ana, 1), utc_now(), pain=4, pain_sites=sites)
    assert "Pain 4, right knee" in words_of(parsed(browser.get("/days")).css_first("main li"))


def test_a_forgotten_day_can_be_filled_in(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    yesterday = days_ago(ana, 1)
    assert fill_in(browser, yesterday, pain="5").startswith(f"/days/{yesterday}?saved=")
    day = standing_app.read(day_on, ana.id, yesterday)
    assert day is not None
    assert (day.pain, day.late) == (5, False)


def test_what_is_filled_in_after_more_than_two_days_is_marked(
    browser: TestClient, ana: PatientProfile
) -> None:
    day = days_ago(ana, 4)
    assert "marked as filled in later" in words_of(found(parsed(browser.get(f"/days/{day}")), "header"))
    fill_in(browser, day, pain="5")
    assert words_of(parsed(browser.get(f"/days/{day}")).css_first(".tag")) == "filled in later"


def test_a_day_a_year_back_can_still_be_written(browser: TestClient, ana: PatientProfile) -> None:
    assert fill_in(browser, days_ago(ana, 365), pain="2")


@pytest.mark.parametrize("days", [-1, 366])
def test_days_that_cannot_be_written_have_no_page(
    browser: TestClient, ana: PatientProfile, days: int
) -> None:
    assert browser.get(f"/days/{days_ago(ana, days)}").status_code == 404


@pytest.mark.parametrize("day", ["2026-02-30", "0000-01-01", "yesterday", "20260101"])
def test_what_is_no_day_has_no_page(browser: TestClient, day: str) -> None:
    assert browser.get(f"/days/{day}").status_code == 404


def test_a_past_day_does_not_speak_of_today(browser: TestClient, ana: PatientProfile) -> None:
    page = parsed(browser.get(f"/days/{days_ago(ana, 1)}"))
    assert words_of(found(page, "#done-heading")) == "Done that day"


def test_the_page_of_today_is_today(browser: TestClient, ana: PatientProfile) -> None:
    assert browser.get(f"/days/{days_ago(ana, 0)}").headers["location"] == "/today"


def test_nobody_undoes_an_entry_that_is_not_theirs(
    standing_app: AppInside, browser: TestClient, ana: PatientProfile
) -> None:
    rui = standing_app.write(a_patient, f"Rui{uuid4().hex}")
    recorded = standing_app.write(a_logged_day, rui, days_ago(rui, 0), utc_now())
    theirs: UUID | None = recorded.results[0].id
    answer = browser.post(f"/days/{days_ago(ana, 0)}/undo", data={"entry": str(theirs)})
    assert answer.status_code == 404
