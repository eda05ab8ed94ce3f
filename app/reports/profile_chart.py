"""The days around a session as a picture: how far pain was from its usual level, averaged over sessions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil

from markupsafe import Markup, escape

from app.insights.session_profile import OFFSETS, SessionProfile
from app.language import _, ngettext
from app.language.saying import apart, in_tenths, signed, to_one_decimal, with_sign
from app.reports.charts import Chart

_WIDTH, _HEIGHT = 340, 180
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 326, 30, 150
_LEAST_RANGE = 2
"""Points above and below the usual that the axis always shows, so that small differences look small."""


def profile_chart(profile: SessionProfile) -> Chart:
    """A point for each day from three before a session to seven after. Days that nobody logged are gaps."""
    title = _("Around a session")
    known = {offset: found.mean for offset, found in profile.days.items() if found.mean is not None}
    reach = max(_LEAST_RANGE, ceil(max(map(abs, known.values()), default=0)))
    described = _described(known, profile.sessions)
    drawing = "".join([*_grid(reach), *_line(known, reach)])
    svg = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {w} {h}" width="{w}"'
        ' height="{h}" direction="ltr" font-family="system-ui, sans-serif" font-size="12"'
        ' fill="none" stroke="none"'
        ' aria-labelledby="chart-around-title chart-around-words">'
        '<title id="chart-around-title">{title}</title>'
        '<desc id="chart-around-words">{described}</desc>{drawing}</svg>'
    ).format(w=_WIDTH, h=_HEIGHT, title=title, described=described, drawing=Markup(drawing))  # noqa: S704
    return Chart(title, svg, (), described)


def profile_rows(profile: SessionProfile) -> list[tuple[str, str, str]]:
    """Day, mean difference from the usual, and how many sessions stand behind it."""
    return [
        (
            day_around(offset),
            _("not logged") if found.mean is None else signed(found.mean),
            ngettext("%(num)s session", "%(num)s sessions", found.days),
        )
        for offset, found in profile.days.items()
    ]


def day_around(offset: int) -> str:
    """As "2 days before", "day of the session", "the day after", "3 days after"."""
    match offset:
        case 0:
            return _("day of the session")
        case 1:
            return _("the day after")
        case -1:
            return _("the day before")
        case before if before < 0:
            return ngettext("%(num)s day before", "%(num)s days before", -offset)
        case _after:
            return ngettext("%(num)s day after", "%(num)s days after", offset)


def _described(known: dict[int, float], sessions: int) -> str:
    told = ngettext(
        "Average of %(num)s session, compared with your usual before it.",
        "Average of %(num)s sessions, compared with your usual before them.",
        sessions,
    )
    lowest = min(known, key=lambda offset: known[offset], default=None)
    return told if lowest is None else f"{told} {_lowest_in_words(lowest, known[lowest])}"


def _lowest_in_words(offset: int, points: float) -> str:
    said = {"day": day_around(offset), "points": to_one_decimal(abs(points))}
    if in_tenths(points) == 0:
        return _("Lowest %(day)s: as usual.", **said)
    if points < 0:
        return _("Lowest %(day)s: %(points)s lower.", **said)
    return _("Lowest %(day)s: %(points)s higher.", **said)


def _grid(reach: int) -> Iterator[str]:
    for level in (-reach, 0, reach):
        yield _rule(f"M{_LEFT} {_y(level, reach)}H{_RIGHT}", faint=level != 0)
        yield _text(_LEFT - 6, float(_y(level, reach)) + 4, _signed_whole(level), "end")
    yield _rule(f"M{_x(0)} {_TOP - 8}V{_BOTTOM}")
    yield _text(_x(0), _TOP - 12, apart(_("session")), "middle")
    for offset in (OFFSETS[0], OFFSETS[-1]):
        yield _text(_x(offset), _BOTTOM + 18, _signed_whole(offset), "middle")
    yield _text((_LEFT + _RIGHT) / 2, _HEIGHT - 4, apart(_("days before and after")), "middle")


def _rule(path: str, *, faint: bool = False) -> str:
    return f'<path d="{path}" stroke="currentColor" stroke-opacity="{".18" if faint else ".45"}"/>'


def _line(known: dict[int, float], reach: int) -> Iterator[str]:
    joined = [(a, b) for a, b in pairwise(sorted(known)) if b - a == 1]
    path = "".join(f"M{_x(a)} {_y(known[a], reach)}L{_x(b)} {_y(known[b], reach)}" for a, b in joined)
    yield '<g class="chart-line" color="currentColor">'
    yield f'<path d="{path}" stroke="currentColor" stroke-width="2"/>'
    for offset, mean in known.items():
        yield f'<circle cx="{_x(offset)}" cy="{_y(mean, reach)}" r="3" fill="currentColor"/>'
    yield "</g>"


def _x(offset: int) -> str:
    span = OFFSETS[-1] - OFFSETS[0]
    return f"{_LEFT + 10 + (_RIGHT - _LEFT - 20) * (offset - OFFSETS[0]) / span:.1f}"


def _y(value: float, reach: int) -> str:
    return f"{_BOTTOM - (_BOTTOM - _TOP) * (value + reach) / (2 * reach):.1f}"


def _text(x: float | str, y: float, said: str, anchor: str) -> str:
    return f'<text x="{x}" y="{y:.1f}" fill="currentColor" text-anchor="{anchor}">{escape(said)}</text>'


def _signed_whole(number: int) -> str:
    return "0" if number == 0 else with_sign("\N{MINUS SIGN}" if number < 0 else "+", str(abs(number)))
