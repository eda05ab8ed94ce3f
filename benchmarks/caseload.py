"""A database with a caseload: patients who logged a month, and a therapist half of them share with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.access.tokens import hash_of, new_token
from app.database import make_engine
from app.home_care.write import write_plan
from app.migrate import migrate
from app.models.account import Account, SignIn
from app.models.care import CareRelationship
from app.models.daily_log import DailyLog, LogEntry
from app.models.home_care import PlanIn
from app.models.patient import Patient, patient_profile
from app.models.therapist import Therapist
from app.models.treatment_session import TreatmentSession

PATIENTS, IN_CARE = 200, 100
DAYS = 30
TUCKS = "chin-tucks"
PLAN = {
    "items": [
        {"kind": "water", "title": "Water", "dose": "8 glasses", "target": {"min": 8}},
        {
            "id": TUCKS,
            "kind": "exercise",
            "title": "Chin tucks",
            "dose": "10 times",
            "why": "Keeps the neck moving.",
        },
    ]
}


@dataclass(frozen=True, slots=True)
class Caseload:
    """The cookies people are signed in with. The first patients are those in care."""

    patients: list[tuple[UUID, str]]
    therapist: str
    therapist_id: UUID
    in_care: list[UUID]


def seed_caseload(url: str, now: datetime, patients: int = PATIENTS) -> Caseload:
    """Fill a new database."""
    migrate(url)
    people = [(uuid4(), new_token()) for _ in range(patients)]
    therapist, token = uuid4(), new_token()
    engine = make_engine(url)
    with Session(engine) as db, db.begin():
        accounts = [account_of(person, now) for person, _ in people]
        db.execute(insert(Account), [*accounts, account_of(therapist, now, "therapist")])
        db.execute(insert(Patient), [{"id": person} for person, _ in people])
        db.execute(insert(Therapist), [{"id": therapist, "certifications": []}])
        db.execute(insert(SignIn), [_sign_in(*one, now) for one in [*people, (therapist, token)]])
        for person, _ in people:
            said = _month(person, now.date())
            db.execute(insert(LogEntry), [_entry(person, day, words) for day, words in said.items()])
            db.execute(insert(DailyLog), [_day(person, day, words) for day, words in said.items()])
        in_care = [person for person, _ in people[:IN_CARE]]
        db.execute(insert(CareRelationship), [_consent(person, therapist, now) for person in in_care])
        db.execute(insert(TreatmentSession), [_held(person, therapist, now) for person in in_care])
        db.execute(insert(TreatmentSession), [_coming(person, therapist, now) for person in in_care])
    with Session(engine) as db, db.begin():
        for person in in_care:
            plan = PlanIn.model_validate(PLAN)
            write_plan(db, patient_profile(db, person), therapist, plan, now - timedelta(days=20))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return Caseload(people, token, therapist, in_care)


def _month(patient_id: UUID, today: date) -> dict[date, dict[str, Any]]:
    """What a patient said of each of their last days: pain wanders, and not every habit is answered."""
    chance, pain = Random(patient_id.int), 5.0  # noqa: S311 (a diary)
    said = {}
    for back in range(DAYS):
        pain = min(max(0.6 * pain + 2 + chance.gauss(0, 1.3), 0), 10)
        said[today - timedelta(days=back)] = _words(chance, round(pain))
    return said


def _words(chance: Random, pain: int) -> dict[str, Any]:
    return {
        "pain": pain,
        "stiffness": chance.randrange(11),
        "mobility": chance.randrange(11),
        "sleep_hours": chance.randrange(10, 19) / 2,
        "water_glasses": chance.choice([None, 4, 6, 8, 9]),
        "stretching_minutes": chance.choice([None, 0, 5, 10]),
        "plan_items": chance.choice([None, {TUCKS: "done"}, {TUCKS: "no_time"}]),
        "pain_sites": [{"region": "low_back", "side": "left", "intensity": 4}],
        "note": "Walked along the river for forty minutes.",
    }


def account_of(patient_id: UUID, now: datetime, role: str = "patient") -> dict[str, Any]:
    return {
        "id": patient_id,
        "email": f"{patient_id.hex}@people.example",
        "password_hash": "",
        "role": role,
        "name": "Ana",
        "zone": "Europe/Lisbon",
        "created_at": now - timedelta(days=60),
    }


def _sign_in(patient_id: UUID, token: str, now: datetime) -> dict[str, Any]:
    return {
        "account_id": patient_id,
        "token_hash": hash_of(token),
        "browser": "Firefox on Android",
        "created_at": now,
        "last_seen_at": now,
        "expires_at": now + timedelta(days=30),
    }


def _entry(patient_id: UUID, day: date, words: dict[str, Any]) -> dict[str, Any]:
    at = _evening(day)
    said = {measure: value for measure, value in words.items() if value is not None}
    return {
        "patient_id": patient_id,
        "id": uuid4(),
        "day": day,
        "recorded_at": at,
        "received_at": at,
        "ordered_at": at,
        "source": "app",
        "late": False,
        "content": json.dumps({"add": {}, "set": said}, sort_keys=True, separators=(",", ":")),
    }


def _day(patient_id: UUID, day: date, words: dict[str, Any]) -> dict[str, Any]:
    at = _evening(day)
    return {
        "patient_id": patient_id,
        "day": day,
        **words,
        "late": False,
        "first_logged_at": at,
        "updated_at": at,
    }


def _evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 0, 30, tzinfo=UTC)


def _consent(patient: UUID, therapist: UUID, now: datetime) -> dict[str, Any]:
    accepted = now - timedelta(days=40)
    return {
        "therapist_id": therapist,
        "patient_id": patient,
        "code_hash": hash_of(new_token()),
        "invited_at": accepted,
        "invitation_expires_at": accepted + CareRelationship.INVITATION_LASTS,
        "accepted_at": accepted,
        "shares_measures": True,
        "shares_notes": True,
        "shares_plan": True,
    }


def _held(patient: UUID, therapist: UUID, now: datetime) -> dict[str, Any]:
    return _session(patient, therapist, now - timedelta(days=14)) | {"held_at": now - timedelta(days=14)}


def _coming(patient: UUID, therapist: UUID, now: datetime) -> dict[str, Any]:
    return _session(patient, therapist, now + timedelta(days=1))


def _session(patient: UUID, therapist: UUID, starts_at: datetime) -> dict[str, Any]:
    return {
        "patient_id": patient,
        "therapist_id": therapist,
        "starts_at": starts_at,
        "minutes": 50,
        "visibility": "shared",
    }
