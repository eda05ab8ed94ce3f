from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.access.accounts import sign_up
from app.access.passwords import hash_password_now
from app.models.account import Account, Role, SignUp
from app.settings import DEMO_PASSWORD, Settings
from builders import NOON, PASSWORD, an_account
from running import AppInside, running
from web.reading import filled_in, found, labelled, parsed, words_of


def a_demo_patient(db: Session) -> None:
    ana = SignUp(email="ana@demo.example", password=DEMO_PASSWORD, name="Ana", role=Role.PATIENT, zone="UTC")
    sign_up(db, ana, hash_password_now(DEMO_PASSWORD), NOON)


@pytest.fixture
def visitor(standing_app: AppInside) -> TestClient:
    """A browser where nobody is signed in any more."""
    standing_app.nobody.cookies.clear()
    return standing_app.nobody


@pytest.fixture
def ana(standing_app: AppInside) -> Account:
    """A patient with a password."""
    return standing_app.write(an_account, f"Ana{uuid4().hex}", Role.PATIENT, "Europe/Lisbon", NOON)


def test_the_right_password_opens_today(visitor: TestClient, ana: Account) -> None:
    answer = visitor.post("/sign-in", data={"email": ana.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/today")
    assert visitor.get("/today").status_code == 200


def test_signing_in_leads_back_to_the_page_that_was_asked_for(visitor: TestClient, ana: Account) -> None:
    to_sign_in = visitor.get("/sharing?done=changed").headers["location"]
    form = filled_in(found(parsed(visitor.get(to_sign_in)), "form"))
    answer = visitor.post("/sign-in", data={**form, "email": ana.email, "password": PASSWORD})
    assert answer.headers["location"] == "/sharing?done=changed"


def test_a_wrong_password_says_as_much_as_an_unknown_address(visitor: TestClient, ana: Account) -> None:
    wrong = visitor.post("/sign-in", data={"email": ana.email, "password": "something else"})
    unknown = visitor.post("/sign-in", data={"email": "nobody@people.example", "password": PASSWORD})
    assert wrong.status_code == unknown.status_code == 401
    assert words_of(found(parsed(wrong), "[role=alert]")) == words_of(found(parsed(unknown), "[role=alert]"))


def test_after_a_wrong_password_the_address_stays_and_the_password_goes(
    visitor: TestClient, ana: Account
) -> None:
    page = parsed(visitor.post("/sign-in", data={"email": ana.email, "password": "something else"}))
    assert labelled(page, "E-mail address").attributes["value"] == ana.email
    assert labelled(page, "Password").attributes["value"] == ""


def test_too_many_tries_are_told_to_wait(visitor: TestClient, ana: Account) -> None:
    tried = [visitor.post("/sign-in", data={"email": ana.email, "password": "wrong"}) for _ in range(11)]
    assert tried[-1].status_code == 429
    assert "Wait a few minutes" in words_of(found(parsed(tried[-1]), "[role=alert]"))


def test_signing_out_ends_the_sign_in_and_clears_the_browser(standing_app: AppInside, ana: Account) -> None:
    browser = standing_app.browser_of(ana.id)
    kept = dict(browser.cookies)
    answer = browser.post("/sign-out")
    assert answer.headers["location"] == "/sign-in"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    browser.cookies.update(kept)
    assert browser.get("/today").headers["location"] == "/sign-in?next=%2Ftoday"


def test_what_was_posted_without_signing_in_is_not_asked_for_again(visitor: TestClient) -> None:
    assert visitor.post("/account", data={"name": "Ana"}).headers["location"] == "/sign-in"


def test_only_the_demo_names_its_people(visitor: TestClient) -> None:
    assert "demo.example" not in visitor.get("/sign-in").text


def test_in_the_demo_one_tap_enters_as_one_of_its_people(migrated_sqlite: Path, tmp_path: Path) -> None:
    (tmp_path / "aftercare.sqlite3").write_bytes(migrated_sqlite.read_bytes())
    with running(Settings(data=tmp_path, environment="demo", public_url="http://testserver")) as demo:
        demo.write(a_demo_patient)
        form = found(parsed(demo.nobody.get("/sign-in")), "#demo form")
        assert words_of(found(form, "button")) == "Enter , Ana"
        answer = demo.nobody.post("/sign-in", data=filled_in(form))
        assert answer.headers["location"] == "/today"
