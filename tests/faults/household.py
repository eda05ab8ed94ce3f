"""People with one of everything, as many households of them as are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col
from starlette.testclient import TestClient
from webauthn.registration.verify_registration_response import VerifiedRegistration

from app.access.calendar_links import make_calendar_link
from app.access.care import invite, open_invitations
from app.access.passkeys import Site, add_passkey, checked_registration, new_challenge
from app.access.password_links import make_password_link
from app.access.practices import invite_colleague
from app.clock import utc_now
from app.home_care.write import stop_plan
from app.models.account import Account, SignIn
from app.models.aftercare import STANDARD, AftercareTemplateNew
from app.models.brief_read import mark_brief_read
from app.models.calendar_link import CalendarLinkIn
from app.models.daily_log import LogEntry
from app.models.passkey import ChallengeFor, PasskeyIn
from app.models.password_link import PasswordLink
from app.models.patient import Patient, PatientProfile, patient_profile
from app.reminders.mailbox import ask_mailbox
from app.reminders.message import token_of
from app.settings import Settings
from app.treatment.templates import add_template, retire_template
from builders import (
    a_code_app,
    a_consent,
    a_delivery,
    a_device,
    a_logged_day,
    a_note,
    a_passkey,
    a_patient,
    a_plan,
    a_practice,
    a_reminder,
    a_session,
    a_sign_in,
    a_template,
    a_therapist,
    a_token,
    a_treated_session,
    an_item,
)
from passkey_device import Device, text_of
from running import AppInside, running


@dataclass(frozen=True)
class Household:
    """Ana in Rui's care, Bea in nobody's, and the names of their things as addresses have them.

    Lea has a practice with Kai in it, and Nuno is to join it. Bea signs in with codes and a passkey; `signed`
    is what passkeys answered to challenges that are open. `key` seals and signs what the server hands out.
    """

    number: str
    ana: PatientProfile
    bea: PatientProfile
    rui_id: UUID
    lea_id: UUID
    nuno_id: UUID
    now: datetime
    names: dict[str, str]
    signed: dict[str, dict[str, Any]]
    key: bytes

    @property
    def today(self) -> str:
        return str(self.ana.day_at(self.now))


def settle(db: Session, key: bytes) -> Household:
    """Everybody new, with names nobody else has."""
    now, number = utc_now(), uuid4().hex[:10]
    ana, bea = (a_wakeful_patient(db, f"{name}-{number}", now) for name in ("Ana", "Bea"))
    rui = a_therapist(db, f"Rui-{number}", now=now)
    names = {"relationship_id": a_consent(db, rui.id, ana, now=now), "patient_id": ana.id}
    names |= _what_ana_has(db, ana, rui.id, now) | _sessions(db, ana, bea, rui.id, now)
    names |= _what_rui_has(db, ana.id, rui.id, now)
    names["delivery_token"] = token_of(names["delivery_id"], key)
    lea, kai, nuno = (a_therapist(db, f"{name}-{number}", now=now).id for name in ("Lea", "Kai", "Nuno"))
    names |= _what_bea_has(db, bea, key, now) | _what_lea_has(db, lea, kai, now)
    names["calendar"] = make_calendar_link(db, ana.id, CalendarLinkIn(), now)
    as_told = {name: str(value) for name, value in names.items()}
    signed = _signed_by_passkeys(db, bea.id, now)
    return Household(number, ana, bea, rui.id, lea, nuno, now, as_told, signed, key)


def a_wakeful_patient(db: Session, name: str, now: datetime) -> PatientProfile:
    """Somebody without quiet hours whose day is not about to end, whatever the time is now."""
    patient = db.get_one(Patient, a_patient(db, name, zone="UTC", now=now).id)
    patient.quiet_from = patient.quiet_until
    patient.day_starts_at = (now + timedelta(hours=12)).time().replace(second=0, microsecond=0)
    db.flush()
    return patient_profile(db, patient.id)


def _what_ana_has(db: Session, ana: PatientProfile, rui_id: UUID, now: datetime) -> dict[str, Any]:
    recorded = a_logged_day(db, ana, ana.day_at(now), now, pain=4, water_glasses=2)
    assert recorded.days
    entry = select(col(LogEntry.id)).where(col(LogEntry.patient_id) == ana.id)
    # Nothing there is at this time could be put off for longer than it lasts.
    reminder = a_reminder(db, ana.id, f"{now - timedelta(hours=5):%H:%M}", now)
    reminder.kind, device = "water", a_device(db, ana.id, now)
    a_plan(db, ana, rui_id, an_item(id="tucks"), now=now)
    a_sign_in(db, ana.id, now)
    return {
        "day": ana.day_at(now),
        "entry_id": db.scalars(entry).one(),
        "reminder_id": reminder.id,
        "subscription_id": device.id,
        "endpoint": device.endpoint,
        "delivery_id": a_delivery(db, reminder, device, now).id,
        "sign_in_id": _sign_in_of(db, ana.id),
        "version": 1,
        "item": "tucks",
        "token_id": a_token(db, ana.id, now=now).id,
        "token": make_password_link(db, ana.id, PasswordLink.BY_EMAIL_LASTS, now),
        "action": "cancel",
    }


def _sessions(
    db: Session, ana: PatientProfile, bea: PatientProfile, rui_id: UUID, now: datetime
) -> dict[str, Any]:
    begun, ahead = now - timedelta(hours=1), now + timedelta(days=2)
    return {
        "held_id": a_treated_session(db, ana.id, rui_id, now - timedelta(days=1)).id,
        "begun_id": a_session(db, ana.id, rui_id, begun).id,
        "session_id": a_session(db, ana.id, rui_id, ahead).id,
        "beas_begun_id": a_session(db, bea.id, None, begun).id,
        "beas_session_id": a_session(db, bea.id, None, ahead).id,
    }


def _what_rui_has(db: Session, ana_id: UUID, rui_id: UUID, now: datetime) -> dict[str, Any]:
    wanted = AftercareTemplateNew(name="After a session", steps=list(STANDARD))
    retired = add_template(db, rui_id, wanted, now).id
    retire_template(db, rui_id, retired, now)
    mark_brief_read(db, ana_id, rui_id, "Rui", now)
    return {
        "template_id": add_template(db, rui_id, wanted, now).id,
        "retired_id": retired,
        "note_id": a_note(db, rui_id, ana_id, now=now).id,
        "code": invite(db, rui_id, now)[0],
        "invitation_id": open_invitations(db, rui_id, now)[0].id,
    }


def _what_bea_has(db: Session, bea: PatientProfile, key: bytes, now: datetime) -> dict[str, Any]:
    a_plan(db, bea, bea.id, an_item(id="bridge"), now=now)
    stop_plan(db, bea, 1, now)
    account = db.get_one(Account, bea.id)
    return {
        "recovery_code": a_code_app(db, bea.id, now - timedelta(hours=1), key).recovery[0],
        "beas_password_hash": account.password_hash,
        "mail_token": ask_mailbox(db, bea.id, key, now).token,
        "passkey_id": a_passkey(db, bea.id, now).id,
    }


def _what_lea_has(db: Session, lea_id: UUID, kai_id: UUID, now: datetime) -> dict[str, Any]:
    a_practice(db, lea_id, kai_id, now=now)
    return {
        "member_id": kai_id,
        "practice_code": invite_colleague(db, lea_id, now)[0],
        "own_template_id": a_template(db, lea_id, now=now).id,
    }


SITE = Site("localhost", "http://localhost")


def _signed_by_passkeys(db: Session, bea_id: UUID, now: datetime) -> dict[str, dict[str, Any]]:
    """What a passkey of Bea's signs to sign in and to prove, and another one that is to be added."""
    known, new = Device(), Device()
    add_passkey(db, bea_id, "Key", _made_by(db, known, bea_id, now), now)
    return {
        "sign_in": known.signs(_asked(new_challenge(db, ChallengeFor.SIGN_IN, None, now), bea_id)),
        "proof": known.signs(_asked(new_challenge(db, ChallengeFor.PROVE, bea_id, now), bea_id)),
        "new": new.makes(_asked(new_challenge(db, ChallengeFor.REGISTER, bea_id, now), bea_id)),
    }


def _made_by(db: Session, device: Device, bea_id: UUID, now: datetime) -> VerifiedRegistration:
    challenge = new_challenge(db, ChallengeFor.REGISTER, bea_id, now)
    made = PasskeyIn.model_validate(device.makes(_asked(challenge, bea_id)))
    return checked_registration(made, SITE, challenge)


def _asked(challenge: bytes, account_id: UUID) -> dict[str, Any]:
    return {"challenge": text_of(challenge), "user": {"id": text_of(account_id.bytes)}}


NOT_ASKED_FOR = ("access_log", "worker_beat")
"""Each request of a therapist is a look, whatever becomes of it; and a worker says that it is there."""


class Street:
    """An app, and as many households as are asked for, each with browsers of its own."""

    def __init__(self, app: AppInside) -> None:
        self.app = app

    def household(self) -> Household:
        return self.app.write(settle, self.app.app.state.secrets.key)

    def browser_of(self, home: Household, person: str) -> TestClient:
        ids = {
            "ana": home.ana.id,
            "bea": home.bea.id,
            "rui": home.rui_id,
            "lea": home.lea_id,
            "nuno": home.nuno_id,
        }
        return self.app.browser_of(ids[person]) if person in ids else self.app.nobody

    def stored(self) -> dict[str, int]:
        """How many rows each table holds that people write."""
        return {table: rows for table, rows in self.app.stored().items() if table not in NOT_ASKED_FOR}


@contextmanager
def street_on(database_url: str, folder: Path) -> Iterator[Street]:
    """Nothing limits how often one asks here, nobody writes but who is asked to, and letters get lost."""
    settings = Settings(
        data=folder / "data",
        database_url=database_url,
        public_url="http://localhost",
        smtp_host="localhost",
        smtp_port=9,
        rate_limits="off",
        insights="full",
    )
    with running(settings) as app:
        app.app.state.worker.stop()
        yield Street(app)


def _sign_in_of(db: Session, account_id: UUID) -> UUID:
    return db.scalars(select(col(SignIn.id)).where(col(SignIn.account_id) == account_id)).one()
