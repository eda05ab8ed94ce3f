"""Reading JSON without surprises: no duplicate keys, no NaN, no deep nesting, no unstorable characters."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from app.errors import Malformed
from app.language import _

DEEPEST = 12
LARGEST_INTEGER = 2**53


def parse(body: bytes) -> Any:
    """The value in `body`; raises Malformed, which names what is wrong with it."""
    value = well_formed(body)
    _check(value)
    return value


def well_formed(body: bytes) -> Any:
    """The value in `body`, whatever it holds, as long as it is unambiguous and shallow JSON."""
    try:
        value = json.loads(body, object_pairs_hook=_unique, parse_constant=_not_finite)
    except RecursionError:
        raise Malformed(_("The JSON cannot be read: nested too deeply.")) from None
    except (ValueError, UnicodeDecodeError):
        raise Malformed(_("The JSON cannot be read: not well-formed.")) from None
    _require_shallow(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Malformed(_("The JSON cannot be read: the same key twice."))
    return members


def _not_finite(_name: str) -> NoReturn:
    raise Malformed(_("The JSON cannot be read: a number that is not finite."))


def _require_shallow(value: Any, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise Malformed(_("The JSON cannot be read: nested too deeply."))
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inside:
        _require_shallow(part, depth + 1)


def _check(value: Any) -> None:
    if isinstance(value, dict):
        for key, member in value.items():
            _check_text(key)
            _check(member)
    elif isinstance(value, list):
        for element in value:
            _check(element)
    elif isinstance(value, str):
        _check_text(value)
    else:
        _check_number(value)


def _check_text(text: str) -> None:
    # Surrogates cannot be stored as UTF-8, and PostgreSQL stores no NUL.
    if "\0" in text or (not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)):
        raise Malformed(_("The JSON cannot be read: a character that cannot be stored."))


def _check_number(value: float | bool | None) -> None:
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise Malformed(_("The JSON cannot be read: a number that is too large."))
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise Malformed(_("The JSON cannot be read: a number that is too large."))
