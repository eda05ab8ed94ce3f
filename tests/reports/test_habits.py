"""Home care is counted as done, answered, not logged; with reasons, and by the plan then in force."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.insights.days import Window
from app.models.account import Account
from app.models.care import Scope
from app.models.daily_log import days_between
from app.models.patient import PatientProfile
from app.models.plan_in_force import plan_history
from app.reports.habits import (
    HabitAnswers,
    ItemAnswers,
    PlanAnswers,
    habit_answers,
    item_answers,
    plan_answers,
    plans_of_window,
)
from builders import ALL_SCOPES, NOON, a_logged_day, a_plan, an_item

TODAY = NOON.date()
WEEK = Window.of_days(7, until=TODAY)
MONTH_AGO = NOON - timedelta(days=28)
TUCKS = an_item(id="tucks")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def logged(db: Session, ana: PatientProfile, days_ago: int, **said: Any) -> None:
    a_logged_day(db, ana, ago(days_ago), NOON - timedelta(days=days_ago), **said)


def water_of_the_week(db: Session, ana: PatientProfile) -> HabitAnswers | None:
    plans = plans_of_window(plan_history(db, ana.id), WEEK)
    return habit_answers("water_glasses", days_between(db, ana.id, WEEK.first, WEEK.last), plans)


def exercises_of_the_week(db: Session, ana: PatientProfile) -> list[ItemAnswers]:
    plans = plans_of_window(plan_history(db, ana.id), WEEK)
    return item_answers(days_between(db, ana.id, WEEK.first, WEEK.last), plans)


def counts(found: ItemAnswers | HabitAnswers) -> tuple[int, int, int]:
    done = found.done if isinstance(found, ItemAnswers) else found.met
    return done, found.answered, found.not_logged


def test_each_day_is_judged_by_its_own_target(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, an_item("water", "", target={"min": 6}), now=MONTH_AGO)
    a_plan(db, ana, rui.id, an_item("water", "", target={"min": 10}), now=NOON - timedelta(days=3))
    logged(db, ana, 5, water_glasses=7)
    logged(db, ana, 1, water_glasses=7)
    water = water_of_the_week(db, ana)
    assert water is not None
    assert counts(water) == (1, 2, 5)
    assert water.least == 10


def test_a_habit_no_plan_asks_for_is_not_counted(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, TUCKS, now=MONTH_AGO)
    logged(db, ana, 1, water_glasses=7)
    assert water_of_the_week(db, ana) is None


def test_days_a_plan_leaves_free_are_not_days_without_an_answer(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item("water", "", target={"min": 6}, days=["mon", "tue"]), now=MONTH_AGO)
    logged(db, ana, 1, water_glasses=7)
    water = water_of_the_week(db, ana)
    assert water is not None
    assert counts(water) == (1, 1, 1)


def test_an_exercise_counts_done_answered_and_reasons(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, TUCKS, now=MONTH_AGO)
    for days_ago, answer in enumerate(["done", "hurts", "no_time", "hurts"]):
        logged(db, ana, days_ago, plan_items={"tucks": answer})
    (tucks,) = exercises_of_the_week(db, ana)
    assert counts(tucks) == (1, 4, 3)
    assert tucks.reasons == {"hurts": 2, "no_time": 1}
    assert tucks.words == "done on 1 of 4 days answered, 3 not logged"


def test_a_change_at_noon_keeps_the_mornings_tick(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, TUCKS, now=MONTH_AGO)
    a_logged_day(db, ana, TODAY, NOON - timedelta(hours=3), plan_items={"tucks": "done"})
    a_plan(db, ana, rui.id, an_item("exercise", "Wall slides"), now=NOON)
    assert [(one.title, counts(one)) for one in exercises_of_the_week(db, ana)] == [
        ("Wall slides", (0, 0, 1)),
        ("Chin tucks", (1, 1, 6)),
    ]


def test_an_item_taken_away_at_noon_is_not_missing_that_day(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS, now=MONTH_AGO)
    a_plan(db, ana, rui.id, an_item("exercise", "Wall slides"), now=NOON)
    assert [counts(one) for one in exercises_of_the_week(db, ana)] == [(0, 0, 1), (0, 0, 6)]


def test_an_item_keeps_its_count_through_a_new_dose(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, TUCKS | {"dose": "5 times"}, now=MONTH_AGO)
    a_plan(db, ana, rui.id, TUCKS | {"dose": "10 times"}, now=NOON - timedelta(days=2))
    logged(db, ana, 4, plan_items={"tucks": "done"})
    logged(db, ana, 0, plan_items={"tucks": "done"})
    (tucks,) = exercises_of_the_week(db, ana)
    assert (tucks.dose, counts(tucks)) == ("10 times", (2, 2, 5))


def test_a_tick_answers_a_habit_where_nothing_was_measured(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item("water", "", id="water", target={"min": 6}), now=MONTH_AGO)
    logged(db, ana, 1, plan_items={"water": "no_time"})
    water = water_of_the_week(db, ana)
    assert water is not None
    assert (counts(water), water.reasons) == ((0, 1, 6), {"no_time": 1})


def test_exercises_count_only_where_the_plan_is_shared(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS, an_item("water", "", target={"min": 6}), now=MONTH_AGO)
    logged(db, ana, 1, plan_items={"tucks": "done"}, water_glasses=3)
    plans = plans_of_window(plan_history(db, ana.id), WEEK)
    days = days_between(db, ana.id, WEEK.first, WEEK.last)
    assert plan_answers(days, plans, ALL_SCOPES) == PlanAnswers(answered=2, done=1)
    assert plan_answers(days, plans, [Scope.MEASURES]) == PlanAnswers(answered=1, done=0)
