"""Whose letter is due, looked at without writing anything."""

from __future__ import annotations

from datetime import time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.letters.daily_due import THERAPISTS_AT_ONCE, Letter, claim_letters, due_letters, note_failed
from app.models.account import Account
from app.models.digest import Digest
from app.models.therapist import Therapist
from builders import NOON, a_therapist

SEVEN, START = NOON.replace(hour=7), UUID(int=0)
"""Winter in Lisbon: clocks there show UTC."""


def wants_a_letter(db: Session, name: str = "Rui", at: time = time(7, 0)) -> Account:
    account = a_therapist(db, name)
    db.get_one(Therapist, account.id).digest_at = at
    db.flush()
    return account


def many_who_want_one(db: Session, number: int) -> None:
    [wants_a_letter(db, f"therapist{one}") for one in range(number)]


def test_a_letter_is_due_until_somebody_claims_it(db: Session) -> None:
    rui = wants_a_letter(db)
    due, reached = due_letters(db, START, SEVEN)
    assert [one.therapist_id for one in due] == [rui.id]
    claim_letters(db, due, SEVEN)
    assert (due_letters(db, START, SEVEN + timedelta(minutes=1)), reached) == (([], None), None)


def test_looking_writes_nothing(db: Session) -> None:
    wants_a_letter(db)
    due_letters(db, START, SEVEN)
    assert db.scalar(select(func.count()).select_from(Digest)) == 0


def test_a_letter_that_failed_is_due_again_when_its_time_comes(db: Session) -> None:
    rui = wants_a_letter(db)
    claim_letters(db, due_letters(db, START, SEVEN)[0], SEVEN)
    letter = Letter(rui.id, SEVEN.date(), rui.email, rui.locale, news=1)
    note_failed(db, letter, SEVEN, may_try_again=True)
    assert due_letters(db, START, SEVEN + timedelta(minutes=9))[0] == []
    assert len(due_letters(db, START, SEVEN + timedelta(minutes=10))[0]) == 1


def test_therapists_are_looked_at_some_at_a_time(db: Session) -> None:
    many_who_want_one(db, THERAPISTS_AT_ONCE + 1)
    first, reached = due_letters(db, START, SEVEN)
    assert reached is not None
    rest, end = due_letters(db, reached, SEVEN)
    assert (len(first), len(rest), end) == (THERAPISTS_AT_ONCE, 1, None)
    assert len({one.therapist_id for one in first + rest}) == THERAPISTS_AT_ONCE + 1
