from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.clock import utc_now
from builders import a_patient
from conftest import settings_for
from running import running


@pytest.fixture
def anas_phone_in_full(database_url: str, tmp_path: Path) -> Iterator[TestClient]:
    settings = settings_for(database_url, tmp_path).model_copy(update={"insights": "full"})
    with running(settings) as app:
        yield app.browser_of(app.write(a_patient, now=utc_now()).id)


def test_a_diary_is_described_by_default(anas_phone: TestClient) -> None:
    said = anas_phone.get("/api/insights").json()

    assert (said["level"], said["trend"], said["associations"]) == ("descriptive", None, None)
    assert said["coverage"]["last_30"]["of"] == 30
    assert said["change"]["status"] == "insufficient"
    assert said["profile"]["status"] == "insufficient"


def test_without_full_insights_there_is_no_question_to_ask(anas_phone: TestClient) -> None:
    assert anas_phone.put("/api/insights/question", json={"habit": "stretch"}).status_code == 404


def test_a_question_is_asked_and_dropped(anas_phone_in_full: TestClient) -> None:
    asked = anas_phone_in_full.put("/api/insights/question", json={"habit": "sleep"}).json()
    dropped = anas_phone_in_full.put("/api/insights/question", json={"habit": None}).json()

    assert (asked["question"]["habit"], asked["question"]["days"]) == ("sleep", 0)
    assert dropped["question"] is None
    assert anas_phone_in_full.get("/api/insights").json()["trend"]["status"] == "insufficient"


def test_heat_cannot_be_asked_about(anas_phone_in_full: TestClient) -> None:
    answer = anas_phone_in_full.put("/api/insights/question", json={"habit": "heat"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "habit"
