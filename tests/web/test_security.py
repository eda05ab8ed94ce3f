"""How people sign in: codes, a recent proof before what matters, and more than a password for therapists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import time_machine
from httpx2 import Response
from starlette.testclient import TestClient

from app.access.accounts import me
from app.access.password_links import make_password_link
from app.access.proofs import TICKET_LASTS, forget_second_factors
from app.clock import utc_now
from app.models.account import SignIn
from app.models.password_link import PasswordLink
from builders import PASSWORD, CodesOf, a_code_app, a_consent, a_patient, a_therapist, a_token
from conftest import settings_for
from running import AppInside, running
from web.reading import filled_in, found, parsed, words_of

NEW = "a quite new long password"


@pytest.fixture(scope="module")
def strict_app(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[AppInside]:
    """An app that asks therapists for more than a password."""
    folder = tmp_path_factory.mktemp("strict")
    file = folder / "aftercare.sqlite3"
    file.write_bytes(migrated_sqlite.read_bytes())
    settings = settings_for(f"sqlite:///{file}", folder)
    with running(settings.model_copy(update={"therapist_second_factor": "required"})) as app:
        yield app


class Person:
    """Somebody at the strict app, signed in with a password in one browser."""

    def __init__(self, app: AppInside, account_id: UUID) -> None:
        self.app, self.id = app, account_id
        self.email = app.read(me, account_id).email
        self.browser = app.browser_of(account_id)

    def sets_codes_up(self) -> CodesOf:
        """An hour ago, so that its codes of now are not used yet."""
        key = self.app.app.state.secrets.key
        return self.app.write(a_code_app, self.id, utc_now() - timedelta(hours=1), key)

    def signs_in(self, browser: TestClient, **more: str) -> Response:
        return browser.post("/api/sign-in", json={"email": self.email, "password": PASSWORD, **more})


@pytest.fixture
def ana(strict_app: AppInside) -> Person:
    return Person(strict_app, strict_app.write(a_patient, f"Ana{uuid4().hex}", now=utc_now()).id)


@pytest.fixture
def rui(strict_app: AppInside) -> Person:
    return Person(strict_app, strict_app.write(a_therapist, f"Rui{uuid4().hex}", now=utc_now()).id)


@pytest.fixture
def stranger(strict_app: AppInside) -> TestClient:
    """A browser where nobody is signed in."""
    strict_app.nobody.cookies.clear()
    return strict_app.nobody


def test_codes_are_switched_on_with_the_first_one(ana: Person, stranger: TestClient) -> None:
    page = parsed(ana.browser.get("/account/security/codes"))
    app = CodesOf(words_of(found(page, "code.token")))
    form = filled_in(found(page, "form[action='/account/security/codes']"))
    answer = ana.browser.post("/account/security/codes", data={**form, "code": app.at(utc_now())})
    shown = words_of(found(parsed(answer), "main"))
    assert len(re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", shown)) == 10
    assert ana.signs_in(stranger).json()["code"] == "code_needed"


def test_the_right_password_alone_is_asked_for_a_code(ana: Person, stranger: TestClient) -> None:
    app = ana.sets_codes_up()
    needed = ana.signs_in(stranger)
    assert (needed.status_code, needed.json()["code"]) == (401, "code_needed")
    assert "set-cookie" not in needed.headers
    assert ana.signs_in(stranger, code=app.at(utc_now())).status_code == 200


def test_a_used_code_signs_nobody_in_again(ana: Person, stranger: TestClient) -> None:
    code = ana.sets_codes_up().at(utc_now())
    assert ana.signs_in(stranger, code=code).status_code == 200
    assert ana.signs_in(stranger, code=code).json()["code"] == "code_needed"


def test_a_wrong_password_says_nothing_about_codes(ana: Person, stranger: TestClient) -> None:
    ana.sets_codes_up()
    wrong = {"email": ana.email, "password": "not the password"}
    unknown = {"email": "nobody@people.example", "password": "not the password", "code": "123456"}
    answers = [stranger.post("/api/sign-in", json=said) for said in (wrong, unknown)]
    assert answers[0].content == answers[1].content


def test_guessing_codes_is_slowed_down(ana: Person, stranger: TestClient) -> None:
    ana.sets_codes_up()
    answers = [ana.signs_in(stranger, code=f"00000{turn % 10}").status_code for turn in range(11)]
    assert answers[-1] == 429


def first_step(ana: Person, stranger: TestClient) -> dict[str, list[str]]:
    page = parsed(stranger.post("/sign-in", data={"email": ana.email, "password": PASSWORD, "next": "/plan"}))
    return filled_in(found(page, "form[action='/sign-in/code']"))


def test_the_page_asks_for_the_code_in_a_second_step(ana: Person, stranger: TestClient) -> None:
    app = ana.sets_codes_up()
    form = first_step(ana, stranger)
    wrong = stranger.post("/sign-in/code", data={**form, "code": "wrong"})
    assert wrong.status_code == 401
    again = filled_in(found(parsed(wrong), "form"))
    answer = stranger.post("/sign-in/code", data={**again, "code": app.recovery[0]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/plan")


def test_the_second_step_ends_after_five_minutes(ana: Person, stranger: TestClient) -> None:
    app = ana.sets_codes_up()
    form = first_step(ana, stranger)
    with time_machine.travel(utc_now() + TICKET_LASTS):
        answer = stranger.post("/sign-in/code", data={**form, "code": app.recovery[0]})
    assert answer.headers["location"] == "/sign-in"


@pytest.mark.parametrize("ticket", ["", "a.b.c", f"{UUID(int=7)}.99999999999.{'0' * 64}", "\x00", "ä.1.1"])
def test_a_forged_ticket_opens_nothing(stranger: TestClient, ticket: str) -> None:
    answer = stranger.post("/sign-in/code", data={"ticket": ticket, "code": "123456"})
    assert answer.headers["location"] == "/sign-in"


def test_a_ticket_for_somebody_else_opens_nothing(ana: Person, rui: Person, stranger: TestClient) -> None:
    app = rui.sets_codes_up()
    ana.sets_codes_up()
    (ticket,) = first_step(ana, stranger)["ticket"]
    ticket = ticket.replace(str(ana.id), str(rui.id))
    answer = stranger.post("/sign-in/code", data={"ticket": ticket, "code": app.at(utc_now())})
    assert answer.headers["location"] == "/sign-in"


def test_a_link_for_a_new_password_is_no_way_around_the_code(ana: Person, stranger: TestClient) -> None:
    ana.sets_codes_up()
    token = ana.app.write(make_password_link, ana.id, PasswordLink.BY_EMAIL_LASTS, utc_now())
    answer = stranger.post(f"/password/{token}", data={"password": NEW})
    assert answer.headers["location"] == "/sign-in"
    assert stranger.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me/takeout?format=json"),
        ("POST", "/api/me/tokens"),
        ("POST", "/api/me/calendar"),
        ("POST", "/api/me/passkeys/options"),
        ("DELETE", f"/api/me/passkeys/{UUID(int=7)}"),
    ],
)
def test_what_matters_asks_for_a_recent_proof(ana: Person, method: str, path: str) -> None:
    with time_machine.travel(utc_now() + SignIn.PROOF_LASTS):
        answer = ana.browser.request(method, path, json={} if method == "POST" else None)
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_needed")


@pytest.mark.parametrize("page", ["/account/tokens", "/account/calendar"])
def test_another_way_in_is_made_after_a_proof_and_the_way_back_to_it(ana: Person, page: str) -> None:
    said = {"name": "Spreadsheet", "scopes": "read"}
    with time_machine.travel(utc_now() + SignIn.PROOF_LASTS):
        to_prove = ana.browser.post(page, data=said).headers["location"]
        form = filled_in(found(parsed(ana.browser.get(to_prove)), "form[action='/prove']"))
        back = ana.browser.post("/prove", data={**form, "password": PASSWORD})
        assert back.headers["location"] == page
        assert ana.browser.post(page, data=said).status_code == 200


def test_a_token_makes_no_calendar_link(ana: Person, stranger: TestClient) -> None:
    said = {"Authorization": f"Bearer {ana.app.write(a_token, ana.id, now=utc_now()).token}"}
    assert stranger.post("/api/me/calendar", json={}, headers=said).json()["code"] == "refused"


@pytest.mark.parametrize("page", ["password", "email", "codes", "codes/remove"])
def test_a_form_that_matters_leads_to_a_proof_first(ana: Person, page: str) -> None:
    with time_machine.travel(utc_now() + SignIn.PROOF_LASTS):
        answer = ana.browser.post(f"/account/security/{page}", data={"password": NEW, "email": "x@y.example"})
    assert answer.headers["location"] == "/prove?next=%2Faccount%2Fsecurity"


def test_a_link_to_the_take_out_leads_to_a_proof_and_back(ana: Person) -> None:
    navigating = {"sec-fetch-mode": "navigate"}
    with time_machine.travel(utc_now() + SignIn.PROOF_LASTS):
        to_prove = ana.browser.get("/api/me/takeout", headers=navigating).headers["location"]
        form = filled_in(found(parsed(ana.browser.get(to_prove)), "form[action='/prove']"))
        wrong = ana.browser.post("/prove", data={**form, "password": "wrong"})
        assert wrong.status_code == 422
        back = ana.browser.post("/prove", data={**form, "password": PASSWORD})
        assert back.headers["location"] == "/my-data#take-out"
        assert ana.browser.get("/api/me/takeout", headers=navigating).status_code == 200


def test_a_code_proves_as_well(ana: Person) -> None:
    app = ana.sets_codes_up()
    with time_machine.travel(utc_now() + SignIn.PROOF_LASTS):
        ana.browser.post("/prove", data={"code": app.at(utc_now())})
        assert ana.browser.get("/api/me/takeout").status_code == 200


def test_a_token_takes_out_at_any_time(ana: Person, stranger: TestClient) -> None:
    said = {"Authorization": f"Bearer {ana.app.write(a_token, ana.id, now=utc_now()).token}"}
    with time_machine.travel(utc_now() + timedelta(days=1)):
        assert stranger.get("/api/me/takeout", headers=said).status_code == 200


def test_a_new_address_is_signed_in_with(ana: Person, stranger: TestClient) -> None:
    ana.browser.post("/account/security/email", data={"email": f"New{uuid4().hex}@People.example"})
    before, ana.email = ana.email, ana.app.read(me, ana.id).email
    assert ana.email.startswith("new")
    assert ana.signs_in(stranger).status_code == 200
    assert stranger.post("/api/sign-in", json={"email": before, "password": PASSWORD}).status_code == 401


def test_an_address_of_somebody_else_is_refused(ana: Person, rui: Person) -> None:
    answer = ana.browser.post("/account/security/email", data={"email": rui.email})
    assert answer.status_code == 409
    assert words_of(found(parsed(answer), "#email-error"))


def test_a_new_password_signs_other_browsers_out(ana: Person) -> None:
    lost = ana.app.browser_of(ana.id)
    ana.browser.post("/account/security/password", data={"password": NEW})
    assert ana.browser.get("/api/me").status_code == 200
    assert lost.get("/api/me").status_code == 401


def test_a_new_password_ends_tokens_and_the_calendar_link_and_says_so(
    ana: Person, stranger: TestClient
) -> None:
    said = {"Authorization": f"Bearer {ana.app.write(a_token, ana.id, now=utc_now()).token}"}
    link = urlsplit(ana.browser.post("/api/me/calendar", json={}).json()["url"]).path
    assert [stranger.get("/api/me", headers=said).status_code, stranger.get(link).status_code] == [200, 200]
    done = ana.browser.post("/account/security/password", data={"password": NEW}).headers["location"]
    assert "your calendar link open nothing any more" in words_of(parsed(ana.browser.get(done)))
    assert [stranger.get("/api/me", headers=said).status_code, stranger.get(link).status_code] == [401, 404]


def test_a_proof_that_failed_is_on_record(ana: Person) -> None:
    ana.sets_codes_up()
    for wrong in ({"password": "wrong"}, {"code": "000000"}):
        ana.browser.post("/prove", data=wrong)
    looks = ana.browser.get("/api/me/access-log").json()["looks"]
    assert [look["what"] for look in looks[:2]] == ["account:proof:refused"] * 2
    words = words_of(parsed(ana.browser.get("/sharing")))
    assert "Somebody signed in as you could not show that it was you" in words


@pytest.mark.parametrize("path", ["/api/patients", "/api/invitations", "/api/care", "/api/me/tokens"])
def test_a_therapist_with_a_password_alone_comes_near_nothing(rui: Person, path: str) -> None:
    method = "POST" if path == "/api/invitations" else "GET"
    answer = rui.browser.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")


def test_consent_alone_is_not_enough(rui: Person, ana: Person) -> None:
    profile = rui.app.write(a_patient, f"Eva{uuid4().hex}", now=utc_now())
    rui.app.write(a_consent, rui.id, profile, now=utc_now())
    answer = rui.browser.get(f"/api/patients/{profile.id}/days?first=2026-01-01&last=2026-01-02")
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_needed")


def test_a_therapist_is_led_to_set_one_up_and_then_let_in(rui: Person) -> None:
    to_prove = rui.browser.get("/patients").headers["location"]
    to_set_up = rui.browser.get(to_prove).headers["location"]
    assert "One more step" in words_of(parsed(rui.browser.get(to_set_up)))
    page = parsed(rui.browser.get("/account/security/codes?next=/patients"))
    app = CodesOf(words_of(found(page, "code.token")))
    form = filled_in(found(page, "form[action='/account/security/codes']"))
    rui.browser.post("/account/security/codes", data={**form, "code": app.at(utc_now())})
    assert rui.browser.get("/patients").status_code == 200


def test_a_therapist_who_signs_in_with_a_code_is_let_in(rui: Person, stranger: TestClient) -> None:
    app = rui.sets_codes_up()
    assert rui.browser.get("/api/patients").status_code == 403
    rui.signs_in(stranger, code=app.at(utc_now()))
    assert stranger.get("/api/patients").status_code == 200


def test_a_therapist_who_switches_codes_off_is_out_again(rui: Person, stranger: TestClient) -> None:
    rui.signs_in(stranger, code=rui.sets_codes_up().at(utc_now()))
    stranger.post("/account/security/codes/remove")
    assert stranger.get("/api/patients").json()["code"] == "second_factor_needed"


def test_a_therapists_password_does_not_stand_in_for_the_code(rui: Person) -> None:
    rui.sets_codes_up()
    rui.browser.post("/prove", data={"password": PASSWORD})
    assert rui.browser.get("/api/patients").status_code == 403


def test_a_token_of_a_therapist_without_second_factor_opens_nothing(
    rui: Person, stranger: TestClient
) -> None:
    said = {"Authorization": f"Bearer {rui.app.write(a_token, rui.id, now=utc_now()).token}"}
    assert stranger.get("/api/patients", headers=said).json()["code"] == "second_factor_needed"
    rui.sets_codes_up()
    assert stranger.get("/api/patients", headers=said).status_code == 200


def test_whoever_lost_everything_begins_with_the_password_again(rui: Person, stranger: TestClient) -> None:
    rui.sets_codes_up()
    rui.app.write(forget_second_factors, rui.id)
    assert rui.signs_in(stranger).status_code == 200
    assert stranger.get("/api/patients").status_code == 403


def test_leaving_is_always_possible(rui: Person) -> None:
    assert rui.browser.post("/sign-out").headers["location"] == "/sign-in"
    assert rui.browser.get("/api/me").status_code == 401


def test_a_patient_needs_no_second_factor(ana: Person) -> None:
    assert ana.browser.get("/today").status_code == 200
