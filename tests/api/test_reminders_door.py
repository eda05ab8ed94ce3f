from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.clock import utc_now
from builders import a_patient
from running import AppInside


@pytest.fixture
def phone(standing_app: AppInside) -> TestClient:
    """The browser of a patient nobody else knows."""
    ana = standing_app.write(a_patient, f"Ana-{uuid4().hex}", zone="UTC", now=utc_now())
    return standing_app.browser_of(ana.id)


def a_check_in(phone: TestClient, **said: Any) -> dict[str, Any]:
    answer = phone.post("/api/reminders", json={"kind": "check_in", "times": ["20:00"], **said})
    assert answer.status_code == 201
    return answer.json()  # type: ignore[no-any-return]


def test_a_reminder_is_made_and_says_when_it_comes(phone: TestClient) -> None:
    made = a_check_in(phone, days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], on=True)
    assert made["on"] is True
    assert [datetime.fromisoformat(instant).strftime("%H:%M") for instant in made["next"]] == ["20:00"] * 3


def test_reminders_are_listed(phone: TestClient) -> None:
    made = a_check_in(phone)
    assert phone.get("/api/reminders").json() == {
        "reminders": [made],
        "paused_until": None,
        "next_cursor": None,
    }


def test_a_reminder_is_changed(phone: TestClient) -> None:
    made = a_check_in(phone)
    answer = phone.patch(f"/api/reminders/{made['id']}", json={"times": ["19:00"], "on": False})
    assert answer.status_code == 200
    assert (answer.json()["times"], answer.json()["on"], answer.json()["next"]) == (["19:00"], False, [])


def test_a_reminder_is_removed(phone: TestClient) -> None:
    made = a_check_in(phone)
    assert phone.delete(f"/api/reminders/{made['id']}").status_code == 204
    assert phone.get("/api/reminders").json()["reminders"] == []


def test_who_names_another_kind_is_told_those_a_patient_can_arrange(phone: TestClient) -> None:
    answer = phone.post("/api/reminders", json={"kind": "alarm", "times": ["20:00"]})
    words = "Use one of: check_in, water, stretch, exercise, sleep, custom."
    assert answer.json()["errors"] == [{"field": "kind", "code": "literal_error", "message": words}]


def test_a_reminder_that_is_not_there_is_not_found(phone: TestClient) -> None:
    assert phone.patch(f"/api/reminders/{uuid4()}", json={"on": False}).status_code == 404


def test_all_reminders_are_paused_and_go_on(phone: TestClient) -> None:
    a_check_in(phone)
    until = (utc_now() + timedelta(days=3)).isoformat()
    paused = phone.post("/api/reminders/pause", json={"until": until})
    assert datetime.fromisoformat(paused.json()["paused_until"]) == datetime.fromisoformat(until)
    assert phone.get("/api/reminders").json()["reminders"][0]["next"][0] > until[:10]
    assert phone.post("/api/reminders/pause", json={"until": None}).json() == {"paused_until": None}


def test_a_reminder_that_is_answered_says_that_it_comes_as_often_as_it_says(phone: TestClient) -> None:
    assert a_check_in(phone)["back_off"] == "none"


def test_fewer_reminders_are_a_setting_of_ones_own(phone: TestClient) -> None:
    assert phone.get("/api/me").json()["reminders_a_day"] == 3
    assert phone.patch("/api/me", json={"reminders_a_day": 1}).json()["reminders_a_day"] == 1


@pytest.mark.parametrize("a_day", [0, 4, -1, 1.5, "2", True])
def test_more_or_less_than_one_to_three_a_day_is_refused(phone: TestClient, a_day: Any) -> None:
    assert phone.patch("/api/me", json={"reminders_a_day": a_day}).status_code == 422
    assert phone.get("/api/me").json()["reminders_a_day"] == 3


def test_a_therapist_has_no_reminders(ruis_desk: TestClient) -> None:
    assert ruis_desk.get("/api/me").json()["reminders_a_day"] is None
    assert ruis_desk.patch("/api/me", json={"reminders_a_day": 1}).status_code == 409


def test_a_reminder_is_put_off(phone: TestClient) -> None:
    half_a_day_away = f"{utc_now() + timedelta(hours=12):%H:%M}"
    hours = {"quiet_from": "00:00", "quiet_until": "00:00", "day_starts_at": half_a_day_away}
    assert phone.patch("/api/me", json=hours).status_code == 200
    made = a_check_in(phone)
    put_off = phone.post(f"/api/reminders/{made['id']}/snooze", json={"minutes": 1}).json()
    assert put_off["snoozed_until"] == put_off["next"][0]


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "alarm"},
        {"times": ["24:00"]},
        {"times": "20:00"},
        {"days": ["monday"]},
        {"on": "yes"},
        {"text": "x" * 201},
        {"colour": "red"},
    ],
)
def test_what_is_no_reminder_is_refused_and_not_echoed(phone: TestClient, bad: dict[str, Any]) -> None:
    answer = phone.post("/api/reminders", json={"kind": "check_in", "times": ["20:00"], **bad})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(next(iter(bad.values()))) not in answer.text
    assert phone.get("/api/reminders").json()["reminders"] == []


@pytest.mark.parametrize("minutes", [0, -5, 721, 1.5, "30", True, None, 2**63])
def test_a_snooze_of_a_strange_length_is_refused(phone: TestClient, minutes: Any) -> None:
    made = a_check_in(phone)
    answer = phone.post(f"/api/reminders/{made['id']}/snooze", json={"minutes": minutes})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("until", ["tomorrow", "2026-11-23", 0, True, "9999-01-01T00:00:00Z"])
def test_a_pause_until_a_strange_moment_is_refused(phone: TestClient, until: Any) -> None:
    assert phone.post("/api/reminders/pause", json={"until": until}).status_code == 422
