"""Reminders that a plan asks for: there when it counts, and never against what the patient chose."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.access.accounts import ProfileIn, change_me, erase_account
from app.home_care.write import go_on_with_plan, stop_plan, withdraw_plan
from app.models.account import Account
from app.models.home_care import HomeCarePlan
from app.models.patient import PatientProfile
from app.models.plan_in_force import plan_history
from app.models.reminder import ReminderChange, ReminderIn, ReminderKind
from app.reminders.arrange import arrange, change_reminder, remove_reminder
from app.reminders.habit import Asks, HabitState, habit_state
from app.reminders.of_the_plan import REMINDERS_OF_PLANS, arrange_begun, next_beginning
from app.reminders.own_reminders import OwnReminder, reminders_and_others, reminders_of, stored_reminders
from builders import NOON, a_patient, a_plan, a_therapist, an_item

LATER = NOON + timedelta(hours=1)
TUCKS = an_item(id="tucks", dose="10 times", reminder_times=["12:30"])
STRETCH = an_item("stretch", "Neck", id="neck", target={"min": 10}, reminder_times=["08:30"])
WATER = an_item("water", "", id="water", target={"min": 6}, reminder_times=["10:00", "14:00"])


def only(db: Session, ana: PatientProfile) -> OwnReminder:
    (reminder,) = reminders_of(db, ana, LATER)
    return reminder


def times(db: Session, ana: PatientProfile) -> list[list[str]]:
    return [reminder.times for reminder in reminders_of(db, ana, LATER)]


def change(**said: Any) -> ReminderChange:
    return ReminderChange.model_validate(said)


def test_an_item_brings_its_reminder(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, TUCKS | {"days": ["mon", "thu"]})
    reminder = only(db, ana)
    assert (reminder.kind, reminder.text) == (ReminderKind.EXERCISE, "Chin tucks · 10 times")
    assert (reminder.times, reminder.days, reminder.plan_item) == (["12:30"], ["mon", "thu"], "tucks")


def test_an_item_that_goes_takes_its_reminder_along(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    a_plan(db, ana, rui.id, WATER, now=LATER)
    assert only(db, ana).plan_item == "water"


def test_new_times_of_the_plan_are_taken_over(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    a_plan(db, ana, rui.id, TUCKS | {"reminder_times": ["18:00"]}, now=LATER)
    assert times(db, ana) == [["18:00"]]


def test_times_the_patient_chose_stay_while_the_plan_asks_for_no_others(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    change_reminder(db, ana, only(db, ana).id, change(times=["19:15"]), NOON)
    a_plan(db, ana, rui.id, TUCKS | {"dose": "5 times"}, now=LATER)
    assert (only(db, ana).times, only(db, ana).text) == (["19:15"], "Chin tucks · 5 times")


def test_what_the_patient_turned_off_stays_off(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    change_reminder(db, ana, only(db, ana).id, change(on=False), NOON)
    a_plan(db, ana, rui.id, TUCKS | {"reminder_times": ["18:00"]}, now=LATER)
    assert (only(db, ana).on, only(db, ana).next) == (False, [])


def test_what_the_patient_took_away_does_not_come_back(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    remove_reminder(db, ana, only(db, ana).id, NOON)
    a_plan(db, ana, rui.id, TUCKS | {"reminder_times": ["18:00"]}, now=LATER)
    assert reminders_of(db, ana, LATER) == []


def test_what_the_patient_took_away_stays_away_when_a_version_is_taken_back(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    remove_reminder(db, ana, only(db, ana).id, NOON)
    version = a_plan(db, ana, rui.id, WATER, now=LATER)
    withdraw_plan(db, ana, rui.id, version.version, LATER)
    assert reminders_of(db, ana, LATER) == []


def test_what_the_patient_turned_off_is_there_and_off_when_a_stop_is_taken_back(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    version = a_plan(db, ana, rui.id, TUCKS)
    change_reminder(db, ana, only(db, ana).id, change(on=False), NOON)
    stop_plan(db, ana, version.version, LATER)
    assert reminders_of(db, ana, LATER) == []
    go_on_with_plan(db, ana, version.version, LATER)
    assert (only(db, ana).plan_item, only(db, ana).on) == ("tucks", False)


def test_what_was_turned_off_and_taken_away_later_stays_away(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    version = a_plan(db, ana, rui.id, TUCKS)
    change_reminder(db, ana, only(db, ana).id, change(on=False), NOON)
    remove_reminder(db, ana, only(db, ana).id, LATER)
    stop_plan(db, ana, version.version, LATER)
    go_on_with_plan(db, ana, version.version, LATER)
    assert reminders_of(db, ana, LATER) == []


def test_what_the_patient_took_away_leaves_room_for_what_a_plan_brings(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, *some_exercises(REMINDERS_OF_PLANS))
    [remove_reminder(db, ana, one.id, NOON) for one in stored_reminders(db, ana.id)]
    a_plan(db, ana, rui.id, TUCKS, now=LATER)
    assert only(db, ana).plan_item == "tucks"


def test_what_leaves_the_plan_leaves_room_for_what_takes_its_place(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, *some_exercises(REMINDERS_OF_PLANS))
    a_plan(db, ana, rui.id, TUCKS, now=LATER)
    assert only(db, ana).plan_item == "tucks"


def test_two_plans_together_bring_no_more_than_they_may(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, *some_exercises(REMINDERS_OF_PLANS - 1))
    a_plan(db, ana, a_therapist(db, "Vera").id, TUCKS, WATER)
    assert len(stored_reminders(db, ana.id)) == REMINDERS_OF_PLANS


def some_exercises(count: int) -> list[dict[str, Any]]:
    return [TUCKS | {"id": f"exercise-{number}"} for number in range(count)]


def test_who_has_a_reminder_of_their_own_for_a_habit_gets_no_second(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    arrange(db, ana, ReminderIn.model_validate({"kind": "stretch", "times": ["07:00"]}), NOON)
    a_plan(db, ana, rui.id, STRETCH)
    assert times(db, ana) == [["07:00"]]


def test_a_plan_for_tomorrow_brings_its_reminders_when_the_day_begins(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    version = a_plan(db, ana, rui.id, TUCKS, effective="tomorrow")
    assert arrange_begun(db, version.effective_at - timedelta(seconds=1)) == 0
    assert reminders_of(db, ana, NOON) == []
    assert arrange_begun(db, version.effective_at) == 1
    assert times(db, ana) == [["12:30"]]


def test_the_next_times_are_those_of_the_plan_that_counts_then(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS | {"reminder_times": ["20:00"]})
    a_plan(db, ana, rui.id, TUCKS | {"reminder_times": ["18:00"]}, effective="tomorrow", now=LATER)
    assert [f"{at - NOON}" for at in only(db, ana).next] == ["8:00:00", "1 day, 6:00:00", "2 days, 6:00:00"]


def test_an_item_that_goes_tomorrow_promises_no_later_time(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS | {"reminder_times": ["20:00"]})
    a_plan(db, ana, rui.id, WATER, effective="tomorrow", now=LATER)
    assert only(db, ana).next == [NOON + timedelta(hours=8)]
    _own, others = reminders_and_others(db, ana, LATER)
    assert [one.plan_item for one in others] == ["water"]


def test_what_a_plan_of_tomorrow_will_bring_comes_as_it_was_foretold(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    version = a_plan(db, ana, rui.id, TUCKS, STRETCH, effective="tomorrow")
    _own, others = reminders_and_others(db, ana, NOON)
    foretold = {one.plan_item: one.next for one in others}
    arrange_begun(db, version.effective_at)
    came = {one.plan_item: one.next for one in reminders_of(db, ana, version.effective_at)}
    assert (foretold, set(came)) == (came, {"tucks", "neck"})


def test_a_plan_is_arranged_once(db: Session, ana: PatientProfile, rui: Account) -> None:
    version = a_plan(db, ana, rui.id, TUCKS, effective="tomorrow")
    assert [arrange_begun(db, version.effective_at) for _look in range(2)] == [1, 0]


def test_a_plan_for_tomorrow_that_was_overtaken_brings_nothing(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    version = a_plan(db, ana, rui.id, TUCKS, effective="tomorrow")
    a_plan(db, ana, rui.id, WATER, now=LATER)
    arrange_begun(db, version.effective_at)
    assert only(db, ana).plan_item == "water"
    assert db.get_one(HomeCarePlan, version.id).arranged_at == version.effective_at


def test_a_patient_whose_zone_is_gone_keeps_nobody_elses_plan_from_beginning(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    bea = a_patient(db, "Bea")
    plans = [a_plan(db, one, rui.id, TUCKS, effective="tomorrow") for one in (bea, ana)]
    db.get_one(Account, bea.id).zone = "Europe/Atlantis"
    arrange_begun(db, plans[0].effective_at)
    assert times(db, ana) == [["12:30"]]
    db.get_one(Account, bea.id).zone = "Europe/Lisbon"
    arrange_begun(db, plans[0].effective_at)
    assert times(db, bea) == [["12:30"]]


def test_workers_do_not_look_again_and_again_for_a_patient_whose_zone_is_gone(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    version = a_plan(db, ana, rui.id, TUCKS, effective="tomorrow")
    db.get_one(Account, ana.id).zone = "Europe/Atlantis"
    assert (next_beginning(db), arrange_begun(db, version.effective_at)) == (None, 0)
    db.get_one(Account, ana.id).zone = "Europe/Lisbon"
    assert next_beginning(db) == version.effective_at


def test_taking_a_version_back_brings_the_reminders_before_it_back(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    version = a_plan(db, ana, rui.id, WATER, now=LATER)
    withdraw_plan(db, ana, rui.id, version.version, LATER)
    assert only(db, ana).plan_item == "tucks"


def test_the_reminders_of_two_therapists_stand_side_by_side(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    vera = a_therapist(db, "Vera")
    a_plan(db, ana, rui.id, TUCKS)
    a_plan(db, ana, vera.id, TUCKS | {"id": "veras-tucks", "reminder_times": ["17:00"]})
    assert sorted(times(db, ana)) == [["12:30"], ["17:00"]]


def test_a_plan_whose_author_is_gone_takes_its_reminders_along_when_it_is_stopped(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    version = a_plan(db, ana, rui.id, TUCKS)
    leave(db, rui)
    stop_plan(db, ana, version.version, LATER)
    assert reminders_of(db, ana, LATER) == []


def test_of_two_authors_who_are_gone_one_can_be_stopped(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    vera = a_therapist(db, "Vera")
    version = a_plan(db, ana, rui.id, TUCKS)
    a_plan(db, ana, vera.id, WATER)
    leave(db, rui, vera)
    stop_plan(db, ana, version.version, LATER)
    assert only(db, ana).plan_item == "water"


def test_a_plan_for_tomorrow_whose_author_is_gone_follows_the_one_before_it(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    version = a_plan(db, ana, rui.id, TUCKS | {"reminder_times": ["18:00"]}, effective="tomorrow")
    leave(db, rui)
    arrange_begun(db, version.effective_at)
    assert times(db, ana) == [["18:00"]]


def test_of_an_author_who_had_two_names_and_is_gone_the_last_version_holds(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, TUCKS)
    change_me(db, rui.id, ProfileIn(name="Rui Silva"), NOON)
    version = a_plan(db, ana, rui.id, WATER, now=LATER)
    leave(db, rui)
    assert [one.version for one in plan_history(db, ana.id).in_force_at(LATER)] == [version.version]


def leave(db: Session, *authors: Account) -> None:
    """They erase their accounts; the plans they wrote stay with the patient."""
    [erase_account(db, author.id, NOON) for author in authors]
    db.expire_all()


def test_ones_own_reminder_follows_the_target_of_the_plan(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    arrange(db, ana, ReminderIn.model_validate({"kind": "water", "times": ["10:00"]}), NOON)
    a_plan(db, ana, rui.id, WATER)
    assert target_of_the_only_reminder(db, ana) == 6


def test_a_reminder_made_later_follows_the_target_too(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_plan(db, ana, rui.id, an_item("water", "", target={"min": 6}))
    arrange(db, ana, ReminderIn.model_validate({"kind": "water", "times": ["10:00"]}), NOON)
    assert target_of_the_only_reminder(db, ana) == 6


def test_an_exercise_is_answered_by_its_own_tick_only() -> None:
    logged = {"plan_items": {"bridges": "done"}}
    assert habit_state(ReminderKind.EXERCISE, logged, Asks("tucks")) is HabitState.OPEN
    assert habit_state(ReminderKind.EXERCISE, logged, Asks("bridges")) is HabitState.DONE


def test_a_reason_why_not_answers_a_habit_of_the_plan() -> None:
    logged = {"plan_items": {"neck": "hurts"}, "stretching_minutes": None}
    assert habit_state(ReminderKind.STRETCH, logged, Asks("neck")) is HabitState.ANSWERED_NO


def test_a_habit_is_done_when_the_target_of_the_plan_is_met() -> None:
    logged = {"water_glasses": 6}
    assert habit_state(ReminderKind.WATER, logged, Asks(target=6)) is HabitState.DONE
    assert habit_state(ReminderKind.WATER, logged) is HabitState.BELOW_TARGET


def target_of_the_only_reminder(db: Session, ana: PatientProfile) -> float | None:
    (reminder,) = stored_reminders(db, ana.id)
    return reminder.target
