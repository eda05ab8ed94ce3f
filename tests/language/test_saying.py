from __future__ import annotations

from datetime import UTC, date, datetime

from app.language import LANGUAGES, saying, speaking

TUESDAY = date(2026, 11, 3)


def test_a_moment_is_said_in_the_persons_own_zone() -> None:
    assert (
        saying.moment_in_words(datetime(2026, 11, 3, 7, 52, tzinfo=UTC), "Europe/Berlin") == "Tuesday 08:52"
    )


def test_a_day_is_said_with_its_weekday() -> None:
    assert saying.day_in_words(TUESDAY) == "Tuesday 3 November"


def test_near_days_are_said_by_name() -> None:
    assert saying.day_from(TUESDAY, TUESDAY) == "today"
    assert saying.day_from(TUESDAY, date(2026, 11, 4)) == "yesterday"
    assert saying.day_from(TUESDAY, date(2026, 11, 9)) == "Tuesday"
    assert saying.day_from(TUESDAY, date(2026, 11, 10)) == "Tuesday 3 November"
    assert saying.day_from(TUESDAY, date(2027, 1, 2)) == "3 November 2026"


def test_a_moment_in_another_year_says_which() -> None:
    now, before = datetime(2026, 12, 1, 8, 0, tzinfo=UTC), datetime(2026, 11, 3, 8, 52, tzinfo=UTC)
    assert saying.moment_near(before, now, "UTC") == "Tuesday 3 November 08:52"
    assert saying.moment_near(before.replace(year=2027), now, "UTC") == "3 November 2027 08:52"


def test_the_first_morning_of_a_year_is_tomorrow_on_its_eve() -> None:
    eve, morning = datetime(2026, 12, 31, 20, 0, tzinfo=UTC), datetime(2027, 1, 1, 9, 0, tzinfo=UTC)
    assert saying.moment_near(morning, eve, "UTC") == "tomorrow 09:00"


def test_an_unknown_number_is_not_nothing() -> None:
    assert saying.number_in_words(None) == "not logged"
    assert saying.number_in_words(0) == "0"
    assert saying.number_in_words(6.5) == "6.5"


def test_half_of_a_tenth_is_rounded_as_people_round_it() -> None:
    assert saying.to_one_decimal(6.25) == "6.3"
    assert saying.to_one_decimal(6.35) == "6.4"
    assert saying.signed(-0.25) == "\N{MINUS SIGN}0.3"


def test_a_list_reads_as_a_sentence() -> None:
    assert saying.joined(["a"]) == "a"
    assert saying.joined(["a", "b", "c"]) == "a, b and c"
    assert saying.joined([]) == ""


def test_a_moment_is_said_in_the_language_being_spoken() -> None:
    at = datetime(2026, 11, 3, 7, 52, tzinfo=UTC)
    with speaking(LANGUAGES["de"]):
        assert saying.moment_in_words(at, "Europe/Berlin") == "Dienstag 08:52"
        assert saying.day_in_words(TUESDAY) == "Dienstag, 3. November"
    with speaking(LANGUAGES["es"]):
        assert saying.moment_in_words(at, "Europe/Madrid") == "martes 08:52"
        assert saying.day_with_year(TUESDAY) == "3 de noviembre de 2026"
    with speaking(LANGUAGES["ar"]):
        assert saying.moment_in_words(at, "Africa/Cairo") == "الثلاثاء 09:52"
        assert saying.day_in_words(TUESDAY) == "الثلاثاء 3 نوفمبر"


def test_numbers_and_lists_are_written_as_the_language_writes_them() -> None:
    with speaking(LANGUAGES["de"]):
        assert saying.number_in_words(6.5) == "6,5"
        assert saying.to_one_decimal(6) == "6,0"
        assert saying.joined(["a", "b", "c"]) == "a, b und c"
    with speaking(LANGUAGES["ar"]):
        assert saying.joined(["a", "b"]) == "a وb"


def test_words_in_a_drawing_keep_their_own_direction() -> None:
    with speaking(LANGUAGES["ar"]):
        assert saying.apart("3 نوفمبر") == "\N{RIGHT-TO-LEFT ISOLATE}3 نوفمبر\N{POP DIRECTIONAL ISOLATE}"
    assert saying.apart("3 Nov") == "3 Nov"


def test_weekdays_in_a_list_are_never_single_letters() -> None:
    with speaking(LANGUAGES["ar"]):
        assert saying.weekday_in_a_list(TUESDAY) == "الثلاثاء"
    assert saying.weekday_in_a_list(TUESDAY) == "Tue"
