"""My data: taking out, bringing in, signing other browsers out, leaving."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.patient import PatientProfile
from builders import PASSWORD, a_device, a_logged_day, a_patient, a_sign_in, a_therapist
from running import AppInside
from web.reading import found, parsed, words_of

CSV = b"day,pain\n2026-01-01,4\n"


@pytest.fixture
def ana(running_app: AppInside) -> PatientProfile:
    now = utc_now()
    profile: PatientProfile = running_app.write(a_patient, now=now)
    running_app.write(a_logged_day, profile, profile.day_at(now), now, pain=4)
    return profile


@pytest.fixture
def phone(running_app: AppInside, ana: PatientProfile) -> TestClient:
    return running_app.browser_of(ana.id)


def sent(browser: TestClient, content: bytes, step: str, name: str = "diary.csv") -> Any:
    return browser.post("/my-data/import", data={"step": step}, files={"file": (name, content)})


def said_of_import(answer: Any) -> str:
    return words_of(found(parsed(answer), "#import-said"))


def test_everything_can_be_taken_out_in_three_formats(phone: TestClient) -> None:
    links = [link.attributes["href"] for link in parsed(phone.get("/my-data")).css("#take-out a")]
    assert [link.partition("=")[2] for link in links] == ["json", "csv&rows=entries", "csv", "fhir"]
    assert [phone.get(link).status_code for link in links] == [200, 200, 200, 200]


def test_a_page_for_a_doctor_opens(phone: TestClient) -> None:
    links = parsed(phone.get("/my-data")).css("#report a")
    answers = [phone.get(link.attributes["href"]) for link in links]
    assert [answer.headers["content-type"] for answer in answers] == ["application/pdf"] * 3


def test_without_scripts_a_file_is_looked_at_first(running_app: AppInside, phone: TestClient) -> None:
    before = running_app.stored()
    answer = sent(phone, CSV, "preview")
    told = "This would be stored: Days 1 new It is about 1 day, 1 January 2026 to 1 January 2026."
    assert said_of_import(answer) == told
    assert running_app.stored() == before


def test_without_scripts_a_file_is_brought_in(phone: TestClient) -> None:
    assert said_of_import(sent(phone, CSV, "store")).startswith("Stored: Days 1 new")
    assert phone.get("/api/days/2026-01-01").json()["pain"] == 4


def test_a_take_out_is_known_by_what_it_holds(running_app: AppInside, phone: TestClient) -> None:
    bea = running_app.browser_of(running_app.write(a_patient, "Bea", now=utc_now()).id)
    answer = sent(bea, phone.get("/api/me/takeout").content, "store", "whatever.txt")
    assert "What you logged, entry by entry 1 new" in said_of_import(answer)


def test_what_is_wrong_with_a_file_is_said_by_row(running_app: AppInside, phone: TestClient) -> None:
    before = running_app.stored()
    answer = sent(phone, b"day,pain\n2026-01-01,4\n18.3.2026,5\n", "store")
    assert answer.status_code == 422
    assert "Row 3: Write a calendar day as YYYY-MM-DD." in said_of_import(answer)
    assert running_app.stored() == before


def test_without_a_file_nothing_happens(phone: TestClient) -> None:
    answer = phone.post("/my-data/import", data={"step": "store"}, files={"other": ("a.csv", b"")})
    assert "Choose a file first." in said_of_import(answer)


def test_a_device_gets_no_more_reminders(
    running_app: AppInside, ana: PatientProfile, phone: TestClient
) -> None:
    device: UUID = running_app.write(a_device, ana.id, utc_now()).id
    assert "Phone" in words_of(found(parsed(phone.get("/my-data")), "#devices"))
    assert phone.post(f"/my-data/devices/{device}/off", data={"sure": "yes"}).status_code == 303
    assert "None." in words_of(found(parsed(phone.get("/my-data")), "#devices"))


def test_another_browser_is_signed_out_from_here(
    running_app: AppInside, ana: PatientProfile, phone: TestClient
) -> None:
    running_app.write(a_sign_in, ana.id, utc_now())
    form = found(parsed(phone.get("/my-data")), "#sign-ins form")
    assert phone.post(form.attributes["action"], data={"sure": "yes"}).status_code == 303
    assert parsed(phone.get("/my-data")).css("#sign-ins form") == []


def test_erasing_needs_the_password_and_a_tick(running_app: AppInside, phone: TestClient) -> None:
    before = running_app.stored()["account"]
    wrong = phone.post("/my-data/erase", data={"sure": "yes", "password": "not this one"})
    unsure = phone.post("/my-data/erase", data={"password": PASSWORD})
    assert [answer.status_code for answer in (wrong, unsure)] == [422, 422]
    assert words_of(found(parsed(wrong), "#password-error")) == "This is not your password."
    assert running_app.stored()["account"] == before


def test_after_erasing_there_is_nobody(running_app: AppInside, phone: TestClient) -> None:
    answer = phone.post("/my-data/erase", data={"sure": "yes", "password": PASSWORD})
    gone = parsed(phone.get(answer.headers["location"]))
    assert "The account is erased for good." in words_of(found(gone, "main"))
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert running_app.stored()["account"] == 0


def test_a_therapist_finds_what_is_theirs(running_app: AppInside) -> None:
    desk = running_app.browser_of(running_app.write(a_therapist, now=utc_now()).id)
    page = parsed(desk.get("/my-data"))
    assert [part.attributes["id"] for part in page.css("main section")] == [
        "take-out",
        "import",
        "sign-ins",
        "erase",
    ]
    assert "diaries of your patients stay theirs" in words_of(found(page, "#erase"))
