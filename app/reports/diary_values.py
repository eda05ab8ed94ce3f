"""A patient's logged days as the plain values that insights take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.insights.diary import Diary, Habit
from app.models.daily_log import Day, days_between
from app.models.home_care import PlanItemKind
from app.models.patient import PatientProfile
from app.models.plan_in_force import DayPlan, PlanHistory, plan_history
from app.models.treatment_session import held_days
from app.reports.habits import habit_days

NAMES = {
    "water_glasses": "water",
    "stretching_minutes": "stretch",
    "sleep_hours": "sleep",
    "heat_minutes": "heat",
    "ice_minutes": "ice",
}
EXERCISES = "exercises"
_OF_THE_NIGHT_BEFORE = frozenset({"sleep"})
_USED_BECAUSE_OF_PAIN = frozenset({"heat", "ice"})
_TICKED_KINDS = (PlanItemKind.EXERCISE, PlanItemKind.CUSTOM)


def read_diary_values(
    db: Session, patient: PatientProfile, first: date, today: date, focus: str | None = None
) -> Diary:
    """The days from `first` through `today`, each judged by the plan then in force."""
    days = days_between(db, patient.id, first, today)
    sessions = held_days(db, patient, None, first, today)
    return diary_values(days, plan_history(db, patient.id), sessions, today, focus)


def diary_values(
    days: Sequence[Day], history: PlanHistory, sessions: Sequence[date], today: date, focus: str | None = None
) -> Diary:
    met = _met(days, history)
    return Diary(
        today=today.toordinal(),
        logged={day.day.toordinal(): day.late for day in days},
        pain={day.day.toordinal(): float(day.pain) for day in days if day.pain is not None and not day.late},
        habits={
            name: Habit(answers, name in _OF_THE_NIGHT_BEFORE, name not in _USED_BECAUSE_OF_PAIN)
            for name, answers in met.items()
        },
        sessions=tuple(day.toordinal() for day in sessions),
        heat_or_ice={
            day.day.toordinal(): float(max(day.heat_minutes or 0, day.ice_minutes or 0)) for day in days
        },
        focus=focus,
    )


def _met(days: Sequence[Day], history: PlanHistory) -> Mapping[str, dict[int, bool]]:
    """For each habit, the answered days and whether the plan then in force was met."""
    plans = {day.day: history.on(day.day) for day in days}
    met: dict[str, dict[int, bool]] = {}
    for measure, name in NAMES.items():
        answers = habit_days(measure, days, plans)
        if answers:
            met[name] = {day.toordinal(): kept for day, kept in answers.items()}
    ticked = {day.day.toordinal(): ticks for day in days if (ticks := _ticks(day, plans[day.day]))}
    if ticked:
        met[EXERCISES] = {day: "done" in ticks for day, ticks in ticked.items()}
    return met


def _ticks(day: Day, plan: DayPlan) -> list[str]:
    """What was answered to the exercises of that day."""
    if not day.plan_items:
        return []
    asked = [one.item for one in (*plan.asked, *plan.dropped) if one.item.kind in _TICKED_KINDS]
    return [day.plan_items[item.id] for item in asked if item.id in day.plan_items]
