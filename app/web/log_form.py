"""What the form for one day shows. The same on Today and on a past day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.language import _, ngettext
from app.language.saying import as_sentence, day_from, joined, number_in_words
from app.models.body import BodyRegion, Side
from app.models.daily_log import MEASURES, SORENESS_ASKED_UNTIL, Day, Measures, day_on, days_between
from app.models.home_care import WATER
from app.models.patient import PatientProfile
from app.models.plan_in_force import water_target_on
from app.models.treatment_session import held_days
from app.reports.places import REGION_WORDS, place_in_words, side_in_words
from app.web.words import REGION_GROUPS

NO_DAY, NOBODY = date(2000, 1, 1), UUID(int=0)
"""What the forms of a page kept on the phone say of themselves until the phone has filled them."""
BLANK = "\u00a0"
"""Keeps the room of a line of words that is not known yet."""
PLACES_FROM = timedelta(days=30)
"""How far back places are remembered: those of the newest day are offered, all of them as chips."""
RECENT_PLACES = 6
_USUAL_SLEEP = (3.0, 4.0, 5.0, 6.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 10.0)


@dataclass(frozen=True, slots=True)
class SideChoice:
    """One checkbox: `value` is "shoulder:left"; `intensity` is 1 to 10 when it was said."""

    value: str
    side: str
    words: str
    chosen: bool
    intensity: int | None


@dataclass(frozen=True, slots=True)
class RegionChoice:
    words: str
    sides: tuple[SideChoice, ...]


@dataclass(frozen=True, slots=True)
class PlaceGroup:
    heading: str
    regions: tuple[RegionChoice, ...]

    @property
    def chosen(self) -> int:
        return sum(side.chosen for region in self.regions for side in region.sides)

    @property
    def chosen_words(self) -> str:
        return ngettext("%(num)s chosen", "%(num)s chosen", self.chosen) if self.chosen else ""


@dataclass(frozen=True, slots=True)
class LogForm:
    """One day as the form shows it. `said` has every measure, None where nothing was said.

    `earlier` is the newest day before this one that named places. They are offered, its numbers never.
    `recent` are the places of the last weeks, those named last first. Unless it `is_whole`, what
    few need on a day stays behind until somebody opens it (parts/log_form.html).
    """

    patient_id: UUID
    day_starts_at: str
    day: date
    today: date
    said: Day | Measures
    asks_soreness: bool
    earlier: Day | None
    recent: tuple[str, ...] = ()
    places_suggested: bool = False
    is_whole: bool = False
    water_target: int | None = int(WATER.least)
    entry_id: UUID = field(default_factory=uuid4)

    @property
    def is_blank(self) -> bool:
        """Kept on a phone, which fills in the person and the day."""
        return self.day == NO_DAY

    @property
    def is_today(self) -> bool:
        return self.day == self.today

    @property
    def path(self) -> str:
        return page_of(self.day, self.today)

    @property
    def was(self) -> dict[str, Any]:
        """What the form was filled with, so that only what the person changed is recorded."""
        return {measure: getattr(self.said, measure) for measure in MEASURES}

    @property
    def sleep_choices(self) -> list[tuple[float, str, str]]:
        """The usual hours, as they are printed, and as they are heard."""
        labels = [(hours, number_in_words(hours)) for hours in _USUAL_SLEEP]
        return [(hours, label, _("%(hours)s h", hours=label)) for hours, label in labels]

    @property
    def other_sleep_choices(self) -> list[tuple[float, str]]:
        """All other halves of an hour, and as they are printed."""
        others = (half / 2 for half in range(24 * 2 + 1) if half / 2 not in _USUAL_SLEEP)
        return [(hours, number_in_words(hours)) for hours in others]

    @property
    def slept_other_hours(self) -> bool:
        return self.said.sleep_hours is not None and self.said.sleep_hours not in _USUAL_SLEEP

    @property
    def swelling_choice(self) -> str | None:
        return {True: "yes", False: "no", None: None}.get(self.said.swelling)

    @property
    def earlier_places(self) -> list[dict[str, Any]]:
        """The places of the earlier day while this day names none."""
        if self.said.pain_sites or not self.earlier:
            return []
        return self.earlier.pain_sites or []

    @property
    def earlier_places_value(self) -> str:
        return " ".join(place_value(site) for site in self.earlier_places)

    @property
    def same_places_words(self) -> str:
        day = self.earlier.day if self.earlier else self.day
        return _("Same places as %(day)s", day=day_from(day, self.today))

    @property
    def earlier_places_question(self) -> str:
        places = joined(place_in_words(site) for site in self.earlier_places)
        return _("%(places)s. Is that right for this day?", places=as_sentence(places))

    @property
    def place_groups(self) -> list[PlaceGroup]:
        return place_groups(self._intensities)

    @property
    def chosen_places(self) -> list[SideChoice]:
        return [place for place in self.few_places if place.chosen]

    @property
    def recent_places(self) -> list[SideChoice]:
        few = {place.value: place for place in self.few_places}
        return [few[value] for value in self.recent if value in few]

    @property
    def few_places(self) -> list[SideChoice]:
        """The places that the form names somewhere, in the order of the list."""
        named = {*self.recent, *map(place_value, [*_sites(self.said), *self.earlier_places])}
        chosen = self._intensities
        return [_side(*place, chosen) for value, place in _PLACES.items() if value in named]

    @property
    def _intensities(self) -> dict[str, Any]:
        """Of each place that is chosen, by its value."""
        suggested = self.earlier_places if self.places_suggested else []
        return {place_value(site): None for site in suggested} | {
            place_value(site): site.get("intensity") for site in _sites(self.said)
        }

    @staticmethod
    def minute_buttons(what: str, steps: tuple[int, ...]) -> list[tuple[int, str, str]]:
        """Amount, label, and what is heard of each button that adds minutes."""
        return [
            (step, f"+{step}", _("%(what)s: +%(minutes)s minutes", what=what, minutes=step)) for step in steps
        ]


def log_form(db: Session, patient: PatientProfile, day: date, today: date, suggest_places: bool) -> LogForm:
    said = day_on(db, patient.id, day)
    sore_days = held_days(db, patient, None, day - timedelta(days=SORENESS_ASKED_UNTIL), day)
    with_places = _days_with_places(db, patient, day)
    return LogForm(
        patient_id=patient.id,
        day_starts_at=f"{patient.day_starts_at:%H:%M}",
        day=day,
        today=today,
        said=said or Measures(),
        water_target=water_target_on(db, patient.id, day),
        asks_soreness=bool(sore_days) or (said is not None and said.soreness is not None),
        earlier=next(iter(with_places), None),
        recent=recent_places(with_places),
        places_suggested=suggest_places,
        is_whole=suggest_places,
    )


def recent_places(newest_first: list[Day]) -> tuple[str, ...]:
    """The places named last, as "shoulder:left", each once."""
    named = (place_value(site) for day in newest_first for site in _sites(day))
    return tuple(dict.fromkeys(named))[:RECENT_PLACES]


def place_groups(chosen: Mapping[str, int | None]) -> list[PlaceGroup]:
    """The whole list of places; `chosen` has the intensity, if said, of each by its value."""
    return [
        PlaceGroup(_(heading), tuple(_region(region, chosen) for region in regions))
        for heading, regions in REGION_GROUPS
    ]


def page_of(day: date, today: date) -> str:
    return "/today" if day == today else f"/days/{day}"


def place_value(site: Mapping[str, Any]) -> str:
    return f"{site['region']}:{site['side']}"


def _sites(said: Day | Measures) -> list[dict[str, Any]]:
    return said.pain_sites or []  # type: ignore[return-value]


def _days_with_places(db: Session, patient: PatientProfile, before: date) -> list[Day]:
    """The newest first."""
    days = days_between(db, patient.id, before - PLACES_FROM, before - timedelta(days=1))
    return [day for day in reversed(days) if day.pain_sites]


def _region(region: BodyRegion, chosen: Mapping[str, int | None]) -> RegionChoice:
    return RegionChoice(_(REGION_WORDS[region]), tuple(_side(region, side, chosen) for side in region.sides))


def _side(region: BodyRegion, side: Side, chosen: Mapping[str, int | None]) -> SideChoice:
    site = {"region": region.value, "side": side.value}
    value = place_value(site)
    return SideChoice(value, side_in_words(side), place_in_words(site), value in chosen, chosen.get(value))


_PLACES = {
    place_value({"region": region.value, "side": side.value}): (region, side)
    for _heading, regions in REGION_GROUPS
    for region in regions
    for side in region.sides
}
"""Each place by its value, in the order of the list."""
