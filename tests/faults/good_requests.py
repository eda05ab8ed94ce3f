"""For every door that writes, a request it takes."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from httpx2 import Response
from starlette.testclient import TestClient

from app.access.code_app import new_pairing
from app.access.proofs import ticket_for
from app.clock import utc_now
from builders import PASSWORD, CodesOf, an_item
from faults.household import Household

Said = dict[str, Any]
NEW_PASSWORD = "another long password"
TEMPLATE = {"name": "After deep work", "steps": [{"kind": "custom", "text": "Rest.", "after_hours": 2}]}
TEMPLATE_FORM = {"name": "After deep work", "text-0": "Rest.", "hours-0": "2"}
PLAN_FORM = {"item": "0", "kind-0": "exercise", "title-0": "Chin tucks", "day-0": "mon", "step": "send"}
NOBODYS_ID = "7e57ab1e-0000-4000-8000-000000000000"
NO_FIELDS = {"sure": "yes"}


@dataclass(frozen=True)
class Good:
    """Who sends it, and what: JSON to the API, a form to a page. `names` has other names for the path."""

    person: str
    said: Callable[[Household], Said] | Said | None = None
    names: dict[str, str] = field(default_factory=dict)
    file: Callable[[Household], bytes] | None = None


@dataclass(frozen=True)
class Sent:
    """A request, ready to be sent as often as one likes."""

    person: str
    method: str
    path: str
    said: Said | None
    file: bytes | None

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    def by(self, browser: TestClient) -> Response:
        if self.file is not None and self.is_api:
            headers = {"content-type": "text/csv"}
            return browser.request(self.method, self.path, content=self.file, headers=headers)
        if self.file is not None:
            files = {"file": ("diary.csv", self.file)}
            return browser.request(self.method, self.path, data=self.said, files=files)
        if self.is_api:
            return browser.request(self.method, self.path, json=self.said)
        return browser.request(self.method, self.path, data=self.said or NO_FIELDS)


def sent_to(door: str, home: Household) -> Sent:
    good = GOOD[door]
    method, _blank, path = door.partition(" ")
    path = _filled(path, home.names | {place: home.names[name] for place, name in good.names.items()})
    said = good.said(home) if callable(good.said) else good.said
    return Sent(good.person, method, path, said, good.file(home) if good.file else None)


def _filled(path: str, names: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda place: names.get(place[1], NOBODYS_ID), path)


def an_id(home: Household, of: str = "") -> str:
    """The same id each time it is asked for."""
    return str(uuid5(NAMESPACE_URL, home.number + of))


def entries(home: Household) -> Said:
    entry = {"id": an_id(home), "day": home.today, "recorded_at": home.now.isoformat()}
    return {"entries": [entry | {"set": {"pain": 5}, "add": {"water_glasses": 1}}]}


def sign_up(home: Household) -> Said:
    person = {"email": f"ines-{home.number}@people.example", "password": PASSWORD, "name": "Ines"}
    return person | {"role": "patient", "zone": "Europe/Lisbon"}


def credentials(home: Household) -> Said:
    return {"email": f"ana-{home.number}@people.example", "password": PASSWORD}


@cache
def a_public_key() -> str:
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    raw = point.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def subscription(home: Household) -> Said:
    endpoint = f"https://updates.push.services.mozilla.com/wpush/v2/{an_id(home)}"
    return {"endpoint": endpoint, "keys": {"p256dh": a_public_key(), "auth": "A" * 22}}


def tap(home: Household) -> Said:
    event = {"event": "acted", "action": "add_glass", "entry_id": an_id(home)}
    return event | {"token": home.names["delivery_token"]}


def log_form(home: Household) -> Said:
    return {"entry": an_id(home), "pain": "3", "add": "water_glasses:1"}


def tick_form(home: Household) -> Said:
    return {"entry": an_id(home), "patient": str(home.ana.id), "tick": "done"}


def day_and_time(home: Household, days: int) -> Said:
    at = home.now + timedelta(days=days, minutes=-5)
    return {"day": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"}


def at(home: Household, days: int) -> str:
    return (home.now + timedelta(days=days, minutes=-5)).isoformat()


def spreadsheet(home: Household) -> bytes:
    return f"day,pain\n{home.now - timedelta(days=3):%Y-%m-%d},4\n".encode()


def second_step(home: Household) -> Said:
    """What the page for the code sends after the right password."""
    ticket = ticket_for(home.key, home.bea.id, home.names["beas_password_hash"], utc_now())
    return {"ticket": ticket, "code": home.names["recovery_code"]}


def first_code(home: Household) -> Said:
    pairing = new_pairing(home.key, home.ana.id, "ana@people.example")
    return {"sealed": pairing.sealed, "code": CodesOf(pairing.secret).at(utc_now())}


def an_address(home: Household) -> Said:
    return {"email": f"moved-{home.number}@people.example"}


MAIL = {"token": "mail_token"}
PRACTICE = {"code": "practice_code"}
OWN = {"template_id": "own_template_id"}
HELD = {"session_id": "held_id"}
BEGUN = {"session_id": "begun_id"}
BEAS = {"session_id": "beas_session_id"}
BEAS_BEGUN = {"session_id": "beas_begun_id"}

GOOD: dict[str, Good] = {
    "POST /api/passkeys/options": Good("nobody"),
    "POST /api/passkeys/sign-in": Good("nobody", lambda home: home.signed["sign_in"]),
    "POST /api/me/passkeys/options": Good("bea"),
    "POST /api/me/passkeys": Good("bea", lambda home: home.signed["new"]),
    "DELETE /api/me/passkeys/{passkey_id}": Good("bea"),
    "POST /api/me/proof/options": Good("bea"),
    "POST /api/me/proof": Good("bea", lambda home: home.signed["proof"]),
    "POST /prove": Good("bea", {"password": PASSWORD}),
    "POST /sign-in/code": Good("nobody", second_step),
    "POST /account/security/passkeys/{passkey_id}/remove": Good("bea"),
    "POST /account/security/password": Good("ana", {"password": NEW_PASSWORD}),
    "POST /account/security/email": Good("ana", an_address),
    "POST /account/security/codes": Good("ana", first_code),
    "POST /account/security/codes/remove": Good("bea"),
    "POST /api/me/calendar": Good("ana", {"names": True}),
    "DELETE /api/me/calendar": Good("ana"),
    "POST /account/calendar": Good("ana", {"names": "yes"}),
    "POST /account/calendar/revoke": Good("ana"),
    "POST /api/reminders/mailbox": Good("ana"),
    "DELETE /api/reminders/mailbox": Good("bea"),
    "POST /reminders/by-mail": Good("ana"),
    "POST /reminders/by-mail/off": Good("bea"),
    "POST /reminders/by-mail/{token}": Good("bea", names=MAIL),
    "DELETE /api/plan/{version}/stop": Good("bea"),
    "POST /plan/{version}/go-on": Good("bea"),
    "POST /api/practice": Good("rui", {"name": "By the river"}),
    "PATCH /api/practice": Good("lea", {"name": "By the sea"}),
    "POST /api/practice/invitations": Good("lea"),
    "POST /api/practice/invitations/{code}/accept": Good("nuno", names=PRACTICE),
    "DELETE /api/practice/members/{member_id}": Good("lea"),
    "POST /practice": Good("rui", {"name": "By the river"}),
    "POST /practice/invitations": Good("lea"),
    "POST /practice/invitations/{code}/accept": Good("nuno", names=PRACTICE),
    "POST /practice/members/{member_id}/end": Good("lea"),
    "POST /api/aftercare-templates/{template_id}/share": Good("lea", names=OWN),
    "POST /aftercare-templates/{template_id}/share": Good("lea", names=OWN),
    "POST /api/accounts": Good("nobody", sign_up),
    "POST /api/sign-in": Good("nobody", credentials),
    "DELETE /api/sign-in": Good("ana"),
    "PATCH /api/me": Good("ana", {"name": "Ana Maria"}),
    "DELETE /api/me": Good("ana", {"password": PASSWORD}),
    "POST /api/me/import": Good("ana", file=spreadsheet),
    "DELETE /api/me/sign-ins/{sign_in_id}": Good("ana"),
    "POST /api/me/tokens": Good("ana", {"name": "Spreadsheet", "scopes": ["read"]}),
    "DELETE /api/me/tokens": Good("ana"),
    "DELETE /api/me/tokens/{token_id}": Good("ana"),
    "PATCH /api/therapist": Good("rui", {"practice": "By the river"}),
    "POST /api/entries": Good("ana", entries),
    "PATCH /api/days/{day}": Good("ana", {"pain": 6}),
    "PUT /api/insights/question": Good("ana", {"habit": "stretch"}),
    "POST /api/reminders": Good("ana", {"kind": "custom", "times": ["20:00"], "text": "Stretch"}),
    "POST /api/reminders/pause": Good("ana", lambda home: {"until": at(home, 2)}),
    "PATCH /api/reminders/{reminder_id}": Good("ana", {"times": ["19:00"]}),
    "DELETE /api/reminders/{reminder_id}": Good("ana"),
    "POST /api/reminders/{reminder_id}/snooze": Good("ana", {"minutes": 30}),
    "POST /api/push/subscriptions": Good("ana", subscription),
    "DELETE /api/push/subscriptions": Good("ana", lambda home: {"endpoint": home.names["endpoint"]}),
    "POST /api/push/test": Good("ana"),
    "POST /api/deliveries/{delivery_id}/events": Good("nobody", tap),
    "POST /api/invitations": Good("rui"),
    "POST /api/invitations/{code}/accept": Good("bea", {"scopes": ["measures"]}),
    "PATCH /api/care/{relationship_id}": Good("ana", {"scopes": ["measures"]}),
    "DELETE /api/care/{relationship_id}": Good("ana"),
    "POST /api/patients/{patient_id}/brief/read": Good("rui"),
    "DELETE /api/patients/{patient_id}/brief/read": Good("rui"),
    "PUT /api/patients/{patient_id}/plan": Good("rui", {"items": [an_item(id="tucks", dose="5 times")]}),
    "DELETE /api/patients/{patient_id}/plan/{version}": Good("rui"),
    "POST /api/patients/{patient_id}/notes": Good("rui", {"text": "Calmer.", "visibility": "private"}),
    "DELETE /api/patients/{patient_id}/notes/{note_id}": Good("rui"),
    "PUT /api/plan": Good("bea", {"items": [an_item(id="tucks")]}),
    "POST /api/plan/answer": Good("ana", {"version": 1, "item": "tucks", "answer": "ok"}),
    "POST /api/patients/{patient_id}/sessions": Good("rui", lambda home: {"starts_at": at(home, 9)}),
    "PATCH /api/patients/{patient_id}/sessions/{session_id}": Good("rui", {"cancelled": True}),
    "POST /api/patients/{patient_id}/sessions/{session_id}/held": Good(
        "rui", lambda home: {"held_at": at(home, 0)}, BEGUN
    ),
    "POST /api/sessions": Good("bea", lambda home: {"starts_at": at(home, 9)}),
    "PATCH /api/sessions/{session_id}": Good("bea", {"cancelled": True}, BEAS),
    "POST /api/sessions/{session_id}/held": Good("bea", lambda home: {"held_at": at(home, 0)}, BEAS_BEGUN),
    "POST /api/sessions/{session_id}/feedback": Good("ana", {"pressure": "right", "soreness": 2}, HELD),
    "POST /api/sessions/{session_id}/something-wrong": Good("ana", names=HELD),
    "DELETE /api/sessions/{session_id}/something-wrong": Good("ana", names=HELD),
    "PUT /api/check-in": Good("ana", {"request": "The left side, please."}),
    "PUT /api/intake": Good("ana", {"reason": "Low back."}),
    "POST /api/aftercare-templates": Good("rui", TEMPLATE),
    "PUT /api/aftercare-templates/{template_id}": Good("rui", TEMPLATE),
    "DELETE /api/aftercare-templates/{template_id}": Good("rui"),
    "POST /sign-up": Good("nobody", sign_up),
    "POST /sign-in": Good("nobody", credentials),
    "POST /password/{token}": Good("nobody", {"password": NEW_PASSWORD}),
    "POST /sign-out": Good("ana"),
    "POST /account": Good("ana", {"name": "Ana Maria"}),
    "POST /account/sign-ins/{sign_in_id}/end": Good("ana"),
    "POST /account/tokens": Good("ana", {"name": "Spreadsheet", "scopes": "read"}),
    "POST /account/tokens/{token_id}/revoke": Good("ana"),
    "POST /my-data/import": Good("ana", {"step": "store"}, file=spreadsheet),
    "POST /my-data/devices/{subscription_id}/off": Good("ana", NO_FIELDS),
    "POST /my-data/sign-ins/{sign_in_id}/end": Good("ana", NO_FIELDS),
    "POST /my-data/erase": Good("ana", NO_FIELDS | {"password": PASSWORD}),
    "POST /days/{day}/log": Good("ana", log_form),
    "POST /days/{day}/undo": Good("ana", lambda home: {"entry": home.names["entry_id"]}),
    "POST /trends/question": Good("ana", {"habit": "stretch"}),
    "POST /plan/items/{item}": Good("ana", tick_form),
    "POST /plan/undo": Good("ana", lambda home: {"entry": home.names["entry_id"]}),
    "POST /plan/answer": Good("ana", {"version": "1", "item": "tucks", "answer": "ok"}),
    "POST /plan/edit": Good("bea", PLAN_FORM),
    "POST /plan/{version}/stop": Good("ana"),
    "POST /api/plan/{version}/stop": Good("ana"),
    "POST /patients/{patient_id}/plan": Good("rui", PLAN_FORM),
    "POST /patients/{patient_id}/plan/{version}/withdraw": Good("rui"),
    "POST /patients/{patient_id}/notes": Good("rui", {"text": "Calmer.", "visibility": "private"}),
    "POST /patients/{patient_id}/notes/{note_id}/remove": Good("rui"),
    "POST /sharing/{relationship_id}/change": Good("ana", {"scope": "measures"}),
    "POST /sharing/{relationship_id}/stop": Good("ana"),
    "POST /sharing/{relationship_id}/go-on": Good("ana"),
    "POST /reminders/add": Good("ana", {"kind": "stretch"}),
    "POST /reminders/limits": Good("ana", {"quiet_from": "22:15", "quiet_until": "07:00"}),
    "POST /reminders/pause": Good("ana", {"for": "tomorrow"}),
    "POST /reminders/resume": Good("ana"),
    "POST /reminders/{reminder_id}/change": Good("ana", {"time": "19:00", "day": "mon"}),
    "POST /reminders/{reminder_id}/switch": Good("ana", {"on": "no"}),
    "POST /reminders/{reminder_id}/remove": Good("ana"),
    "POST /reminders/{reminder_id}/back": Good("ana"),
    "POST /reminders/devices/{subscription_id}/detail": Good("ana", {"detail": "yes"}),
    "POST /reminders/devices/{subscription_id}/off": Good("ana"),
    "POST /reminders/test": Good("ana"),
    "POST /did/{delivery_id}": Good("ana", {"action": "add_glass"}),
    "POST /invitations/{code}/accept": Good("bea", {"scopes": "measures"}),
    "POST /invitations": Good("rui"),
    "POST /invitations/{invitation_id}/withdraw": Good("rui"),
    "POST /patients/{patient_id}/brief/read": Good("rui"),
    "POST /patients/{patient_id}/brief/unread": Good("rui"),
    "POST /patients/{patient_id}/sessions": Good("rui", lambda home: day_and_time(home, 9)),
    "POST /patients/{patient_id}/sessions/{session_id}/{action}": Good("rui"),
    "POST /patients/{patient_id}/sessions/done": Good(
        "rui", lambda home: {**day_and_time(home, 0), "session": home.names["begun_id"], "place": "knee:left"}
    ),
    "POST /aftercare-templates": Good("rui", TEMPLATE_FORM),
    "POST /aftercare-templates/{template_id}": Good("rui", TEMPLATE_FORM),
    "POST /aftercare-templates/{template_id}/retire": Good("rui"),
    "POST /aftercare-templates/{template_id}/back": Good("rui", names={"template_id": "retired_id"}),
    "POST /check-in": Good("ana", {"request": "The left side, please."}),
    "POST /intake": Good("ana", {"reason": "Low back."}),
    "POST /sessions": Good("bea", lambda home: day_and_time(home, 9)),
    "POST /sessions/held": Good(
        "bea", lambda home: day_and_time(home, 0) | {"session": home.names["beas_begun_id"]}
    ),
    "POST /sessions/{session_id}/{action}": Good("bea", names=BEAS),
    "POST /sessions/{session_id}/feedback": Good("ana", {"pressure": "right"}, HELD),
    "POST /sessions/{session_id}/something-wrong": Good("ana", names=HELD),
    "POST /sessions/{session_id}/something-wrong/back": Good("ana", names=HELD),
    "POST /profile": Good("rui", {"practice": "By the river", "licence": "", "certifications": ""}),
}

PROMISES_NOTHING = {
    "POST /sharing/invitation": "leads to the page of the invitation",
    "POST /practice/invitation": "leads to the page of the invitation",
    "POST /password": "the letter is written after the answer, which is the same for everybody",
}
"""Doors whose answer promises nothing, because they commit nothing."""
