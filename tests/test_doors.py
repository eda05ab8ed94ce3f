"""Every door of the service, who it opens for, and that it stays shut for everybody else.

A new route has no place in the table below, so the first test fails until somebody decides who may
come in through it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col
from starlette.testclient import TestClient

from app.access.care import invite, revoke
from app.clock import utc_now
from app.models.account import SignIn
from builders import (
    a_consent,
    a_delivery,
    a_device,
    a_logged_day,
    a_note,
    a_passkey,
    a_patient,
    a_practice,
    a_reminder,
    a_session,
    a_therapist,
    a_token,
    an_expired_consent,
)
from running import AppInside


class For(StrEnum):
    """Who a door opens for."""

    ANYBODY = "anybody"
    SIGNED_IN = "anybody signed in"
    PATIENT = "a patient"
    THERAPIST = "a therapist"
    CARE = "a therapist with consent of this patient"
    OPERATOR = "somebody named in the settings; for everybody else there is no such page"


DOORS = {
    "GET /healthz": For.ANYBODY,
    "GET /readyz": For.ANYBODY,
    "GET /api/openapi.json": For.ANYBODY,
    "GET /api/docs": For.ANYBODY,
    "POST /api/accounts": For.ANYBODY,
    "POST /api/sign-in": For.ANYBODY,
    "DELETE /api/sign-in": For.SIGNED_IN,
    "GET /api/me": For.SIGNED_IN,
    "PATCH /api/me": For.SIGNED_IN,
    "DELETE /api/me": For.SIGNED_IN,
    "GET /api/me/takeout": For.SIGNED_IN,
    "POST /api/me/import": For.SIGNED_IN,
    "GET /api/me/import/template.csv": For.PATIENT,
    "GET /api/me/sign-ins": For.SIGNED_IN,
    "DELETE /api/me/sign-ins/{sign_in_id}": For.SIGNED_IN,
    "GET /api/me/calendar": For.SIGNED_IN,
    "POST /api/me/calendar": For.SIGNED_IN,
    "DELETE /api/me/calendar": For.SIGNED_IN,
    "GET /calendar/{token}.ics": For.ANYBODY,
    "GET /account/calendar": For.SIGNED_IN,
    "POST /account/calendar": For.SIGNED_IN,
    "POST /account/calendar/revoke": For.SIGNED_IN,
    "GET /api/me/tokens": For.SIGNED_IN,
    "POST /api/me/tokens": For.SIGNED_IN,
    "DELETE /api/me/tokens": For.SIGNED_IN,
    "POST /api/passkeys/options": For.ANYBODY,
    "POST /api/passkeys/sign-in": For.ANYBODY,
    "GET /api/me/passkeys": For.SIGNED_IN,
    "POST /api/me/passkeys/options": For.SIGNED_IN,
    "POST /api/me/passkeys": For.SIGNED_IN,
    "DELETE /api/me/passkeys/{passkey_id}": For.SIGNED_IN,
    "POST /api/me/proof/options": For.SIGNED_IN,
    "POST /api/me/proof": For.SIGNED_IN,
    "DELETE /api/me/tokens/{token_id}": For.SIGNED_IN,
    "GET /api/me/access-log": For.PATIENT,
    "GET /api/therapist": For.THERAPIST,
    "PATCH /api/therapist": For.THERAPIST,
    "POST /api/entries": For.PATIENT,
    "GET /api/today": For.PATIENT,
    "GET /api/days": For.PATIENT,
    "GET /api/days/{day}": For.PATIENT,
    "PATCH /api/days/{day}": For.PATIENT,
    "GET /api/days/{day}/history": For.PATIENT,
    "GET /api/insights": For.PATIENT,
    "PUT /api/insights/question": For.PATIENT,
    "GET /api/reminders": For.PATIENT,
    "POST /api/reminders": For.PATIENT,
    "POST /api/reminders/pause": For.PATIENT,
    "PATCH /api/reminders/{reminder_id}": For.PATIENT,
    "DELETE /api/reminders/{reminder_id}": For.PATIENT,
    "POST /api/reminders/{reminder_id}/snooze": For.PATIENT,
    "GET /api/reminders/mailbox": For.PATIENT,
    "POST /api/reminders/mailbox": For.PATIENT,
    "DELETE /api/reminders/mailbox": For.PATIENT,
    "GET /api/push/key": For.ANYBODY,
    "GET /api/push/subscriptions": For.PATIENT,
    "POST /api/push/subscriptions": For.PATIENT,
    "DELETE /api/push/subscriptions": For.PATIENT,
    "POST /api/push/test": For.PATIENT,
    "GET /api/deliveries": For.PATIENT,
    "POST /api/deliveries/{delivery_id}/events": For.ANYBODY,
    "POST /api/invitations": For.THERAPIST,
    "GET /api/invitations": For.THERAPIST,
    "GET /api/invitations/{code}": For.ANYBODY,
    "POST /api/invitations/{code}/accept": For.PATIENT,
    "GET /api/care": For.SIGNED_IN,
    "PATCH /api/care/{relationship_id}": For.PATIENT,
    "DELETE /api/care/{relationship_id}": For.SIGNED_IN,
    "GET /api/patients": For.THERAPIST,
    "GET /api/patients/{patient_id}/days": For.CARE,
    "GET /api/patients/{patient_id}/brief": For.CARE,
    "POST /api/patients/{patient_id}/brief/read": For.CARE,
    "DELETE /api/patients/{patient_id}/brief/read": For.CARE,
    "GET /api/patients/{patient_id}/plan": For.CARE,
    "PUT /api/patients/{patient_id}/plan": For.CARE,
    "DELETE /api/patients/{patient_id}/plan/{version}": For.CARE,
    "GET /api/patients/{patient_id}/notes": For.CARE,
    "POST /api/patients/{patient_id}/notes": For.CARE,
    "DELETE /api/patients/{patient_id}/notes/{note_id}": For.CARE,
    "GET /api/plan": For.PATIENT,
    "PUT /api/plan": For.PATIENT,
    "POST /api/plan/answer": For.PATIENT,
    "GET /api/notes": For.PATIENT,
    "GET /api/patients/{patient_id}/sessions": For.CARE,
    "POST /api/patients/{patient_id}/sessions": For.CARE,
    "PATCH /api/patients/{patient_id}/sessions/{session_id}": For.CARE,
    "POST /api/patients/{patient_id}/sessions/{session_id}/held": For.CARE,
    "GET /api/sessions": For.PATIENT,
    "POST /api/sessions": For.PATIENT,
    "PATCH /api/sessions/{session_id}": For.PATIENT,
    "POST /api/sessions/{session_id}/held": For.PATIENT,
    "POST /api/sessions/{session_id}/feedback": For.PATIENT,
    "POST /api/sessions/{session_id}/something-wrong": For.PATIENT,
    "DELETE /api/sessions/{session_id}/something-wrong": For.PATIENT,
    "GET /api/aftercare": For.PATIENT,
    "GET /api/check-in": For.PATIENT,
    "PUT /api/check-in": For.PATIENT,
    "GET /api/intake": For.PATIENT,
    "PUT /api/intake": For.PATIENT,
    "GET /api/aftercare-templates": For.THERAPIST,
    "POST /api/aftercare-templates": For.THERAPIST,
    "GET /api/aftercare-templates/{template_id}/versions": For.THERAPIST,
    "PUT /api/aftercare-templates/{template_id}": For.THERAPIST,
    "DELETE /api/aftercare-templates/{template_id}": For.THERAPIST,
    "POST /api/aftercare-templates/{template_id}/share": For.THERAPIST,
    "GET /api/practice": For.THERAPIST,
    "POST /api/practice": For.THERAPIST,
    "PATCH /api/practice": For.THERAPIST,
    "POST /api/practice/invitations": For.THERAPIST,
    "GET /api/practice/invitations/{code}": For.THERAPIST,
    "POST /api/practice/invitations/{code}/accept": For.THERAPIST,
    "DELETE /api/practice/members/{member_id}": For.THERAPIST,
    "POST /api/plan/{version}/stop": For.PATIENT,
    "DELETE /api/plan/{version}/stop": For.PATIENT,
    "GET /api/me/report.pdf": For.PATIENT,
    "GET /api/patients/{patient_id}/report.pdf": For.CARE,
    "GET /api/patients/{patient_id}/report.csv": For.CARE,
    "GET /api/patients/{patient_id}/report.fhir.json": For.CARE,
    "GET /static/{path:path}": For.ANYBODY,
    "GET /manifest.webmanifest": For.ANYBODY,
    "GET /service-worker.js": For.ANYBODY,
    "GET /favicon.ico": For.ANYBODY,
    "GET /offline": For.ANYBODY,
    "GET /shell/{language}/{page}": For.ANYBODY,
    "GET /help": For.ANYBODY,
    "GET /operator": For.OPERATOR,
    "GET /sign-up": For.ANYBODY,
    "POST /sign-up": For.ANYBODY,
    "GET /sign-in": For.ANYBODY,
    "POST /sign-in": For.ANYBODY,
    "POST /sign-in/code": For.ANYBODY,
    "GET /password": For.ANYBODY,
    "POST /password": For.ANYBODY,
    "GET /password/{token}": For.ANYBODY,
    "POST /password/{token}": For.ANYBODY,
    "GET /": For.ANYBODY,
    "GET /sign-out": For.ANYBODY,
    "POST /sign-out": For.SIGNED_IN,
    "GET /account": For.SIGNED_IN,
    "POST /account": For.SIGNED_IN,
    "POST /account/sign-ins/{sign_in_id}/end": For.SIGNED_IN,
    "GET /prove": For.SIGNED_IN,
    "POST /prove": For.SIGNED_IN,
    "GET /account/security": For.SIGNED_IN,
    "POST /account/security/passkeys/{passkey_id}/remove": For.SIGNED_IN,
    "POST /account/security/password": For.SIGNED_IN,
    "POST /account/security/email": For.SIGNED_IN,
    "GET /account/security/codes": For.SIGNED_IN,
    "POST /account/security/codes": For.SIGNED_IN,
    "POST /account/security/codes/remove": For.SIGNED_IN,
    "GET /account/tokens": For.SIGNED_IN,
    "POST /account/tokens": For.SIGNED_IN,
    "POST /account/tokens/{token_id}/revoke": For.SIGNED_IN,
    "GET /my-data": For.SIGNED_IN,
    "POST /my-data/import": For.SIGNED_IN,
    "POST /my-data/devices/{subscription_id}/off": For.PATIENT,
    "POST /my-data/sign-ins/{sign_in_id}/end": For.SIGNED_IN,
    "POST /my-data/erase": For.SIGNED_IN,
    "GET /today": For.PATIENT,
    "GET /days": For.PATIENT,
    "GET /days/{day}": For.PATIENT,
    "POST /days/{day}/log": For.PATIENT,
    "POST /days/{day}/undo": For.PATIENT,
    "GET /trends": For.PATIENT,
    "POST /trends/question": For.PATIENT,
    "GET /plan": For.PATIENT,
    "POST /plan/items/{item}": For.PATIENT,
    "POST /plan/undo": For.PATIENT,
    "POST /plan/answer": For.PATIENT,
    "GET /plan/edit": For.PATIENT,
    "POST /plan/edit": For.PATIENT,
    "GET /patients/{patient_id}/plan": For.CARE,
    "POST /patients/{patient_id}/plan": For.CARE,
    "POST /patients/{patient_id}/plan/{version}/withdraw": For.CARE,
    "GET /patients/{patient_id}/notes": For.CARE,
    "POST /patients/{patient_id}/notes": For.CARE,
    "POST /patients/{patient_id}/notes/{note_id}/remove": For.CARE,
    "GET /sharing": For.PATIENT,
    "POST /sharing/invitation": For.PATIENT,
    "POST /sharing/{relationship_id}/change": For.PATIENT,
    "POST /sharing/{relationship_id}/stop": For.PATIENT,
    "POST /sharing/{relationship_id}/go-on": For.PATIENT,
    "GET /reminders": For.PATIENT,
    "GET /reminders/turn-on": For.PATIENT,
    "GET /reminders/stopped": For.PATIENT,
    "POST /reminders/by-mail": For.PATIENT,
    "POST /reminders/by-mail/off": For.PATIENT,
    "GET /reminders/by-mail/{token}": For.PATIENT,
    "POST /reminders/by-mail/{token}": For.PATIENT,
    "POST /reminders/add": For.PATIENT,
    "POST /reminders/limits": For.PATIENT,
    "POST /reminders/pause": For.PATIENT,
    "POST /reminders/resume": For.PATIENT,
    "POST /reminders/{reminder_id}/change": For.PATIENT,
    "POST /reminders/{reminder_id}/switch": For.PATIENT,
    "POST /reminders/{reminder_id}/remove": For.PATIENT,
    "POST /reminders/{reminder_id}/back": For.PATIENT,
    "POST /reminders/devices/{subscription_id}/detail": For.PATIENT,
    "POST /reminders/devices/{subscription_id}/off": For.PATIENT,
    "GET /did/{delivery_id}": For.ANYBODY,
    "POST /did/{delivery_id}": For.PATIENT,
    "POST /reminders/test": For.PATIENT,
    "GET /invitations/{code}": For.ANYBODY,
    "GET /invitations/{code}/accept": For.ANYBODY,
    "POST /invitations/{code}/accept": For.PATIENT,
    "POST /invitations/{invitation_id}/withdraw": For.THERAPIST,
    "GET /patients": For.THERAPIST,
    "GET /patients/{patient_id}/brief": For.CARE,
    "POST /patients/{patient_id}/brief/read": For.CARE,
    "POST /patients/{patient_id}/brief/unread": For.CARE,
    "GET /patients/{patient_id}/sessions": For.CARE,
    "POST /patients/{patient_id}/sessions": For.CARE,
    "POST /patients/{patient_id}/sessions/{session_id}/{action}": For.CARE,
    "GET /patients/{patient_id}/sessions/done": For.CARE,
    "POST /patients/{patient_id}/sessions/done": For.CARE,
    "GET /aftercare-templates": For.THERAPIST,
    "POST /aftercare-templates": For.THERAPIST,
    "POST /aftercare-templates/{template_id}": For.THERAPIST,
    "POST /aftercare-templates/{template_id}/retire": For.THERAPIST,
    "POST /aftercare-templates/{template_id}/back": For.THERAPIST,
    "POST /aftercare-templates/{template_id}/share": For.THERAPIST,
    "GET /aftercare-templates/{template_id}/versions": For.THERAPIST,
    "GET /practice": For.THERAPIST,
    "POST /practice": For.THERAPIST,
    "POST /practice/invitation": For.THERAPIST,
    "POST /practice/invitations": For.THERAPIST,
    "GET /practice/invitations/{code}": For.THERAPIST,
    "POST /practice/invitations/{code}/accept": For.THERAPIST,
    "POST /practice/members/{member_id}/end": For.THERAPIST,
    "POST /plan/{version}/stop": For.PATIENT,
    "POST /plan/{version}/go-on": For.PATIENT,
    "GET /aftercare": For.PATIENT,
    "GET /check-in": For.PATIENT,
    "POST /check-in": For.PATIENT,
    "GET /intake": For.PATIENT,
    "POST /intake": For.PATIENT,
    "GET /sessions": For.PATIENT,
    "POST /sessions": For.PATIENT,
    "POST /sessions/held": For.PATIENT,
    "POST /sessions/{session_id}/{action}": For.PATIENT,
    "GET /sessions/{session_id}/feedback": For.PATIENT,
    "POST /sessions/{session_id}/feedback": For.PATIENT,
    "GET /sessions/{session_id}/something-wrong": For.PATIENT,
    "POST /sessions/{session_id}/something-wrong": For.PATIENT,
    "POST /sessions/{session_id}/something-wrong/back": For.PATIENT,
    "GET /profile": For.THERAPIST,
    "POST /profile": For.THERAPIST,
    "GET /invitations": For.SIGNED_IN,
    "POST /invitations": For.THERAPIST,
}


FORM = "application/x-www-form-urlencoded"
BODIES = {
    "POST /api/sessions/{session_id}/held": '{"held_at": "2026-03-18T12:00:00Z"}',
    "POST /api/sessions/{session_id}/feedback": '{"pressure": "right"}',
    "POST /sessions/{session_id}/feedback": "pressure=right",
}
"""What is said at doors that take no empty body; a body that is wrong is refused before anything else."""


def doors_for(*people: For) -> list[str]:
    return [door for door, opens_for in DOORS.items() if opens_for in people]


def doors_to_look_through(*people: For) -> list[str]:
    """Without those whose path names what nobody in the town has."""
    missing = ("{template_id}", "{code}", "{token}")
    looks = [door for door in doors_for(*people) if door.startswith("GET ")]
    return [door for door in looks if not any(name in door for name in missing)]


def doors_to_one_thing() -> list[str]:
    """Doors whose path names something that belongs to one person."""
    return [door for door in doors_for(For.SIGNED_IN, For.PATIENT) if "_id}" in door]


@dataclass(frozen=True)
class Town:
    """Ana in Rui's care, and everybody who has no business with her log any more, or never had."""

    app: AppInside
    browsers: dict[str, TestClient]
    names: dict[str, str]

    def knock(self, person: str, door: str) -> Response:
        """What a person is answered at a door, with the names of Ana's things in its path."""
        method, _blank, path = door.partition(" ")
        path = re.sub(r"\{(\w+)(:path)?\}", lambda name: self.names[name[1]], path)
        kind, usual = ("application/json", "{}") if path.startswith("/api/") else (FORM, "scope=notes")
        body = BODIES.get(door, usual)
        return self.browsers[person].request(method, path, content=body, headers={"content-type": kind})


@pytest.fixture(scope="module")
def town(standing_app: AppInside) -> Town:
    ids, names = standing_app.write(settle)
    browsers = {person: standing_app.browser_of(account_id) for person, account_id in ids.items()}
    names["sign_in_id"] = str(standing_app.read(sign_in_of, ids["ana"]))
    return Town(standing_app, browsers | {"nobody": standing_app.nobody}, names)


def settle(db: Session) -> tuple[dict[str, UUID], dict[str, str]]:
    now = utc_now()
    ana, bea = a_patient(db, "Ana", now=now), a_patient(db, "Bea", now=now)
    rui, sofia, tomas, vera = (a_therapist(db, name, now=now) for name in ("Rui", "Sofia", "Tomas", "Vera"))
    relationship_id = a_consent(db, rui.id, ana, now=now)
    revoke(db, ana.id, a_consent(db, tomas.id, ana, now=now), now)
    an_expired_consent(db, vera.id, ana, now)
    a_consent(db, sofia.id, bea, now=now)
    a_practice(db, rui.id, now=now)
    yesterday = ana.day_at(now) - timedelta(days=1)
    a_logged_day(db, ana, yesterday, now)
    reminder, device = a_reminder(db, ana.id, now=now), a_device(db, ana.id, now)
    people = {"ana": ana, "bea": bea, "rui": rui, "sofia": sofia, "tomas": tomas, "vera": vera}
    names = {
        "patient_id": ana.id,
        "relationship_id": relationship_id,
        "reminder_id": reminder.id,
        "session_id": a_session(db, ana.id, rui.id, now, held_at=now).id,
        "template_id": uuid4(),
        "member_id": uuid4(),
        "action": "cancel",
        "subscription_id": device.id,
        "delivery_id": a_delivery(db, reminder, device, now).id,
        "day": yesterday,
        "version": 1,
        "item": "tucks",
        "note_id": a_note(db, rui.id, ana.id, now=now).id,
        "code": invite(db, rui.id, now)[0],
        "invitation_id": uuid4(),
        "token": "x" * 43,
        "token_id": a_token(db, ana.id, now=now).id,
        "passkey_id": a_passkey(db, ana.id, now).id,
    }
    return {name: person.id for name, person in people.items()}, {key: str(v) for key, v in names.items()}


def sign_in_of(db: Session, account_id: UUID) -> UUID:
    return db.scalars(select(col(SignIn.id)).where(col(SignIn.account_id) == account_id)).one()


def is_shut_for_nobody(answer: Response) -> bool:
    """The API says that nobody is signed in; a page leads to where one can."""
    if answer.request.url.path.startswith("/api/"):
        return answer.status_code == 401
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def is_open(answer: Response) -> bool:
    """There, or one page further; a page that leads to where one signs in is shut."""
    return answer.status_code == 200 or (answer.status_code == 303 and not is_shut_for_nobody(answer))


def test_somebody_decided_about_every_door(standing_app: AppInside) -> None:
    routes = iter_route_contexts(standing_app.app.routes)
    assert set(doors_of(routes)) == set(DOORS)


def doors_of(routes: Iterable[object]) -> Iterable[str]:
    for route in routes:
        for method in getattr(route, "methods", None) or ():
            if method != "HEAD":
                yield f"{method} {getattr(route, 'path', '')}"


def test_every_operation_in_the_openapi_document_is_a_known_door(standing_app: AppInside) -> None:
    paths = standing_app.nobody.get("/api/openapi.json").json()["paths"]
    operations = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert operations - set(DOORS) == set()


def test_every_path_with_a_patient_asks_for_consent() -> None:
    assert [door for door in DOORS if "{patient_id}" in door] == doors_for(For.CARE)


@pytest.mark.parametrize("door", doors_for(For.SIGNED_IN, For.PATIENT, For.THERAPIST, For.CARE))
def test_a_door_is_shut_for_nobody(town: Town, door: str) -> None:
    assert is_shut_for_nobody(town.knock("nobody", door))


@pytest.mark.parametrize("door", doors_for(For.CARE))
@pytest.mark.parametrize(
    "person",
    [
        pytest.param("sofia", id="a therapist of somebody else"),
        pytest.param("tomas", id="a therapist whose consent was revoked"),
        pytest.param("vera", id="a therapist whose consent expired"),
        pytest.param("bea", id="another patient"),
        pytest.param("ana", id="the patient at the therapist's door"),
    ],
)
def test_without_consent_a_patient_is_not_there(town: Town, person: str, door: str) -> None:
    assert town.knock(person, door).status_code == 404


@pytest.mark.parametrize("door", [door for door in doors_for(For.CARE) if door.startswith("GET ")])
def test_with_consent_the_door_opens(town: Town, door: str) -> None:
    assert town.knock("rui", door).status_code == 200


@pytest.mark.parametrize("door", doors_to_look_through(For.SIGNED_IN, For.PATIENT))
def test_a_patients_door_opens_for_a_patient(town: Town, door: str) -> None:
    assert is_open(town.knock("ana", door))


@pytest.mark.parametrize("door", doors_to_look_through(For.SIGNED_IN, For.THERAPIST))
def test_a_therapists_door_opens_for_a_therapist(town: Town, door: str) -> None:
    assert is_open(town.knock("rui", door))


@pytest.mark.parametrize("door", doors_for(For.PATIENT))
def test_a_patients_door_is_shut_for_a_therapist(town: Town, door: str) -> None:
    assert town.knock("rui", door).status_code in (403, 404)


@pytest.mark.parametrize("door", doors_for(For.THERAPIST))
def test_a_therapists_door_is_shut_for_a_patient(town: Town, door: str) -> None:
    assert town.knock("ana", door).status_code in (403, 404)


@pytest.mark.parametrize("door", doors_for(For.OPERATOR))
@pytest.mark.parametrize("person", ["nobody", "ana", "rui"])
def test_an_operators_door_is_not_there(town: Town, person: str, door: str) -> None:
    assert town.knock(person, door).status_code == 404


@pytest.mark.parametrize("door", doors_to_one_thing())
@pytest.mark.parametrize("person", ["bea", "sofia", "tomas"])
def test_what_belongs_to_somebody_else_is_not_there(town: Town, person: str, door: str) -> None:
    before = town.app.stored()
    assert town.knock(person, door).status_code in (403, 404)
    assert town.app.stored() == before


def test_the_same_look_refused_again_and_again_is_on_record_once_an_hour(town: Town) -> None:
    town.knock("sofia", "GET /api/patients/{patient_id}/days")
    before = town.app.stored()["access_log"]
    town.knock("sofia", "GET /api/patients/{patient_id}/days")
    assert town.app.stored()["access_log"] == before
