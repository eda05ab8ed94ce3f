"""Entries say whose page they come from, so that none lands in the diary of somebody else."""

from __future__ import annotations

from uuid import UUID

import pytest
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.patient import PatientProfile
from builders import a_patient, a_therapist, an_entry
from running import AppInside


@pytest.fixture
def ana(running_app: AppInside) -> PatientProfile:
    profile: PatientProfile = running_app.write(a_patient, zone="UTC")
    return profile


def send(browser: TestClient, page_of: UUID) -> tuple[int, str]:
    entry = an_entry(utc_now().date(), at=utc_now(), set={"pain": 4})
    answer = browser.post(
        "/api/entries", json={"entries": [entry]}, headers={"Aftercare-Patient": str(page_of)}
    )
    return answer.status_code, answer.json().get("detail", "")


def test_entries_of_the_page_of_another_patient_are_refused(
    running_app: AppInside, ana: PatientProfile
) -> None:
    eva = running_app.browser_of(running_app.write(a_patient, "Eva", zone="UTC").id)
    status, words = send(eva, page_of=ana.id)
    assert status == 409
    assert words.startswith("Somebody else is signed in here now.")
    assert eva.get("/api/days").json()["days"] == []


def test_a_therapist_who_signed_in_since_is_somebody_else_too(
    running_app: AppInside, ana: PatientProfile
) -> None:
    rui = running_app.browser_of(running_app.write(a_therapist).id)
    assert send(rui, page_of=ana.id)[0] == 409


def test_entries_of_the_own_page_are_taken(running_app: AppInside, ana: PatientProfile) -> None:
    assert send(running_app.browser_of(ana.id), page_of=ana.id)[0] == 200
