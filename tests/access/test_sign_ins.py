from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.access.accounts import ProfileIn, change_me, me, sign_up
from app.access.passwords import HASH_OF_NOBODY, hash_password, is_password
from app.access.sign_ins import (
    ATTEMPTS_COUNT_FOR,
    ATTEMPTS_PER_ACCOUNT,
    ATTEMPTS_PER_ADDRESS,
    count_attempt,
    end_sign_in,
    forget_attempts,
    note_seen,
    sign_ins_of,
    start_sign_in,
    subjects_of_attempt,
    who_is,
)
from app.errors import Conflict, NotFound, TooMany
from app.models.account import Role, SignIn, SignUp
from builders import NOON, PASSWORD, a_patient, a_therapist, hash_of_password

KEY = b"k" * 32


def test_a_token_tells_who_is_asking(db, ana):
    token = start_sign_in(db, ana.id, "Firefox on Android", NOON)
    db.flush()
    signed_in = who_is(db, token, NOON)
    assert (signed_in.account_id, signed_in.role, signed_in.as_patient) == (ana.id, Role.PATIENT, ana)


def test_a_therapist_is_no_patient(db, rui):
    token = start_sign_in(db, rui.id, "Firefox", NOON)
    db.flush()
    assert who_is(db, token, NOON).as_patient is None


def test_the_token_itself_is_not_stored(db, ana):
    token = start_sign_in(db, ana.id, "Firefox", NOON)
    db.flush()
    assert token not in str(db.execute(select(SignIn.token_hash)).all())


def test_an_unknown_token_is_nobody(db):
    assert who_is(db, "x" * 43, NOON) is None


@pytest.mark.parametrize(
    ("somebody", "idle"),
    [
        pytest.param(a_patient, timedelta(days=30), id="a patient"),
        pytest.param(a_therapist, timedelta(minutes=30), id="a therapist"),
    ],
)
def test_a_browser_that_is_not_used_is_signed_out(db, somebody, idle):
    token = start_sign_in(db, somebody(db).id, "Firefox", NOON)
    db.flush()
    assert who_is(db, token, NOON + idle - timedelta(seconds=1)) is not None
    assert who_is(db, token, NOON + idle) is None


@pytest.mark.parametrize(
    ("somebody", "longest", "used_every"),
    [
        pytest.param(a_patient, timedelta(days=180), timedelta(days=20), id="a patient"),
        pytest.param(a_therapist, timedelta(hours=12), timedelta(minutes=20), id="a therapist"),
    ],
)
def test_a_browser_that_is_used_stays_signed_in_but_not_for_ever(db, somebody, longest, used_every):
    token = start_sign_in(db, somebody(db).id, "Firefox", NOON)
    db.flush()
    uses = [NOON + used_every * turn for turn in range(1, longest // used_every)]
    assert all([is_noted(db, token, at) for at in uses])
    assert who_is(db, token, NOON + longest - timedelta(seconds=1)) is not None
    assert who_is(db, token, NOON + longest) is None


def is_noted(db, token, at):
    """Whether the browser is signed in then; its use is written down."""
    found = who_is(db, token, at)
    if found is not None:
        note_seen(db, found.sign_in_id, at)
        db.flush()
    return found is not None


def test_a_sign_in_ended_elsewhere_counts_no_more(db, ana):
    token = start_sign_in(db, ana.id, "Firefox", NOON)
    db.flush()
    end_sign_in(db, ana.id, who_is(db, token, NOON).sign_in_id, NOON)
    db.flush()
    assert who_is(db, token, NOON) is None


def test_nobody_ends_the_sign_in_of_somebody_else(db, ana):
    token = start_sign_in(db, ana.id, "Firefox", NOON)
    db.flush()
    eva = a_patient(db, "Eva")
    with pytest.raises(NotFound):
        end_sign_in(db, eva.id, who_is(db, token, NOON).sign_in_id, NOON)


def test_the_list_shows_where_i_am_signed_in_and_which_one_is_this(db, ana):
    phone = start_sign_in(db, ana.id, "Firefox on Android", NOON)
    start_sign_in(db, ana.id, "Chrome on Windows", NOON + timedelta(hours=1))
    db.flush()
    rows = sign_ins_of(db, ana.id, who_is(db, phone, NOON).sign_in_id, NOON)
    assert [(row.browser, row.this_one) for row in rows] == [
        ("Chrome on Windows", False),
        ("Firefox on Android", True),
    ]


def guess(db, times, email="ana@people.example", address="192.0.2.1", now=NOON):
    for _ in range(times):
        count_attempt(db, subjects_of_attempt(KEY, email, address), now)


def test_guessing_at_one_account_is_slowed_down(db):
    guess(db, ATTEMPTS_PER_ACCOUNT)
    with pytest.raises(TooMany) as raised:
        guess(db, 1, address="192.0.2.99")
    assert 0 < raised.value.retry_after <= ATTEMPTS_COUNT_FOR.total_seconds() + 1


def test_guessing_from_one_address_is_slowed_down(db):
    for number in range(ATTEMPTS_PER_ADDRESS):
        guess(db, 1, email=f"person{number}@people.example")
    with pytest.raises(TooMany):
        guess(db, 1, email="another@people.example")


def test_attempts_are_forgotten_after_a_while(db):
    guess(db, ATTEMPTS_PER_ACCOUNT)
    guess(db, 1, now=NOON + ATTEMPTS_COUNT_FOR)


def test_a_right_password_clears_what_was_counted_against_the_account(db):
    guess(db, ATTEMPTS_PER_ACCOUNT)
    forget_attempts(db, subjects_of_attempt(KEY, "ana@people.example", "192.0.2.1"), NOON)
    guess(db, 1)


def test_attempts_are_counted_without_storing_whom(db):
    assert "ana" not in "".join(subjects_of_attempt(KEY, "ana@people.example", "192.0.2.1"))


async def test_a_password_fits_only_itself():
    password_hash = await hash_password(PASSWORD)
    assert await is_password(PASSWORD, password_hash)
    assert not await is_password("another password", password_hash)


async def test_no_password_fits_nobody():
    assert not await is_password("somebody without an account", None)


@pytest.mark.parametrize("password_hash", [hash_of_password(), HASH_OF_NOBODY], ids=["somebody", "nobody"])
def test_passwords_are_checked_with_argon2id_at_the_chosen_cost(password_hash):
    assert password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_an_address_is_taken_once_however_it_is_written(db, ana):
    again = SignUp(email="ANA@People.example", password=PASSWORD, name="A", role="patient", zone="UTC")
    with pytest.raises(Conflict):
        sign_up(db, again, "hash", NOON)


def test_quiet_hours_and_zone_can_be_changed(db, ana):
    changed = change_me(db, ana.id, ProfileIn(zone="Europe/Rome", quiet_from="22:15"), NOON)
    assert (changed.zone, changed.quiet_from, changed.quiet_until) == ("Europe/Rome", "22:15", "08:00")


def test_a_therapist_has_no_quiet_hours(db, rui):
    with pytest.raises(Conflict):
        change_me(db, rui.id, ProfileIn(quiet_from="22:15"), NOON)
    assert me(db, rui.id).quiet_from is None


def test_signing_in_rightly_is_not_counted_against_the_address(db):
    for number in range(ATTEMPTS_PER_ADDRESS + 5):
        subjects = subjects_of_attempt(KEY, f"person{number}@people.example", "192.0.2.1")
        now = NOON + timedelta(seconds=number)
        count_attempt(db, subjects, now)
        forget_attempts(db, subjects, now)


async def test_parallel_guesses_stay_inside_the_limit(database):
    subjects = subjects_of_attempt(KEY, "ana@people.example", "192.0.2.1")
    guesses = [database.write(count_attempt, subjects, NOON) for _ in range(ATTEMPTS_PER_ACCOUNT * 3)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(answer is None for answer in answers) == ATTEMPTS_PER_ACCOUNT


async def test_of_two_who_sign_up_with_one_address_at_once_one_gets_it(database):
    person = SignUp(email="ana@people.example", password=PASSWORD, name="Ana", role="patient", zone="UTC")
    tries = [database.write(sign_up, person, "hash", NOON) for _ in range(8)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Account"] + ["Conflict"] * 7


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("testclient", "testclient", True),
    ],
)
def test_an_ipv6_address_counts_as_its_network(one: str, other: str, same: bool) -> None:
    counted = [subjects_of_attempt(KEY, "ana@people.example", address)[1] for address in (one, other)]
    assert (counted[0] == counted[1]) is same
