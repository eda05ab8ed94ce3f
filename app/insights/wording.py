"""Sentences about a diary: what it can carry, and not a word more.

A difference of one or two points on a 0 to 10 scale is often the usual up and down of a few days, so the
sentence says that too. A pattern is called a pattern, nothing is promised, and nothing is called good or bad.
"""

from __future__ import annotations

from enum import StrEnum

from app.insights.days import Average
from app.language import _, ngettext
from app.language.saying import in_tenths, to_one_decimal


class Comparison(StrEnum):
    """What may be said about a mean before and a mean now."""

    NO_SESSION = "no_session"
    TOO_SOON = "too_soon"
    TOO_FEW_DAYS = "too_few_days"
    NO_CLEAR_CHANGE = "no_clear_change"
    LOWER = "lower"
    HIGHER = "higher"
    MEANINGFULLY_LOWER = "meaningfully_lower"
    MEANINGFULLY_HIGHER = "meaningfully_higher"


def change_words(comparison: Comparison, before: Average, now: Average) -> str:
    means = _means(before, now)
    match comparison:
        case Comparison.NO_SESSION:
            return _(
                "Pain on average, no session yet: %(before)s in the week before (%(before_days)s),"
                " %(now)s in the last seven days (%(now_days)s).",
                **means,
            )
        case Comparison.TOO_SOON:
            return _("Too early to compare: the first days after a session are left out.")
        case Comparison.TOO_FEW_DAYS:
            return _("Too few days to compare: %(before_days)s before, %(now_days)s now.", **means)
        case Comparison.NO_CLEAR_CHANGE:
            return _(
                "No clear change: %(before)s before (%(before_days)s), %(now)s now (%(now_days)s)."
                " The difference is within the usual day-to-day ups and downs.",
                **means,
            )
        case Comparison.LOWER | Comparison.MEANINGFULLY_LOWER:
            return _(
                "%(points)s points lower: %(before)s before (%(before_days)s), %(now)s now (%(now_days)s).",
                points=_points_between(before, now),
                **means,
            )
        case Comparison.HIGHER | Comparison.MEANINGFULLY_HIGHER:
            return _(
                "%(points)s points higher: %(before)s before (%(before_days)s), %(now)s now (%(now_days)s).",
                points=_points_between(before, now),
                **means,
            )


def means_words(before: Average, now: Average) -> str:
    """The means as they are, without a word on the difference."""
    return _(
        "%(before)s before (%(before_days)s), %(now)s now (%(now_days)s).",
        **_means(before, now),
    )


def range_words(low: float, high: float) -> str:
    """The plausible range (90 %) of a difference in pain: now minus before."""
    least, most = to_one_decimal(abs(low)), to_one_decimal(abs(high))
    if high < 0:
        return _(
            "It could be anything from %(least)s to %(most)s points lower (plausible range).",
            least=most,
            most=least,
        )
    if low > 0:
        return _(
            "It could be anything from %(least)s to %(most)s points higher (plausible range).",
            least=least,
            most=most,
        )
    return _(
        "It could be anything from %(lower)s points lower to %(higher)s points higher (plausible range).",
        lower=least,
        higher=most,
    )


def rating(value: float | None) -> str:
    """A mean on a 0 to 10 scale, with one decimal."""
    return _("not logged") if value is None else to_one_decimal(value)


def counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def days_in_words(number: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", number)


def _means(before: Average, now: Average) -> dict[str, str]:
    return {
        "before": rating(before.mean),
        "before_days": days_in_words(before.days),
        "now": rating(now.mean),
        "now_days": days_in_words(now.days),
    }


def _points_between(before: Average, now: Average) -> str:
    """Of the means as they are printed, so that the reader's own subtraction agrees."""
    return to_one_decimal(abs(in_tenths(now.mean or 0) - in_tenths(before.mean or 0)))
