from __future__ import annotations

from app.insights.adherence import Adherence, adherence


def test_only_answered_days_are_the_denominator() -> None:
    assert adherence({3: True, 5: False, 9: True}, 1, 30) == Adherence(met=2, answered=3, of=30)


def test_days_outside_the_window_do_not_count() -> None:
    assert adherence({0: True, 31: True}, 1, 30) == Adherence(0, 0, 30)


def test_half_the_days_answered_carry_a_percentage() -> None:
    assert Adherence(met=10, answered=15, of=30).percent == 67


def test_fewer_than_half_the_days_do_not() -> None:
    assert Adherence(met=10, answered=14, of=30).percent is None


def test_fewer_than_seven_answers_do_not() -> None:
    assert Adherence(met=6, answered=6, of=7).percent is None
