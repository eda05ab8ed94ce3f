"""Codes from an app, and the ones on paper: each counts once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.access.code_app import (
    add_code_app,
    has_code_app,
    new_pairing,
    recovery_codes_left,
    remove_code_app,
    use_code,
)
from app.errors import Conflict, Invalid
from app.models.code_app import CodeApp, RecoveryCode
from app.models.patient import PatientProfile
from builders import NOON, SERVER_KEY, CodesOf, a_code_app, a_patient

LATER = NOON + timedelta(minutes=5)
STEP = timedelta(seconds=30)


@pytest.fixture
def app(db: Session, ana: PatientProfile) -> CodesOf:
    return a_code_app(db, ana.id)


def test_the_code_of_now_is_taken(db: Session, ana: PatientProfile, app: CodesOf) -> None:
    assert use_code(db, SERVER_KEY, ana.id, app.at(LATER), LATER)


def grouped(code: str) -> str:
    return f" {code[:3]}\N{NO-BREAK SPACE}{code[3:]}"


def in_arabic(code: str) -> str:
    return code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))


@pytest.mark.parametrize("typed", [grouped, in_arabic])
def test_a_code_is_taken_as_its_app_shows_it(
    db: Session, ana: PatientProfile, app: CodesOf, typed: Callable[[str], str]
) -> None:
    assert use_code(db, SERVER_KEY, ana.id, typed(app.at(LATER)), LATER)


@pytest.mark.parametrize("typed", [grouped, in_arabic])
def test_the_first_code_is_taken_as_its_app_shows_it(
    db: Session, ana: PatientProfile, typed: Callable[[str], str]
) -> None:
    pairing = new_pairing(SERVER_KEY, ana.id, "ana@people.example")
    assert add_code_app(db, SERVER_KEY, ana.id, pairing.sealed, typed(CodesOf(pairing.secret).at(NOON)), NOON)


@pytest.mark.parametrize("steps", [-1, 1])
def test_a_clock_may_be_off_by_half_a_minute(
    db: Session, ana: PatientProfile, app: CodesOf, steps: int
) -> None:
    assert use_code(db, SERVER_KEY, ana.id, app.at(LATER + steps * STEP), LATER)


@pytest.mark.parametrize("steps", [-2, 2])
def test_an_older_or_later_code_is_not_taken(
    db: Session, ana: PatientProfile, app: CodesOf, steps: int
) -> None:
    assert not use_code(db, SERVER_KEY, ana.id, app.at(LATER + steps * STEP), LATER)


def test_a_code_counts_once(db: Session, ana: PatientProfile, app: CodesOf) -> None:
    assert use_code(db, SERVER_KEY, ana.id, app.at(LATER), LATER)
    assert not use_code(db, SERVER_KEY, ana.id, app.at(LATER), LATER + timedelta(seconds=1))


def test_after_a_code_the_one_before_it_is_too_late(db: Session, ana: PatientProfile, app: CodesOf) -> None:
    assert use_code(db, SERVER_KEY, ana.id, app.at(LATER), LATER)
    assert not use_code(db, SERVER_KEY, ana.id, app.at(LATER - STEP), LATER)


def test_the_code_of_setting_up_does_not_sign_in_as_well(
    db: Session, ana: PatientProfile, app: CodesOf
) -> None:
    assert not use_code(db, SERVER_KEY, ana.id, app.at(NOON), NOON)


def test_a_recovery_code_counts_once(db: Session, ana: PatientProfile, app: CodesOf) -> None:
    code = app.recovery[3]
    assert use_code(db, SERVER_KEY, ana.id, code.upper(), LATER)
    assert not use_code(db, SERVER_KEY, ana.id, code, LATER)
    assert recovery_codes_left(db, ana.id) == RecoveryCode.GIVEN - 1


def test_codes_are_good_for_one_person(db: Session, ana: PatientProfile, app: CodesOf) -> None:
    bea = a_patient(db, "Bea")
    a_code_app(db, bea.id)
    assert not use_code(db, SERVER_KEY, bea.id, app.at(LATER), LATER)
    assert not use_code(db, SERVER_KEY, bea.id, app.recovery[0], LATER)


@pytest.mark.parametrize(
    "nonsense", ["", "000000000", "\N{CIRCLED DIGIT ONE}" * 6, "\ud800", "\x00", "a" * 64]
)
def test_nonsense_is_no_code(db: Session, ana: PatientProfile, app: CodesOf, nonsense: str) -> None:
    assert not use_code(db, SERVER_KEY, ana.id, nonsense, LATER)


def test_neither_secret_nor_recovery_codes_lie_in_the_table(
    db: Session, ana: PatientProfile, app: CodesOf
) -> None:
    kept = db.get_one(CodeApp, ana.id).sealed_secret
    assert app.secret not in kept
    hashes = {row.code_hash for row in db.query(RecoveryCode)}
    assert not hashes & set(app.recovery)


def test_a_wrong_first_code_switches_nothing_on(db: Session, ana: PatientProfile) -> None:
    pairing = new_pairing(SERVER_KEY, ana.id, "ana@people.example")
    with pytest.raises(Invalid):
        add_code_app(db, SERVER_KEY, ana.id, pairing.sealed, "000000", NOON)
    assert not has_code_app(db, ana.id)


@pytest.mark.parametrize("sealed", ["", "nonsense", "A" * 100, "ä"])
def test_a_secret_that_was_not_sealed_here_is_not_taken(
    db: Session, ana: PatientProfile, sealed: str
) -> None:
    with pytest.raises(Conflict):
        add_code_app(db, SERVER_KEY, ana.id, sealed, "000000", NOON)


def test_a_secret_sealed_for_somebody_else_is_not_taken(db: Session, ana: PatientProfile) -> None:
    pairing = new_pairing(SERVER_KEY, a_patient(db, "Bea").id, "bea@people.example")
    with pytest.raises(Conflict):
        add_code_app(db, SERVER_KEY, ana.id, pairing.sealed, CodesOf(pairing.secret).at(NOON), NOON)


def test_switched_off_means_gone(db: Session, ana: PatientProfile, app: CodesOf) -> None:
    remove_code_app(db, ana.id)
    assert not use_code(db, SERVER_KEY, ana.id, app.at(LATER), LATER)
    assert not use_code(db, SERVER_KEY, ana.id, app.recovery[0], LATER)
