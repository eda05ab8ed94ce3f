"""Asking a question of one's own diary, and keeping what its reviews found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.database import insert_into
from app.models.help_card import HelpCard
from app.models.patient import PatientProfile
from app.models.question import ChooseQuestion, Question, QuestionReview, open_question


def choose_question(db: Session, patient: PatientProfile, chosen: ChooseQuestion, now: datetime) -> None:
    """Ask about this habit from today on. The same one again changes nothing, so its days still count."""
    asked = open_question(db, patient.id)
    wanted = chosen.habit.value if chosen.habit else None
    if asked is not None and asked.habit == wanted:
        return
    if asked is not None:
        asked.end(at=now)
        db.flush()
    if wanted is not None:
        today = patient.day_at(now)
        db.add(Question(patient_id=patient.id, habit=wanted, first_day=today, asked_at=now))
        db.flush()


def keep_review(
    db: Session,
    question_id: UUID,
    reviewed_on: date,
    looked_at: tuple[date, date],
    effects: dict[str, Any],
    now: datetime,
) -> None:
    """Keep what a review found. The first one stands: what was seen once is not looked at again."""
    first, last = looked_at
    found = {
        "question_id": question_id,
        "reviewed_on": reviewed_on,
        "first_day": first,
        "last_day": last,
        "effects": effects,
        "reviewed_at": now,
    }
    db.execute(insert_into(db, QuestionReview).values(found).on_conflict_do_nothing())


def offer_help_card(db: Session, patient: PatientProfile, now: datetime) -> bool:
    """Whether the card may be shown now; if so, it is remembered."""
    today = patient.day_at(now)
    card = db.get(HelpCard, patient.id)
    if card is not None and not card.may_be_shown_again(today):
        return False
    if card is None:
        db.add(HelpCard(patient_id=patient.id, shown_on=today))
    else:
        card.shown_on = today
    db.flush()
    return True
