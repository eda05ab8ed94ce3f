"""Many rows handed to a statement in one parameter, so that hundreds of ids cost no more than one.

Binding them one by one took longer than all that the database does with them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, String, Uuid, bindparam, cast, literal_column, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


class _EachOf(FunctionElement[Any]):
    """The elements of a JSON list as the rows of a table."""

    inherit_cache = True


@compiles(_EachOf, "sqlite")
def _on_sqlite(each: _EachOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_each({compiler.process(each.clauses, **options)})"


@compiles(_EachOf, "postgresql")
def _on_postgresql(each: _EachOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"json_array_elements(CAST({compiler.process(each.clauses, **options)} AS JSON))"


def given_rows(parameter: str) -> TableValuedAlias:
    """The table in a parameter that was made with `rows_of`; its columns are read with `id_in`."""
    return _EachOf(bindparam(parameter)).table_valued("value")


def id_in(rows: TableValuedAlias, column: int) -> ColumnElement[UUID | None]:
    return cast(rows.c.value.op("->>")(literal_column(str(column))), Uuid)


def given_ids(parameter: str) -> Select[tuple[UUID | None]]:
    """To be used with `in_`: the ids in a parameter that was made with `ids_of`."""
    return select(id_in(given_rows(parameter), 0))


def day_in(rows: TableValuedAlias, column: int) -> ColumnElement[Any]:
    """SQLite keeps days as text, and would make a year of one that is cast."""
    day = rows.c.value.op("->>")(literal_column(str(column)))
    on_either: TypeEngine[Any] = String().with_variant(Date(), "postgresql")
    return cast(day, on_either)


def rows_of(rows: Iterable[Iterable[UUID | date | None]]) -> str:
    return json.dumps([[_plain(one) for one in row] for row in rows])


def ids_of(ids: Iterable[UUID]) -> str:
    return rows_of((one,) for one in ids)


def _plain(one: UUID | date | None) -> str | None:
    match one:
        case UUID():
            return one.hex
        case date():
            return one.isoformat()
        case None:
            return None
