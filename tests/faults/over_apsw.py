"""A connection of apsw that SQLAlchemy takes for one of the standard library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import apsw


class Connection:
    """What SQLAlchemy asks of a connection. Transactions are begun and ended by statements or by these."""

    def __init__(self, file: str, file_system: str) -> None:
        self.isolation_level = None
        self._connection = apsw.Connection(file, vfs=file_system)

    def cursor(self) -> Cursor:
        return Cursor(self._connection)

    def execute(self, statement: str, values: Sequence[Any] = ()) -> Cursor:
        cursor = self.cursor()
        cursor.execute(statement, values)
        return cursor

    def create_function(
        self, name: str, arguments: int, function: Callable[..., Any], *, deterministic: bool = False
    ) -> None:
        self._connection.create_scalar_function(name, function, arguments, deterministic=deterministic)

    def commit(self) -> None:
        if self._connection.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        # A disk without power cannot be written to any more.
        with suppress(apsw.Error):
            self._connection.close(force=True)


class Cursor:
    """Reads all rows at once."""

    arraysize = 1

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount, self.lastrowid = -1, 0

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        cursor = self._connection.cursor()
        cursor.exec_trace = self._describe
        self._rows = list(cursor.execute(statement, tuple(values)))
        self.rowcount, self.lastrowid = self._connection.changes(), self._connection.last_insert_rowid()

    def executemany(self, statement: str, many: Sequence[Sequence[Any]]) -> None:
        changed = 0
        for values in many:
            self.execute(statement, values)
            changed += self.rowcount
        self.rowcount = changed

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[Any]:
        taken, self._rows = self._rows[:size], self._rows[size:]
        return taken

    def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        return taken

    def close(self) -> None:
        self._rows = []

    def _describe(self, cursor: apsw.Cursor, _statement: str, _values: object) -> bool:
        columns = cursor.get_description()
        self.description = [(name, None, None, None, None, None, None) for name, _kind in columns] or None
        return True
