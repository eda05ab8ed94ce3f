"""Values of the database as JSON, the same whichever database they come from or go to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

Value = Any
Columns = Sequence[tuple[str, str]]
"""The name of each column of a table and the kind of what it holds."""

_KINDS: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (UTCDateTime, "instant"),
    (sa.Uuid, "uuid"),
    (sa.Boolean, "truth"),
    (sa.Date, "day"),
    (sa.Time, "time"),
    (sa.JSON, "json"),
    (sa.LargeBinary, "bytes"),
    (sa.Float, "number"),
    (sa.Integer, "whole"),
    (sa.String, "text"),
    (AutoString, "text"),
)
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "instant": UTCDateTime(),
    "uuid": sa.Uuid(),
    "truth": sa.Boolean(),
    "day": sa.Date(),
    "time": sa.Time(),
    "json": sa.JSON(none_as_null=True),
    "bytes": sa.LargeBinary(),
    "number": sa.Float(),
    "whole": sa.Integer(),
    "text": sa.Text(),
}
_WRITE: dict[str, Callable[[Any], Value]] = {
    "instant": lambda value: value.isoformat(),
    "uuid": str,
    "day": lambda value: value.isoformat(),
    "time": lambda value: value.isoformat(),
    "bytes": lambda value: base64.b64encode(value).decode(),
}
_READ: dict[str, Callable[[Any], Value]] = {
    "instant": datetime.fromisoformat,
    "uuid": UUID,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
    "bytes": base64.b64decode,
}


def kind_of(column: sa.Column[Any]) -> str:
    """What a column holds, in a word that no database has invented."""
    return next(kind for of_type, kind in _KINDS if isinstance(column.type, of_type))


def table_for(name: str, columns: Columns) -> sa.TableClause:
    """A table to insert into, from the names and kinds of its columns."""
    return sa.table(name, *[sa.column(column, _TYPES[kind]) for column, kind in columns])


def as_line(kinds: Sequence[str], row: Sequence[Any]) -> bytes:
    values = [_as(_WRITE, kind, value) for kind, value in zip(kinds, row, strict=True)]
    return line_of(values)


def as_row(columns: Columns, values: Sequence[Value]) -> dict[str, Any]:
    return {name: _as(_READ, kind, value) for (name, kind), value in zip(columns, values, strict=True)}


def line_of(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _as(how: dict[str, Callable[[Any], Value]], kind: str, value: Any) -> Any:
    return value if value is None or kind not in how else how[kind](value)
