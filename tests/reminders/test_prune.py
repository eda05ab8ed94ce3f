"""Old deliveries go, except those that still say something."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import Database
from app.models.patient import Patient, PatientProfile
from app.models.push import Delivery, DeliveryState
from app.reminders.prune import prune_all, prune_some
from builders import NOON, a_delivery, a_device, a_patient, a_reminder

LONG_AGO = NOON - timedelta(days=500)
BEFORE = NOON - timedelta(days=400)
FIRST = UUID(int=0)


def sent_long_ago(db: Session, patient: PatientProfile) -> Delivery:
    return a_delivery(db, a_reminder(db, patient.id), a_device(db, patient.id), LONG_AGO)


def left(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(Delivery)) or 0


def test_what_was_sent_before_the_last_sign_of_a_patient_goes(db: Session, ana: PatientProfile) -> None:
    sent_long_ago(db, ana)
    db.get_one(Patient, ana.id).last_logged_at = NOON
    assert prune_some(db, FIRST, BEFORE)[1] == 1


def test_what_says_how_often_somebody_ignored_a_reminder_stays(db: Session, ana: PatientProfile) -> None:
    sent_long_ago(db, ana)
    db.get_one(Patient, ana.id).last_logged_at = LONG_AGO - timedelta(days=1)
    assert (prune_some(db, FIRST, BEFORE)[1], left(db)) == (0, 1)


def test_what_was_never_sent_goes_and_what_is_on_its_way_stays(db: Session, ana: PatientProfile) -> None:
    held_back, on_its_way = sent_long_ago(db, ana), sent_long_ago(db, ana)
    held_back.state, held_back.sent_at = DeliveryState.SUPPRESSED.value, None
    on_its_way.state, on_its_way.sent_at = DeliveryState.CLAIMED.value, None
    db.flush()
    assert (prune_some(db, FIRST, BEFORE)[1], left(db)) == (1, 1)


def test_what_is_younger_stays(db: Session, ana: PatientProfile) -> None:
    a_delivery(db, a_reminder(db, ana.id), a_device(db, ana.id), NOON)
    db.get_one(Patient, ana.id).last_logged_at = NOON
    assert prune_some(db, FIRST, BEFORE)[1] == 0


@pytest.mark.anyio
async def test_every_patient_is_looked_at_once(database: Database) -> None:
    for name in ("Ana", "Bea", "Eva"):
        await database.write(lambda db, name=name: answered(db, a_patient(db, name)))
    assert await prune_all(database, BEFORE) == 3


def answered(db: Session, patient: PatientProfile) -> None:
    sent_long_ago(db, patient)
    db.get_one(Patient, patient.id).last_answered_at = NOON
