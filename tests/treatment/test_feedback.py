"""What a patient says after a session."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app.letters.daily_news import patients_with_news
from app.models.account import Account
from app.models.patient import PatientProfile
from app.treatment.feedback import say_something_is_wrong
from builders import NOON, a_consent, a_treated_session

HOUR = timedelta(hours=1)


def test_that_something_is_wrong_is_news_also_when_feedback_was_given_before(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_consent(db, rui.id, ana)
    held = a_treated_session(db, ana.id, rui.id)
    say_something_is_wrong(db, ana, held.id, NOON + 2 * HOUR)
    assert patients_with_news(db, rui.id, NOON + HOUR, NOON + 3 * HOUR) == 1
