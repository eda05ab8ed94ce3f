"""From the strings of the log form to what a person said: only what they changed, blank is untouched.

Nothing is judged here. A string that is no number stays a string and is refused where entries are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from starlette.datastructures import FormData

from app.errors import FieldError, Invalid
from app.language import _
from app.web.submitted import text_in, texts_in

RATINGS = ("pain", "pain_worst", "soreness", "stiffness", "mobility", "sleep_quality")
COUNTED = ("water_glasses", "stretching_minutes", "heat_minutes", "ice_minutes")
CLEARABLE = (*RATINGS, *COUNTED, "sleep_hours", "swelling")
_WHOLE = re.compile(r"-?[0-9]{1,4}", re.ASCII)
_DECIMAL = re.compile(r"[0-9]{1,2}(\.[0-9])?", re.ASCII)


def said_in(form: FormData) -> dict[str, dict[str, Any]]:
    """What the form sets and adds, as an entry says it. Both are empty when nothing was changed."""
    was = _was(form)
    now = _ratings(form) | _sleep(form, was) | _swelling(form) | _bad_day(form) | _note(form) | _places(form)
    changed = {measure: value for measure, value in now.items() if value != _comparable(measure, was)}
    added = _added(form)
    if emptied := {counter: None for counter, amount in added.items() if _is_all(amount, was.get(counter))}:
        return {"set": changed | emptied, "add": {}}
    return {"set": changed | _cleared(form), "add": added}


def _was(form: FormData) -> dict[str, Any]:
    """What the form was filled with."""
    try:
        was = json.loads(text_in(form, "was") or "{}")
    except (ValueError, RecursionError):
        return {}
    return was if isinstance(was, dict) else {}


def _comparable(measure: str, was: dict[str, Any]) -> Any:
    value = was.get(measure)
    if measure == "pain_sites" and isinstance(value, list):
        return _in_order(site for site in value if isinstance(site, dict))
    if measure == "bad_day":
        return value or None
    return value


def _ratings(form: FormData) -> dict[str, Any]:
    chosen = {measure: text_in(form, measure) for measure in RATINGS}
    return {measure: _whole(text) for measure, text in chosen.items() if text}


def _sleep(form: FormData, was: dict[str, Any]) -> dict[str, Any]:
    """The usual hours and the others are one answer: that which was changed."""
    texts = filter(None, (text_in(form, "sleep_other"), text_in(form, "sleep_hours")))
    chosen = [float(hours) if _DECIMAL.fullmatch(hours) else hours for hours in texts]
    changed = [hours for hours in chosen if hours != was.get("sleep_hours")]
    return {"sleep_hours": (changed or chosen)[0]} if chosen else {}


def _swelling(form: FormData) -> dict[str, Any]:
    answer = text_in(form, "swelling")
    return {"swelling": {"yes": True, "no": False}.get(answer, answer)} if answer else {}


def _bad_day(form: FormData) -> dict[str, Any]:
    """Ticked, or taken back; a bad day is never denied."""
    if "bad_day_shown" not in form:
        return {}
    return {"bad_day": True if text_in(form, "bad_day") else None}


def _note(form: FormData) -> dict[str, Any]:
    """A note that was emptied is cleared; browsers send line ends as carriage return and line feed."""
    if "note" not in form:
        return {}
    return {"note": text_in(form, "note") or None}


def _places(form: FormData) -> dict[str, Any]:
    """All places at once; without any, what was said about places is cleared."""
    if "places_shown" not in form:
        return {}
    return {"pain_sites": _in_order(_site(form, value) for value in texts_in(form, "place"))}


def _site(form: FormData, value: str) -> dict[str, Any]:
    region, _, side = value.partition(":")
    strength = text_in(form, f"strength:{value}")
    return {"region": region, "side": side} | ({"intensity": _whole(strength)} if strength else {})


def _in_order(sites: Iterable[dict[str, Any]]) -> list[dict[str, Any]] | None:
    said = [{part: value for part, value in site.items() if value is not None} for site in sites]
    return sorted(said, key=lambda site: (str(site.get("region")), str(site.get("side")))) or None


def _cleared(form: FormData) -> dict[str, None]:
    measure = text_in(form, "clear")
    return {measure: None} if measure in CLEARABLE else {}


def _added(form: FormData) -> dict[str, Any]:
    counter, _colon, amount = text_in(form, "add").partition(":")
    if not counter:
        return {}
    if counter not in COUNTED:
        raise Invalid(FieldError("add", "counter", _("This cannot be counted.")))
    return {counter: _whole(amount)}


def _is_all(amount: int | str, was: Any) -> bool:
    """Whether nothing is left, which is unknown and not a zero."""
    return isinstance(amount, int) and amount < 0 and was == -amount


def _whole(text: str) -> int | str:
    return int(text) if _WHOLE.fullmatch(text) else text
