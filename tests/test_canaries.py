"""Nothing that people write leaves by the way: not in logs, metrics, push messages, addresses or refusals.

Every text of every noun becomes a canary, through the API and through every form; then everybody opens every
page, and whatever can be refused is refused. The canary must not turn up where only ids and verbs belong.
"""

from __future__ import annotations

import io
import logging
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import Response
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.patient import PatientProfile
from app.settings import Settings
from builders import a_consent, a_patient, a_session, a_therapist, an_entry
from push_service import Device, PushService, push_service
from running import AppInside, running
from test_doors import DOORS, For

CANARY = "Kestrel7391"
ADDRESSES = re.compile(r'(?:href|src|action|formaction)="((?:/|\?|https?:)[^"]*)"')
INPUTS = re.compile(r'<(?:input|textarea|select)[^>]* name="([^"]+)"')
KEYS = ("endpoint", "auth", "p256dh", "application_server_key", "replaces", "token", "code", "password")
TIMES = ("at", "times", "reminder_times", "zone", "day_starts_at", "quiet_from", "quiet_until", "digest_at")
NOT_WORDS = {*KEYS, *TIMES, "link"}
"""Texts of the API that are times, keys, addresses and secrets rather than words of people."""
LEAVES = {"POST /sign-out", "POST /api/sign-in", "POST /sign-in", "DELETE /api/sign-in"}


@dataclass(frozen=True)
class Said:
    """One thing said through the API, with a canary in each of its texts."""

    who: str
    door: str
    body: dict[str, Any]


def everything(device: Device, today: str) -> list[Said]:
    """What people can say, in an order in which each thing has what it is about."""
    subscription = {**device.subscription, "device_name": CANARY}
    subscription.pop("expirationTime")
    item = dict.fromkeys(("title", "dose", "why", "bad_day"), CANARY) | {"kind": "exercise"}
    plan = {"items": [item], "note": CANARY, "flare": CANARY, "effective": "now"}
    steps = [CANARY, {"kind": "custom", "text": CANARY}]
    held = {"findings": CANARY, "done": CANARY}
    asked = dict.fromkeys(("reason", "history", "pain_feels", "goals", "must_know"), CANARY)
    entry = an_entry(today, at=utc_now(), set={"pain": 7, "note": CANARY})
    activity = {"name": CANARY, "score": 4}
    practice = dict.fromkeys(("practice", "licence"), CANARY) | {"certifications": [CANARY]}
    shared = {"text": CANARY, "visibility": "shared"}
    was_held = {"held_at": utc_now().isoformat(), "visibility": "shared", **held, "aftercare": steps}
    return [
        Said("ana", "PATCH /api/me", {"name": CANARY}),
        Said("rui", "PATCH /api/me", {"name": CANARY}),
        Said("rui", "PATCH /api/therapist", practice),
        Said("rui", "POST /api/practice", {"name": CANARY}),
        Said("rui", "PATCH /api/practice", {"name": f"{CANARY} again"}),
        Said("rui", "POST /api/aftercare-templates", {"name": CANARY, "steps": steps}),
        Said("rui", "PUT /api/aftercare-templates/{template_id}", {"name": CANARY, "steps": steps}),
        Said("ana", "POST /api/me/tokens", {"name": CANARY}),
        Said("ana", "POST /api/push/subscriptions", subscription),
        Said("ana", "PUT /api/intake", asked | {"hard_activities": [CANARY]}),
        Said("ana", "PUT /api/check-in", {"request": CANARY, "activities": [activity]}),
        Said("ana", "POST /api/entries", {"entries": [entry]}),
        Said("ana", "PATCH /api/days/{day}", {"note": CANARY}),
        Said("rui", "PUT /api/patients/{patient_id}/plan", plan),
        Said("ana", "POST /api/plan/answer", {"version": 1, "answer": "ok", "comment": CANARY}),
        Said("ana", "PUT /api/plan", plan),
        Said("rui", "POST /api/patients/{patient_id}/notes", shared),
        Said("rui", "POST /api/patients/{patient_id}/sessions/{session_id}/held", was_held),
        Said("rui", "PATCH /api/patients/{patient_id}/sessions/{session_id}", held),
        Said("ana", "POST /api/sessions/{session_id}/feedback", {"pressure": "right", "comment": CANARY}),
        Said("ana", "POST /api/sessions/{own_session_id}/held", was_held),
        Said("ana", "PATCH /api/sessions/{own_session_id}", held),
        Said("ana", "POST /api/reminders", {"kind": "custom", "times": ["12:00"], "text": CANARY}),
        Said("ana", "PATCH /api/reminders/{reminder_id}", {"text": CANARY}),
    ]


SAID_ELSEWHERE = {
    "POST /api/accounts": "said at the beginning, where a name and an address are made of canaries",
    "POST /api/sign-in": "said where it is refused",
    "POST /api/me/passkeys": "needs a key that signs; its name is on the page of sign-ins",
}


@dataclass
class Overheard:
    """What came out of the service by the way.

    `said` is how each door answered what may be said, `wrong` are addresses and refusals with a canary.
    """

    app: AppInside
    service: PushService
    answered: dict[str, int] = field(default_factory=dict)
    said: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    log: io.StringIO = field(default_factory=io.StringIO)
    metrics: str = ""

    def heard(self, door: str, answer: Response) -> None:
        self.answered[door] = answer.status_code
        told = [answer.headers.get("location", "")]
        if "html" in answer.headers.get("content-type", ""):
            told += ADDRESSES.findall(answer.text)
        if "problem" in answer.headers.get("content-type", ""):
            told.append(answer.text)
        self.wrong += [f"{door}: {one}" for one in told if CANARY.casefold() in one.casefold()]


@pytest.fixture(scope="module")
def overheard(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Overheard]:
    data = tmp_path_factory.mktemp("canaries")
    shutil.copy(migrated_sqlite, data / "aftercare.sqlite3")
    log = io.StringIO()
    listening = logging.StreamHandler(log)
    logging.getLogger().addHandler(listening)
    with push_service() as service, redirect_stderr(log), redirect_stdout(log):
        settings = Settings(
            data=data, public_url="http://testserver", metrics=True, log_level="debug",
            rate_limits="off", reminder_jitter=0, push_extra_hosts=(service.host,),
        )  # fmt: skip
        with running(settings) as app:
            yield live_through_it(Overheard(app, service, log=log))
    logging.getLogger().removeHandler(listening)


def live_through_it(overheard: Overheard) -> Overheard:
    app, device = overheard.app, overheard.service.device("phone")
    ana, rui, names = app.write(settle)
    browsers = {"ana": app.browser_of(ana.id), "rui": app.browser_of(rui)}
    for said in everything(device, names["day"]):
        answer = ask(browsers[said.who], said.door, names, said.body)
        overheard.heard(said.door, answer)
        remember(said.door, answer, names)
    overheard.said = dict(overheard.answered)
    send_a_test(overheard, browsers["ana"])
    be_refused(overheard, browsers, names)
    fill_every_form(overheard, browsers, names)
    break_something(overheard, browsers["ana"], names)
    overheard.metrics = app.nobody.get("/metrics").text
    return overheard


def settle(db: Session) -> tuple[PatientProfile, UUID, dict[str, str]]:
    now = utc_now()
    ana, rui = a_patient(db, CANARY, now=now), a_therapist(db, f"{CANARY}s", now=now)
    a_consent(db, rui.id, ana, now=now)
    names = {
        "patient_id": ana.id,
        "day": ana.day_at(now),
        "session_id": a_session(db, ana.id, rui.id, now).id,
    }
    names["own_session_id"] = a_session(db, ana.id, None, now).id
    return ana, rui.id, {name: str(one) for name, one in names.items()}


def ask(browser: TestClient, door: str, names: dict[str, str], body: Any, **how: Any) -> Response:
    method, _blank, path = door.partition(" ")
    named = re.sub(r"\{(\w+)(:path)?\}", lambda name: names.get(name[1], str(uuid4())), path)
    sent = how if "data" in how else {**how, "json": body}
    return browser.request(method, named, **sent)


def remember(door: str, answer: Response, names: dict[str, str]) -> None:
    """Later doors lead to what was made at this one."""
    made = {"POST /api/aftercare-templates": "template_id", "POST /api/reminders": "reminder_id"}
    if door in made:
        names[made[door]] = answer.json()["id"]


def send_a_test(overheard: Overheard, phone: TestClient) -> None:
    overheard.heard("POST /api/push/test", phone.post("/api/push/test"))
    until(lambda: overheard.service.messages)


def until(holds: Callable[[], Any], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.02)


def be_refused(overheard: Overheard, browsers: dict[str, TestClient], names: dict[str, str]) -> None:
    """Each body again with a wrong type and an unknown field, and a sign-in."""
    said_by = {said.door: said for said in everything(overheard.service.device("another"), names["day"])}
    for door, said in said_by.items():
        wrong = {name: [{CANARY: CANARY}] for name in said.body}
        for body in (wrong, said.body | {CANARY: CANARY}):
            overheard.heard(door, ask(browsers[said.who], door, names, body))
    credentials = {"email": f"{CANARY}@people.example", "password": CANARY}
    overheard.heard("POST /api/sign-in", overheard.app.nobody.post("/api/sign-in", json=credentials))


def fill_every_form(overheard: Overheard, browsers: dict[str, TestClient], names: dict[str, str]) -> None:
    """Open every page with canaries in the query and the headers, then post one in every field of any page
    to every form."""
    told = {"user-agent": CANARY, "accept-language": CANARY, "referer": f"http://testserver/{CANARY}"}
    fields: set[str] = set()
    for who, door in doors_to_open("GET "):
        answer = ask(browsers[who], door, names, None, headers=told, params={CANARY: "1"})
        overheard.heard(f"{who} {door}", answer)
        fields |= set(INPUTS.findall(answer.text))
    assert len(fields) > 60
    for who, door in doors_to_open("POST /"):
        if "/api/" not in door:
            filled = dict.fromkeys(fields, CANARY)
            overheard.heard(f"{who} {door}", ask(browsers[who], door, names, None, data=filled))


def doors_to_open(begins: str) -> Iterator[tuple[str, str]]:
    """Who opens a door: the therapist those for therapists, and Ana all others."""
    for door, opens_for in DOORS.items():
        if door.startswith(begins) and door not in LEAVES and "{path:path}" not in door:
            yield "rui" if opens_for in (For.THERAPIST, For.CARE) else "ana", door


def break_something(overheard: Overheard, phone: TestClient, names: dict[str, str]) -> None:
    """A fault of our own in the middle of somebody's words."""
    entries = "update log_entry set content = :broken where day = :day"
    overheard.app.write(_run, entries, broken=f'{{"set": "{CANARY}', day=names["day"])
    with suppress(Exception):
        ask(phone, "PATCH /api/days/{day}", names, {"note": CANARY})


def _run(db: Session, statement: str, **values: str) -> None:
    db.execute(text(statement), values)


def test_everything_could_be_said(overheard: Overheard) -> None:
    assert {door: status for door, status in overheard.said.items() if status >= 300} == {}


def test_somebody_decided_about_every_text_of_the_api(overheard: Overheard) -> None:
    """A new text in the API has to be said here, too."""
    document = overheard.app.nobody.get("/api/openapi.json").json()
    device = overheard.service.device("nobody's")
    said = {one.door.replace("own_", ""): texts_of(one.body) for one in everything(device, "2026-03-18")}
    asked = {door: words - said.get(door, set()) for door, words in texts_asked_for(document).items()}
    assert {door: words for door, words in asked.items() if words and door not in SAID_ELSEWHERE} == {}


def texts_of(body: Any, name: str = "") -> set[str]:
    """The names of the fields that hold a canary."""
    match body:
        case dict():
            return {found for key, value in body.items() for found in texts_of(value, key)}
        case list():
            return {found for value in body for found in texts_of(value, name)}
        case _:
            return {name} if CANARY in str(body) else set()


def texts_asked_for(document: Any) -> dict[str, set[str]]:
    """The names of the free texts in the body of each operation."""
    return {
        f"{method.upper()} {path}": words_in(content["schema"], document, "") - NOT_WORDS
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if not path.endswith("/import")
    }


def words_in(schema: Any, document: Any, name: str) -> set[str]:
    if "$ref" in schema:
        known: dict[str, Any] = document["components"]["schemas"]
        return words_in(known.get(schema["$ref"].rpartition("/")[2], {}), document, name)
    parts = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    found = {word for part in parts for word in words_in(part, document, name)}
    for key, part in schema.get("properties", {}).items():
        found |= words_in(part, document, key)
    fixed = {"enum", "const", "format", "pattern"} & schema.keys()
    return found | ({name} if schema.get("type") == "string" and not fixed else set())


def test_every_fault_was_in_the_log_without_a_word_of_anybody(overheard: Overheard) -> None:
    log = overheard.log.getvalue()
    assert "unexpected_error" in log
    assert "JSONDecodeError" in log
    assert CANARY.casefold() not in log.casefold()


def test_metrics_count_and_name_nobody(overheard: Overheard) -> None:
    assert "aftercare_" in overheard.metrics
    assert CANARY.casefold() not in overheard.metrics.casefold()


def test_a_push_message_holds_no_word_of_anybody(overheard: Overheard) -> None:
    plain = b"".join(message.plaintext for message in overheard.service.messages)
    assert b"notification" in plain
    assert CANARY.encode() not in plain
    assert not overheard.service.violations


def test_no_address_and_no_refusal_repeats_what_was_said(overheard: Overheard) -> None:
    assert overheard.wrong == []


def test_a_fault_of_ours_is_the_only_one(overheard: Overheard) -> None:
    """Whatever was refused was refused on purpose."""
    assert {door for door, status in overheard.answered.items() if status >= 500} == set()
