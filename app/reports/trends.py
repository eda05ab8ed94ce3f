"""Everything the Trends page draws and says: one sentence with its numbers first, then the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from sqlalchemy.orm import Session

from app.insights.days import Window, average, coverage
from app.insights.findings import change_of
from app.insights.prompts import prompts
from app.insights.sentences import change_sentences, trend_words
from app.insights.session_profile import FEWEST_SESSIONS, SessionProfile, session_profile
from app.insights.since_last_session import SORE_DAYS, WEEK
from app.insights.trend import pain_trend
from app.language import _, marked, ngettext
from app.language.saying import day_in_words, number_in_words, to_one_decimal
from app.models.daily_log import WRITABLE_DAYS_BACK, Day, days_between
from app.models.home_care import SLEEP, STRETCHING, WATER, Habit
from app.models.patient import PatientProfile
from app.models.plan_in_force import plan_history
from app.models.treatment_session import held_days
from app.reports.charts import Better, Chart, ChartRow, line_chart
from app.reports.diary_values import diary_values
from app.reports.own_insights import LOOKED_BACK, AskedQuestion, Level, asked_question
from app.reports.profile_chart import profile_chart, profile_rows


class Span(IntEnum):
    """Days the charts can show."""

    MONTH = 30
    QUARTER = 90
    YEAR = 365


@dataclass(frozen=True, slots=True)
class Plotted:
    """How a measure is drawn. `high` ends the axis; when it `grows`, a higher value moves the end up."""

    measure: str
    title: str
    high: float
    better: Better | None = None
    grows: bool = False


PLOTTED = (
    Plotted("pain", marked("Pain"), 10, better="lower"),
    Plotted("stiffness", marked("Stiffness"), 10, better="lower"),
    Plotted("mobility", marked("Ease of movement"), 10, better="higher"),
    Plotted(SLEEP.measure, marked("Hours of sleep"), 12, grows=True),
    Plotted(WATER.measure, marked("Glasses of water"), 10, grows=True),
    Plotted(STRETCHING.measure, marked("Minutes of stretching"), 20, grows=True),
)
_SUGGESTS = {
    SLEEP.measure: (
        marked("Your plan suggests at least %(least)s hours."),
        marked("Your plan suggests %(least)s to %(most)s hours."),
    ),
    WATER.measure: (
        marked("Your plan suggests %(least)s glasses."),
        marked("Your plan suggests %(least)s to %(most)s glasses."),
    ),
    STRETCHING.measure: (
        marked("Your plan suggests %(least)s minutes."),
        marked("Your plan suggests %(least)s to %(most)s minutes."),
    ),
}


@dataclass(frozen=True, slots=True)
class Trend:
    """One chart, its sentence, and the rows of its table that hold something."""

    chart: Chart
    words: str
    rows: tuple[ChartRow, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """The days around sessions: a picture from three sessions on, until then how many there are."""

    words: str
    chart: Chart | None
    rows: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Trends:
    """`change`, `around` and `trend` are empty or None where this installation says no more than charts."""

    coverage: str
    change: list[str]
    compared: str
    trend: str | None
    question: AskedQuestion | None
    around: Around | None
    drawn: list[Trend]
    empty: bool
    offers_help: bool


def read_trends(db: Session, patient: PatientProfile, now: datetime, span: Span, level: Level) -> Trends:
    today = patient.day_at(now)
    window = Window.of_days(span, until=today)
    sessions = held_days(db, patient, None, today - timedelta(days=WRITABLE_DAYS_BACK), today)
    logged = days_between(db, patient.id, min(window.first, today - LOOKED_BACK), today)
    shown = {day.day: day for day in logged if day.day in window}
    history = plan_history(db, patient.id)
    diary = diary_values([day for day in logged if today - day.day <= LOOKED_BACK], history, sessions, today)
    habits, says = history.on(today).habits, level != "off"
    is_full = level == "full"
    return Trends(
        coverage=coverage(list(shown.values()), window).words,
        change=change_sentences(change_of(diary)) if says else [],
        compared=_compared(sessions[-1] if sessions else None),
        trend=trend_words(pain_trend(diary.pain, diary.today)) if is_full else None,
        question=asked_question(db, patient, today) if is_full else None,
        around=_around(session_profile(diary.pain, diary.sessions)) if says and sessions else None,
        drawn=[trend for plotted in PLOTTED if (trend := _trend(plotted, shown, window, sessions, habits))],
        empty=not shown,
        offers_help=says and bool(prompts(diary.pain, diary.sessions, diary.heat_or_ice, diary.today)),
    )


def _compared(last_session: date | None) -> str:
    if last_session is None:
        return _("Pain in the last %(num)s days, and in the %(num)s days before.", num=WEEK)
    return _(
        "Pain since your last session on %(day)s, compared with the %(num)s days before it."
        " The session day and the %(sore)s days after it are left out.",
        day=day_in_words(last_session),
        num=WEEK,
        sore=SORE_DAYS,
    )


def _around(profile: SessionProfile) -> Around:
    if not profile.enough:
        words = _(
            "%(sessions)s of %(needed)s sessions so far with enough days before and after.",
            sessions=profile.sessions,
            needed=FEWEST_SESSIONS,
        )
        return Around(words, None, [])
    chart = profile_chart(profile)
    return Around(chart.words, chart, profile_rows(profile))


def _trend(
    plotted: Plotted,
    shown: dict[date, Day],
    window: Window,
    sessions: list[date],
    habits: Mapping[str, Habit],
) -> Trend | None:
    """None for a measure that was never logged in this window."""
    days = [_point(shown.get(day), day, plotted.measure) for day in window]
    known = [value for _day, value, _late in days if value is not None]
    if not known:
        return None
    high = max(plotted.high, *known) if plotted.grows else plotted.high
    chart = line_chart(_(plotted.title), days, sessions, 0, high, unit="", better=plotted.better)
    known_days = {day for day, value, _late in days if value is not None}
    rows = tuple(row for row in chart.rows if row.day in known_days)
    words = " ".join(filter(None, [_numbers(known, len(window)), _suggested(habits.get(plotted.measure))]))
    return Trend(chart, words, rows)


def _point(day: Day | None, on: date, measure: str) -> tuple[date, float | None, bool]:
    return (on, getattr(day, measure), day.late) if day else (on, None, False)


def _numbers(known: list[float], of: int) -> str:
    """The sentence above a chart, its numbers first."""
    return ngettext(
        "%(mean)s on %(num)s of %(of)s days.",
        "%(mean)s on average, %(lowest)s to %(highest)s, on %(num)s of %(of)s days.",
        len(known),
        mean=to_one_decimal(average(known).mean or 0.0),
        lowest=number_in_words(min(known)),
        highest=number_in_words(max(known)),
        of=of,
    )


def _suggested(habit: Habit | None) -> str:
    """What the plan in force today aims for."""
    if habit is None or habit.measure not in _SUGGESTS:
        return ""
    at_least, between = _SUGGESTS[habit.measure]
    least = number_in_words(habit.least)
    if habit.most is None:
        return _(at_least, least=least)
    return _(between, least=least, most=number_in_words(habit.most))
