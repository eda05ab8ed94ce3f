from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.models.account import Account
from app.models.brief_read import last_reading, mark_brief_read, readings_of, take_back_brief_read
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession
from builders import NOON, a_therapist


def test_two_taps_are_one_reading(db: Session, ana: PatientProfile, rui: Account) -> None:
    first = mark_brief_read(db, ana.id, rui.id, rui.name, NOON)

    assert mark_brief_read(db, ana.id, rui.id, rui.name, NOON + timedelta(minutes=2)) == first


def test_the_next_brief_is_read_anew(db: Session, ana: PatientProfile, rui: Account) -> None:
    mark_brief_read(db, ana.id, rui.id, rui.name, NOON - timedelta(days=14))
    mark_brief_read(db, ana.id, rui.id, rui.name, NOON)

    assert readings_of(db, ana.id)[rui.id].read_at == NOON


def test_taken_back_within_the_hour_it_was_never_read(db: Session, ana: PatientProfile, rui: Account) -> None:
    mark_brief_read(db, ana.id, rui.id, rui.name, NOON)
    take_back_brief_read(db, ana.id, rui.id, NOON + timedelta(minutes=59))

    assert last_reading(db, ana.id, rui.id) is None


def test_after_an_hour_it_stays_read(db: Session, ana: PatientProfile, rui: Account) -> None:
    mark_brief_read(db, ana.id, rui.id, rui.name, NOON)

    with pytest.raises(Conflict):
        take_back_brief_read(db, ana.id, rui.id, NOON + timedelta(minutes=61))


def test_taking_back_what_was_not_marked_changes_nothing(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    nuno = a_therapist(db, "Nuno")
    mark_brief_read(db, ana.id, nuno.id, nuno.name, NOON)
    take_back_brief_read(db, ana.id, rui.id, NOON)

    assert list(readings_of(db, ana.id)) == [nuno.id]


def test_a_reading_before_the_last_session_was_of_another_brief(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    before, after = NOON - timedelta(minutes=30), NOON + timedelta(minutes=20)
    mark_brief_read(db, ana.id, rui.id, rui.name, before)
    db.add(TreatmentSession(patient_id=ana.id, therapist_id=rui.id, starts_at=NOON, minutes=50, held_at=NOON))
    db.flush()
    assert last_reading(db, ana.id, rui.id) is None

    assert mark_brief_read(db, ana.id, rui.id, rui.name, after).read_at == after
