"""Challenges and counts of passkeys in either database. What is signed is tried at the door."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.access.passkeys import known_passkey, new_challenge, note_signed, take_challenge
from app.access.proofs import forget_second_factors, second_factors
from app.errors import Refused
from app.models.passkey import ChallengeFor, Passkey, PasskeyChallenge
from app.models.patient import PatientProfile
from builders import NOON, a_passkey, a_patient
from passkey_device import text_of

REGISTER, SIGN_IN = ChallengeFor.REGISTER, ChallengeFor.SIGN_IN


def client_data(challenge: bytes) -> str:
    return text_of(json.dumps({"challenge": text_of(challenge)}).encode())


def test_a_challenge_is_taken_once(db: Session, ana: PatientProfile) -> None:
    challenge = new_challenge(db, REGISTER, ana.id, NOON)
    assert take_challenge(db, client_data(challenge), REGISTER, ana.id, NOON) == challenge
    with pytest.raises(Refused):
        take_challenge(db, client_data(challenge), REGISTER, ana.id, NOON)


def test_a_challenge_is_good_for_one_purpose_and_one_person(db: Session, ana: PatientProfile) -> None:
    said = client_data(new_challenge(db, REGISTER, ana.id, NOON))
    with pytest.raises(Refused):
        take_challenge(db, said, ChallengeFor.PROVE, ana.id, NOON)
    with pytest.raises(Refused):
        take_challenge(db, said, REGISTER, a_patient(db, "Bea").id, NOON)
    with pytest.raises(Refused):
        take_challenge(db, said, REGISTER, None, NOON)
    assert take_challenge(db, said, REGISTER, ana.id, NOON)


def test_a_challenge_to_sign_in_is_nobodys(db: Session, ana: PatientProfile) -> None:
    said = client_data(new_challenge(db, SIGN_IN, None, NOON))
    with pytest.raises(Refused):
        take_challenge(db, said, SIGN_IN, ana.id, NOON)
    assert take_challenge(db, said, SIGN_IN, None, NOON)


def test_a_challenge_that_is_too_old_is_not_taken_and_swept_away(db: Session) -> None:
    said = client_data(new_challenge(db, SIGN_IN, None, NOON))
    later = NOON + PasskeyChallenge.LASTS
    with pytest.raises(Refused):
        take_challenge(db, said, SIGN_IN, None, later)
    new_challenge(db, SIGN_IN, None, later)
    db.flush()
    assert db.query(PasskeyChallenge).count() == 1


def counted(db: Session, account_id: UUID, before: int, now: int) -> int:
    """What a passkey that had signed `before` times counts after saying `now`."""
    passkey = a_passkey(db, account_id)
    passkey.sign_count = before
    db.flush()
    note_signed(db, known_passkey(db, text_of(passkey.credential_id), account_id), now, NOON)
    db.expire_all()
    return db.get_one(Passkey, passkey.id).sign_count


@pytest.mark.parametrize(("before", "now"), [(0, 0), (0, 1), (7, 8), (7, 2**32 - 1)])
def test_a_count_goes_up_or_stays_nothing(db: Session, ana: PatientProfile, before: int, now: int) -> None:
    assert counted(db, ana.id, before, now) == now


@pytest.mark.parametrize(("before", "now"), [(7, 7), (7, 6), (7, 0)])
def test_a_count_that_does_not_go_up_is_of_a_copy(
    db: Session, ana: PatientProfile, before: int, now: int
) -> None:
    with pytest.raises(Refused):
        counted(db, ana.id, before, now)


def test_a_passkey_of_somebody_else_is_not_known(db: Session, ana: PatientProfile) -> None:
    passkey = a_passkey(db, a_patient(db, "Bea").id)
    with pytest.raises(Refused):
        known_passkey(db, text_of(passkey.credential_id), ana.id)


def test_what_was_lost_is_forgotten_for_that_person_only(db: Session, ana: PatientProfile) -> None:
    bea = a_patient(db, "Bea")
    a_passkey(db, ana.id)
    a_passkey(db, bea.id)
    forget_second_factors(db, ana.id)
    assert not second_factors(db, ana.id).any
    assert second_factors(db, bea.id).passkeys
