"""The parts of the brief that the logged days tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.insights.days import average
from app.language import _, ngettext
from app.language.saying import number_in_words, to_one_decimal
from app.models.body import BodyRegion, Side
from app.models.daily_log import SORENESS_ASKED_UNTIL, Day
from app.models.home_care import SLEEP, Habit
from app.models.plan_in_force import DayPlan

NOTES_QUOTED = 3
SETTLED_AT = 1
"""Soreness of at most this much has settled."""

_Site = tuple[BodyRegion, Side, int | None]


@dataclass(frozen=True, slots=True)
class PainPlace:
    """A place that hurt, on `days` of the `of` days on which it was said where. `strongest` is 1 to 10."""

    region: BodyRegion
    side: Side
    days: int
    of: int
    strongest: int | None


@dataclass(frozen=True, slots=True)
class SorenessOfDay:
    """Soreness so many days after the session; None where it was not logged."""

    days_after: int
    soreness: int | None


@dataclass(frozen=True, slots=True)
class Sleep:
    """Hours of sleep: the mean, and nights within `least` to `most` of the `nights` logged.

    The band is that of the newest plan; without one, what everybody starts with.
    """

    mean: float | None
    nights: int
    nights_in_band: int
    least: float
    most: float | None
    words: str


@dataclass(frozen=True, slots=True)
class QuotedNote:
    """A note in the patient's own words."""

    day: date
    text: str
    late: bool


def places_of(days: Sequence[Day]) -> list[PainPlace]:
    """Where it hurt, most days first. A day without a place, because nowhere hurt, counts among the others;
    one on which nothing was said of places does not."""
    said = [day.pain_sites for day in days if day.pain_sites is not None]
    sites = [
        (BodyRegion(site["region"]), Side(site["side"]), site.get("intensity"))
        for day in said
        for site in day
    ]
    often = Counter((region, side) for region, side, _ in sites)
    return [
        PainPlace(region, side, count, len(said), _strongest(region, side, sites))
        for (region, side), count in sorted(often.items(), key=lambda place: (-place[1], place[0]))
    ]


def _strongest(region: BodyRegion, side: Side, sites: list[_Site]) -> int | None:
    return max((felt for place, at, felt in sites if (place, at) == (region, side) and felt), default=None)


def soreness_of(days: Sequence[Day], session_day: date | None, today: date) -> list[SorenessOfDay]:
    """Each day on which soreness was asked and that has come; empty without a session."""
    if session_day is None:
        return []
    soreness = {(day.day - session_day).days: day.soreness for day in days}
    asked_until = min(SORENESS_ASKED_UNTIL, (today - session_day).days)
    return [SorenessOfDay(after, soreness.get(after)) for after in range(asked_until + 1)]


def soreness_words(soreness: Sequence[SorenessOfDay]) -> str | None:
    """When it settled, as far as the log says; None when nothing was logged."""
    known = [(one.days_after, one.soreness) for one in soreness if one.soreness is not None]
    if not known:
        return None
    last, value = known[-1]
    sore = [after for after, felt in known if felt > SETTLED_AT]
    if not sore:
        return _("Hardly any soreness.")
    if value <= SETTLED_AT:
        settled = min(after for after, _felt in known if after > sore[-1])
        return ngettext("Settled after %(num)s day.", "Settled after %(num)s days.", settled)
    if last == 0:
        return _("%(value)s of 10 on the day itself; not logged since.", value=value)
    return ngettext(
        "Still %(value)s of 10 after %(num)s day.",
        "Still %(value)s of 10 after %(num)s days.",
        last,
        value=value,
    )


def sleep_of(days: Sequence[Day], plans: Mapping[date, DayPlan]) -> Sleep:
    band = _band(plans)
    hours = [day.sleep_hours for day in days]
    slept = average(hours)
    in_band = sum(band.met_by(value) for value in hours if value is not None)
    words = _sleep_words(slept.mean, slept.days, in_band, band)
    return Sleep(slept.mean, slept.days, in_band, band.least, band.most, words)


def _band(plans: Mapping[date, DayPlan]) -> Habit:
    asked = [habit for plan in plans.values() if (habit := plan.habits.get(SLEEP.measure))]
    return asked[-1] if asked else SLEEP


def _sleep_words(mean: float | None, nights: int, in_band: int, band: Habit) -> str:
    if mean is None:
        return _("not logged")
    hours, least = to_one_decimal(mean), number_in_words(band.least)
    if band.most is None:
        return ngettext(
            "%(mean)s h on average, %(in_band)s of %(num)s night of %(least)s h or more",
            "%(mean)s h on average, %(in_band)s of %(num)s nights of %(least)s h or more",
            nights,
            mean=hours,
            in_band=in_band,
            least=least,
        )
    return ngettext(
        "%(mean)s h on average, %(in_band)s of %(num)s night between %(least)s and %(most)s h",
        "%(mean)s h on average, %(in_band)s of %(num)s nights between %(least)s and %(most)s h",
        nights,
        mean=hours,
        in_band=in_band,
        least=least,
        most=number_in_words(band.most),
    )


def last_notes(days: Sequence[Day]) -> list[QuotedNote]:
    noted = [QuotedNote(day.day, day.note, day.late) for day in days if day.note]
    return noted[: -NOTES_QUOTED - 1 : -1]
