"""A patient's diary as a file for their therapist: within the scopes, every one a look."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.access.care import revoke
from app.clock import utc_now
from app.models.care import Scope
from app.models.patient import PatientProfile
from builders import ALL_SCOPES, a_consent, a_logged_day, a_patient, a_session, a_therapist
from reports.fhir_rules import findings
from running import AppInside

NOW = utc_now()
FILES = ("report.csv", "report.fhir.json", "report.pdf")


def settle(db: Session, scopes: tuple[Scope, ...]) -> dict[str, Any]:
    """Ana in Rui's care, a session ten days ago, and a diary of a month."""
    ana, rui = a_patient(db, now=NOW), a_therapist(db, now=NOW)
    relationship = a_consent(db, rui.id, ana, scopes, now=NOW)
    held = NOW - timedelta(days=10)
    a_session(db, ana.id, rui.id, held, held_at=held)
    for back in range(30):
        a_logged_day(db, ana, ana.day_at(NOW) - timedelta(days=back), NOW, pain=back % 11, note="Said aloud.")
    return {"ana": ana, "rui": rui.id, "relationship": relationship}


@pytest.fixture
def people(running_app: AppInside, scopes: tuple[Scope, ...] = ALL_SCOPES) -> dict[str, Any]:
    found: dict[str, Any] = running_app.write(settle, ALL_SCOPES)
    return found


@pytest.fixture
def desk(running_app: AppInside, people: dict[str, Any]) -> TestClient:
    return running_app.browser_of(people["rui"])


def path(ana: PatientProfile, file: str) -> str:
    return f"/api/patients/{ana.id}/{file}"


def test_by_default_a_report_begins_with_the_last_session(desk: TestClient, people: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(desk.get(path(people["ana"], "report.csv")).text)))
    assert len(rows) == 11


def test_a_report_of_other_days_can_be_asked_for(desk: TestClient, people: dict[str, Any]) -> None:
    today = people["ana"].day_at(NOW)
    asked = {"first": str(today - timedelta(days=2)), "last": str(today - timedelta(days=1))}
    answer = desk.get(path(people["ana"], "report.csv"), params=asked)
    assert [row["day"] for row in csv.DictReader(io.StringIO(answer.text))] == list(asked.values())


def test_a_report_that_ends_before_it_begins_is_refused(desk: TestClient, people: dict[str, Any]) -> None:
    asked = {"first": "2026-02-02", "last": "2026-02-01"}
    answer = desk.get(path(people["ana"], "report.csv"), params=asked)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "first")


def test_a_report_in_fhir_has_no_finding(desk: TestClient, people: dict[str, Any]) -> None:
    assert findings(desk.get(path(people["ana"], "report.fhir.json")).json()) == []


@pytest.mark.parametrize("file", FILES)
def test_every_report_is_a_look(
    running_app: AppInside, desk: TestClient, people: dict[str, Any], file: str
) -> None:
    desk.get(path(people["ana"], file))
    looks = running_app.browser_of(people["ana"].id).get("/api/me/access-log").json()["looks"]
    assert next(look["what"] for look in looks if look["who"] == "Rui") == f"api:{file}:export"


@pytest.mark.parametrize("file", FILES)
def test_after_it_was_revoked_there_is_no_report(
    running_app: AppInside, desk: TestClient, people: dict[str, Any], file: str
) -> None:
    running_app.write(revoke, people["ana"].id, people["relationship"], NOW)
    assert desk.get(path(people["ana"], file)).status_code == 404
