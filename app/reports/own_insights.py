"""What a patient's diary can honestly say, for the patient: as much as the installation says at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from app.insights.answers import (
    adherence_answer,
    change_answer,
    effect_answer,
    effect_answered,
    profile_answer,
    trend_answer,
)
from app.insights.days import Coverage
from app.insights.findings import Findings, effects_of, find
from app.insights.habit_effect import FEWEST_ROWS, SHOWN_BELOW_P_AT_REVIEW, HabitEffect, habit_effect
from app.insights.sentences import (
    adherence_words,
    change_sentences,
    coverage_words,
    effect_words,
    progress_words,
    trend_words,
)
from app.insights.trend import Seen
from app.models.patient import PatientProfile
from app.models.question import AskedHabit, QuestionReview, open_question, reviews_of
from app.reports.diary_values import read_diary_values

Level = Literal["off", "descriptive", "full"]
LOOKED_BACK = timedelta(days=180)
_NO_ANSWERS = HabitEffect(Seen.INSUFFICIENT, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class ReviewFound:
    """What a review that is due finds, not yet kept."""

    question_id: UUID
    reviewed_on: date
    looked_at: tuple[date, date]
    effects: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One review as it is kept: the days it looked at, and what it found in words."""

    reviewed_on: date
    first_day: date
    last_day: date
    effects: dict[str, Any]
    words: list[str]


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """The question a patient chose. `days` of `days_needed` can be compared so far."""

    habit: AskedHabit
    first_day: date
    next_review_on: date
    days: int
    days_needed: int
    words: str
    reviews: list[Reviewed]


@dataclass(frozen=True, slots=True)
class CoverageOfDiary:
    """How many of the last days were logged."""

    last_14: Coverage
    last_30: Coverage


@dataclass(frozen=True, slots=True)
class Insights:
    """What is not said at this level is None. `associations` are those of the newest review."""

    level: Level
    coverage: CoverageOfDiary | None
    adherence: dict[str, Any] | None
    change: dict[str, Any] | None
    profile: dict[str, Any] | None
    trend: dict[str, Any] | None
    question: AskedQuestion | None
    associations: dict[str, Any] | None
    prompts: list[str]
    text: list[str]


NOTHING_SAID = Insights("off", None, None, None, None, None, None, None, [], [])


def own_insights(db: Session, patient: PatientProfile, level: Level, now: datetime) -> Insights:
    if level == "off":
        return NOTHING_SAID
    today = patient.day_at(now)
    found = find(read_diary_values(db, patient, today - LOOKED_BACK, today))
    is_full = level == "full"
    question = asked_question(db, patient, today) if is_full else None
    newest = question.reviews[-1] if question and question.reviews else None
    return Insights(
        level=level,
        coverage=CoverageOfDiary(found.coverage_14, found.coverage_30),
        adherence={name: adherence_answer(kept) for name, kept in found.adherence.items()},
        change=change_answer(found.change, found.last_session),
        profile=profile_answer(found.profile),
        trend=trend_answer(found.trend) if is_full else None,
        question=question,
        associations=newest.effects if newest else ({} if is_full else None),
        prompts=[prompt.value for prompt in found.prompts],
        text=[*_described(found), *(_in_full(found, question) if is_full else ())],
    )


def asked_question(db: Session, patient: PatientProfile, today: date) -> AskedQuestion | None:
    """The open question with its reviews and how far the next one is."""
    question = open_question(db, patient.id)
    if question is None:
        return None
    diary = read_diary_values(db, patient, question.first_day, today, question.habit)
    habit = diary.habits.get(question.habit)
    effect = (
        habit_effect(diary.pain, habit.met, diary.sessions, overnight=habit.overnight)
        if habit
        else _NO_ANSWERS
    )
    return AskedQuestion(
        habit=AskedHabit(question.habit),
        first_day=question.first_day,
        next_review_on=question.next_review_day(today),
        days=min(effect.rows, FEWEST_ROWS),
        days_needed=FEWEST_ROWS,
        words=progress_words(question.habit, effect),
        reviews=[reviewed(question.habit, review) for review in reviews_of(db, question.id)],
    )


def review_due(db: Session, patient: PatientProfile, now: datetime) -> ReviewFound | None:
    """The review whose day has come and that nobody made yet, over whole days since the question was asked.

    It looks at the days up to its own day only, so it finds the same whenever somebody comes to look.
    """
    question = open_question(db, patient.id)
    day = question.newest_review_day(patient.day_at(now)) if question else None
    if question is None or day is None or any(one.reviewed_on == day for one in reviews_of(db, question.id)):
        return None
    last = day - timedelta(days=1)
    diary = read_diary_values(db, patient, question.first_day, last, question.habit)
    effects = effects_of(diary, SHOWN_BELOW_P_AT_REVIEW)
    answers = {name: effect_answer(effect) for name, effect in effects.items()}
    return ReviewFound(question.id, day, (question.first_day, last), answers)


def reviewed(habit: str, review: QuestionReview) -> Reviewed:
    """The chosen habit in words whatever was found, the others only where a pattern stands out."""
    effects = {name: effect_answered(answer) for name, answer in review.effects.items()}
    weeks = ((review.last_day - review.first_day).days + 1) // 7
    told = [habit, *(name for name, effect in effects.items() if effect.shown and name != habit)]
    words = [effect_words(name, effects.get(name, _NO_ANSWERS), weeks) for name in told]
    return Reviewed(review.reviewed_on, review.first_day, review.last_day, dict(review.effects), words)


def _described(found: Findings) -> list[str]:
    """Counts, means and the change since the last session."""
    return [
        coverage_words(found.coverage_30),
        *(adherence_words(habit, kept) for habit, kept in found.adherence.items()),
        *change_sentences(found.change),
    ]


def _in_full(found: Findings, question: AskedQuestion | None) -> list[str]:
    """The long trend, and the chosen question as its last review left it."""
    if question is None:
        return [trend_words(found.trend)]
    return [trend_words(found.trend), *(question.reviews[-1].words if question.reviews else [question.words])]
