from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.access.care import revoke
from app.clock import utc_now
from app.models.account import Account
from app.models.care import Scope
from app.models.patient import PatientProfile
from builders import a_consent, a_logged_day, a_patient, a_therapist
from running import AppInside


class Care:
    """Ana, who logged today, and her therapist Rui, signed in."""

    def __init__(self, app: AppInside, *scopes: Scope) -> None:
        self.app = app
        self.ana: PatientProfile = app.write(a_patient)
        self.rui: Account = app.write(a_therapist)
        self.today: date = self.ana.day_at(utc_now())
        self.relationship = app.write(a_consent, self.rui.id, self.ana, scopes or tuple(Scope), now=utc_now())
        app.write(_log_today, self.ana, self.today)
        self.browser: TestClient = app.browser_of(self.rui.id)

    def get(self, path: str, **query: Any) -> Any:
        return self.browser.get(f"/api/patients/{self.ana.id}{path}", params=query)


def _log_today(db: Session, ana: PatientProfile, today: date) -> None:
    a_logged_day(db, ana, today, utc_now(), pain=4, note="Walked.")


@pytest.fixture
def care(running_app: AppInside) -> Care:
    return Care(running_app)


def test_a_therapist_lists_the_patients_who_share(care: Care) -> None:
    answer = care.browser.get("/api/patients")

    assert answer.status_code == 200
    [row] = answer.json()["patients"]
    assert (row["id"], row["name"], row["group"]) == (str(care.ana.id), "Ana", "others")
    assert row["pain"]["now"] == {"mean": 4.0, "days": 1}


def test_a_patient_has_no_list_of_patients(care: Care) -> None:
    assert care.app.browser_of(care.ana.id).get("/api/patients").status_code == 403


def test_days_in_scope_are_listed(care: Care) -> None:
    answer = care.get("/days", first=care.today - timedelta(days=7), last=care.today)

    assert [(day["day"], day["pain"], day["note"]) for day in answer.json()["days"]] == [
        (str(care.today), 4, "Walked.")
    ]


def test_days_out_of_scope_are_null(running_app: AppInside) -> None:
    [day] = Care(running_app, Scope.MEASURES).get("/days").json()["days"]

    assert (day["pain"], day["note"]) == (4, None)


def test_a_window_that_ends_before_it_begins_is_refused(care: Care) -> None:
    answer = care.get("/days", first="2026-02-02", last="2026-02-01")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_brief_is_one_answer(care: Care) -> None:
    brief = care.get("/brief").json()

    assert brief["patient_name"] == "Ana"
    assert brief["days_logged"] == {"logged": 1, "of": 14, "filled_in_later": 0}
    assert brief["notes"][0]["text"] == "Walked."


def test_marking_the_brief_as_read_can_be_taken_back(care: Care) -> None:
    path = f"/api/patients/{care.ana.id}/brief"
    marked = care.browser.post(f"{path}/read").json()
    again = care.browser.post(f"{path}/read").json()

    assert marked["read_by"] == "Rui"
    assert again == marked == care.browser.get(path).json()["read"]
    assert care.browser.delete(f"{path}/read").status_code == 204
    assert care.browser.get(path).json()["read"] is None


@pytest.mark.parametrize("path", ["/days", "/brief"])
def test_nothing_is_shown_from_the_request_after_revocation(care: Care, path: str) -> None:
    before = care.get(path).status_code
    care.app.write(revoke, care.ana.id, care.relationship, utc_now())

    assert (before, care.get(path).status_code) == (200, 404)


@pytest.mark.parametrize("path", ["/days", "/brief"])
def test_a_patient_nobody_knows_looks_like_one_who_does_not_share(care: Care, path: str) -> None:
    assert care.browser.get(f"/api/patients/{uuid4()}{path}").status_code == 404


def test_the_patient_finds_the_look_in_the_access_log(care: Care) -> None:
    care.get("/brief")
    looks = care.app.browser_of(care.ana.id).get("/api/me/access-log").json()["looks"]

    assert next(look["what"] for look in looks if look["who"] == "Rui") == "api:brief:read"
