"""A day is judged by the plan then in force, whatever was written later."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.care import revoke
from app.errors import Conflict, NotFound
from app.home_care.write import go_on_with_plan, stop_plan, withdraw_plan
from app.models.account import Account
from app.models.home_care import HABITS, Habit
from app.models.patient import PatientProfile
from app.models.plan_in_force import DayPlan, plan_history
from app.models.reminder import Reminder
from builders import NOON, a_consent, a_plan, a_therapist, an_item

TODAY = NOON.date()
TOMORROW = TODAY + timedelta(days=1)
MONTH_AGO = NOON - timedelta(days=28)


def water(least: float, **said: Any) -> dict[str, Any]:
    return an_item("water", "Water", target={"min": least}, **said)


def on(db: Session, patient: PatientProfile, day: date) -> DayPlan:
    return plan_history(db, patient.id).on(day)


def titles(plan: DayPlan) -> list[str]:
    return [asked.item.title for asked in plan.asked]


def glasses(plan: DayPlan) -> float | None:
    habit = plan.habits.get("water_glasses")
    return habit.least if habit else None


def test_until_a_plan_is_written_everybody_has_the_same_habits(db: Session, ana: PatientProfile) -> None:
    assert on(db, ana, TODAY).habits == {habit.measure: habit for habit in HABITS}


def test_a_past_day_is_judged_by_the_plan_then_in_force(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, water(6), now=MONTH_AGO)
    a_plan(db, ana, rui.id, water(10), now=NOON)
    assert glasses(on(db, ana, TODAY - timedelta(days=1))) == 6
    assert glasses(on(db, ana, TOMORROW)) == 10


def test_before_the_first_plan_the_habits_of_everybody_held(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, water(6), now=NOON)
    assert glasses(on(db, ana, TODAY - timedelta(days=1))) == 8


def test_what_a_plan_leaves_out_is_not_asked(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, an_item(), now=NOON)
    assert on(db, ana, TODAY).habits == {}


def test_an_item_is_asked_on_its_weekdays_only(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, an_item(days=["wed"]), water(8, days=["thu"]), now=MONTH_AGO)
    wednesday, thursday = on(db, ana, TODAY), on(db, ana, TOMORROW)
    assert (titles(wednesday), glasses(wednesday)) == (["Chin tucks"], None)
    assert (titles(thursday), glasses(thursday)) == (["Water"], 8)


def test_after_a_change_at_noon_the_kinder_target_judges_the_day(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, water(6), now=MONTH_AGO)
    a_plan(db, ana, rui.id, water(10), now=NOON)
    assert glasses(on(db, ana, TODAY)) == 6


def test_what_a_change_at_noon_took_away_still_counts_if_it_was_done(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item(), now=MONTH_AGO)
    a_plan(db, ana, rui.id, an_item("exercise", "Wall slides"), now=NOON)
    today = on(db, ana, TODAY)
    assert titles(today) == ["Wall slides"]
    assert [asked.item.title for asked in today.dropped] == ["Chin tucks"]


def test_a_change_for_tomorrow_leaves_today_alone(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, water(6), now=MONTH_AGO)
    a_plan(db, ana, rui.id, water(10), now=NOON, effective="tomorrow")
    assert [glasses(on(db, ana, day)) for day in (TODAY, TOMORROW)] == [6, 10]
    assert on(db, ana, TODAY).dropped == ()


def test_tomorrow_begins_when_the_patients_day_begins(db: Session, ana: PatientProfile, rui: Account) -> None:
    """At 01:30 it is still Tuesday for Ana, so her tomorrow is Wednesday, from 03:00 on."""
    version = a_plan(db, ana, rui.id, now=NOON.replace(hour=1, minute=30), effective="tomorrow")
    assert (version.first_day, version.effective_at) == (TODAY, NOON.replace(hour=3))


def test_what_is_written_later_overtakes_what_was_planned_for_tomorrow(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, water(10), now=NOON, effective="tomorrow")
    a_plan(db, ana, rui.id, water(6), now=NOON + timedelta(hours=1))
    assert glasses(on(db, ana, TOMORROW)) == 6


def test_of_two_therapists_both_targets_are_met_by_the_higher(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    vera = a_therapist(db, "Vera")
    a_plan(db, ana, rui.id, water(6), an_item(), now=MONTH_AGO)
    a_plan(db, ana, vera.id, water(9), now=MONTH_AGO)
    assert glasses(on(db, ana, TODAY)) == 9
    assert [(a.item.title, a.by.asked_by) for a in on(db, ana, TODAY).asked] == [
        ("Water", "Rui"),
        ("Chin tucks", "Rui"),
        ("Water", "Vera"),
    ]


def test_nights_that_two_plans_cannot_agree_on_are_judged_by_the_longer(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    vera = a_therapist(db, "Vera")
    a_plan(db, ana, rui.id, an_item("sleep", "", target={"min": 5, "max": 6}), now=MONTH_AGO)
    a_plan(db, ana, vera.id, an_item("sleep", "", target={"min": 8, "max": 9}), now=MONTH_AGO)
    assert on(db, ana, TODAY).habits == {"sleep_hours": Habit("sleep_hours", 8, None)}


def test_only_ones_own_plan_is_told_to_a_therapist(db: Session, ana: PatientProfile, rui: Account) -> None:
    vera = a_therapist(db, "Vera")
    a_plan(db, ana, rui.id, water(6), now=MONTH_AGO)
    a_plan(db, ana, vera.id, water(9), now=MONTH_AGO)
    told = plan_history(db, ana.id).only_by(rui.id, ana.id)
    assert titles(told.on(TODAY)) == ["Water"]
    assert glasses(told.on(TODAY)) == 6


def test_a_version_taken_back_was_never_there(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, water(6), now=MONTH_AGO)
    version = a_plan(db, ana, rui.id, water(10), now=NOON)
    withdraw_plan(db, ana, rui.id, version.version, NOON + timedelta(minutes=5))
    assert glasses(on(db, ana, TOMORROW)) == 6


@pytest.mark.parametrize(
    ("after", "raised"), [(timedelta(minutes=59), None), (timedelta(minutes=61), Conflict)]
)
def test_a_version_can_be_taken_back_for_an_hour(
    db: Session, ana: PatientProfile, rui: Account, after: timedelta, raised: type[Exception] | None
) -> None:
    version = a_plan(db, ana, rui.id, now=NOON)
    assert type(caught(db, ana, rui.id, version.version, NOON + after)) is (raised or type(None))


def test_nobody_takes_back_what_another_wrote(db: Session, ana: PatientProfile, rui: Account) -> None:
    version = a_plan(db, ana, rui.id, now=NOON)
    assert isinstance(caught(db, ana, a_therapist(db, "Vera").id, version.version, NOON), NotFound)


def caught(
    db: Session, patient: PatientProfile, author_id: UUID, version: int, now: datetime
) -> Exception | None:
    try:
        withdraw_plan(db, patient, author_id, version, now)
    except (Conflict, NotFound) as error:
        return error
    return None


def test_a_stopped_plan_asks_nothing_from_the_next_day_on(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, water(6), an_item(), now=MONTH_AGO)
    stop_plan(db, ana, 1, NOON)
    assert titles(on(db, ana, TODAY - timedelta(days=1))) == ["Water", "Chin tucks"]
    assert titles(on(db, ana, TOMORROW)) == []


def test_the_day_of_a_stop_keeps_what_was_answered_before(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item(), now=MONTH_AGO)
    stop_plan(db, ana, 1, NOON)
    today = on(db, ana, TODAY)
    assert titles(today) == []
    assert [one.item.title for one in today.dropped] == ["Chin tucks"]


def test_stopping_takes_what_was_to_begin_tomorrow_too(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item(), now=MONTH_AGO)
    a_plan(db, ana, rui.id, an_item(title="Bridges"), effective="tomorrow")
    stop_plan(db, ana, 2, NOON)
    assert titles(on(db, ana, TOMORROW)) == []


def test_stopping_the_plan_of_one_leaves_that_of_another(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item(), now=MONTH_AGO)
    a_plan(db, ana, ana.id, an_item(title="Swim"), now=MONTH_AGO)
    stop_plan(db, ana, 1, NOON)
    assert titles(on(db, ana, TOMORROW)) == ["Swim"]


def test_a_stop_is_taken_back_within_an_hour(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, an_item(), now=MONTH_AGO)
    stop_plan(db, ana, 1, NOON)
    go_on_with_plan(db, ana, 1, NOON + timedelta(minutes=59))
    assert titles(on(db, ana, TOMORROW)) == ["Chin tucks"]
    stop_plan(db, ana, 1, NOON)
    with pytest.raises(Conflict):
        go_on_with_plan(db, ana, 1, NOON + timedelta(minutes=61))


def test_the_plan_of_a_therapist_who_was_let_go_can_be_stopped(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    consent = a_consent(db, rui.id, ana)
    a_plan(db, ana, rui.id, an_item(), now=MONTH_AGO)
    revoke(db, ana.id, consent, NOON)
    stop_plan(db, ana, 1, NOON)
    assert plan_history(db, ana.id).in_force_at(NOON) == []


def test_a_stopped_plan_reminds_no_more_and_undo_brings_it_back(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item(reminder_times=["12:30"]), now=NOON)
    stop_plan(db, ana, 1, NOON)
    assert db.scalars(select(Reminder)).all() == []
    go_on_with_plan(db, ana, 1, NOON)
    assert [one.times for one in db.scalars(select(Reminder))] == [["12:30"]]


def test_the_same_plan_sent_after_a_stop_holds_again(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, an_item(), now=MONTH_AGO)
    stop_plan(db, ana, 1, NOON)
    again = a_plan(db, ana, rui.id, an_item(), now=NOON + timedelta(hours=3))
    assert again.version == 2
    assert titles(on(db, ana, TOMORROW)) == ["Chin tucks"]


def test_a_version_nobody_wrote_cannot_be_stopped(db: Session, ana: PatientProfile) -> None:
    with pytest.raises(NotFound):
        stop_plan(db, ana, 7, NOON)
