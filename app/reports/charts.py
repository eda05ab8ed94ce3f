"""Every chart, as inline SVG made of presentation attributes only.

Nothing here needs a style sheet, so the same chart can be put on paper. Everything is drawn in
`currentColor`: a page gives its figure a `color` that suits light and dark, and paper gets black.
The classes are handles by which a page may tint a part; no part depends on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal
from zlib import crc32

from markupsafe import Markup, escape

from app.language import _, ngettext
from app.language.saying import apart, day_of_month, in_tenths, listed, number_in_words, short_day

Better = Literal["higher", "lower"]
LoggedValue = tuple[date, float | None, bool]
_Point = tuple[date, float]

_WIDTH, _HEIGHT = 340, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 22, 304, 36, 156
_DOTTED_UP_TO = timedelta(days=120)
_NEXT_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One line of the table beside a chart, in words; what was not logged says so."""

    day: date
    day_text: str
    value_text: str
    remark: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, the same facts as a table, newest day first, and in words. In a template it is its SVG."""

    title: str
    svg: Markup
    rows: tuple[ChartRow, ...]
    words: str

    def __html__(self) -> str:
        return self.svg


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a day and a value lie on the drawing."""

    first: date
    last: date
    low: float
    high: float

    def x(self, day: date) -> str:
        span = max((self.last - self.first).days, 1)
        return _plain(_LEFT + (_RIGHT - _LEFT) * (day - self.first).days / span)

    def y(self, value: float, lower_by: int = 0) -> str:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return _plain(_BOTTOM - (_BOTTOM - _TOP) * share + lower_by)

    def shows(self, day: date) -> bool:
        return self.first <= day <= self.last


def line_chart(
    title: str,
    days: list[LoggedValue],
    sessions: list[date],
    low: float,
    high: float,
    unit: str,
    better: Better | None,
) -> Chart:
    """One measure over the days of a window, with the sessions in it as thin rules.

    `days` holds every calendar day of the window, oldest first, as (day, value, late); charts of the
    same days and range share their axes. A day without a value is a gap in the line. A value filled in
    later is a hollow point that no line joins, because it is left out of comparisons too.
    `low` and `high` end the axis, `unit` follows a number ("h", "min", or "" for ratings), and
    `better` says on the axis which way is better.
    """
    if not days:
        raise ValueError("A chart needs the days of its window.")
    frame = _Frame(days[0][0], days[-1][0], low, high)
    shown_sessions = sorted({day for day in sessions if frame.shows(day)})
    rows = tuple(_row(*logged, unit, logged[0] in shown_sessions) for logged in reversed(days))
    parts = [
        *_grid(frame),
        *_axis_words(frame, unit, better),
        *_session_rules(frame, shown_sessions),
        *_line(frame, days),
    ]
    described = _described(title, days, shown_sessions, frame, unit, better)
    return Chart(title, _svg(title, described, parts), rows, described)


def _svg(title: str, described: str, parts: list[str]) -> Markup:
    name = f"chart-{crc32(title.encode()):x}"
    drawing = Markup("".join(parts))  # noqa: S704 (made here of numbers and escaped text)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {w} {h}" width="{w}"'
        ' height="{h}" direction="ltr" font-family="system-ui, sans-serif" font-size="12"'
        ' fill="none" stroke="none"'
        ' aria-labelledby="{name}-title {name}-words"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-words">{described}</desc>{drawing}</svg>'
    ).format(w=_WIDTH, h=_HEIGHT, name=name, title=title, described=described, drawing=drawing)


def _grid(frame: _Frame) -> Iterator[str]:
    levels = [frame.low, (frame.low + frame.high) / 2, frame.high]
    lines = "".join(f"M{_LEFT} {frame.y(level)}H{_RIGHT}" for level in levels)
    yield f'<path class="chart-grid" d="{lines}" stroke="currentColor" stroke-opacity=".18"/>'
    for level in levels:
        yield _text(_LEFT - 6, frame.y(level, lower_by=4), _number(level), anchor="end")


def _axis_words(frame: _Frame, unit: str, better: Better | None) -> Iterator[str]:
    said = " · ".join(filter(None, [unit, _better_in_words(better) if better else ""]))
    if said:
        yield _text(_LEFT, 12, apart(said))
    yield _text(_LEFT, _HEIGHT - 8, _short(frame.first, frame))
    yield _text(_RIGHT, _HEIGHT - 8, _short(frame.last, frame), anchor="end")


def _session_rules(frame: _Frame, sessions: list[date]) -> Iterator[str]:
    """A thin rule for every session; the last one carries the word."""
    if not sessions:
        return
    rules = "".join(f"M{frame.x(day)} {_TOP - 6}V{_BOTTOM}" for day in sessions)
    yield f'<path class="chart-session" d="{rules}" stroke="currentColor" stroke-opacity=".45"/>'
    in_second_half = sessions[-1] - frame.first > (frame.last - frame.first) / 2
    yield _text(
        frame.x(sessions[-1]), _TOP - 9, apart(_("session")), anchor="end" if in_second_half else "start"
    )


def _line(frame: _Frame, days: list[LoggedValue]) -> Iterator[str]:
    in_time = [(day, value) for day, value, late in days if value is not None and not late]
    later = [(day, value) for day, value, late in days if value is not None and late]
    runs = list(_runs(in_time))
    joined = "".join("M" + "L".join(_at(frame, *point) for point in run) for run in runs if len(run) > 1)
    dots = "".join(f"M{_at(frame, *point)}h.01" for point in _dotted(frame, runs))
    yield '<g class="chart-line" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">'
    yield f'<path d="{joined}" stroke-width="1.6"/><path d="{dots}" stroke-width="4"/>'
    for day, value in later:
        yield f'<circle cx="{frame.x(day)}" cy="{frame.y(value)}" r="2.6" stroke-width="1.2"/>'
    yield "</g>"
    if in_time:
        yield _label_of_last(frame, *in_time[-1])


def _label_of_last(frame: _Frame, day: date, value: float) -> str:
    """The last value beside its point; the axis says the unit, so that the number fits the margin."""
    return _text(f"{float(frame.x(day)) + 6:g}", frame.y(value, lower_by=4), _number(value), weight="600")


def _runs(points: list[_Point]) -> Iterator[list[_Point]]:
    """The points in stretches of neighbouring days; between two stretches lies a gap."""
    run = points[:1]
    for before, point in pairwise(points):
        if point[0] - before[0] > _NEXT_DAY:
            yield run
            run = []
        run.append(point)
    if run:
        yield run


def _dotted(frame: _Frame, runs: list[list[_Point]]) -> list[_Point]:
    """Every point or, over a window too long for that, the ones that no line shows."""
    crowded = frame.last - frame.first > _DOTTED_UP_TO
    return [point for run in runs for point in run if len(run) == 1 or not crowded]


def _at(frame: _Frame, day: date, value: float) -> str:
    return f"{frame.x(day)} {frame.y(value)}"


def _text(x: float | str, y: float | str, said: str, anchor: str = "start", weight: str = "400") -> str:
    return (
        f'<text x="{x}" y="{y}" fill="currentColor" text-anchor="{anchor}"'
        f' font-weight="{weight}">{escape(said)}</text>'
    )


def _described(
    title: str, days: list[LoggedValue], sessions: list[date], frame: _Frame, unit: str, better: Better | None
) -> str:
    values = [value for _day, value, _late in days if value is not None]
    if not values:
        return _("%(measure)s: nothing logged on these %(num)s days.", measure=title, num=len(days))
    later = sum(late for _day, value, late in days if value is not None)
    sentences = [
        _("%(measure)s from %(low)s to %(high)s.", measure=title, low=_number(frame.low),
          high=_with_unit(frame.high, unit)),
        (_("Here higher is better.") if better == "higher" else _("Here lower is better.")) if better else "",
        _("Logged on %(days)s of %(of)s days, %(first)s to %(last)s.", days=len(values), of=len(days),
          first=_spoken(frame.first), last=_spoken(frame.last)),
        _("Lowest %(lowest)s, highest %(highest)s, last %(last)s.", lowest=_number(min(values)),
          highest=_number(max(values)), last=_number(values[-1])),
        ngettext("%(num)s day filled in later, drawn hollow.", "%(num)s days filled in later, drawn hollow.",
                 later) if later else "",
        _("Sessions: %(days)s.", days=listed(map(_spoken, sessions))) if sessions else "",
    ]  # fmt: skip
    return " ".join(filter(None, sentences))


def _row(day: date, value: float | None, late: bool, unit: str, held: bool) -> ChartRow:
    remarks = [(_("filled in later"), late and value is not None), (_("session"), held)]
    said = listed(words for words, is_so in remarks if is_so)
    return ChartRow(day, _spoken(day), _("not logged") if value is None else _with_unit(value, unit), said)


def _number(value: float) -> str:
    """As a person reads it."""
    return number_in_words(in_tenths(value))


def _plain(value: float) -> str:
    """As a drawing needs it."""
    return f"{value:.1f}".removesuffix(".0")


def _with_unit(value: float, unit: str) -> str:
    return f"{_number(value)} {unit}".rstrip()


def _better_in_words(better: Better) -> str:
    return _("higher is better") if better == "higher" else _("lower is better")


def _short(day: date, frame: _Frame) -> str:
    return apart(short_day(day) + (f" {day.year}" if frame.first.year < frame.last.year else ""))


def _spoken(day: date) -> str:
    return day_of_month(day)
