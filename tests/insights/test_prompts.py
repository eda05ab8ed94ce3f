from __future__ import annotations

from app.insights.prompts import Prompt, prompts

TODAY = 500


def diary(usual: float, **lately: float) -> dict[int, float]:
    """Four weeks of `usual`, but for the days named as d0 (today), d1, …"""
    pain = {TODAY - back: usual for back in range(28)}
    return pain | {TODAY - int(day[1:]): value for day, value in lately.items()}


def asked(pain: dict[int, float], *sessions: int, **heat: float) -> list[Prompt]:
    return prompts(pain, sessions, {TODAY - int(day[1:]): minutes for day, minutes in heat.items()}, TODAY)


def test_two_strong_days_of_the_last_three_ask_when_that_is_unusual() -> None:
    assert asked(diary(6, d0=8, d2=9)) == [Prompt.HIGH_TWO_DAYS]


def test_strong_days_do_not_ask_when_they_are_usual() -> None:
    assert asked(diary(7, d0=8, d2=9)) == []


def test_one_strong_day_does_not_ask() -> None:
    assert asked(diary(3, d1=9)) == []


def test_three_logged_days_far_above_the_usual_ask() -> None:
    assert asked(diary(2, d0=5, d1=6, d2=5)) == [Prompt.JUMP_OVER_USUAL]


def test_the_last_three_logged_days_need_not_be_of_this_week() -> None:
    quiet = {TODAY - back: 2.0 for back in range(13, 28)}

    assert asked(quiet | {TODAY - 12: 6.0, TODAY - 8: 5.0, TODAY - 3: 7.0}) == [Prompt.JUMP_OVER_USUAL]


def test_two_and_a_half_points_above_the_usual_do_not_ask() -> None:
    assert asked(diary(2.5, d0=5, d1=6, d2=5)) == []


def test_pain_still_above_the_week_before_the_session_asks_from_the_fourth_day() -> None:
    assert asked(diary(4, d1=6, d0=6), TODAY - 5) == [Prompt.SORENESS_NOT_SETTLING]


def test_a_session_since_does_not_end_the_days_after_the_one_before() -> None:
    assert asked(diary(4, d1=6, d0=6), TODAY - 5, TODAY - 1) == [Prompt.SORENESS_NOT_SETTLING]


def test_what_was_logged_of_the_week_before_is_its_mean() -> None:
    assert asked({TODAY - 7: 3.0, TODAY - 6: 5.0, TODAY: 6.0}, TODAY - 4) == [Prompt.SORENESS_NOT_SETTLING]


def test_after_the_sixth_day_soreness_asks_no_more() -> None:
    assert asked(diary(4, d1=6, d0=6), TODAY - 7) == []


def test_soreness_is_expected_on_the_first_days() -> None:
    assert asked(diary(4, d1=6, d0=6), TODAY - 3) == []


def test_one_day_that_settled_is_enough_not_to_ask() -> None:
    assert asked(diary(4, d1=6, d0=5), TODAY - 5) == []


def test_more_than_twenty_minutes_of_heat_or_ice_ask() -> None:
    assert asked(diary(4), d1=25) == [Prompt.HEAT_ICE_OVER_20]


def test_twenty_minutes_do_not_ask() -> None:
    assert asked(diary(4), d1=20) == []


def test_an_empty_diary_asks_nothing() -> None:
    assert prompts({}, (), {}, TODAY) == []
