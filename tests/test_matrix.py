"""Who sees which word of a diary: every door of the OpenAPI document and every page, by role and by scope.

Each text of Ana's diary is a canary that names the scope it belongs to, and what a therapist keeps to
themselves names the therapist. Then everybody opens every door, and what they find is compared with what
they may find. `test_doors.py` says whom each door opens for at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import Response
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.access.care import revoke
from app.clock import utc_now
from app.home_care.answers import answer_plan
from app.models.account import Account
from app.models.care import Scope
from app.models.check_in import ActivityScore, CheckIn, Intake, NamedActivity
from app.models.feedback import Feedback
from app.models.patient import PatientProfile
from app.models.personal_token import TokenScope
from app.models.plan_answer import PlanAnswerIn
from app.models.therapist_note import NoteIn, NoteVisibility, write_note
from app.reports.exporting import Period, Subject
from app.reports.page import build_page
from builders import (
    a_consent,
    a_logged_day,
    a_patient,
    a_plan,
    a_session,
    a_therapist,
    a_token,
    an_entry,
    an_expired_consent,
    an_item,
)
from running import AppInside
from test_doors import DOORS, For, doors_for

SCOPES = {
    "Rui": tuple(Scope),
    "Nora": (Scope.NOTES,),
    "Mia": (Scope.MEASURES,),
    "Pia": (Scope.PLAN,),
    "Lena": (Scope.MEASURES, Scope.PLAN),
}
"""The therapists Ana lets near, and to what."""
STRANGERS = ("Sofia", "Tomas", "Vera")
"""A therapist of nobody, one whose consent was revoked, and one whose consent ran out."""
READING = [door for door in doors_for(For.CARE) if door.startswith("GET ")]
WRITING = [
    door for door in DOORS if not door.startswith("GET ") and door.partition(" ")[2].startswith("/api/")
]
LOGGING = ("POST /api/entries", "PATCH /api/days/{day}")
CANARY = re.compile(r"canary-(\w+)-\w+")
NUMBERS = {
    "pain": 7,
    "pain_worst": 9,
    "stiffness": 3,
    "sleep_hours": 6.5,
    "water_glasses": 5,
    "swelling": True,
}


@dataclass(frozen=True)
class Town:
    """Ana with a canary in every text, and everybody who comes to look."""

    app: AppInside
    ana: PatientProfile
    browsers: dict[str, TestClient]

    def opens(self, who: str, door: str, patient_id: UUID | None = None) -> Response:
        method, _blank, path = door.partition(" ")
        named = path.replace("{patient_id}", str(patient_id or self.ana.id))
        return self.browsers[who].request(method, re.sub(r"\{\w+\}", "1", named))

    def found_by(self, who: str, door: str) -> set[str]:
        """To whom the canaries belong that somebody finds behind a door."""
        if door.endswith("report.pdf"):
            return canaries_in(self.app.read(page_for, self.ana, who, SCOPES[who]))
        answer = self.opens(who, door)
        assert answer.status_code in (200, 404)
        return canaries_in(answer.text)


def canaries_in(text: str) -> set[str]:
    return {found[1] for found in CANARY.finditer(text)}


def page_for(db: Session, ana: PatientProfile, who: str, scopes: tuple[Scope, ...]) -> str:
    """What is set as PDF, as text: letters in a PDF are numbers of a font."""
    now = utc_now()
    today = ana.day_at(now)
    therapist = db.query(Account).filter_by(name=who).one()
    period = Period(today - timedelta(days=7), today)
    return repr(build_page(db, Subject(ana, frozenset(scopes), therapist.id), period, now))


@pytest.fixture(scope="module")
def town(standing_app: AppInside) -> Town:
    now = utc_now()
    ana, ids = standing_app.write(settle, now)
    browsers = {name: standing_app.browser_of(account_id) for name, account_id in ids.items()}
    return Town(standing_app, ana, {**browsers, "nobody": standing_app.nobody})


def settle(db: Session, now: datetime) -> tuple[PatientProfile, dict[str, UUID]]:
    ana = a_patient(db, "Ana", now=now)
    ids = {"Ana": ana.id, "Bea": a_patient(db, "Bea", now=now).id}
    for name, scopes in SCOPES.items():
        ids[name] = a_therapist(db, name, now=now).id
        a_consent(db, ids[name], ana, scopes, now=now)
        writes_privately(db, name, ids[name], ana, now)
    ids |= {name: a_therapist(db, name, now=now).id for name in STRANGERS}
    revoke(db, ana.id, a_consent(db, ids["Tomas"], ana, now=now), now)
    an_expired_consent(db, ids["Vera"], ana, now)
    says_everything(db, ana, now)
    return ana, ids


def writes_privately(db: Session, name: str, therapist_id: UUID, ana: PatientProfile, now: datetime) -> None:
    said = NoteIn(text=f"canary-{name}-note", visibility=NoteVisibility("private"))
    write_note(db, therapist_id, ana.id, said, now)
    session = a_session(db, ana.id, therapist_id, now - timedelta(hours=30), now - timedelta(hours=29))
    session.findings, session.done = f"canary-{name}-findings", f"canary-{name}-done"
    session.visibility, session.written_by = "private", therapist_id


def says_everything(db: Session, ana: PatientProfile, now: datetime) -> None:
    item = an_item(title="canary-plan-title", dose="canary-plan-dose", why="canary-plan-why")
    plan = a_plan(db, ana, ana.id, item, now=now, note="canary-plan-note")
    answer = {"version": plan.version, "answer": "hurts", "comment": "canary-plan-comment"}
    answer_plan(db, ana, PlanAnswerIn.model_validate(answer), now)
    ticks = {plan.items[0].id: "hurts"}
    a_logged_day(db, ana, ana.day_at(now), now, **NUMBERS, note="canary-notes-day", plan_items=ticks)
    said = {"patient_id": ana.id, "updated_at": now}
    words = {
        name: f"canary-notes-{name}" for name in ("reason", "history", "pain_feels", "goals", "must_know")
    }
    db.add(Intake(written_at=now, **words, **said))
    session = a_session(db, ana.id, None, now - timedelta(hours=26), now - timedelta(hours=25))
    db.add(
        Feedback(
            session_id=session.id, pressure="right", comment="canary-notes-comment", given_at=now, **said
        )
    )
    activity = NamedActivity(patient_id=ana.id, name="canary-measures-activity", started_at=now)
    check_in = CheckIn(request="canary-notes-request", answered_at=now, **said)
    db.add_all([activity, check_in])
    db.flush()
    db.add(ActivityScore(check_in_id=check_in.id, activity_id=activity.id, score=4))


def open_to(who: str) -> set[str]:
    return {scope.value for scope in SCOPES[who]} | {who}


@pytest.mark.parametrize("who", SCOPES)
def test_behind_every_door_a_therapist_finds_their_scopes_and_nothing_else(town: Town, who: str) -> None:
    beyond = {door: found - open_to(who) for door in READING if (found := town.found_by(who, door))}
    assert {door: found for door, found in beyond.items() if found} == {}


@pytest.mark.parametrize("who", SCOPES)
def test_what_is_in_scope_is_found(town: Town, who: str) -> None:
    assert set().union(*(town.found_by(who, door) for door in READING)) == open_to(who)


@pytest.mark.parametrize(
    ("who", "shown"),
    [
        ("Rui", {*NUMBERS, "note", "plan_items"}),
        ("Nora", {"note"}),
        ("Mia", set(NUMBERS)),
        ("Pia", {"plan_items"}),
        ("Lena", {*NUMBERS, "plan_items"}),
    ],
)
def test_of_a_day_the_scopes_show_their_fields(town: Town, who: str, shown: set[str]) -> None:
    today = town.ana.day_at(utc_now())
    asked = town.browsers[who].get(f"/api/patients/{town.ana.id}/days?first={today}&last={today}")
    (day,) = asked.json()["days"]
    told = {name for name, value in day.items() if value is not None}
    assert told == shown | {"day", "first_logged_at", "updated_at", "late"}


@pytest.mark.parametrize("who", ["nobody", "Bea", "Ana", *STRANGERS])
def test_without_consent_no_door_shows_a_word(town: Town, who: str) -> None:
    answers = {door: town.opens(who, door) for door in READING}
    assert {door for door, answer in answers.items() if answer.status_code == 200} == set()
    assert {door: found for door, answer in answers.items() if (found := canaries_in(answer.text))} == {}


@pytest.mark.parametrize("who", ["Bea", "Rui", *STRANGERS])
def test_not_yours_and_not_there_are_the_same_bytes(town: Town, who: str) -> None:
    doors = READING if who != "Rui" else []
    theirs = {door: seen(town.opens(who, door)) for door in [*doors, *OTHERS]}
    nowhere = {door: seen(town.opens(who, door, uuid4())) for door in [*doors, *OTHERS]}
    assert theirs == nowhere


OTHERS = ["GET /api/patients/{patient_id}/nothing", "GET /patients/{patient_id}/nothing"]


OF_ITS_OWN = ("date", "x-request-id")
"""Headers by which no two answers are alike."""


def seen(answer: Response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in answer.headers.items() if name not in OF_ITS_OWN}
    return answer.status_code, answer.content, headers


def test_every_id_in_a_path_is_a_uuid(town: Town) -> None:
    paths: dict[str, Any] = town.app.nobody.get("/api/openapi.json").json()["paths"]
    ids = {
        (parameter["name"], parameter["schema"].get("format"))
        for methods in paths.values()
        for operation in methods.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path"
    }
    assert {name for name, kind in ids if kind != "uuid"} == {"day", "code", "token", "version"}


@dataclass(frozen=True)
class Program:
    """A program that asks with a personal token."""

    browser: TestClient
    token: str

    def asks(self, door: str, patient_id: UUID) -> int:
        method, _blank, path = door.partition(" ")
        named = re.sub(r"\{\w+\}", "1", path.replace("{patient_id}", str(patient_id)))
        headers = {"authorization": f"Bearer {self.token}"}
        return self.browser.request(method, named, headers=headers).status_code


def program_of(town: Town, who: str, scope: TokenScope) -> Program:
    account_id = UUID(town.browsers[who].get("/api/me").json()["id"])
    token = town.app.write(a_token, account_id, scope, now=utc_now()).token
    return Program(town.app.nobody, token)


@pytest.mark.parametrize("who", ["Ana", "Rui"])
def test_a_token_that_may_only_read_changes_nothing(town: Town, who: str) -> None:
    program, before = program_of(town, who, TokenScope.READ), town.app.stored()
    for_programs = [door for door in WRITING if DOORS[door] is not For.ANYBODY]
    assert {program.asks(door, town.ana.id) for door in for_programs} == {403}
    assert town.app.stored() == before


@pytest.mark.parametrize("who", ["Ana", "Rui"])
def test_a_token_that_may_only_write_reads_nothing(town: Town, who: str) -> None:
    program = program_of(town, who, TokenScope.WRITE)
    reading = [
        door
        for door, opens_for in DOORS.items()
        if door.startswith("GET /api/") and opens_for is not For.ANYBODY
    ]
    assert {program.asks(door, town.ana.id) for door in reading} == {403}


@pytest.mark.parametrize("who", ["Ana", "Rui"])
def test_a_token_that_may_only_write_writes_nothing_but_a_log(town: Town, who: str) -> None:
    """What writes answers with what stands then; so whoever writes elsewhere has to be let read, too."""
    program, before = program_of(town, who, TokenScope.WRITE), town.app.stored()
    for_programs = [door for door in WRITING if DOORS[door] is not For.ANYBODY and door not in LOGGING]
    assert {program.asks(door, town.ana.id) for door in for_programs} == {403}
    assert town.app.stored() == before


def test_a_program_that_only_writes_is_told_nothing_of_the_day_it_logs(town: Town) -> None:
    program, day = program_of(town, "Ana", TokenScope.WRITE), town.ana.day_at(utc_now())
    entry = an_entry(day, at=utc_now(), add={"water_glasses": 0})
    headers = {"authorization": f"Bearer {program.token}"}
    logged = program.browser.post("/api/entries", json={"entries": [entry]}, headers=headers)
    changed = program.browser.patch(f"/api/days/{day}", json={"swelling": True}, headers=headers)
    assert (logged.json()["results"][0]["status"], logged.json()["days"]) == ("accepted", [])
    assert (changed.status_code, changed.json()["pain"], changed.json()["note"]) == (200, None, None)
    assert canaries_in(logged.text + changed.text) == set()


def test_a_token_opens_no_page(town: Town) -> None:
    program = program_of(town, "Rui", TokenScope.READ)
    pages = [door for door in READING if not door.startswith("GET /api/")]
    assert {program.asks(door, town.ana.id) for door in pages} == {303}


def test_a_token_opens_nothing_that_its_owner_may_not_open(town: Town) -> None:
    program = program_of(town, "Sofia", TokenScope.READ)
    doors = [door for door in READING if door.startswith("GET /api/")]
    assert {program.asks(door, town.ana.id) for door in doors} == {404}


def test_refusals_are_on_record_for_the_patient_by_name_and_door(town: Town) -> None:
    town.opens("Tomas", "GET /api/patients/{patient_id}/brief")
    looks = town.browsers["Ana"].get("/api/me/access-log").json()["looks"]
    assert ("Tomas", "api:brief:refused") in {(look["who"], look["what"]) for look in looks}
    assert (
        "Tomas tried to open the summary of your days and was refused"
        in town.browsers["Ana"].get("/sharing").text
    )
