"""Programs that ask with a token their owner made."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from starlette.testclient import TestClient

from app.access.tokens import hash_of
from app.clock import utc_now
from app.models.patient import PatientProfile
from app.models.personal_token import PersonalToken
from app.models.personal_token import TokenScope as Scope
from builders import a_consent, a_patient, a_therapist, a_token, an_entry
from push_service import PushService
from running import AppInside


@pytest.fixture
def ana(standing_app: AppInside) -> PatientProfile:
    profile: PatientProfile = standing_app.write(a_patient, f"Ana{uuid4().hex}", now=utc_now())
    return profile


@pytest.fixture
def phone(standing_app: AppInside, ana: PatientProfile) -> TestClient:
    return standing_app.browser_of(ana.id)


def program(app: AppInside, account_id: UUID, *scopes: Scope) -> dict[str, str]:
    """What a program with a new token sends."""
    made = app.write(a_token, account_id, *scopes, now=utc_now())
    return {"Authorization": f"Bearer {made.token}"}


def test_a_token_is_shown_once_and_kept_only_as_a_hash(standing_app: AppInside, phone: TestClient) -> None:
    made = phone.post("/api/me/tokens", json={"name": "Spreadsheet"})
    assert made.status_code == 201
    token = made.json()["token"]
    (listed,) = phone.get("/api/me/tokens").json()["tokens"]
    assert "token" not in listed
    stored = standing_app.read(lambda db: db.get_one(PersonalToken, UUID(listed["id"])).token_hash)
    assert stored == hash_of(token)


def test_a_program_logs_and_reads_with_a_token(standing_app: AppInside, ana: PatientProfile) -> None:
    sent = program(standing_app, ana.id)
    entry = an_entry(utc_now().date(), at=utc_now(), set={"pain": 4})
    saved = standing_app.nobody.post("/api/entries", json={"entries": [entry]}, headers=sent)
    assert saved.json()["results"][0]["status"] == "accepted"
    assert standing_app.nobody.get("/api/me", headers=sent).json()["email"]


def test_a_token_that_may_only_read_changes_nothing(standing_app: AppInside, ana: PatientProfile) -> None:
    sent = program(standing_app, ana.id, Scope.READ)
    assert standing_app.nobody.get("/api/reminders", headers=sent).status_code == 200
    assert standing_app.nobody.post("/api/entries", json={"entries": []}, headers=sent).status_code == 403


def test_a_token_that_may_only_write_shows_nothing(standing_app: AppInside, ana: PatientProfile) -> None:
    sent = program(standing_app, ana.id, Scope.WRITE)
    assert standing_app.nobody.get("/api/days/2026-11-01", headers=sent).status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me/tokens"),
        ("POST", "/api/me/tokens"),
        ("DELETE", "/api/me/tokens"),
        ("GET", "/api/me/sign-ins"),
        ("DELETE", "/api/sign-in"),
    ],
)
def test_a_token_gives_no_hold_of_the_account(
    standing_app: AppInside, ana: PatientProfile, method: str, path: str
) -> None:
    sent = program(standing_app, ana.id)
    body = {"name": "Another"} if method == "POST" else None
    assert standing_app.nobody.request(method, path, json=body, headers=sent).status_code == 403


def test_a_revoked_token_counts_no_more_from_the_next_request_on(
    phone: TestClient, standing_app: AppInside
) -> None:
    made = phone.post("/api/me/tokens", json={"name": "Spreadsheet"}).json()
    sent = {"Authorization": f"Bearer {made['token']}"}
    assert standing_app.nobody.get("/api/me", headers=sent).status_code == 200
    assert phone.delete(f"/api/me/tokens/{made['id']}").status_code == 204
    assert standing_app.nobody.get("/api/me", headers=sent).status_code == 401
    assert phone.delete(f"/api/me/tokens/{made['id']}").status_code == 404


def test_all_tokens_can_be_revoked_at_once(phone: TestClient) -> None:
    for name in ("Spreadsheet", "Watch"):
        phone.post("/api/me/tokens", json={"name": name})
    assert phone.delete("/api/me/tokens").status_code == 204
    assert phone.get("/api/me/tokens").json() == {"tokens": []}


def test_a_token_ends_with_its_last_day(standing_app: AppInside, phone: TestClient) -> None:
    day = utc_now().date() + timedelta(days=3)
    made = phone.post("/api/me/tokens", json={"name": "Trip", "expires_on": day.isoformat()}).json()
    sent = {"Authorization": f"Bearer {made['token']}"}
    with time_machine.travel(utc_now() + timedelta(days=2)):
        assert standing_app.nobody.get("/api/me", headers=sent).status_code == 200
    with time_machine.travel(utc_now() + timedelta(days=5)):
        assert standing_app.nobody.get("/api/me", headers=sent).status_code == 401


@pytest.mark.parametrize("days", [-1, 400])
def test_a_token_ends_within_a_year(phone: TestClient, days: int) -> None:
    day = utc_now().date() + timedelta(days=days)
    refused = phone.post("/api/me/tokens", json={"name": "Trip", "expires_on": day.isoformat()})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "expires_on"


def test_a_forgotten_heap_of_tokens_does_not_grow_for_ever(phone: TestClient) -> None:
    for number in range(PersonalToken.AT_MOST):
        assert phone.post("/api/me/tokens", json={"name": f"Program {number}"}).status_code == 201
    assert phone.post("/api/me/tokens", json={"name": "One more"}).status_code == 409


@pytest.mark.parametrize("said", ["Bearer", "Bearer nonsense", "Basic YW5hOmFuYQ==", ""])
def test_what_is_no_token_is_nobody_even_in_a_browser_that_is_signed_in(phone: TestClient, said: str) -> None:
    assert phone.get("/api/me", headers={"Authorization": said}).status_code == 401


def test_a_token_opens_no_page(standing_app: AppInside, ana: PatientProfile) -> None:
    sent = program(standing_app, ana.id)
    assert standing_app.nobody.get("/today", headers=sent).headers["location"].startswith("/sign-in")


def test_a_therapists_program_sees_what_its_owner_may_see(
    standing_app: AppInside, ana: PatientProfile
) -> None:
    rui = standing_app.write(a_therapist, f"Rui{uuid4().hex}", now=utc_now())
    sent = program(standing_app, rui.id, Scope.READ)
    brief = f"/api/patients/{ana.id}/brief"
    assert standing_app.nobody.get(brief, headers=sent).status_code == 404
    standing_app.write(a_consent, rui.id, ana, now=utc_now())
    assert standing_app.nobody.get(brief, headers=sent).status_code == 200


def test_a_device_told_by_a_program_belongs_to_no_browser(
    standing_app: AppInside, ana: PatientProfile
) -> None:
    sent = program(standing_app, ana.id)
    device = {
        **PushService().device("phone").subscription,
        "endpoint": "https://fcm.googleapis.com/fcm/send/a",
    }
    told = standing_app.nobody.post("/api/push/subscriptions", json=device, headers=sent)
    assert told.status_code == 201


def test_the_last_use_of_a_token_is_noted(standing_app: AppInside, phone: TestClient) -> None:
    made = phone.post("/api/me/tokens", json={"name": "Spreadsheet"}).json()
    with time_machine.travel(utc_now() + timedelta(hours=2)):
        standing_app.nobody.get("/api/me", headers={"Authorization": f"Bearer {made['token']}"})
    (listed,) = phone.get("/api/me/tokens").json()["tokens"]
    assert listed["last_used_at"] is not None
