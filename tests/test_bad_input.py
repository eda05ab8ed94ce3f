"""Bad input: the right refusal, in words that repeat nothing of it, and nothing stored."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from httpx2 import Response
from starlette.testclient import TestClient

from app.access.care import invite
from app.clock import utc_now
from builders import PASSWORD, an_entry
from running import AppInside

CANARY = "kestrel-7391"
"""What no answer may repeat. It is put wherever the input leaves room for a word."""

NOBODYS_ID = "7e57ab1e-0000-4000-8000-000000000000"
LONE_SURROGATE = '"\\ud83d"'
HIDDEN = "An\N{RIGHT-TO-LEFT OVERRIDE}a"


pytestmark = pytest.mark.usefixtures("nothing_is_stored")


def problem_in(answer: Response) -> dict[str, Any]:
    """The problem an answer carries, after checking that it is a whole one and repeats no input."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert CANARY not in answer.text
    problem: dict[str, Any] = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "code", "errors"}
    assert problem["status"] == answer.status_code
    return problem


def today() -> date:
    return utc_now().date()


def send(browser: TestClient, body: str | bytes, content_type: str = "application/json") -> Response:
    return browser.post("/api/entries", content=body, headers={"content-type": content_type})


def entries_with(value: str) -> str:
    """A body that is fine but for one value, written as JSON."""
    entry = an_entry(today(), at=utc_now(), note=CANARY, set={"pain": "HERE"})
    return json.dumps({"entries": [entry]}).replace('"HERE"', value)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(entries_with("NaN"), id="nan"),
        pytest.param(entries_with("Infinity"), id="infinity"),
        pytest.param(entries_with("-Infinity"), id="minus infinity"),
        pytest.param(entries_with("9" * 5000), id="5,000 digits"),
        pytest.param(entries_with("3")[:-9], id="truncated"),
        pytest.param(f'{{"entries": [], "entries": ["{CANARY}"]}}', id="duplicate keys"),
        pytest.param("[" * 30_000, id="30,000 open brackets"),
        pytest.param("[" * 30_000 + "]" * 30_000, id="30,000 nested lists"),
        pytest.param('{"a":' * 10_000 + "1" + "}" * 10_000, id="10,000 nested objects"),
        pytest.param(CANARY.encode("utf-16"), id="utf-16"),
        pytest.param(b'{"entries": "\xff\xfe"}', id="no utf-8"),
        pytest.param(CANARY, id="no json"),
    ],
)
def test_a_body_that_cannot_be_read_is_malformed(anas_phone: TestClient, body: str | bytes) -> None:
    answer = send(anas_phone, body)
    assert problem_in(answer)["status"] == 400


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("1e400", id="1e400"),
        pytest.param("9223372036854775808", id="2 to the 63"),
        pytest.param('"\\u0000"', id="nul"),
        pytest.param(LONE_SURROGATE, id="lone surrogate"),
    ],
)
def test_a_value_nobody_can_store_spoils_its_own_entry_only(anas_phone: TestClient, value: str) -> None:
    answer = send(anas_phone, entries_with(value))
    assert [result["status"] for result in answer.json()["results"]] == ["invalid"]
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param("null", id="null"),
        pytest.param(f'["{CANARY}"]', id="a list"),
        pytest.param(f'"{CANARY}"', id="a text"),
        pytest.param('{"entries": []}', id="no entries"),
        pytest.param('{"entries": {}}', id="entries that are no list"),
        pytest.param(json.dumps({"entries": [1] * 501}), id="501 entries"),
        pytest.param(json.dumps({"entries": [1], CANARY: 1}), id="an unknown field"),
        pytest.param(f'{{"{CANARY}\\ud800": 1}}', id="an unknown field with a lone surrogate"),
    ],
)
def test_a_body_of_another_shape_is_invalid(anas_phone: TestClient, body: str | bytes) -> None:
    answer = send(anas_phone, body)
    assert problem_in(answer)["status"] == 422


@pytest.mark.parametrize("brackets", [100_000, 10 * 1024 * 1024])
def test_a_body_over_the_limit_is_too_large(anas_phone: TestClient, brackets: int) -> None:
    answer = send(anas_phone, "[" * brackets)
    assert problem_in(answer)["status"] == 413


def test_a_body_without_a_length_is_cut_off_at_the_limit(anas_phone: TestClient) -> None:
    kilobytes = (b" " * 1024 for _kilobyte in range(10 * 1024))
    answer = anas_phone.post("/api/entries", content=kilobytes, headers={"content-type": "application/json"})
    assert problem_in(answer)["status"] == 413


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "image/png",
        CANARY,
    ],
)
def test_json_under_another_name_is_refused(anas_phone: TestClient, content_type: str) -> None:
    answer = send(anas_phone, entries_with("3"), content_type)
    assert problem_in(answer)["status"] in (415, 422)


MEASURES_THAT_CANNOT_BE = [
    pytest.param({"pain": 11}, id="11 on a 0-10 scale"),
    pytest.param({"pain": -1}, id="-1 on a 0-10 scale"),
    pytest.param({"pain": 3.5}, id="3.5 pain"),
    pytest.param({"pain": 3.0}, id="3.0 pain"),
    pytest.param({"pain": "3"}, id="a number as text"),
    pytest.param({"pain": True}, id="true for a number"),
    pytest.param({"pain": [3]}, id="a list for a number"),
    pytest.param({"pain": CANARY}, id="a word for a number"),
    pytest.param({"mobility": 2**53}, id="2 to the 53"),
    pytest.param({"sleep_hours": 24.5}, id="24.5 hours of sleep"),
    pytest.param({"sleep_hours": 7.3}, id="7.3 hours of sleep"),
    pytest.param({"sleep_hours": 1e308}, id="1e308 hours of sleep"),
    pytest.param({"sleep_hours": False}, id="false hours of sleep"),
    pytest.param({"water_glasses": 41}, id="41 glasses"),
    pytest.param({"water_glasses": 0.5}, id="half a glass"),
    pytest.param({"stretching_minutes": 301}, id="301 minutes of stretching"),
    pytest.param({"heat_minutes": 241}, id="241 minutes of heat"),
    pytest.param({"ice_minutes": -5}, id="-5 minutes of ice"),
    pytest.param({"swelling": 1}, id="1 for true"),
    pytest.param({"swelling": "true"}, id="true as text"),
    pytest.param({"bad_day": "yes"}, id="yes for true"),
    pytest.param({"note": CANARY.ljust(2001, ".")}, id="a note of 2,001 characters"),
    pytest.param({"note": ""}, id="an empty note"),
    pytest.param({"note": " \n "}, id="a note of blanks"),
    pytest.param({"note": f"{CANARY}\x1b[2J"}, id="an escape character in a note"),
    pytest.param({"note": 5}, id="a number for a note"),
    pytest.param({"note": {"text": CANARY}}, id="an object for a note"),
    pytest.param({"pain_sites": [{"region": CANARY, "side": "left"}]}, id="an unknown region"),
    pytest.param({"pain_sites": [{"region": "knee", "side": CANARY}]}, id="an unknown side"),
    pytest.param({"pain_sites": [{"region": "knee", "side": "middle"}]}, id="a side the region has not"),
    pytest.param({"pain_sites": [{"region": "knee"}]}, id="a region without a side"),
    pytest.param({"pain_sites": [{"region": "knee", "side": "left"}] * 2}, id="the same site twice"),
    pytest.param({"pain_sites": [{"region": "knee", "side": "left", "intensity": 0}]}, id="intensity 0"),
    pytest.param({"pain_sites": [{"region": "knee", "side": "left", CANARY: 1}]}, id="an unknown site field"),
    pytest.param({"pain_sites": "knee"}, id="a text for sites"),
    pytest.param({"plan_items": {f"{CANARY} stretch": "done"}}, id="a plan item id with a blank"),
    pytest.param({"plan_items": {CANARY: CANARY}}, id="an unknown answer to a plan item"),
    pytest.param({CANARY: 1}, id="an unknown measure"),
    pytest.param({"late": False}, id="a field the server fills"),
    pytest.param({"patient_id": NOBODYS_ID}, id="somebody else's id"),
]


@pytest.mark.parametrize("measures", MEASURES_THAT_CANNOT_BE)
def test_a_measure_that_cannot_be_is_invalid(anas_phone: TestClient, measures: dict[str, Any]) -> None:
    answer = anas_phone.patch(f"/api/days/{today()}", json=measures)
    problem = problem_in(answer)
    assert problem["status"] == 422
    assert problem["errors"]


@pytest.mark.parametrize("measures", MEASURES_THAT_CANNOT_BE)
def test_an_entry_that_cannot_be_is_answered_as_invalid(
    anas_phone: TestClient, measures: dict[str, Any]
) -> None:
    answer = anas_phone.post(
        "/api/entries", json={"entries": [an_entry(today(), at=utc_now(), set=measures)]}
    )
    assert answer.status_code == 200
    assert [result["status"] for result in answer.json()["results"]] == ["invalid"]
    assert answer.json()["days"] == []
    assert CANARY not in answer.text


def entry_but(**other: Any) -> dict[str, Any]:
    return an_entry(today(), at=utc_now(), set={"pain": 3}) | other


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(CANARY, id="a text"),
        pytest.param(None, id="null"),
        pytest.param([], id="a list"),
        pytest.param(entry_but(id=CANARY), id="an id that is no uuid"),
        pytest.param(entry_but(id=7), id="a number for an id"),
        pytest.param(entry_but(id=None), id="no id"),
        pytest.param(entry_but(day="2026-02-30"), id="a day no calendar has"),
        pytest.param(entry_but(day="0000-01-01"), id="year 0"),
        pytest.param(entry_but(day="0001-01-01"), id="year 1"),
        pytest.param(entry_but(day="9999-12-31"), id="year 9999"),
        pytest.param(entry_but(day=str(today() + timedelta(days=2))), id="a day that has not begun"),
        pytest.param(entry_but(day=str(today() - timedelta(days=367))), id="more than a year ago"),
        pytest.param(entry_but(day=20260318), id="a number for a day"),
        pytest.param(entry_but(day="2026-3-8"), id="a day without zeros"),
        pytest.param(entry_but(day="2026-W12-3"), id="a week day"),
        pytest.param(entry_but(day="٢٠٢٦-٠٣-١٨"), id="other digits"),
        pytest.param(entry_but(day=CANARY), id="a word for a day"),
        pytest.param(entry_but(recorded_at="2026-03-18T12:00:00"), id="an instant without an offset"),
        pytest.param(entry_but(recorded_at=0), id="the epoch as a number"),
        pytest.param(entry_but(recorded_at="0001-01-01T00:00:00+14:00"), id="an instant before all time"),
        pytest.param(entry_but(recorded_at="9999-12-31T23:59:59-14:00"), id="an instant after all time"),
        pytest.param(entry_but(source=CANARY), id="an unknown source"),
        pytest.param(entry_but(set={}), id="nothing said"),
        pytest.param(entry_but(set=None), id="null said"),
        pytest.param(entry_but(set=CANARY), id="a text said"),
        pytest.param(entry_but(add={"pain": 1}), id="adding to what is no counter"),
        pytest.param(entry_but(add={"water_glasses": 41}), id="adding 41 glasses"),
        pytest.param(entry_but(add={"water_glasses": True}), id="adding true"),
        pytest.param(entry_but(received_at="2026-03-18T12:00:00Z"), id="a field the server fills"),
        pytest.param(entry_but(**{CANARY: 1}), id="an unknown field"),
    ],
)
def test_an_entry_of_another_shape_is_answered_as_invalid(anas_phone: TestClient, entry: Any) -> None:
    answer = anas_phone.post("/api/entries", json={"entries": [entry]})
    assert answer.status_code == 200
    assert [result["status"] for result in answer.json()["results"]] == ["invalid"]
    assert CANARY not in answer.text


@pytest.fixture(scope="module")
def stored_entry(anas_phone: TestClient) -> dict[str, Any]:
    entry = entry_but(day=str(today() - timedelta(days=1)))
    anas_phone.post("/api/entries", json={"entries": [entry]})
    return entry


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"set": {"pain": 4}}, id="another value"),
        pytest.param({"set": {"note": CANARY}}, id="another measure"),
        pytest.param({"day": str(today() - timedelta(days=4))}, id="another day"),
        pytest.param({"recorded_at": "2026-03-18T12:00:00Z"}, id="another time"),
        pytest.param({"source": "import"}, id="another source"),
    ],
)
def test_an_entry_id_used_again_for_something_else_is_a_conflict(
    anas_phone: TestClient, stored_entry: dict[str, Any], other: dict[str, Any]
) -> None:
    answer = anas_phone.post("/api/entries", json={"entries": [stored_entry | other]})
    assert [result["status"] for result in answer.json()["results"]] == ["conflict"]
    assert CANARY not in answer.text


@pytest.mark.parametrize(
    "day",
    ["2026-02-30", "0000-01-01", "10000-01-01", "2026-3-8", "today", "20260318", "2026-03-18T00:00", CANARY],
)
def test_a_path_with_a_day_that_cannot_be_is_refused(anas_phone: TestClient, day: str) -> None:
    answer = anas_phone.patch(f"/api/days/{day}", json={"pain": 3})
    assert problem_in(answer)["status"] in (404, 422)


@pytest.mark.parametrize(
    "day",
    [
        pytest.param("0001-01-01", id="year 1"),
        pytest.param("9999-12-31", id="year 9999"),
        pytest.param(str(today() + timedelta(days=2)), id="the day after tomorrow"),
        pytest.param(str(today() - timedelta(days=367)), id="more than a year ago"),
    ],
)
def test_a_day_that_cannot_be_written_is_invalid(anas_phone: TestClient, day: str) -> None:
    answer = anas_phone.patch(f"/api/days/{day}", json={"pain": 3})
    assert problem_in(answer)["status"] == 422


@pytest.mark.parametrize(
    "path",
    [
        "/api/days?first=2026-02-30",
        "/api/days?first=0000-01-01",
        "/api/days?last=tomorrow",
        "/api/days?first=2026-03-18&last=2026-03-17",
        "/api/days?first=%00",
        "/api/days?last=%ED%A0%80",
        f"/api/days?cursor={CANARY}",
        "/api/me/access-log?cursor=0",
        "/api/me/access-log?cursor=9223372036854775808",
        "/api/me/access-log?cursor=1e3",
        f"/api/me/access-log?cursor={CANARY}",
    ],
)
def test_a_question_that_cannot_be_is_invalid(anas_phone: TestClient, path: str) -> None:
    assert problem_in(anas_phone.get(path))["status"] == 422


@pytest.mark.parametrize(
    "path",
    ["/api/days?last=0001-01-01", "/api/days?first=9999-12-31&last=9999-12-31"],
)
def test_the_edges_of_the_calendar_hold_no_days(anas_phone: TestClient, path: str) -> None:
    answer = anas_phone.get(path)
    assert answer.status_code == 200
    assert answer.json()["days"] == []


def sign_up_but(**other: Any) -> dict[str, Any]:
    person = {"email": f"{CANARY}@people.example", "password": PASSWORD, "name": "Ines"}
    return person | {"role": "patient", "zone": "Europe/Lisbon"} | other


@pytest.mark.parametrize(
    "person",
    [
        pytest.param(sign_up_but(zone=f"Europe/{CANARY}"), id="an unknown zone"),
        pytest.param(sign_up_but(zone="europe/lisbon"), id="a zone in small letters"),
        pytest.param(sign_up_but(zone="../../etc/passwd"), id="a path for a zone"),
        pytest.param(sign_up_but(zone="UTC+1"), id="an offset for a zone"),
        pytest.param(sign_up_but(zone=1), id="a number for a zone"),
        pytest.param(sign_up_but(name=HIDDEN), id="a hidden direction character in a name"),
        pytest.param(sign_up_but(name="Ana\N{ZERO WIDTH SPACE}"), id="a zero-width space in a name"),
        pytest.param(sign_up_but(name="Ana\N{LEFT-TO-RIGHT ISOLATE}"), id="a direction isolate in a name"),
        pytest.param(sign_up_but(name="Ana\r\nBcc: rui"), id="a line break in a name"),
        pytest.param(sign_up_but(name=" "), id="a blank name"),
        pytest.param(sign_up_but(name=CANARY.ljust(101, "n")), id="a name of 101 characters"),
        pytest.param(sign_up_but(email=CANARY), id="no e-mail address"),
        pytest.param(sign_up_but(email=f"{CANARY}@people"), id="an e-mail address without a domain"),
        pytest.param(sign_up_but(email=f"{CANARY}@[b.example"), id="an e-mail address no letter can have"),
        pytest.param(sign_up_but(email=f"a@b.example\n{CANARY}"), id="a line break in an e-mail address"),
        pytest.param(sign_up_but(email=["a@b.example"]), id="a list for an e-mail address"),
        pytest.param(sign_up_but(password="short"), id="a short password"),
        pytest.param(sign_up_but(password="p" * 257), id="a password of 257 characters"),
        pytest.param(sign_up_but(password=1234567890), id="a number for a password"),
        pytest.param(sign_up_but(role="admin"), id="an unknown role"),
        pytest.param(sign_up_but(id=NOBODYS_ID), id="an id of one's own choice"),
        pytest.param(sign_up_but(**{CANARY: True}), id="an unknown field"),
        pytest.param({}, id="nothing"),
    ],
)
def test_an_account_that_cannot_be_is_invalid(standing_app: AppInside, person: dict[str, Any]) -> None:
    answer = standing_app.nobody.post("/api/accounts", json=person)
    assert problem_in(answer)["status"] == 422


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"zone": CANARY}, id="an unknown zone"),
        pytest.param({"name": HIDDEN}, id="a hidden direction character in a name"),
        pytest.param({"day_starts_at": "24:00"}, id="24:00"),
        pytest.param({"quiet_from": 2130}, id="a number for a time"),
        pytest.param({"quiet_until": "08:00:00"}, id="seconds"),
        pytest.param({"role": "therapist"}, id="another role"),
        pytest.param({CANARY: 1}, id="an unknown field"),
    ],
)
def test_a_change_of_oneself_that_cannot_be_is_invalid(
    anas_phone: TestClient, change: dict[str, Any]
) -> None:
    assert problem_in(anas_phone.patch("/api/me", json=change))["status"] == 422


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"practice": HIDDEN}, id="a hidden direction character"),
        pytest.param({"licence": CANARY.ljust(201, "9")}, id="a licence of 201 characters"),
        pytest.param({"certifications": [CANARY] * 21}, id="21 certifications"),
        pytest.param({"certifications": CANARY}, id="a text for certifications"),
    ],
)
def test_a_practice_that_cannot_be_is_invalid(ruis_desk: TestClient, change: dict[str, Any]) -> None:
    assert problem_in(ruis_desk.patch("/api/therapist", json=change))["status"] == 422


FORGED_CODES = [CANARY, "A" * 43, "A" * 4000, "%00", "..%2f..%2fme", "' or 1=1 --"]


@pytest.mark.parametrize("code", FORGED_CODES)
def test_a_forged_invitation_code_leads_nowhere(anas_phone: TestClient, code: str) -> None:
    assert problem_in(anas_phone.get(f"/api/invitations/{code}"))["status"] == 404


@pytest.mark.parametrize("code", FORGED_CODES)
def test_a_forged_invitation_cannot_be_accepted(anas_phone: TestClient, code: str) -> None:
    answer = anas_phone.post(f"/api/invitations/{code}/accept", json={"scopes": ["measures"]})
    assert problem_in(answer)["status"] == 404


@pytest.fixture(scope="module")
def invitation(standing_app: AppInside, ruis_desk: TestClient) -> str:
    """The code of an invitation nobody accepted yet."""
    rui_id = UUID(ruis_desk.get("/api/me").json()["id"])
    code, _expires_at = standing_app.write(invite, rui_id, utc_now())
    return code


@pytest.mark.parametrize(
    "consent",
    [
        pytest.param({"scopes": []}, id="no scopes"),
        pytest.param({"scopes": ["everything"]}, id="an unknown scope"),
        pytest.param({"scopes": ["measures"] * 4}, id="four scopes"),
        pytest.param({"scopes": "measures"}, id="a text for scopes"),
        pytest.param({"scopes": ["measures"], "expires_on": "2020-01-01"}, id="a day in the past"),
        pytest.param({"scopes": ["measures"], "expires_on": "2026-02-30"}, id="a day no calendar has"),
        pytest.param({"scopes": ["measures"], "patient_id": NOBODYS_ID}, id="somebody else's id"),
        pytest.param({}, id="nothing"),
    ],
)
def test_a_consent_that_cannot_be_is_invalid(
    anas_phone: TestClient, invitation: str, consent: dict[str, Any]
) -> None:
    answer = anas_phone.post(f"/api/invitations/{invitation}/accept", json=consent)
    assert problem_in(answer)["status"] == 422


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def point_on_the_curve() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


GOOD_KEYS = {"p256dh": base64url(point_on_the_curve()), "auth": base64url(bytes(range(16)))}
GOOD_ENDPOINT = f"https://updates.push.services.mozilla.com/wpush/v2/{CANARY}"


@pytest.mark.parametrize(
    "endpoint",
    [
        pytest.param(f"http://updates.push.services.mozilla.com/{CANARY}", id="plain http"),
        pytest.param(f"https://127.0.0.1/{CANARY}", id="loopback"),
        pytest.param(f"https://localhost/{CANARY}", id="localhost"),
        pytest.param(f"https://10.0.0.1/{CANARY}", id="a private address"),
        pytest.param(f"https://[::1]/{CANARY}", id="loopback of IPv6"),
        pytest.param(f"https://[::ffff:10.0.0.1]/{CANARY}", id="a private address in IPv6"),
        pytest.param(f"https://169.254.169.254/{CANARY}", id="link-local"),
        pytest.param(f"https://2130706433/{CANARY}", id="loopback as one number"),
        pytest.param(f"https://fcm.googleapis.com.{CANARY}.example/x", id="a host that goes on"),
        pytest.param(f"https://{CANARY}-fcm.googleapis.com/x", id="a host that begins otherwise"),
        pytest.param(f"https://evilpush.services.mozilla.com/{CANARY}", id="a look-alike parent"),
        pytest.param(f"https://fcm.googleapis.com@{CANARY}.example/x", id="a user that looks like a host"),
        pytest.param(f"https://{CANARY}@fcm.googleapis.com/x", id="a user"),
        pytest.param(f"https://fcm.googleapis.com:8443/{CANARY}", id="another port"),
        pytest.param("https://fcm.googleapis.com:99999/x", id="no port at all"),
        pytest.param(
            f"https://f\N{CYRILLIC SMALL LETTER ES}m.googleapis.com/{CANARY}", id="a letter of another script"
        ),
        pytest.param(f"https://fcm.googleapis.com\\@{CANARY}.example/x", id="a backslash"),
        pytest.param(f"https://fcm.googleapis.com/x\r\nhost: {CANARY}", id="a line break"),
        pytest.param(f"file:///etc/{CANARY}", id="a file"),
        pytest.param(f"javascript:{CANARY}", id="a script"),
        pytest.param(
            "https://fcm.googleapis.com/" + CANARY.ljust(1024, "x"), id="more than 1,024 characters"
        ),
        pytest.param("https://[", id="half an address"),
        pytest.param("", id="nothing"),
        pytest.param(1, id="a number"),
        pytest.param(None, id="null"),
    ],
)
def test_an_endpoint_that_is_no_push_service_is_invalid(anas_phone: TestClient, endpoint: Any) -> None:
    answer = anas_phone.post("/api/push/subscriptions", json={"endpoint": endpoint, "keys": GOOD_KEYS})
    assert problem_in(answer)["status"] == 422


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({}, id="no keys"),
        pytest.param(None, id="null"),
        pytest.param(GOOD_KEYS | {"p256dh": ""}, id="an empty key"),
        pytest.param(GOOD_KEYS | {"p256dh": CANARY}, id="a word for a key"),
        pytest.param(GOOD_KEYS | {"p256dh": GOOD_KEYS["p256dh"][:-2]}, id="a key cut short"),
        pytest.param(GOOD_KEYS | {"p256dh": base64url(b"\x04" + bytes(64))}, id="a point off the curve"),
        pytest.param(GOOD_KEYS | {"p256dh": base64url(b"\x02" + bytes(64))}, id="another kind of point"),
        pytest.param(GOOD_KEYS | {"p256dh": "é" * 87}, id="no base64"),
        pytest.param(GOOD_KEYS | {"auth": base64url(bytes(15))}, id="15 bytes of secret"),
        pytest.param(GOOD_KEYS | {"auth": base64url(bytes(17))}, id="17 bytes of secret"),
        pytest.param(GOOD_KEYS | {"auth": 16}, id="a number for a secret"),
        pytest.param(GOOD_KEYS | {CANARY: "x"}, id="an unknown key"),
    ],
)
def test_damaged_keys_of_a_device_are_invalid(anas_phone: TestClient, keys: Any) -> None:
    answer = anas_phone.post("/api/push/subscriptions", json={"endpoint": GOOD_ENDPOINT, "keys": keys})
    assert problem_in(answer)["status"] == 422


def reminder_but(**other: Any) -> dict[str, Any]:
    return {"kind": "check_in", "times": ["20:00"], "days": ["mon"], "on": True} | other


@pytest.mark.parametrize(
    "reminder",
    [
        pytest.param(reminder_but(kind=CANARY), id="an unknown kind"),
        pytest.param(reminder_but(times=["24:00"]), id="24:00"),
        pytest.param(reminder_but(times=["8pm"]), id="8pm"),
        pytest.param(reminder_but(times=[]), id="no times"),
        pytest.param(reminder_but(times=20), id="a number for times"),
        pytest.param(reminder_but(days=[CANARY]), id="an unknown day"),
        pytest.param(reminder_but(days=[]), id="no days"),
        pytest.param(reminder_but(on="yes"), id="yes for true"),
        pytest.param(reminder_but(text=f"{CANARY}\N{RIGHT-TO-LEFT OVERRIDE}"), id="a hidden character"),
        pytest.param(reminder_but(patient_id=NOBODYS_ID), id="somebody else's id"),
    ],
)
def test_a_reminder_that_cannot_be_is_invalid(anas_phone: TestClient, reminder: dict[str, Any]) -> None:
    assert problem_in(anas_phone.post("/api/reminders", json=reminder))["status"] == 422


@pytest.mark.parametrize("ending", ["", "/days", "/brief"])
@pytest.mark.parametrize("patient", [CANARY, "0", "%00", NOBODYS_ID, "null"])
def test_a_patient_who_is_not_there_leads_nowhere(ruis_desk: TestClient, patient: str, ending: str) -> None:
    assert problem_in(ruis_desk.get(f"/api/patients/{patient}{ending}"))["status"] == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/{CANARY}"),
        ("GET", "/api/%2e%2e/%2e%2e/etc/passwd"),
        ("DELETE", f"/api/me/sign-ins/{CANARY}"),
        ("DELETE", f"/api/me/sign-ins/{NOBODYS_ID}"),
        ("PATCH", f"/api/care/{CANARY}"),
        ("DELETE", f"/api/care/{NOBODYS_ID}"),
    ],
)
def test_what_is_not_there_is_not_found(anas_phone: TestClient, method: str, path: str) -> None:
    answer = anas_phone.request(method, path, json={} if method == "PATCH" else None)
    assert problem_in(answer)["status"] == 404


def test_another_method_is_not_allowed(anas_phone: TestClient) -> None:
    assert problem_in(anas_phone.put("/api/entries", json={}))["status"] == 405


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "/api/nowhere", "Hier ist nichts für dich."),
        ("PUT", "/api/entries", "Das geht hier nicht. Was geht, nennt der Header Allow."),
    ],
)
def test_what_the_framework_refuses_is_said_in_our_words(
    standing_app: AppInside, method: str, path: str, words: str
) -> None:
    answer = standing_app.nobody.request(method, path, headers={"accept-language": "de"})
    assert problem_in(answer)["detail"] == words
