from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.diary.question import choose_question, keep_review, offer_help_card
from app.models.patient import PatientProfile
from app.models.question import AskedHabit, ChooseQuestion
from app.models.treatment_session import TreatmentSession
from app.reports.own_insights import Insights, own_insights, review_due
from builders import NOON, a_logged_day

TODAY = NOON.date()
STRETCH, NONE = ChooseQuestion(habit=AskedHabit.STRETCH), ChooseQuestion(habit=None)


def ago(days: int) -> datetime:
    return NOON - timedelta(days=days)


def logged(db: Session, ana: PatientProfile, days: int, effect: int = 2) -> None:
    """`days` days until today; stretched every other day, and less pain on the day after."""
    for back in range(days):
        minutes, after = (10 if back % 2 else 0), (0 if back % 2 else effect)
        pain = 6 - after + (back % 3 == 0)
        at = ago(back)
        a_logged_day(
            db, ana, at.date(), at, pain=pain, stretching_minutes=minutes, water_glasses=6 + back % 4
        )


def reviewed(db: Session, ana: PatientProfile, now: datetime = NOON) -> Insights:
    due = review_due(db, ana, now)
    if due:
        keep_review(db, due.question_id, due.reviewed_on, due.looked_at, due.effects, now)
    return own_insights(db, ana, "full", now)


def test_switched_off_nothing_is_said(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 40)
    said = own_insights(db, ana, "off", NOON)

    assert (said.coverage, said.change, said.trend, said.text) == (None, None, None, [])


def test_by_default_counts_and_means_are_said_and_no_pattern(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 40)
    said = own_insights(db, ana, "descriptive", NOON)

    assert said.coverage is not None
    assert said.coverage.last_30.logged == 30
    assert said.adherence is not None
    assert said.adherence["stretch"] == {"met": 15, "answered": 30, "of": 30, "percent": 50}
    assert (said.trend, said.question, said.associations) == (None, None, None)


def test_without_a_session_two_weeks_are_told_and_not_compared(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 14)
    told = own_insights(db, ana, "descriptive", NOON).text

    assert any("before (7 days)" in sentence for sentence in told)
    assert not any("points" in sentence or "range" in sentence for sentence in told)


def test_a_question_says_how_far_it_is(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 20)
    choose_question(db, ana, STRETCH, ago(19))
    said = own_insights(db, ana, "full", NOON)

    assert said.question is not None
    assert (said.question.days, said.question.days_needed) == (19, 30)
    assert said.text[-1] == "Too early to compare stretching with next-day pain: 19 of 30 days."


def test_days_before_the_question_do_not_answer_it(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 90)
    choose_question(db, ana, STRETCH, ago(5))
    said = own_insights(db, ana, "full", NOON)

    assert said.question is not None
    assert said.question.days == 5


def test_before_four_weeks_nobody_looks(db: Session, ana: PatientProfile) -> None:
    choose_question(db, ana, STRETCH, ago(27))

    assert review_due(db, ana, NOON) is None


def test_after_eight_weeks_the_review_says_what_it_found(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 57)
    choose_question(db, ana, STRETCH, ago(56))
    said = reviewed(db, ana)

    assert said.question is not None
    assert said.question.next_review_on == TODAY + timedelta(days=28)
    [review] = said.question.reviews
    assert (review.first_day, review.last_day) == (ago(56).date(), ago(1).date())
    assert "points lower the day after stretching" in review.words[0]
    assert said.text[-1] == review.words[-1]


def test_a_review_looks_at_the_days_until_it_whenever_it_is_made(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 70)
    choose_question(db, ana, STRETCH, ago(60))
    due = review_due(db, ana, NOON)

    assert due is not None
    assert due.reviewed_on == ago(4).date()
    assert due.looked_at == (ago(60).date(), ago(5).date())


def test_what_a_review_found_stands_when_days_change_later(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 57)
    choose_question(db, ana, STRETCH, ago(56))
    before = reviewed(db, ana).associations
    logged(db, ana, 57, effect=-2)

    assert reviewed(db, ana).associations == before
    assert review_due(db, ana, NOON) is None


def test_a_review_made_twice_at_once_is_kept_once(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 57)
    choose_question(db, ana, STRETCH, ago(56))
    due = review_due(db, ana, NOON)
    assert due is not None
    keep_review(db, due.question_id, due.reviewed_on, due.looked_at, due.effects, NOON)
    keep_review(db, due.question_id, due.reviewed_on, due.looked_at, {}, NOON)

    assert own_insights(db, ana, "full", NOON).associations == due.effects


def test_choosing_the_same_again_keeps_its_days(db: Session, ana: PatientProfile) -> None:
    choose_question(db, ana, STRETCH, ago(10))
    choose_question(db, ana, STRETCH, NOON)
    said = own_insights(db, ana, "full", NOON)

    assert said.question is not None
    assert said.question.first_day == ago(10).date()


def test_another_question_begins_anew(db: Session, ana: PatientProfile) -> None:
    choose_question(db, ana, STRETCH, ago(10))
    choose_question(db, ana, ChooseQuestion(habit=AskedHabit.WATER), NOON)
    said = own_insights(db, ana, "full", NOON)

    assert said.question is not None
    assert (said.question.habit, said.question.first_day) == (AskedHabit.WATER, TODAY)


def test_a_question_can_be_dropped(db: Session, ana: PatientProfile) -> None:
    choose_question(db, ana, STRETCH, ago(10))
    choose_question(db, ana, NONE, NOON)

    assert own_insights(db, ana, "full", NOON).question is None


def test_the_picture_around_sessions_comes_with_three_of_them(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 90)
    for back in (60, 40, 20):
        a_held_session(db, ana, back)
    profile = own_insights(db, ana, "descriptive", NOON).profile

    assert profile is not None
    assert (profile["status"], profile["sessions"]) == ("ok", 3)


def test_the_help_card_is_offered_at_most_every_two_weeks(db: Session, ana: PatientProfile) -> None:
    assert offer_help_card(db, ana, ago(20))
    assert offer_help_card(db, ana, ago(20))
    assert not offer_help_card(db, ana, ago(7))
    assert offer_help_card(db, ana, ago(6))


def a_held_session(db: Session, ana: PatientProfile, back: int) -> None:
    db.add(TreatmentSession(patient_id=ana.id, starts_at=ago(back), minutes=50, held_at=ago(back)))
    db.flush()
