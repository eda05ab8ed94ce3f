"""What was found in a diary, as sentences about the person's own notes."""

from __future__ import annotations

from app.insights.adherence import Adherence
from app.insights.days import Coverage
from app.insights.findings import Findings
from app.insights.habit_effect import FEWEST_ROWS, HabitEffect
from app.insights.since_last_session import Change
from app.insights.trend import FEWEST_DAYS, Trend
from app.insights.wording import days_in_words, range_words
from app.language import _, marked, ngettext
from app.language.saying import as_sentence, to_one_decimal

NAMES = {
    "water": marked("drinking enough water"),
    "stretch": marked("stretching"),
    "exercises": marked("your exercises"),
    "sleep": marked("sleep within your plan"),
    "heat": marked("heat"),
    "ice": marked("ice"),
}
_LOWER_AFTER = {
    "water": marked(
        "In your log, pain was about %(points)s points lower the day after drinking enough water."
    ),
    "stretch": marked("In your log, pain was about %(points)s points lower the day after stretching."),
    "exercises": marked("In your log, pain was about %(points)s points lower the day after your exercises."),
    "sleep": marked("In your log, pain was about %(points)s points lower after a night within your plan."),
}
_HIGHER_AFTER = {
    "water": marked(
        "In your log, pain was about %(points)s points higher the day after drinking enough water."
    ),
    "stretch": marked("In your log, pain was about %(points)s points higher the day after stretching."),
    "exercises": marked("In your log, pain was about %(points)s points higher the day after your exercises."),
    "sleep": marked("In your log, pain was about %(points)s points higher after a night within your plan."),
}


def sentences(found: Findings) -> list[str]:
    """Everything there is to say, most general first."""
    return [
        coverage_words(found.coverage_30),
        *(adherence_words(habit, kept) for habit, kept in found.adherence.items()),
        *change_sentences(found.change),
        trend_words(found.trend),
        *(effect_words(habit, effect, found.weeks) for habit, effect in found.effects.items()),
    ]


def coverage_words(coverage: Coverage) -> str:
    if coverage.filled_in_later:
        return _(
            "%(logged)s of %(of)s days logged, %(later)s filled in later.",
            logged=coverage.logged,
            of=coverage.of,
            later=coverage.filled_in_later,
        )
    return _("%(logged)s of %(of)s days logged.", logged=coverage.logged, of=coverage.of)


def adherence_words(habit: str, kept: Adherence) -> str:
    """A percentage only where the answers carry one; the days behind it always."""
    answers = {"habit": as_sentence(habit_name(habit)), "met": kept.met, "answered": kept.answered}
    if kept.percent is None:
        return ngettext(
            "%(habit)s: on %(met)s of %(num)s day answered.",
            "%(habit)s: on %(met)s of %(num)s days answered.",
            kept.answered,
            **answers,
        )
    return _(
        "%(habit)s: on %(met)s of %(answered)s days answered, %(percent)s %%.",
        percent=kept.percent,
        **answers,
    )


def change_sentences(change: Change) -> list[str]:
    """The change in words and, where there is one, the range it may lie in."""
    if change.low is None or change.high is None:
        return [change.words]
    return [change.words, range_words(change.low, change.high)]


def trend_words(trend: Trend) -> str:
    """A slope that does not stand out is called that, and not printed."""
    if trend.per_week is None or trend.low is None or trend.high is None:
        return _("Too early for a trend: %(days)s of %(needed)s days.", days=trend.days, needed=FEWEST_DAYS)
    weeks = max(round(trend.weeks), 1)
    if not trend.shown:
        return ngettext(
            "No clear trend: over %(num)s week, pain stayed within its usual ups and downs.",
            "No clear trend: over %(num)s weeks, pain stayed within its usual ups and downs.",
            weeks,
        )
    low, high = _sizes(trend.per_week, trend.low, trend.high)
    sizes = {"points": to_one_decimal(abs(trend.per_week)), "low": low, "high": high, "weeks": weeks}
    if trend.per_week < 0:
        return _(
            "Over %(weeks)s weeks, pain went down by about %(points)s points a week"
            " (plausible range %(low)s to %(high)s).",
            **sizes,
        )
    return _(
        "Over %(weeks)s weeks, pain went up by about %(points)s points a week"
        " (plausible range %(low)s to %(high)s).",
        **sizes,
    )


def effect_words(habit: str, effect: HabitEffect, weeks: int) -> str:
    """What was found about one habit and the next day's pain, `weeks` into the diary."""
    if effect.is_one_sided:
        return _one_sided(habit, effect)
    if effect.effect is None or effect.low is None or effect.high is None:
        return progress_words(habit, effect)
    if not effect.shown:
        return ngettext(
            "%(num)s week in: no clear link between %(habit)s and next-day pain in your notes.",
            "%(num)s weeks in: no clear link between %(habit)s and next-day pain in your notes.",
            weeks,
            habit=habit_name(habit),
        )
    return " ".join(_pattern(habit, effect.effect, effect.low, effect.high, effect))


def progress_words(habit: str, effect: HabitEffect) -> str:
    """How far a diary is on its way to a comparison."""
    if effect.rows >= FEWEST_ROWS:
        return _(
            "Enough days to compare %(habit)s with next-day pain: %(days)s.",
            habit=habit_name(habit),
            days=effect.rows,
        )
    return _(
        "Too early to compare %(habit)s with next-day pain: %(days)s of %(needed)s days.",
        habit=habit_name(habit),
        days=effect.rows,
        needed=FEWEST_ROWS,
    )


def habit_name(habit: str) -> str:
    """As it stands within a sentence. A habit of somebody's own is called what they call it."""
    return _(NAMES[habit]) if habit in NAMES else habit.replace("_", " ")


def _one_sided(habit: str, effect: HabitEffect) -> str:
    name = as_sentence(habit_name(habit))
    if effect.met < effect.missed:
        return _("%(habit)s: you seldom do this, so your log cannot compare.", habit=name)
    return _("%(habit)s: you nearly always do this, so your log cannot compare.", habit=name)


def _pattern(habit: str, points: float, low: float, high: float, effect: HabitEffect) -> list[str]:
    """The difference, the days and the range behind it, and what it does not mean."""
    least, most = _sizes(points, low, high)
    return [
        _difference(habit, points),
        _(
            "That is %(met)s with and %(missed)s without; the plausible range is %(low)s to %(high)s points.",
            met=days_in_words(effect.met),
            missed=days_in_words(effect.missed),
            low=least,
            high=most,
        ),
        _("This is a pattern in your own notes, not proof that one caused the other."),
    ]


def _difference(habit: str, points: float) -> str:
    said = to_one_decimal(abs(points))
    known = _LOWER_AFTER if points < 0 else _HIGHER_AFTER
    if habit in known:
        return _(known[habit], points=said)
    if points < 0:
        return _(
            "In your log, pain was about %(points)s points lower the day after: %(habit)s.",
            points=said,
            habit=habit_name(habit),
        )
    return _(
        "In your log, pain was about %(points)s points higher the day after: %(habit)s.",
        points=said,
        habit=habit_name(habit),
    )


def _sizes(points: float, low: float, high: float) -> tuple[str, str]:
    """A range without its sign, smaller end first; an end beyond 0 is 0."""
    ends = (max(-high, 0.0), -low) if points < 0 else (max(low, 0.0), high)
    return to_one_decimal(ends[0]), to_one_decimal(ends[1])
