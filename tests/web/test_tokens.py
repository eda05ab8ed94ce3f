"""The page of tokens: made, shown once, revoked."""

from __future__ import annotations

from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.clock import utc_now
from builders import a_patient
from running import AppInside
from web.reading import found, parsed, words_of

READS = {"name": "Spreadsheet", "scopes": "read"}


@pytest.fixture
def phone(standing_app: AppInside) -> TestClient:
    return standing_app.browser_of(standing_app.write(a_patient, f"Ana{uuid4().hex}", now=utc_now()).id)


def test_a_new_token_is_on_the_page_that_made_it_and_never_again(phone: TestClient) -> None:
    token = words_of(found(parsed(phone.post("/account/tokens", data=READS)), "code.token"))
    assert phone.get("/api/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert token not in phone.get("/account/tokens").text


def test_the_list_says_what_a_program_may_do(phone: TestClient) -> None:
    phone.post("/account/tokens", data=READS)
    row = words_of(found(parsed(phone.get("/account/tokens")), "#made li"))
    assert row.startswith("Spreadsheet may read · not used yet · until ")


def test_a_revoked_token_leaves_the_list(phone: TestClient) -> None:
    phone.post("/account/tokens", data=READS)
    form = found(parsed(phone.get("/account/tokens")), "#made form")
    answers = [phone.post(form.attributes["action"]) for _time in range(2)]
    assert [answer.headers["location"] for answer in answers] == ["/account/tokens#made"] * 2
    assert "No program has access." in words_of(parsed(phone.get("/account/tokens")))


def test_a_token_for_nothing_is_asked_about(phone: TestClient) -> None:
    answer = phone.post("/account/tokens", data={"name": "Spreadsheet"})
    assert answer.status_code == 422
    assert words_of(found(parsed(answer), "#scopes-error")) == "Choose at least one."


def test_a_token_without_a_name_keeps_what_was_chosen(phone: TestClient) -> None:
    answer = phone.post("/account/tokens", data={"name": " ", "scopes": "write"})
    assert answer.status_code == 422
    assert "checked" in found(parsed(answer), "input[value=write]").attributes


def test_a_token_without_a_name_is_not_asked_for_the_name_of_its_owner(phone: TestClient) -> None:
    answer = phone.post("/account/tokens", data=READS | {"name": " "})
    assert words_of(found(parsed(answer), "#name-error")) == "Write a name."
