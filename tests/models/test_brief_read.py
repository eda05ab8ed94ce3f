from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.models.account import Account
from app.models.brief_read import (
    last_reading,
    mark_as_shown,
    mark_brief_read,
    readings_of,
    take_back_brief_read,
    who_ticked_unread,
)
from app.models.check_in import CheckInSaid, SafetyItem
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession
from app.treatment.after import after_session
from app.treatment.check_ins import check_in
from app.treatment.feedback import say_something_is_wrong
from builders import NOON, a_consent, a_session, a_therapist


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


def test_what_is_ticked_after_the_reading_makes_the_brief_unread(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    mark_brief_read(db, ana.id, rui.id, rui.name, NOON)
    check_in(db, ana, CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN]), NOON + timedelta(minutes=10))
    assert last_reading(db, ana.id, rui.id) is None
    assert who_ticked_unread(db, rui.id) == {ana.id}

    mark_brief_read(db, ana.id, rui.id, rui.name, NOON + timedelta(minutes=20))
    assert last_reading(db, ana.id, rui.id) is not None
    assert who_ticked_unread(db, rui.id) == set()


def test_what_was_ticked_after_the_brief_was_shown_is_not_read(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    check_in(db, ana, CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN]), NOON + timedelta(minutes=10))
    after = NOON + timedelta(minutes=20)
    mark_as_shown(db, ana.id, rui.id, rui.name, NOON, after)
    assert last_reading(db, ana.id, rui.id) is None

    mark_as_shown(db, ana.id, rui.id, rui.name, after, after)
    assert last_reading(db, ana.id, rui.id) is not None


def test_something_wrong_after_the_reading_makes_the_brief_unread(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    held = a_session(db, ana.id, rui.id, NOON - timedelta(hours=2), NOON - timedelta(hours=1))
    mark_brief_read(db, ana.id, rui.id, rui.name, NOON)
    assert who_ticked_unread(db, rui.id) == set()

    say_something_is_wrong(db, ana, held.id, NOON + timedelta(minutes=10))
    assert last_reading(db, ana.id, rui.id) is None
    assert who_ticked_unread(db, rui.id) == {ana.id}


def test_a_check_in_without_a_tick_leaves_the_brief_read(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    mark_brief_read(db, ana.id, rui.id, rui.name, NOON)
    check_in(db, ana, CheckInSaid(request="The left shoulder."), NOON + timedelta(minutes=10))

    assert last_reading(db, ana.id, rui.id) is not None
    assert who_ticked_unread(db, rui.id) == set()


def test_a_tick_for_another_therapists_session_is_not_ones_own(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    nuno = a_therapist(db, "Nuno")
    a_consent(db, nuno.id, ana)
    a_session(db, ana.id, nuno.id, NOON + timedelta(hours=3))
    check_in(db, ana, CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN]), NOON)

    assert who_ticked_unread(db, rui.id) == set()
    assert who_ticked_unread(db, nuno.id) == {ana.id}


def test_a_tick_before_the_last_session_was_for_that_session(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    check_in(db, ana, CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN]), NOON - timedelta(hours=2))
    a_session(db, ana.id, rui.id, NOON - timedelta(hours=1), NOON)

    assert who_ticked_unread(db, rui.id) == set()


def test_a_tick_stays_unread_when_the_end_of_its_session_is_corrected_to_later(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    minutes = timedelta(minutes=1)
    held = a_session(db, ana.id, rui.id, NOON - 50 * minutes, NOON)
    say_something_is_wrong(db, ana, held.id, NOON + 10 * minutes)
    held.correct_held_at(NOON + 30 * minutes, now=NOON + 40 * minutes)
    db.flush()

    assert who_ticked_unread(db, rui.id) == {ana.id}
    assert after_session(db, ana, NOON + 41 * minutes).something_wrong == held.id
