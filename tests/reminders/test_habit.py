from __future__ import annotations

from typing import Any

import pytest

from app.models.reminder import ReminderKind
from app.reminders.habit import HabitState, habit_state


@pytest.mark.parametrize(
    ("logged", "state"),
    [
        ({}, HabitState.OPEN),
        ({"stretching_minutes": None}, HabitState.OPEN),
        ({"stretching_minutes": 0}, HabitState.ANSWERED_NO),
        ({"stretching_minutes": 4}, HabitState.BELOW_TARGET),
        ({"stretching_minutes": 5}, HabitState.DONE),
        ({"stretching_minutes": 30}, HabitState.DONE),
    ],
)
def test_stretching_is_unknown_refused_begun_or_done(logged: dict[str, Any], state: HabitState) -> None:
    assert habit_state(ReminderKind.STRETCH, logged) is state


@pytest.mark.parametrize(
    ("logged", "state"),
    [
        ({}, HabitState.OPEN),
        ({"water_glasses": 0}, HabitState.OPEN),
        ({"water_glasses": 7}, HabitState.BELOW_TARGET),
        ({"water_glasses": 8}, HabitState.DONE),
    ],
)
def test_water_is_done_at_the_target_and_never_refused(logged: dict[str, Any], state: HabitState) -> None:
    assert habit_state(ReminderKind.WATER, logged) is state


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({}, HabitState.OPEN),
        ({"bridge": "done"}, HabitState.DONE),
        ({"bridge": "done", "plank": "hurts"}, HabitState.DONE),
        ({"bridge": "no_time", "plank": "hurts"}, HabitState.ANSWERED_NO),
    ],
)
def test_a_reason_why_not_is_an_answer_too(answers: dict[str, str], state: HabitState) -> None:
    assert habit_state(ReminderKind.EXERCISE, {"plan_items": answers}) is state


@pytest.mark.parametrize("measure", ["pain", "stiffness", "mobility", "pain_sites"])
def test_any_of_what_a_check_in_asks_for_is_a_check_in(measure: str) -> None:
    assert habit_state(ReminderKind.CHECK_IN, {measure: 0}) is HabitState.DONE


@pytest.mark.parametrize("measure", ["water_glasses", "note", "sleep_hours", "bad_day"])
def test_what_a_check_in_does_not_ask_for_is_none(measure: str) -> None:
    assert habit_state(ReminderKind.CHECK_IN, {measure: 1}) is HabitState.OPEN


@pytest.mark.parametrize("kind", [ReminderKind.SLEEP, ReminderKind.CUSTOM])
def test_nothing_in_the_diary_answers_bedtime_or_a_reminder_of_ones_own(kind: ReminderKind) -> None:
    assert habit_state(kind, {"pain": 3, "sleep_hours": 8, "note": "slept"}) is HabitState.OPEN
