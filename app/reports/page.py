"""What stands on the one page of a report: charts, means and counts, places, home care, the last notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.errors import FieldError, Invalid
from app.insights.days import Window, average, coverage
from app.language import _, marked, ngettext, spoken
from app.language.saying import (
    as_sentence,
    day_in_words,
    day_with_year,
    joined,
    number_in_words,
    short_day,
    shortened,
    to_one_decimal,
)
from app.models.care import Scope
from app.models.check_in import Intake
from app.models.daily_log import Day, days_between
from app.models.plan_in_force import plan_history
from app.models.treatment_session import held_days
from app.reports.brief_days import places_of
from app.reports.charts import Better, line_chart
from app.reports.exporting import Period, Subject
from app.reports.habits import (
    DAILY_MEASURES,
    SHOWS_HABITS,
    complaints_first,
    habit_answers,
    habit_words,
    item_answers,
    plans_of_window,
)
from app.reports.places import place_in_words
from app.reports.shared_days import in_scope

DAYS_AT_MOST = 366
PLACES, ITEMS, SESSIONS, NOTES, NOTE_LETTERS, NAME_LETTERS = 6, 6, 8, 3, 240, 60
"""How much of each fits on one page."""


@dataclass(frozen=True, slots=True)
class PageChart:
    """A chart as SVG, with the words for whoever cannot see it."""

    title: str
    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: rows of a thing and what is said of it, then lines."""

    heading: str
    rows: list[tuple[str, str]]
    lines: list[str]


@dataclass(frozen=True, slots=True)
class PageNote:
    day: str
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on the page, in the words of its reader."""

    lang: str
    dir: str
    title: str
    about: list[str]
    charts: list[PageChart]
    parts: list[Part]
    notes_heading: str
    notes: list[PageNote]
    footer: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A measure that is drawn, how high its axis ends, and which way is better."""

    measure: str
    title: str
    high: float
    better: Better | None


_DRAWN = (
    _Drawn("pain", marked("Pain"), 10, "lower"),
    _Drawn("stiffness", marked("Stiffness"), 10, "lower"),
    _Drawn("mobility", marked("Ease of movement"), 10, "higher"),
    _Drawn("sleep_hours", marked("Hours of sleep"), 12, None),
)


def build_page(db: Session, subject: Subject, period: Period, now: datetime) -> Page:
    """The page about a period, as far as it is shared. Raises Invalid for more than a year."""
    subject.require_still_shared(db, now)
    window = Window(period.first, period.last)
    if len(window) > DAYS_AT_MOST:
        message = _("One page holds at most a year. Choose a later first day.")
        raise Invalid(FieldError("first", "too_long", message))
    patient = subject.patient
    logged = days_between(db, patient.id, window.first, window.last)
    shared = in_scope(logged, subject.scopes)
    sessions = held_days(db, patient, subject.reader_id, window.first, window.last)
    parts = [
        *_measured(subject, shared),
        *_home_care(db, subject, logged, window),
        *_sessions(sessions),
        *_intake(db, subject),
    ]
    return Page(
        lang=spoken().tag,
        dir=spoken().direction,
        title=shortened(patient.name, NAME_LETTERS),
        about=[_period_in_words(window), as_sentence(coverage(logged, window).words)],
        charts=_charts(shared, window, sessions) if Scope.MEASURES in subject.scopes else [],
        parts=parts,
        notes_heading=_("Last notes"),
        notes=_last_notes(shared),
        footer=_(
            "What %(name)s entered, nothing added. A day that was not logged is a gap, never 0. "
            "Not a medical device. Made with Aftercare on %(day)s.",
            name=shortened(patient.name, NAME_LETTERS),
            day=day_with_year(patient.day_at(now)),
        ),
    )


def _period_in_words(window: Window) -> str:
    first, last = day_with_year(window.first), day_with_year(window.last)
    return _("%(first)s to %(last)s", first=first, last=last)


def _charts(days: Sequence[Day], window: Window, sessions: list[date]) -> list[PageChart]:
    """The measures that were logged at all, each day of the period in its place."""
    by_day = {day.day: day for day in days}
    return [
        PageChart(chart.title, str(chart.svg), chart.words)
        for drawn in _DRAWN
        if any(getattr(day, drawn.measure) is not None for day in days)
        for chart in [
            line_chart(
                _(drawn.title),
                [_point(by_day.get(day), day, drawn.measure) for day in window],
                sessions,
                0,
                max([drawn.high, *(getattr(day, drawn.measure) or 0 for day in days)]),
                unit="",
                better=drawn.better,
            )
        ]
    ]


def _point(day: Day | None, on: date, measure: str) -> tuple[date, float | None, bool]:
    return (on, getattr(day, measure), day.late) if day else (on, None, False)


def _measured(subject: Subject, days: Sequence[Day]) -> Iterator[Part]:
    if Scope.MEASURES not in subject.scopes:
        return
    means = [(_(drawn.title), _mean_in_words(days, drawn.measure)) for drawn in _DRAWN]
    yield Part(
        _("On average"),
        means,
        [_("Sleep is in hours, the others go from 0 to 10; with ease of movement, higher is better.")],
    )
    places = _places(days)
    lines = [] if places else [_("No place was marked.")]
    yield Part(_("Where it hurts"), places, lines)


def _mean_in_words(days: Sequence[Day], measure: str) -> str:
    values = [getattr(day, measure) for day in days if getattr(day, measure) is not None]
    if not values:
        return _("not logged")
    return ngettext(
        "%(mean)s on %(num)s day, from %(low)s to %(high)s",
        "%(mean)s on %(num)s days, from %(low)s to %(high)s",
        len(values),
        mean=to_one_decimal(average(values).mean or 0),
        low=number_in_words(min(values)),
        high=number_in_words(max(values)),
    )


def _places(days: Sequence[Day]) -> list[tuple[str, str]]:
    return [
        (
            as_sentence(place_in_words({"region": one.region, "side": one.side})),
            ngettext("%(days)s of %(num)s day", "%(days)s of %(num)s days", one.of, days=one.days),
        )
        for one in places_of(days)[:PLACES]
    ]


def _home_care(db: Session, subject: Subject, days: Sequence[Day], window: Window) -> Iterator[Part]:
    if not subject.scopes & SHOWS_HABITS:
        return
    history = plan_history(db, subject.patient.id)
    if subject.reader_id is not None:
        history = history.only_by(subject.reader_id, subject.patient.id)
    plans = plans_of_window(history, window)
    told: list[Any] = [one for measure in DAILY_MEASURES if (one := habit_answers(measure, days, plans))]
    rows = [(one.name, habit_words(one)) for one in told]
    if Scope.PLAN in subject.scopes:
        items = complaints_first(item_answers(days, plans))[:ITEMS]
        rows += [(shortened(one.title, NAME_LETTERS), habit_words(one)) for one in items]
    yield Part(_("Home care"), [], [f"{name}: {words}." for name, words in rows])


def _sessions(sessions: Sequence[date]) -> Iterator[Part]:
    if sessions:
        days = [short_day(day) for day in sessions[-SESSIONS:]]
        yield Part(_("Sessions held"), [], [joined(days)])


def _intake(db: Session, subject: Subject) -> Iterator[Part]:
    """What brought the patient and what they want, in their words; words belong to the notes."""
    said = db.get(Intake, subject.patient.id) if Scope.NOTES in subject.scopes else None
    words = [one for one in (said.reason, said.goals) if one] if said else []
    if words:
        yield Part(_("In their own words"), [], [shortened(one, NOTE_LETTERS) for one in words])


def _last_notes(days: Sequence[Day]) -> list[PageNote]:
    noted = [day for day in days if day.note][: -NOTES - 1 : -1]
    return [
        PageNote(as_sentence(day_in_words(day.day)), shortened(day.note or "", NOTE_LETTERS)) for day in noted
    ]
