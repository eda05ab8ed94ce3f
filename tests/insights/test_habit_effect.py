from __future__ import annotations

from random import Random

import pytest

from app.insights.habit_effect import HabitEffect, habit_effect, holm, judged
from app.insights.trend import Seen

FIRST = 739_001


def found(**facts: float | bool) -> HabitEffect:
    known = {"effect": -1.0, "low": -1.6, "high": -0.4, "p": 0.001} | facts
    return HabitEffect(Seen.OK, 60, 30, 30, **known)  # type: ignore[arg-type]


def diary(days: int, effect: float = 0.0, kept: float = 0.5) -> tuple[dict[int, float], dict[int, bool]]:
    chance = Random(f"{days}")
    met = {day: chance.random() < kept for day in range(FIRST, FIRST + days)}
    pain = {day: 5 + chance.gauss(0, 1) + effect * met.get(day - 1, False) for day in met}
    return pain, met


def test_a_habit_that_goes_with_less_pain_the_day_after_is_found() -> None:
    pain, met = diary(120, effect=-1.5)
    effect = habit_effect(pain, met, ())

    assert effect.effect == pytest.approx(-1.5, abs=0.5)
    assert effect.rows == effect.met + effect.missed == 119


def test_sleep_is_compared_with_the_day_after_that_night() -> None:
    pain, met = diary(120)
    after_the_night = {day: 5 - 2 * met[day] + 0.1 * (day % 2) for day in pain}
    effect = habit_effect(after_the_night, met, (), overnight=True)

    assert effect.effect == pytest.approx(-2, abs=0.1)


def test_twenty_nine_days_are_too_few() -> None:
    effect = habit_effect(*diary(30), ())

    assert (effect.status, effect.rows) == (Seen.INSUFFICIENT, 29)
    assert not effect.is_one_sided


def test_a_habit_nearly_always_kept_cannot_be_compared() -> None:
    pain, met = diary(90)
    effect = habit_effect(pain, {day: day % 15 > 0 for day in met}, ())

    assert effect.status == Seen.INSUFFICIENT
    assert effect.is_one_sided


def test_days_without_an_answer_are_no_rows() -> None:
    pain, met = diary(90)

    assert habit_effect(pain, {day: kept for day, kept in met.items() if day % 3}, ()).rows < 61


def test_a_gap_takes_the_day_after_it_too() -> None:
    pain, met = diary(60)
    del pain[FIRST + 20]

    assert habit_effect(pain, met, ()).rows == 57


def test_a_habit_kept_only_after_sessions_cannot_be_told_from_them() -> None:
    """Weekly sessions, and the habit on the days 7, 1 and 2 that the model gives to the session."""
    pain, _ = diary(90)
    sessions = tuple(range(FIRST - 7, FIRST + 90, 14))
    met = {day: (day - FIRST + 7) % 14 in (13, 0, 1) for day in pain}

    assert habit_effect(pain, met, sessions).status == Seen.INSUFFICIENT


def test_the_chosen_question_is_shown_below_five_percent() -> None:
    assert judged({"stretch": found(p=0.04)}, "stretch")["stretch"].shown


def test_at_a_review_it_is_shown_below_two_percent_only() -> None:
    assert not judged({"stretch": found(p=0.04)}, "stretch", focus_below=0.02)["stretch"].shown


def test_less_than_half_a_point_is_not_shown() -> None:
    assert not judged({"stretch": found(effect=-0.4)}, "stretch")["stretch"].shown


def test_other_habits_must_stand_out_more_when_one_was_chosen() -> None:
    effects = {"stretch": found(), "water": found(p=0.004), "sleep": found(p=0.02)}
    shown = judged(effects, "stretch")

    assert (shown["water"].shown, shown["sleep"].shown) == (True, False)


def test_without_a_choice_all_habits_share_five_percent() -> None:
    effects = {"stretch": found(p=0.02), "water": found(p=0.03)}
    shown = judged(effects, None)

    assert (shown["stretch"].shown, shown["water"].shown) == (True, True)


def test_holm_multiplies_the_smallest_most_and_never_falls() -> None:
    assert holm({"a": 0.01, "b": 0.04, "c": 0.03}) == pytest.approx({"a": 0.03, "b": 0.06, "c": 0.06})


def test_an_adjusted_p_is_at_most_one() -> None:
    assert holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}
