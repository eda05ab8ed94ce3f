"""What a hostile page, link or client might try with HTTP itself. No browser: one app, asked oddly."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, urljoin

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from starlette.testclient import TestClient

from app.clock import utc_now
from builders import a_patient, a_therapist
from running import AppInside
from web.reading import parsed

ELSEWHERE = "elsewhere.example"
LEAVES = [
    f"//{ELSEWHERE}", f"https://{ELSEWHERE}", f"/\\{ELSEWHERE}", f"\\\\{ELSEWHERE}", f"/\t/{ELSEWHERE}",
    f" //{ELSEWHERE}", f"///{ELSEWHERE}", f"/%2f{ELSEWHERE}/..//{ELSEWHERE}", "javascript:alert(1)",
    "data:text/html,x", f"https:{ELSEWHERE}", f"/\r\n/{ELSEWHERE}", f"@{ELSEWHERE}", f".{ELSEWHERE}",
]  # fmt: skip
METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")

pytestmark = pytest.mark.parametrize("standing_app", ["sqlite"], indirect=True)


def leads_within(answer: Response) -> bool:
    """As a browser reads it: it takes a backslash for a slash and leaves out tabs and line ends."""
    to = re.sub(r"[\t\r\n]", "", answer.headers.get("location", "/").strip()).replace("\\", "/")
    return urljoin("http://testserver/", to).startswith("http://testserver/")


@pytest.mark.parametrize("where", LEAVES)
def test_no_link_leads_away_after_signing_in(anas_phone: TestClient, where: str) -> None:
    answers = [
        anas_phone.get("/sign-in", params={"next": where}),
        anas_phone.get("/sign-up", params={"next": where}),
        anas_phone.get(f"/x{quote(where)}"),
    ]
    assert [leads_within(answer) for answer in answers] == [True] * 3


@pytest.mark.parametrize(
    "header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]
)
def test_links_come_from_the_public_address_and_from_no_header(
    standing_app: AppInside, ruis_desk: TestClient, header: str
) -> None:
    hostile = f"host={ELSEWHERE}" if header == "Forwarded" else ELSEWHERE
    said = ruis_desk.post("/api/invitations", headers={header: hostile}).json()
    page = ruis_desk.get(f"/invitations/{said['code']}", headers={header: hostile})
    assert said["url"].startswith("http://testserver/")
    assert ELSEWHERE not in page.text + str(dict(page.headers))


@pytest.mark.parametrize(
    "path", ["/today/", "/api/me/", "/patients//", "/static/", "/calendar/x.ics/", "//today"]
)
def test_a_slash_too_many_leads_nowhere_and_not_to_another_host(anas_phone: TestClient, path: str) -> None:
    answer = anas_phone.get(f"http://testserver{path}", headers={"Host": ELSEWHERE})
    assert (answer.status_code, answer.headers.get("location")) == (404, None)
    assert ELSEWHERE not in answer.text


def test_a_line_break_in_a_value_makes_no_header(anas_phone: TestClient) -> None:
    inject = "x\r\nSet-Cookie: planted=1\r\n\r\n<p>planted</p>"
    answers = [
        anas_phone.get("/sign-in", params={"next": f"/{inject}"}),
        anas_phone.get("/days/" + "2026-01-01%0d%0aSet-Cookie:%20planted=1"),
        anas_phone.get("/sharing", params={"done": inject[:16]}),
        anas_phone.get("/api/days", params={"cursor": inject}),
    ]
    assert not any("planted" in str(answer.headers.get("set-cookie", "")) for answer in answers)
    assert not any("\n" in value for answer in answers for value in answer.headers.values())


@pytest.mark.parametrize("path", ["/today", "/trends", "/sharing", "/my-data", "/api/me", "/nowhere"])
def test_what_is_personal_is_kept_by_no_cache(anas_phone: TestClient, path: str) -> None:
    assert "no-store" in anas_phone.get(path).headers["cache-control"]


def test_signing_out_has_the_browser_forget_everything(standing_app: AppInside) -> None:
    ana_id = standing_app.write(a_patient, "Leaving", now=utc_now()).id
    for method, path in (("POST", "/sign-out"), ("DELETE", "/api/sign-in")):
        answer = standing_app.browser_of(ana_id).request(method, path)
        assert {'"cache"', '"storage"'} <= set(answer.headers["clear-site-data"].split(", "))


@pytest.mark.parametrize("path", ["/api/me", "/api/entries", "/today", "/service-worker.js"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_other_site_is_let_read_anything(anas_phone: TestClient, method: str, path: str) -> None:
    asks = {"Origin": f"https://{ELSEWHERE}", "Access-Control-Request-Method": "POST"}
    answer = anas_phone.request(method, path, headers=asks)
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_method_a_door_does_not_know_is_refused_at_every_door(
    standing_app: AppInside, anas_phone: TestClient
) -> None:
    """And no header or field makes one method another."""
    known: dict[str, set[str]] = {}
    for route in iter_route_contexts(standing_app.app.routes):
        known.setdefault(getattr(route, "path", ""), set()).update(getattr(route, "methods", None) or ())
    before = standing_app.stored()
    plain = [path for path in known if "{" not in path]
    wrong = {
        (method, path): anas_phone.request(method, path).status_code
        for path in plain
        for method in METHODS
        if method not in known[path]
    }
    assert {asked: status for asked, status in wrong.items() if status not in (404, 405)} == {}
    assert standing_app.stored() == before


@pytest.mark.parametrize(
    "disguise",
    [
        {"headers": {"X-HTTP-Method-Override": "DELETE"}},
        {"headers": {"X-Method-Override": "DELETE"}},
        {"params": {"_method": "DELETE"}},
    ],
)
def test_a_look_stays_a_look(
    standing_app: AppInside, anas_phone: TestClient, disguise: dict[str, dict[str, str]]
) -> None:
    before = standing_app.stored()
    assert anas_phone.get("/api/me/tokens", **disguise).status_code == 200
    assert standing_app.stored() == before


def test_text_a_foreign_form_can_send_is_no_json(standing_app: AppInside, anas_phone: TestClient) -> None:
    before = standing_app.stored()
    for kind in ("text/plain", "text/plain; application/json", "application/x-www-form-urlencoded", ""):
        answer = anas_phone.patch("/api/me", content='{"name": "Somebody"}', headers={"content-type": kind})
        assert answer.status_code in (415, 422)
    assert standing_app.stored() == before


def test_a_question_asked_twice_is_answered_once_or_refused(anas_phone: TestClient) -> None:
    """What counts is never the one that was not checked."""
    assert anas_phone.get("/api/days?first=2026-01-01&first=nonsense").status_code in (200, 422)
    twice = anas_phone.get(f"/sign-in?next=/today&next=//{ELSEWHERE}")
    assert leads_within(twice)
    form = "name=Ana&name=%00&name=<script>"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert anas_phone.post("/account", content=form, headers=kind).status_code in (303, 422)
    assert parsed(anas_phone.get("/account")).css("main script:not([src])") == []


def test_a_cookie_twice_or_torn_lets_nobody_in(standing_app: AppInside) -> None:
    for cookie in ("aftercare=", "aftercare=a; aftercare=b", "aftercare=%00", "aftercare=" + "a" * 4000):
        assert standing_app.nobody.get("/api/me", headers={"cookie": cookie}).status_code == 401


def test_no_file_outside_can_be_asked_for(standing_app: AppInside) -> None:
    secrets = Path(standing_app.app.state.settings.data) / "secrets" / "key"
    assert secrets.exists()
    for path in ("/static/../secrets/key", "/static/%2e%2e/%2e%2e/settings.py", "/static//etc/passwd"):
        assert standing_app.nobody.get(path).status_code == 404


def test_a_therapist_learns_of_no_account_by_asking(standing_app: AppInside, ruis_desk: TestClient) -> None:
    bea = standing_app.write(a_patient, "Hidden", now=utc_now())
    eva = standing_app.write(a_therapist, "Eva", now=utc_now())
    there, not_there = (ruis_desk.get(f"/api/patients/{patient_id}/days") for patient_id in (bea.id, eva.id))
    assert (there.status_code, there.json()) == (not_there.status_code, not_there.json())


def test_a_refused_method_says_which_ones_there_are(anas_phone: TestClient) -> None:
    assert anas_phone.put("/api/reminders").headers["allow"] == "GET, POST"
