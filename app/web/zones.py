"""The time zones a person can choose from, by part of the world, and two people in different ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from app.clock import local_time, zone_names
from app.language import ENGLISH, Language, _, marked, spoken
from app.language.saying import moment_in_words
from app.models.patient import PatientProfile

AREAS = (
    marked("Africa"), marked("America"), marked("Antarctica"), marked("Asia"), marked("Atlantic"),
    marked("Australia"), marked("Europe"), marked("Indian"), marked("Pacific"),
)  # fmt: skip


def clocks_apart(patient: PatientProfile, zone: str, now: datetime) -> str:
    """What to say on a page by the clock of `zone` where the patient's differs; empty while they agree."""
    if local_time(now, zone).utcoffset() == local_time(now, patient.zone).utcoffset():
        return ""
    return _(
        "Times here are by your clock. For %(name)s it is %(moment)s now, and reminders come by that clock.",
        name=patient.name,
        moment=moment_in_words(now, patient.zone),
    )


def zone_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Areas with their zones as (name, words): ("Europe", [("Europe/Lisbon", "Lisbon"), …])."""
    return _groups_in(spoken())


@cache
def _groups_in(language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(zone_names()):
        groups[name.partition("/")[0]].append((name, _place_of(name, language)))
    return [(_(area), groups[area]) for area in AREAS]


def place_of(zone: str) -> str:
    """The zone as one speaks of it: "Europe/Lisbon" is Lisbon."""
    return _place_of(zone, spoken())


def _place_of(zone: str, language: Language) -> str:
    """The city of a zone, as the language calls it where it has a name of its own for it."""
    place = (zone.partition("/")[2] or zone).replace("_", " ").replace("/", ", ")
    return place if language is ENGLISH else str(_cities(language).get(zone, {}).get("city", place))


@cache
def _cities(language: Language) -> Mapping[str, Mapping[str, object]]:
    from babel import Locale

    return Locale.parse(language.locale).time_zones
