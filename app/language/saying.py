"""Days, instants, numbers and lists as people say them, in the language being spoken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from app.clock import local_time
from app.language import _, pgettext, spoken


def day_in_words(day: date) -> str:
    """As "Tuesday 3 November"."""
    return _formatted(day, spoken().patterns.day, spoken().locale)


def day_with_year(day: date) -> str:
    """As "3 November 2026", for days that may be far away."""
    return _formatted(day, spoken().patterns.day_with_year, spoken().locale)


def day_of_month(day: date) -> str:
    """As "3 November"."""
    return _formatted(day, spoken().patterns.day_of_month, spoken().locale)


def short_day(day: date) -> str:
    """As "3 Nov", where there is little room."""
    return _formatted(day, spoken().patterns.short_day, spoken().locale)


def weekday_in_words(day: date) -> str:
    """As "Tuesday"."""
    return _formatted(day, "cccc", spoken().locale)


def short_weekday(day: date) -> str:
    """As "Tue"."""
    return _formatted(day, spoken().patterns.short_weekday, spoken().locale)


def weekday_in_a_list(day: date) -> str:
    """As "Tue" of "Mon, Tue and Fri"; in whole words where the short name is one letter."""
    return _formatted(day, spoken().patterns.listed_weekday, spoken().locale)


def day_from(day: date, today: date) -> str:
    """As "today", "yesterday", "Tuesday" within the last week, otherwise "Tuesday 3 November"."""
    match (today - day).days:
        case 0:
            return _("today")
        case 1:
            return _("yesterday")
        case days_back if 1 < days_back < 7:
            return weekday_in_words(day)
        case _other if day.year != today.year:
            return day_with_year(day)
        case _other:
            return day_in_words(day)


def moment_in_words(at: datetime, zone: str) -> str:
    """As "Tuesday 08:52": for moments less than a week away."""
    return f"{weekday_in_words(local_time(at, zone).date())} {clock_in_words(at, zone)}"


def dated_moment(at: datetime, zone: str) -> str:
    """As "Tuesday 3 November 08:52": for moments that may be long ago."""
    return f"{day_in_words(local_time(at, zone).date())} {clock_in_words(at, zone)}"


def moment_near(at: datetime, now: datetime, zone: str) -> str:
    """As "today 08:52", "yesterday 20:10", "tomorrow 16:00", "Tuesday 3 November 08:52" beyond, and
    "3 November 2026 08:52" in another year."""
    return (
        f"{_near_day(local_time(at, zone).date(), local_time(now, zone).date())} {clock_in_words(at, zone)}"
    )


def clock_in_words(at: datetime, zone: str) -> str:
    """As "08:52", in every language."""
    return f"{local_time(at, zone):%H:%M}"


def number_in_words(value: float | None) -> str:
    """As "6", "6.5", or "not logged"."""
    return _("not logged") if value is None else _number(value, "0.###")


def to_one_decimal(value: float) -> str:
    """As "6.0": a mean, whose decimal says how exactly it is meant."""
    return _number(in_tenths(value), "0.0")


@lru_cache(maxsize=8192)
def in_tenths(value: float) -> float:
    """Rounded to one decimal as people do it by hand: 6.25 is 6.3, and -6.25 is -6.3."""
    return float(Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP))


def signed(value: float) -> str:
    """As "+1.0", or with the true minus that a reader expects; "0.0" for nothing."""
    said = to_one_decimal(abs(value))
    if in_tenths(value) == 0:
        return said
    return with_sign("\N{MINUS SIGN}" if value < 0 else "+", said)


def with_sign(sign: str, number: str) -> str:
    """Where words run from right to left, a sign in front of a number would otherwise move behind it."""
    mark = "\N{LEFT-TO-RIGHT MARK}" if spoken().direction == "rtl" else ""
    return f"{mark}{sign}{number}"


def apart(words: str) -> str:
    """Words in a drawing, which runs from left to right, in their own direction."""
    if spoken().direction == "ltr":
        return words
    return f"\N{RIGHT-TO-LEFT ISOLATE}{words}\N{POP DIRECTIONAL ISOLATE}"


def joined(words: Iterable[str]) -> str:
    """As "a", "a and b", "a, b and c"."""
    from babel.lists import format_list

    return format_list(list(words), locale=spoken().locale)


def listed(words: Iterable[str]) -> str:
    """As "a, b, c"."""
    return pgettext("between the parts of a list", ", ").join(words)


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def shortened(text: str, letters: int) -> str:
    """The text on one line, cut with an ellipsis where it is longer than `letters`."""
    plain = on_one_line(text)
    return plain if len(plain) <= letters else plain[: letters - 1].rstrip() + "…"


def as_sentence(words: str) -> str:
    """The words with their first letter large, the others as they are."""
    return words[:1].upper() + words[1:]


def _near_day(day: date, today: date) -> str:
    match (day - today).days:
        case -1:
            return _("yesterday")
        case 0:
            return _("today")
        case 1:
            return _("tomorrow")
        case _further if day.year != today.year:
            return day_with_year(day)
        case _further:
            return day_in_words(day)


# Babel is loaded when it is first needed, so that the program starts without waiting for it.


@lru_cache(maxsize=8192)
def _formatted(day: date, pattern: str, locale: str) -> str:
    from babel.dates import format_date

    return format_date(day, pattern, locale)


def _number(value: float, pattern: str) -> str:
    return _number_in(value, pattern, spoken().locale)


@lru_cache(maxsize=8192)
def _number_in(value: float, pattern: str, locale: str) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, pattern, locale=locale)
