"""Taking everything out, bringing it in again, and leaving, over HTTP."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from httpx2 import Response
from starlette.testclient import TestClient

from app.clock import utc_now
from app.guard import IMPORT_AT_MOST
from app.models.patient import PatientProfile
from builders import PASSWORD, a_consent, a_logged_day, a_patient, a_therapist
from reports.fhir_rules import findings
from running import AppInside

CSV = {"content-type": "text/csv"}


@pytest.fixture
def ana(running_app: AppInside) -> PatientProfile:
    now = utc_now()
    profile: PatientProfile = running_app.write(a_patient, now=now)
    today = profile.day_at(now)
    running_app.write(
        a_logged_day, profile, today, now, pain=4, pain_sites=[{"region": "knee", "side": "left"}]
    )
    return profile


@pytest.fixture
def phone(running_app: AppInside, ana: PatientProfile) -> TestClient:
    return running_app.browser_of(ana.id)


@pytest.fixture
def new_phone(running_app: AppInside) -> TestClient:
    return running_app.browser_of(running_app.write(a_patient, "Bea", now=utc_now()).id)


def takeout_of(browser: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = browser.get("/api/me/takeout").json()
    return document


def imported(browser: TestClient, document: Any, **query: Any) -> Response:
    return browser.post("/api/me/import", json=document, params=query)


def test_a_take_out_is_a_file_nobody_keeps_on_the_way(phone: TestClient) -> None:
    answer = phone.get("/api/me/takeout")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith('attachment; filename="aftercare-')


def test_a_take_out_comes_back_through_the_door(phone: TestClient, new_phone: TestClient) -> None:
    document = takeout_of(phone)
    answer = imported(new_phone, document).json()
    assert answer["parts"]["entries"] == {"stored": 1, "already_here": 0}
    assert takeout_of(new_phone)["days"] == document["days"]


def test_a_preview_says_what_would_be_stored_and_stores_nothing(
    running_app: AppInside, phone: TestClient, new_phone: TestClient
) -> None:
    document = takeout_of(phone)
    before = running_app.stored()
    answer = imported(new_phone, document, preview=True).json()
    assert (answer["preview"], answer["days"]) == (True, 1)
    assert running_app.stored() == before


def test_a_diary_leaves_as_csv_and_comes_back(phone: TestClient, new_phone: TestClient) -> None:
    answer = phone.get("/api/me/takeout", params={"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert next(csv.DictReader(io.StringIO(answer.text)))["pain_sites"] == "left knee"
    stored = new_phone.post("/api/me/import", content=answer.content, headers=CSV).json()
    assert stored["parts"] == {"days": {"stored": 1, "already_here": 0}}
    assert new_phone.get("/api/days").json()["days"][0]["pain_sites"] == [{"region": "knee", "side": "left"}]


def test_every_entry_leaves_as_csv(phone: TestClient) -> None:
    answer = phone.get("/api/me/takeout", params={"format": "csv", "rows": "entries"})
    assert [row["source"] for row in csv.DictReader(io.StringIO(answer.text))] == ["app"]


def test_a_diary_leaves_as_fhir(phone: TestClient) -> None:
    answer = phone.get("/api/me/takeout", params={"format": "fhir"})
    assert answer.headers["content-type"] == "application/fhir+json"
    assert findings(answer.json()) == []
    assert Bundle.model_validate(answer.json()).type == "collection"


def test_an_unknown_format_is_refused(phone: TestClient) -> None:
    answer = phone.get("/api/me/takeout", params={"format": "xml"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "format")


@pytest.mark.parametrize("wanted", ["csv", "fhir"])
def test_a_therapist_has_no_diary_to_take_out(running_app: AppInside, wanted: str) -> None:
    desk = running_app.browser_of(running_app.write(a_therapist).id)
    assert desk.get("/api/me/takeout", params={"format": wanted}).status_code == 403
    assert desk.get("/api/me/takeout").json()["account"]["role"] == "therapist"


def test_one_bad_row_keeps_the_whole_file_out(running_app: AppInside, phone: TestClient) -> None:
    before = running_app.stored()
    answer = phone.post("/api/me/import", content="day,pain\n2026-01-01,4\n2026-01-02,44\n", headers=CSV)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["rows.3.pain"]
    assert "44" not in answer.text
    assert running_app.stored() == before


def test_one_bad_entry_keeps_the_whole_take_out_out(
    running_app: AppInside, phone: TestClient, new_phone: TestClient
) -> None:
    document = takeout_of(phone)
    document["entries"][0]["set"]["pain"] = 11
    before = running_app.stored()
    answer = imported(new_phone, document)
    assert [error["field"] for error in answer.json()["errors"]] == ["entries.0.set.pain"]
    assert running_app.stored() == before


def test_an_import_may_be_five_megabytes_and_not_more(phone: TestClient) -> None:
    answer = phone.post("/api/me/import", content=b" " * (IMPORT_AT_MOST + 1), headers=CSV)
    assert answer.status_code == 413
    blank_lines = b"day,pain\n" + b",\n" * 9_000 + b" " * (IMPORT_AT_MOST - 100_000)
    assert phone.post("/api/me/import", content=blank_lines, headers=CSV).status_code in (200, 422)


def test_nobody_else_may_send_that_much(phone: TestClient) -> None:
    answer = phone.post("/api/entries", json={"entries": ["x" * 70_000]})
    assert answer.status_code == 413


def test_an_import_of_another_kind_of_file_is_refused(phone: TestClient) -> None:
    answer = phone.post("/api/me/import", content=b"PK", headers={"content-type": "application/zip"})
    assert answer.status_code == 415


def test_the_template_is_an_empty_spreadsheet(phone: TestClient) -> None:
    answer = phone.get("/api/me/import/template.csv")
    assert answer.text.startswith("day,pain,")
    assert phone.post("/api/me/import", content=answer.content, headers=CSV).json()["parts"] == {}


def test_leaving_takes_the_password_and_everything(running_app: AppInside, phone: TestClient) -> None:
    answer = phone.request("DELETE", "/api/me", json={"password": PASSWORD})
    assert answer.status_code == 204
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    left = {table for table, rows in running_app.stored().items() if rows}
    assert left <= {"erasure", "sign_in_attempt", "worker_beat", "zone_data"}
    assert phone.get("/api/me").status_code == 401


def test_a_wrong_password_erases_nothing(running_app: AppInside, phone: TestClient) -> None:
    answer = phone.request("DELETE", "/api/me", json={"password": "something else"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "password")
    assert phone.get("/api/me").status_code == 200


def test_passwords_cannot_be_guessed_here_either(phone: TestClient) -> None:
    answers = [phone.request("DELETE", "/api/me", json={"password": f"guess {n}"}) for n in range(11)]
    assert answers[-1].status_code == 429


def test_a_therapist_who_leaves_takes_no_diary_along(
    running_app: AppInside, ana: PatientProfile, phone: TestClient
) -> None:
    rui = running_app.write(a_therapist, now=utc_now()).id
    running_app.write(a_consent, rui, ana, now=utc_now())
    desk = running_app.browser_of(rui)
    desk.get(f"/api/patients/{ana.id}/days")
    assert desk.request("DELETE", "/api/me", json={"password": PASSWORD}).status_code == 204
    assert len(phone.get("/api/days").json()["days"]) == 1
    looks = phone.get("/api/me/access-log").json()["looks"]
    assert (looks[0]["who"], looks[0]["what"]) == ("Rui", "api:days:read")


def test_a_take_out_is_never_half_a_document(phone: TestClient) -> None:
    assert json.loads(phone.get("/api/me/takeout").text)["format"] == "aftercare-takeout"
