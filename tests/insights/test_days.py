from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.insights.days import Average, Coverage, Window, average, coverage

MONDAY = date(2026, 11, 2)


@dataclass(frozen=True)
class LoggedDay:
    day: date
    late: bool = False


def test_a_window_counts_its_first_and_its_last_day() -> None:
    assert len(Window(MONDAY, MONDAY + timedelta(days=6))) == 7


def test_a_window_that_ends_before_it_begins_is_empty() -> None:
    assert not Window(MONDAY, MONDAY - timedelta(days=3))


def test_a_window_of_days_ends_with_its_last_day() -> None:
    window = Window.of_days(14, until=MONDAY)

    assert list(window)[-1] == MONDAY
    assert len(window) == 14


def test_coverage_counts_only_days_of_the_window_and_says_which_were_filled_in_later() -> None:
    window = Window(MONDAY, MONDAY + timedelta(days=13))
    days = [LoggedDay(MONDAY - timedelta(days=1)), LoggedDay(MONDAY), LoggedDay(window.last, late=True)]

    assert coverage(days, window) == Coverage(logged=2, of=14, filled_in_later=1)


def test_coverage_in_words_keeps_the_days_that_were_not_logged_in_sight() -> None:
    assert Coverage(12, 14, 2).words == "12 of 14 days logged, 2 filled in later"


def test_a_blank_is_skipped_and_never_counts_as_zero() -> None:
    assert average([4, None, 6]) == Average(5.0, 2)


def test_a_real_zero_counts() -> None:
    assert average([0, 4]) == Average(2.0, 2)


def test_there_is_no_average_of_nothing() -> None:
    assert average([None, None]) == Average(None, 0)
