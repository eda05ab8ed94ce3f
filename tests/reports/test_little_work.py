"""How much work the pages are that are opened most, a patient's Today and the two of a therapist before every
session, counted in function calls and in questions to the database: those are the same on a slow, a quick and
a busy machine."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from app.access.looks import SharedPatient
from app.database import make_engine
from app.models.access_log import AccessLog
from app.models.account import Account
from app.models.care import CareRelationship
from app.models.daily_log import DailyLog, LogEntry
from app.models.patient import Patient, patient_profile
from app.models.push import PushSubscription
from app.models.treatment_session import TreatmentSession
from app.reports.brief import build_brief
from app.reports.brief_text import brief_text
from app.reports.patient_list import patients_of
from app.web.page import rendered
from app.web.today import read_today
from builders import ALL_SCOPES, NOON, a_plan, a_therapist
from reports.counting import counted_queries

PATIENTS, DAYS = 100, 60
LEFT_LOW_BACK = {"region": "low_back", "side": "left", "intensity": 4}


def a_caseload(db: Session, therapist_id: UUID, patients: int) -> list[UUID]:
    """Patients with sixty days each, a session every two weeks, a phone, and looks at all of it."""
    ids = [uuid4() for _ in range(patients)]
    db.execute(insert(Account), [account_of(one, number) for number, one in enumerate(ids)])
    db.execute(insert(Patient), [{"id": one, "last_logged_at": NOON} for one in ids])
    db.execute(insert(CareRelationship), [consent_of(one, therapist_id) for one in ids])
    db.execute(insert(PushSubscription), [phone_of(one) for one in ids])
    db.execute(insert(TreatmentSession), [row for one in ids for row in sessions_of(one, therapist_id)])
    db.execute(insert(AccessLog), [row for one in ids for row in looks_at(one, therapist_id)])
    db.execute(insert(DailyLog), [row for one in ids for row in days_of(one)])
    db.execute(insert(LogEntry), [row for one in ids for row in entries_of(one)])
    for one in ids:
        a_plan(db, patient_profile(db, one), therapist_id, now=NOON - timedelta(days=30))
    return ids


def account_of(patient_id: UUID, number: int) -> dict[str, Any]:
    person = {"email": f"{patient_id}@people.example", "name": f"Patient {number}", "role": "patient"}
    rest = {"password_hash": "", "zone": "Europe/Lisbon", "locale": "en", "created_at": NOON}
    return {"id": patient_id} | person | rest


def consent_of(patient_id: UUID, therapist_id: UUID) -> dict[str, Any]:
    who = {
        "id": uuid4(),
        "therapist_id": therapist_id,
        "patient_id": patient_id,
        "code_hash": str(patient_id),
    }
    when = {"invited_at": NOON, "invitation_expires_at": NOON, "accepted_at": NOON - timedelta(days=90)}
    return who | when | dict.fromkeys(("shares_measures", "shares_notes", "shares_plan"), True)


def phone_of(patient_id: UUID) -> dict[str, Any]:
    phone = {"id": uuid4(), "account_id": patient_id, "endpoint": f"https://push.example/{patient_id}"}
    seen = dict.fromkeys(("created_at", "last_accepted_at", "last_shown_at"), NOON)
    return phone | {"p256dh": "", "auth": ""} | seen


def sessions_of(patient_id: UUID, therapist_id: UUID) -> Iterator[dict[str, Any]]:
    for back in (70, 56, 42, 28, 14, -3):
        at = NOON - timedelta(days=back)
        whose = {"id": uuid4(), "patient_id": patient_id, "therapist_id": therapist_id}
        yield whose | {"starts_at": at, "minutes": 50, "held_at": at if back > 0 else None}


def looks_at(patient_id: UUID, therapist_id: UUID) -> Iterator[dict[str, Any]]:
    for number, back in enumerate(range(10, 90, 5), 1):
        look = {"who": "Rui", "what": "web:brief:read", "at": NOON - timedelta(days=back), "digest": ""}
        yield {"account_id": patient_id, "number": number, "by_id": therapist_id} | look


def days_of(patient_id: UUID) -> Iterator[dict[str, Any]]:
    chance = Random(str(patient_id))
    for back in range(DAYS):
        at = NOON - timedelta(days=back)
        said = {"pain": chance.randint(2, 7), "water_glasses": chance.randint(4, 10), "sleep_hours": 7.5}
        words = {"pain_sites": [LEFT_LOW_BACK], "note": "Walked along the river." if back % 6 == 0 else None}
        yield (
            {"patient_id": patient_id, "day": at.date(), "first_logged_at": at, "updated_at": at}
            | said
            | words
        )


def entries_of(patient_id: UUID) -> Iterator[dict[str, Any]]:
    for back in range(DAYS):
        at = NOON - timedelta(days=back)
        when = {"recorded_at": at, "received_at": at, "ordered_at": at, "source": "app", "late": False}
        for said in ('{"set":{"pain":4}}', '{"add":{"water_glasses":3}}', '{"set":{"note":"Walked."}}'):
            yield {"patient_id": patient_id, "day": at.date(), "id": uuid4(), "content": said} | when


@pytest.fixture(scope="module")
def caseload(shared_url: str) -> Iterator[tuple[Session, UUID, list[UUID]]]:
    """A therapist with a hundred patients, never committed."""
    engine: Engine = make_engine(shared_url)
    with Session(engine) as db:
        rui = a_therapist(db)
        ids = a_caseload(db, rui.id, PATIENTS)
        db.execute(text("analyze"))
        db.expire_all()
        yield db, rui.id, ids
    engine.dispose()


def calls_of(work: Callable[[], Any]) -> int:
    """How many functions are called, the second time: the first fills what is remembered."""
    work()
    counted = Counter[str]()
    sys.setprofile(lambda _frame, event, _given: counted.update((event,)))
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted["call"] + counted["c_call"]


def test_the_list_of_a_hundred_patients_is_little_work(
    caseload: tuple[Session, UUID, list[UUID]],
) -> None:
    db, rui, _ids = caseload

    assert len(patients_of(db, rui, NOON)) == PATIENTS
    assert calls_of(lambda: patients_of(db, rui, NOON)) <= 115_000


def test_a_brief_over_sixty_days_is_little_work(caseload: tuple[Session, UUID, list[UUID]]) -> None:
    db, rui, ids = caseload
    shared = SharedPatient(patient_profile(db, ids[0]), frozenset(ALL_SCOPES), rui)

    assert calls_of(lambda: brief_text(build_brief(db, shared, NOON), "UTC")) <= 15_000


def test_the_brief_asks_the_database_as_often_for_sixty_days_as_for_none(
    caseload: tuple[Session, UUID, list[UUID]],
) -> None:
    db, rui, ids = caseload
    shared = SharedPatient(patient_profile(db, ids[0]), frozenset(ALL_SCOPES), rui)
    with counted_queries(db) as for_sixty_days:
        build_brief(db, shared, NOON)
    with counted_queries(db) as for_none:
        build_brief(db, shared, datetime(2027, 9, 1, tzinfo=UTC))

    assert len(for_sixty_days) == len(for_none) <= 12


def test_today_is_little_work(caseload: tuple[Session, UUID, list[UUID]]) -> None:
    """It names the places of the last weeks, not all 57, and asks what it shows around sessions, not more."""
    db, _rui, ids = caseload
    ana = patient_profile(db, ids[0])
    with counted_queries(db) as asked:
        today = read_today(db, ana, NOON, False)
    shown = {one.name: getattr(today, one.name) for one in fields(today)}

    assert len(today.form.recent_places) == 1
    assert len(asked) <= 8
    assert calls_of(lambda: rendered("today.html", signed_in=None, notice=None, **shown)) <= 9_500
