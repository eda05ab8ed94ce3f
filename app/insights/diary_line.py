"""One diary as a line of JSON: read strictly, answered in plain numbers. No database, no settings."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.insights.diary import Diary, Habit

_RATINGS = frozenset({"pain", "stiffness", "mobility"})
_COUNTS = frozenset({"water", "stretch_min", "exercises", "sleep_h", "heat_min", "ice_min"})
_MOST = 100_000
_YEARS = range(1900, 2201)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_USED_BECAUSE_OF_PAIN = frozenset({"heat_min", "ice_min"})
_OF_THE_NIGHT_BEFORE = frozenset({"sleep_h"})
_KNOWN = frozenset({"today", "plan", "focus", "sessions", "entries"})
_TARGET = frozenset({"field", "min", "max"})
_MEASURES = _RATINGS | _COUNTS

_Day = dict[str, float]


class BadDiary(ValueError):
    """What is wrong with a line, naming the field and never its content."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What a plan asks of one field of a day."""

    field: str
    least: float | None
    most: float | None

    def met_by(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


def read_diary(line: str | bytes) -> Diary:
    """The diary on one line. Raises BadDiary for anything that is not one."""
    said = _object(_parsed(line), "the line")
    unknown = said.keys() - _KNOWN
    if unknown:
        raise BadDiary("the line holds a field that no diary has")
    today = _day(said.get("today"), "today")
    plan = _plan(said.get("plan"))
    days, later = _days(said.get("entries"))
    focus = said.get("focus")
    if focus is not None and not isinstance(focus, str):
        raise BadDiary("focus: must name a habit, or be null")
    chosen = focus if focus in plan else None
    return _diary(today, plan, days, later, _sessions(said.get("sessions")), chosen)


def _diary(
    today: int,
    plan: Mapping[str, _Target],
    days: Mapping[int, _Day],
    later: set[int],
    sessions: tuple[int, ...],
    focus: str | None,
) -> Diary:
    past = {day: values for day, values in sorted(days.items()) if day <= today}
    return Diary(
        today=today,
        logged={day: day in later for day, values in past.items() if values},
        pain={day: values["pain"] for day, values in past.items() if "pain" in values and day not in later},
        habits={name: _habit(target, past) for name, target in plan.items()},
        sessions=tuple(session for session in sessions if session <= today),
        heat_or_ice={
            day: max(minutes)
            for day, values in past.items()
            if (minutes := [values[field] for field in _USED_BECAUSE_OF_PAIN if field in values])
        },
        focus=focus,
    )


def _habit(target: _Target, days: Mapping[int, _Day]) -> Habit:
    return Habit(
        met={
            day: target.met_by(values[target.field]) for day, values in days.items() if target.field in values
        },
        overnight=target.field in _OF_THE_NIGHT_BEFORE,
        compared=target.field not in _USED_BECAUSE_OF_PAIN,
    )


def _parsed(line: str | bytes) -> Any:
    try:
        return json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadDiary("this is not JSON") from None


def _refuse_constant(_: str) -> None:
    raise ValueError


def _plan(said: Any) -> dict[str, _Target]:
    targets = _object(said if said is not None else {}, "plan")
    if not all(map(_is_text, targets)):
        raise BadDiary("plan.…: the name of a habit must be text")
    return {name: _target(target, f"plan.{_shown(name)}") for name, target in targets.items()}


def _target(said: Any, where: str) -> _Target:
    target = _object(said, where)
    if target.keys() - _TARGET:
        raise BadDiary(f"{where}: holds a field that no target has")
    field = target.get("field")
    if not isinstance(field, str) or field not in _MEASURES:
        raise BadDiary(f"{where}.field: must be one of {', '.join(sorted(_MEASURES))}")
    least = _number(target.get("min"), f"{where}.min", _MOST)
    most = _number(target.get("max"), f"{where}.max", _MOST)
    if least is None and most is None:
        raise BadDiary(f"{where}: needs min, max or both")
    return _Target(field, least, most)


def _sessions(said: Any) -> tuple[int, ...]:
    listed = _list(said, "sessions")
    return tuple(sorted({_day(one, f"sessions[{place}]") for place, one in enumerate(listed)}))


def _days(said: Any) -> tuple[dict[int, _Day], set[int]]:
    """What each day says, and the days filled in later. Rows about one day are folded as a diary is: of each
    field the last value stands, and a day is filled in later where anything that stands was."""
    found: dict[int, _Day] = defaultdict(dict)
    later: dict[int, dict[str, bool]] = defaultdict(dict)
    for place, one in enumerate(_list(said, "entries")):
        entry = _object(one, f"entries[{place}]")
        day = _day(entry.get("date"), f"entries[{place}].date")
        values = dict(_values(entry, f"entries[{place}]"))
        found[day] |= values
        later[day] |= dict.fromkeys(values, _is_late(entry.get("late"), f"entries[{place}].late"))
    return found, {day for day, fields in later.items() if any(fields.values())}


def _values(entry: Mapping[str, Any], where: str) -> Iterator[tuple[str, float]]:
    for field, said in entry.items():
        if field in ("date", "late"):
            continue
        if field not in _MEASURES:
            raise BadDiary(f"{where}.{_shown(field)}: is no field of an entry")
        value = _number(said, f"{where}.{field}", 10 if field in _RATINGS else _MOST)
        if value is not None:
            yield field, value


def _is_late(said: Any, where: str) -> bool:
    if said is not None and not isinstance(said, bool):
        raise BadDiary(f"{where}: must be true or false")
    return bool(said)


def _number(said: Any, where: str, most: int) -> float | None:
    """None for null. A number is finite: what is larger than `most` is refused before it can overflow."""
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float):
        raise BadDiary(f"{where}: must be a number or null")
    if not 0 <= said <= most:
        raise BadDiary(f"{where}: must be from 0 to {most}")
    return float(said)


def _day(said: Any, where: str) -> int:
    day = _read_day(said)
    if day is None:
        raise BadDiary(f"{where}: must be a day as YYYY-MM-DD")
    if day.year not in _YEARS:
        raise BadDiary(f"{where}: must be a day of the years {_YEARS[0]} to {_YEARS[-1]}")
    return day.toordinal()


def _read_day(said: Any) -> date | None:
    if not isinstance(said, str) or not _DAY.fullmatch(said):
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


def _object(said: Any, where: str) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise BadDiary(f"{where}: must be an object")
    return said


def _list(said: Any, where: str) -> list[Any]:
    if said is None:
        return []
    if not isinstance(said, list):
        raise BadDiary(f"{where}: must be a list")
    return said


def _is_text(name: str) -> bool:
    """JSON can escape half of a pair of surrogates, which no answer could be written with."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _shown(name: str) -> str:
    """A field's name as an error may print it: names are words, anything else is content."""
    return name if name.isidentifier() and len(name) <= 40 else "…"
