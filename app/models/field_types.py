"""The types a field of an input shape can have: strict, finite, and free of hidden characters.

JSON reaches these as plain Python values, so nothing is coerced: `true` is not 1, `"7"` is not 7.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError
from sqlmodel import SQLModel

from app.clock import zone_names
from app.errors import FieldError
from app.language import _, is_language, marked
from app.language.saying import listed, number_in_words
from app.post import takes_letters

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_OVERRIDES = re.compile("[\u202d\u202e]")
"""They turn letters round that have a direction of their own. Nobody needs them to write Arabic: the marks,
joiners and isolates that people do need stay."""
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")
"""Zero-width, but several scripts cannot be written without them."""
_AROUND = " \t\n\u200e\u200f\u061c"
"""Marks of direction come along with a name that is pasted, and nobody sees them at its ends."""
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]]+@[^@\s<>,;:\"()\[\]]+\.[^@\s<>,;:\"()\[\].]+")
_HTTPS_LINK = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d{1,5})?([/?#][^\s\\<>\"`]*)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WALL_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-](0\d|1[0-4]):[0-5]\d)", re.ASCII
)


class InputShape(SQLModel):
    """Base of every input shape: unknown fields are refused and errors never carry the input."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)  # type: ignore[assignment]


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise PydanticCustomError("hidden_character", _("Remove control characters."))
    if _OVERRIDES.search(text):
        raise PydanticCustomError("hidden_character", _("Remove invisible characters."))
    return text


def _nothing_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _visible(text: str) -> str:
    if any(unicodedata.category(c) in _HIDDEN and c not in _JOINERS for c in text):
        raise PydanticCustomError("hidden_character", _("Remove invisible characters."))
    return text


def _pasted(name: object) -> object:
    return name.strip(_AROUND) if isinstance(name, str) else name


def _named(name: object) -> object:
    if isinstance(name, str) and not name.strip():
        raise PydanticCustomError("no_name", _("Write a name."))
    return name


def _legible(text: str) -> str:
    if not any(c.isalnum() and c not in _BLANK_LETTERS for c in text):
        raise PydanticCustomError("no_letters", _("Write at least one letter."))
    return text


def _email(text: str) -> str:
    address = text.lower()
    if not (_EMAIL.fullmatch(address) and takes_letters(address)):
        raise PydanticCustomError("email", _("Write an e-mail address like name@example.org."))
    return address


def _https(link: str) -> str:
    """A link somebody can follow: https, a host with a name, and nobody's password in it."""
    if not _HTTPS_LINK.fullmatch(link):
        raise PydanticCustomError("https", _("Use a link that begins with https://"))
    return link


def _zone(name: str) -> str:
    if name not in zone_names():
        raise PydanticCustomError("zone", _("Use an IANA time zone such as Europe/Berlin."))
    return name


def _language(tag: str) -> str:
    if not is_language(tag):
        raise PydanticCustomError("language", _("Use a language such as de or pt-BR."))
    return tag


def _parse_day(value: object) -> date:
    if type(value) is date:
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("day", _("Write a calendar day as YYYY-MM-DD."))


def _parse_wall_clock(value: object) -> time:
    if type(value) is time:
        return value
    if isinstance(value, str) and _WALL_CLOCK.fullmatch(value):
        return time.fromisoformat(value)
    raise PydanticCustomError("wall_clock", _("Write a time as HH:MM, from 00:00 to 23:59."))


def _instant_text(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.fullmatch(value)):
        return value
    raise PydanticCustomError("instant", _("Write an instant as RFC 3339 with an offset."))


def _within_living_memory(instant: datetime) -> datetime:
    if not 2000 <= instant.year <= 2100:
        raise PydanticCustomError("instant", _("Use an instant between 2000 and 2100."))
    return instant


PersonName = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_visible),
    AfterValidator(_legible),
    BeforeValidator(_named),
    BeforeValidator(_pasted),
]
ShortText = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, max_length=200), AfterValidator(_visible)
]
GivenName = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(_visible),
    BeforeValidator(_pasted),
]
"""What somebody calls a thing of theirs."""
NoteText = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(_storable),
]
SaidText = Annotated[NoteText | None, BeforeValidator(_nothing_is_none, json_schema_input_type=str | None)]
"""A note, or None: an empty one is one that was not written."""
LongText = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, max_length=2000),
    AfterValidator(_storable),
]
"""Several lines, or nothing."""
Comment = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, max_length=500),
    AfterValidator(_storable),
]
HttpsLink = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, max_length=500),
    AfterValidator(_visible),
    AfterValidator(_https),
]
Email = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, max_length=254),
    AfterValidator(_visible),
    AfterValidator(_email),
]
TypedAddress = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, max_length=1024), AfterValidator(_visible)
]
"""An e-mail address or a URL as somebody wrote it, only to be looked up."""
Locale = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", max_length=16),
    AfterValidator(_language),
]
"""The tag of a language that is spoken here, such as `en` or `de-AT`."""
ZoneName = Annotated[str, StringConstraints(strict=True, max_length=64), AfterValidator(_zone)]
LocalDay = Annotated[date, BeforeValidator(_parse_day, json_schema_input_type=date)]
WallClock = Annotated[time, BeforeValidator(_parse_wall_clock, json_schema_input_type=str)]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant_text, json_schema_input_type=datetime),
    AfterValidator(_within_living_memory),
]
StrictBool = Annotated[bool, Field(strict=True)]

_KEYED_BY_THE_SENDER = "plan_items"


def field_errors(found: Iterable[Mapping[str, Any]]) -> list[FieldError]:
    """What pydantic found wrong, without the input: neither values nor names that the sender made up."""
    return [
        FieldError(_field(error["loc"], error["type"]), error["type"], _message(error)) for error in found
    ]


def _field(loc: tuple[int | str, ...], error_type: str) -> str:
    known = loc[:-1] if error_type == "extra_forbidden" else loc
    if _KEYED_BY_THE_SENDER in known:
        known = known[: known.index(_KEYED_BY_THE_SENDER) + 1]
    return ".".join(map(str, known)) or "body"


def _message(error: Mapping[str, Any]) -> str:
    """In our words: those of pydantic are for programmers, and English."""
    match error["type"]:
        case "enum" | "literal_error":
            expected = error["ctx"]["expected"]
            return _(
                "Use one of: %(choices)s.", choices=listed(re.findall(r"'([^']*)'", expected)) or expected
            )
        case "string_too_short" if error["ctx"]["min_length"] > 1:
            return _("Write at least %(num)s characters.", num=error["ctx"]["min_length"])
        case "string_too_long":
            return _("Write at most %(num)s characters.", num=error["ctx"]["max_length"])
        case "too_long":
            return _("Choose at most %(num)s.", num=error["ctx"]["max_length"])
        case "multiple_of" | "greater_than_equal" | "less_than_equal" | "less_than" as kind:
            (limit,) = error["ctx"].values()
            return _(_LIMITS[kind], num=number_in_words(limit))
        case kind:
            return _(_WORDS[kind]) if kind in _WORDS else str(error["msg"])


_LIMITS = {
    "multiple_of": marked("Use steps of %(num)s."),
    "greater_than_equal": marked("Use %(num)s or more."),
    "less_than_equal": marked("Use %(num)s or less."),
    "less_than": marked("Use less than %(num)s."),
}
_WORDS = {
    "extra_forbidden": marked("Remove the field that is not known here."),
    "missing": marked("This field is required."),
    "string_type": marked("Write this as text."),
    "string_too_short": marked("Write something here."),
    "string_unicode": marked("Remove control characters."),
    "string_pattern_mismatch": marked("Use only the characters, and the length, described for this field."),
    "int_type": marked("Write a whole number."),
    "int_parsing": marked("Write a whole number."),
    "int_parsing_size": marked("Write a whole number."),
    "float_type": marked("Write a number."),
    "finite_number": marked("Write a number."),
    "bool_type": marked("Say true or false."),
    "bool_parsing": marked("Say true or false."),
    "datetime_parsing": marked("Use a day and a time that exist."),
    "datetime_from_date_parsing": marked("Use a day and a time that exist."),
    "uuid_type": marked("Write a UUID."),
    "uuid_parsing": marked("Write a UUID."),
    "too_short": marked("Choose at least one."),
    "list_type": marked("Send a list."),
    "dict_type": marked("Send a JSON object."),
    "model_type": marked("Send a JSON object."),
    "model_attributes_type": marked("Send a JSON object."),
}
