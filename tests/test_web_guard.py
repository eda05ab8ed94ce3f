"""What stands in front of both doors: security headers, same-origin, and a limit on guessing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.access.sign_ins import ATTEMPTS_COUNT_FOR, ATTEMPTS_PER_ACCOUNT, ATTEMPTS_PER_ADDRESS, count_attempt
from app.clock import utc_now
from app.errors import TooMany
from app.settings import Environment, Settings
from builders import PASSWORD, a_patient
from running import AppInside, running

CREDENTIALS = {"email": "ana@people.example", "password": PASSWORD}
WRONG = CREDENTIALS | {"password": "wrong horse battery"}


def policy_of(answer: Response) -> dict[str, str]:
    directives = answer.headers["content-security-policy"].split("; ")
    return {name: value for name, _blank, value in (directive.partition(" ") for directive in directives)}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/sign-in", id="a page"),
        pytest.param("GET", "/", id="a redirect"),
        pytest.param("GET", "/nowhere", id="a page that is not there"),
        pytest.param("GET", "/api/me", id="nobody signed in"),
        pytest.param("GET", "/api/nowhere", id="a path that is not there"),
        pytest.param("PUT", "/api/entries", id="a method that is not there"),
        pytest.param("POST", "/api/accounts", id="a body that cannot be"),
        pytest.param("GET", "/api/openapi.json", id="the OpenAPI document"),
        pytest.param("GET", "/manifest.webmanifest", id="the manifest"),
        pytest.param("GET", "/service-worker.js", id="the service worker"),
        pytest.param("GET", "/healthz", id="health"),
    ],
)
def test_every_answer_forbids_what_we_do_not_use(standing_app: AppInside, method: str, path: str) -> None:
    answer = standing_app.nobody.request(method, path)
    policy = policy_of(answer)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


def test_no_header_is_said_twice(standing_app: AppInside) -> None:
    names = [name for name, _value in standing_app.nobody.get("/api/me").headers.multi_items()]
    assert len(names) == len(set(names))


def test_who_is_not_known_is_told_how_a_program_says_who_it_is(standing_app: AppInside) -> None:
    wrong_token = standing_app.nobody.get("/api/me", headers={"authorization": "Bearer nonsense"})
    wrong_password = standing_app.nobody.post("/sign-in", data=WRONG)
    assert (wrong_token.status_code, wrong_password.status_code) == (401, 401)
    assert wrong_token.headers["www-authenticate"] == 'Bearer realm="Aftercare"'
    assert wrong_password.headers["www-authenticate"] == 'Bearer realm="Aftercare"'


def test_a_fault_of_ours_carries_the_headers_and_tells_nothing(standing_app: AppInside) -> None:
    def break_down() -> None:
        raise RuntimeError("kestrel-7391")

    standing_app.app.add_api_route("/api/broken", break_down)
    browser = TestClient(standing_app.app, raise_server_exceptions=False)
    answer = browser.get("/api/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert policy_of(answer)["default-src"] == "'none'"
    assert "kestrel" not in answer.text


def test_what_is_personal_is_stored_by_no_cache(standing_app: AppInside) -> None:
    assert standing_app.nobody.get("/api/me").headers["cache-control"] == "no-store"


SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="another host of this site"),
        pytest.param({"Sec-Fetch-Site": "none"}, id="no site"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, id="a forged origin"),
        pytest.param({"Origin": "https://elsewhere.example"}, id="another origin"),
        pytest.param({"Origin": "http://testserver:8001"}, id="another port"),
        pytest.param({"Origin": "null"}, id="a sandboxed frame"),
        pytest.param({"Origin": "http://testserver.elsewhere.example"}, id="a look-alike origin"),
    ],
)
@pytest.mark.parametrize("path", ["/api/sign-in", "/api/accounts", "/sign-in", "/sign-up"])
def test_what_another_site_makes_a_browser_send_is_refused(
    standing_app: AppInside, path: str, headers: dict[str, str]
) -> None:
    browser = TestClient(standing_app.app)
    before = standing_app.stored()
    answer = browser.post(path, json=CREDENTIALS, headers=headers)
    assert answer.status_code == 403
    assert standing_app.stored() == before


@pytest.mark.parametrize("headers", [SAME_ORIGIN, {"Origin": "http://testserver"}])
def test_what_our_own_pages_send_is_let_through(standing_app: AppInside, headers: dict[str, str]) -> None:
    browser = TestClient(standing_app.app)
    assert browser.post("/api/sign-in", json={}, headers=headers).status_code == 422


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://aftercare.example", 422), ("http://aftercare.example", 403), ("https://testserver", 403)],
)
def test_in_production_only_the_public_address_is_our_own(
    database_url: str, tmp_path: Path, origin: str, status: int
) -> None:
    settings = Settings(
        environment=Environment.PRODUCTION,
        data=tmp_path / "data",
        database_url=database_url,
        public_url="https://aftercare.example",
    )
    with running(settings) as app:
        answer = TestClient(app.app).post("/api/sign-in", json={}, headers={"Origin": origin})
    assert answer.status_code == status


def test_a_look_from_another_site_is_let_through(standing_app: AppInside) -> None:
    """A link in a mail leads here, too."""
    answer = standing_app.nobody.get("/sign-in", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


def cookies_of(answer: Response) -> str:
    return answer.headers["set-cookie"]


@pytest.fixture
def ana_has_an_account(running_app: AppInside) -> None:
    running_app.write(a_patient)


@pytest.mark.usefixtures("ana_has_an_account")
def test_the_sign_in_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    cookie = cookies_of(client.post("/api/sign-in", json=CREDENTIALS)).lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie or "samesite=strict" in cookie
    assert "domain" not in cookie


def test_over_https_the_cookie_is_bound_to_the_host(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=database_url, public_url="https://testserver")
    with running(settings) as app:
        app.write(a_patient)
        answer = app.nobody.post("/api/sign-in", json=CREDENTIALS)
    assert cookies_of(answer).startswith("__Host-")
    assert "secure" in cookies_of(answer).lower()
    assert answer.headers["strict-transport-security"]


@pytest.mark.usefixtures("ana_has_an_account")
def test_guessing_one_password_is_stopped(client: TestClient) -> None:
    answers = [client.post("/api/sign-in", json=WRONG) for _try in range(ATTEMPTS_PER_ACCOUNT + 1)]
    assert [answer.status_code for answer in answers] == [401] * ATTEMPTS_PER_ACCOUNT + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= ATTEMPTS_COUNT_FOR.total_seconds() + 1


@pytest.mark.usefixtures("ana_has_an_account")
def test_while_guessing_is_stopped_the_right_password_waits_too(client: TestClient) -> None:
    for _try in range(ATTEMPTS_PER_ACCOUNT):
        client.post("/api/sign-in", json=WRONG)
    assert client.post("/api/sign-in", json=CREDENTIALS).status_code == 429


@pytest.mark.usefixtures("ana_has_an_account")
def test_signing_in_often_is_no_guessing(client: TestClient) -> None:
    answers = [client.post("/api/sign-in", json=CREDENTIALS) for _time in range(ATTEMPTS_PER_ACCOUNT + 1)]
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.usefixtures("ana_has_an_account")
def test_an_unknown_account_is_refused_like_a_wrong_password(client: TestClient) -> None:
    unknown = client.post("/api/sign-in", json=WRONG | {"email": "nobody@people.example"})
    assert unknown.json() == client.post("/api/sign-in", json=WRONG).json()


def attempt(db: Any, account: int, now: Any) -> None:
    count_attempt(db, [f"account {account}", "address"], now)


def test_guessing_many_accounts_from_one_address_is_stopped(running_app: AppInside) -> None:
    now = utc_now()
    for account in range(ATTEMPTS_PER_ADDRESS):
        running_app.write(attempt, account, now)
    with pytest.raises(TooMany):
        running_app.write(attempt, ATTEMPTS_PER_ADDRESS, now)


def test_attempts_are_forgotten_after_a_while(running_app: AppInside) -> None:
    now = utc_now()
    for _try in range(ATTEMPTS_PER_ACCOUNT):
        running_app.write(attempt, 1, now)
    running_app.write(attempt, 1, now + ATTEMPTS_COUNT_FOR)
