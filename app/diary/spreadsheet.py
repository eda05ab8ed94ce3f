"""Days as rows of a spreadsheet: what each cell holds, the same on the way out and on the way in.

An empty cell is what was not logged. Places keep their side ("left shoulder 6; middle low_back"), and "none"
says that no place hurt. A text that a spreadsheet would run as a formula gets an apostrophe in front, which
is taken away again when the file comes back.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.errors import FieldError, Invalid, Malformed
from app.language import _
from app.models.daily_log import MEASURES, RANGES, Measures
from app.models.field_types import LocalDay, field_errors

DERIVED = ("late", "first_logged_at", "updated_at")
"""Columns that are written but not read: they follow from when something was entered."""
COLUMNS = ("day", *MEASURES, *DERIVED)
ROWS_AT_MOST = 20_000
ERRORS_AT_MOST = 50

_NONE = "none"
_FORMULA = re.compile("'*[=+\\-@\t\r\n|%\uff1d\uff0b\uff0d\uff20]")
"""What a spreadsheet may run: a leading sign, in plain or full width, also behind apostrophes."""
_DELIMITERS = (",", ";", "\t")
_DAY: TypeAdapter[date] = TypeAdapter(LocalDay)
_RATINGS = frozenset(RANGES) - {"sleep_hours"}


@dataclass(frozen=True, slots=True)
class SpreadsheetDay:
    """What one row says about a day; `row` counts as a spreadsheet does, the header being row 1."""

    row: int
    day: date
    said: dict[str, Any]


def cell(value: Any) -> str:
    """A value as it stands in its cell."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return "; ".join(map(_site, value)) or _NONE
        case dict():
            return guarded("; ".join(f"{item} {answer}" for item, answer in sorted(value.items())))
        case float():
            return f"{value:g}"
        case _:
            return guarded(str(value))


def guarded(text: str) -> str:
    """The text with an apostrophe in front if a spreadsheet could take it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def line(cells: Sequence[str]) -> str:
    """One row of the file; RFC 4180, so it ends with CR LF."""
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def days_in(body: bytes) -> list[SpreadsheetDay]:
    """Every row that says something. Raises Invalid with the row and column of each thing that is wrong."""
    rows = list(_rows(body))
    columns = _columns(rows[0] if rows else [])
    errors: list[FieldError] = []
    days: dict[date, SpreadsheetDay] = {}
    for number, cells in enumerate(rows[1:], start=2):
        try:
            found = _day(number, dict(zip(columns, cells, strict=False)))
        except Invalid as invalid:
            errors.extend(invalid.errors)
            continue
        if found and days.setdefault(found.day, found) is not found:
            errors.append(wrong_in(number, "day", "day_twice", _("This day is in the file twice.")))
    if errors:
        raise Invalid(*errors[:ERRORS_AT_MOST])
    return list(days.values())


def _rows(body: bytes) -> Iterator[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed(_("Save the file as CSV in UTF-8.")) from None
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    number = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            if number > ROWS_AT_MOST:
                message = _("Send at most %(most)s rows at once.", most=ROWS_AT_MOST)
                raise Invalid(FieldError("rows", "too_long", message))
            yield cells
    except csv.Error:
        raise Invalid(wrong_in(number + 1, "", "row", _("This row cannot be read."))) from None


def _columns(header: Sequence[str]) -> list[str]:
    names = [name.strip().lower() for name in header]
    if "day" not in names:
        raise Invalid(wrong_in(1, "day", "missing", _("Name the columns here; one of them is day.")))
    unknown = [place for place, name in enumerate(names, 1) if name and name not in COLUMNS]
    if unknown:
        message = _("Column %(column)s is not known here. Use the names of the template.", column=unknown[0])
        raise Invalid(wrong_in(1, "", "column", message))
    if len({*filter(None, names)}) < len([*filter(None, names)]):
        raise Invalid(wrong_in(1, "", "column_twice", _("A column is named twice.")))
    return names


def _day(number: int, cells: Mapping[str, str]) -> SpreadsheetDay | None:
    """None for a row without anything in it."""
    filled = {name: text.strip() for name, text in cells.items() if name and text.strip()}
    measures = {name: text for name, text in filled.items() if name in MEASURES}
    if not measures and "day" not in filled:
        return None
    try:
        day = _DAY.validate_python(filled.get("day", ""))
        said = Measures.model_validate({name: _read(name, text) for name, text in measures.items()})
    except ValidationError as error:
        wrong = [(e.field, e.code, e.message) for e in field_errors(error.errors())]
        places = [(field.partition(".")[0].replace("body", "day"), *rest) for field, *rest in wrong]
        raise Invalid(*(wrong_in(number, *place) for place in places)) from None
    if not measures:
        return None
    return SpreadsheetDay(number, day, said.model_dump(mode="json", exclude_unset=True))


def wrong_in(row: int, column: str, code: str, message: str) -> FieldError:
    """One thing wrong with a cell, said so that it can be found in the spreadsheet."""
    said = _("Row %(row)s: %(what)s", row=row, what=message)
    return FieldError(f"rows.{row}.{column}".rstrip("."), code, said)


def _read(measure: str, text: str) -> Any:
    """The value in a cell; what cannot be read stays text, and is refused as that."""
    match measure:
        case "note":
            return unguarded(text)
        case "swelling" | "bad_day":
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
                text.lower(), text
            )
        case "pain_sites":
            return [] if text.lower() == _NONE else [_read_site(site) for site in text.split(";")]
        case "plan_items":
            return dict(_read_answer(answer) for answer in unguarded(text).split(";"))
        case _:
            return _number(text, whole=measure in _RATINGS)


def _site(site: Mapping[str, Any]) -> str:
    return " ".join(str(site[part]) for part in ("side", "region", "intensity") if site.get(part) is not None)


def _read_site(text: str) -> dict[str, Any]:
    side, _space, rest = text.strip().lower().partition(" ")
    region, _space, intensity = rest.strip().partition(" ")
    site: dict[str, Any] = {"side": side, "region": region.strip()}
    return site | {"intensity": _number(intensity.strip(), whole=True)} if intensity.strip() else site


def _read_answer(text: str) -> tuple[str, str]:
    item, _space, answer = text.strip().partition(" ")
    return item, answer.strip()


def _number(text: str, *, whole: bool) -> int | float | str:
    """A number as a spreadsheet may write it: 3, 3.0, 7.5 or 7,5."""
    if not re.fullmatch(r"\d{1,4}([.,]\d{1,3})?", text, re.ASCII):
        return text
    value = float(text.replace(",", "."))
    return int(value) if whole and value.is_integer() else value
