"""What a browser is called in the list of those where somebody is signed in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.access.browsers import browser_in_words, browser_named
from app.access.looks import looks_at
from app.access.sign_ins import sign_ins_of, start_sign_in
from app.language import language_of, speaking
from app.models.patient import PatientProfile
from builders import NOON, a_patient

ANDROID = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36"


@pytest.fixture
def ana(db: Session) -> PatientProfile:
    return a_patient(db)


def test_it_is_stored_without_the_language_of_the_day() -> None:
    with speaking(language_of("de")):
        assert browser_named(ANDROID) == "Chrome|Android"


def test_each_reader_sees_it_in_their_own_language(db: Session, ana: PatientProfile) -> None:
    start_sign_in(db, ana.id, browser_named(ANDROID), NOON)
    db.flush()
    with speaking(language_of("de")):
        german = [one.browser for one in sign_ins_of(db, ana.id, None, NOON + timedelta(hours=1))]
    assert german == ["Chrome auf Android"]
    assert looks_at(db, ana.id)[0].who == "Chrome on Android"


def test_one_that_says_nothing_of_itself_is_a_browser() -> None:
    assert browser_in_words(browser_named("")) == "A browser"


def test_what_was_stored_as_words_stays_as_it_is() -> None:
    assert browser_in_words("Firefox auf Linux") == "Firefox auf Linux"
