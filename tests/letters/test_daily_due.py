"""Whose letter is due, looked at without writing anything."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.accounts import change_email, erase_account
from app.letters.daily_due import THERAPISTS_AT_ONCE, claim_letter, due_letters, note_failed, note_sent
from app.models.account import Account
from app.models.digest import Digest
from app.models.patient import PatientProfile
from app.models.therapist import Therapist
from builders import NOON, a_consent, a_logged_day, a_patient, a_therapist

SEVEN, START = NOON.replace(hour=7), UUID(int=0)
"""Winter in Lisbon: clocks there show UTC."""


def wants_a_letter(db: Session, name: str = "Rui", at: time = time(7, 0)) -> Account:
    account = a_therapist(db, name)
    db.get_one(Therapist, account.id).digest_at = at
    db.flush()
    return account


def many_who_want_one(db: Session, number: int) -> None:
    [wants_a_letter(db, f"therapist{one}") for one in range(number)]


def has_news(db: Session, rui: Account, at: datetime = SEVEN - timedelta(hours=9)) -> PatientProfile:
    """A patient in Rui's care, who logged then."""
    ana = a_patient(db, now=at - timedelta(days=30))
    a_consent(db, rui.id, ana, now=at - timedelta(days=30))
    a_logged_day(db, ana, at.date(), at)
    return ana


def test_a_letter_is_due_until_somebody_claims_it(db: Session) -> None:
    rui = wants_a_letter(db)
    due, reached = due_letters(db, START, SEVEN)
    assert due == [rui.id]
    claim_letter(db, rui.id, SEVEN)
    assert (due_letters(db, START, SEVEN + timedelta(minutes=1)), reached) == (([], None), None)


def test_a_letter_is_claimed_when_its_turn_comes_and_the_others_stay_due(db: Session) -> None:
    rui, eva = wants_a_letter(db), wants_a_letter(db, "Eva")
    claim_letter(db, rui.id, SEVEN)
    assert due_letters(db, START, SEVEN)[0] == [eva.id]


def test_a_letter_goes_to_the_address_of_when_its_turn_comes(db: Session) -> None:
    rui = wants_a_letter(db)
    has_news(db, rui)
    assert due_letters(db, START, SEVEN)[0] == [rui.id]
    change_email(db, rui.id, "rui.new@people.example", SEVEN)
    letter = claim_letter(db, rui.id, SEVEN)
    assert letter is not None
    assert letter.address == "rui.new@people.example"


def test_who_wants_no_more_letters_by_then_gets_none(db: Session) -> None:
    rui = wants_a_letter(db)
    has_news(db, rui)
    db.get_one(Therapist, rui.id).digest_at = None
    assert claim_letter(db, rui.id, SEVEN) is None


def test_who_is_gone_by_then_stops_nobody(db: Session) -> None:
    rui = wants_a_letter(db)
    erase_account(db, rui.id, SEVEN)
    assert claim_letter(db, rui.id, SEVEN) is None


def test_what_comes_while_a_letter_is_sent_is_told_the_next_day(db: Session) -> None:
    rui = wants_a_letter(db)
    ana = has_news(db, rui)
    letter = claim_letter(db, rui.id, SEVEN)
    assert letter is not None
    a_logged_day(db, ana, SEVEN.date(), SEVEN + timedelta(seconds=20))
    note_sent(db, letter)
    tomorrows = claim_letter(db, rui.id, SEVEN + timedelta(days=1))
    assert tomorrows is not None
    assert tomorrows.news == 1


def test_what_a_letter_would_have_told_whose_worker_died_is_told_the_next_day(db: Session) -> None:
    rui = wants_a_letter(db)
    has_news(db, rui)
    assert claim_letter(db, rui.id, SEVEN) is not None
    assert claim_letter(db, rui.id, SEVEN + timedelta(minutes=5)) is None
    tomorrows = claim_letter(db, rui.id, SEVEN + timedelta(days=1))
    assert tomorrows is not None
    assert tomorrows.news == 1


def test_what_was_still_being_saved_when_news_were_counted_is_told_the_next_day(db: Session) -> None:
    rui = wants_a_letter(db)
    assert claim_letter(db, rui.id, SEVEN) is None
    has_news(db, rui, SEVEN - timedelta(seconds=2))
    tomorrows = claim_letter(db, rui.id, SEVEN + timedelta(days=1))
    assert tomorrows is not None
    assert tomorrows.news == 1


def test_looking_writes_nothing(db: Session) -> None:
    wants_a_letter(db)
    due_letters(db, START, SEVEN)
    assert db.scalar(select(func.count()).select_from(Digest)) == 0


def test_a_letter_that_failed_is_due_again_when_its_time_comes(db: Session) -> None:
    rui = wants_a_letter(db)
    has_news(db, rui)
    letter = claim_letter(db, rui.id, SEVEN)
    assert letter is not None
    note_failed(db, letter, SEVEN, may_try_again=True)
    assert due_letters(db, START, SEVEN + timedelta(minutes=9))[0] == []
    assert len(due_letters(db, START, SEVEN + timedelta(minutes=10))[0]) == 1


def test_therapists_are_looked_at_some_at_a_time(db: Session) -> None:
    many_who_want_one(db, THERAPISTS_AT_ONCE + 1)
    first, reached = due_letters(db, START, SEVEN)
    assert reached is not None
    rest, end = due_letters(db, reached, SEVEN)
    assert (len(first), len(rest), end) == (THERAPISTS_AT_ONCE, 1, None)
    assert len({*first, *rest}) == THERAPISTS_AT_ONCE + 1
