"""What is asked of the database while something is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session


@contextmanager
def counted_queries(db: Session) -> Iterator[list[str]]:
    """The statements that are run meanwhile."""
    said: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    engine = db.get_bind().engine
    event.listen(engine, "before_cursor_execute", count)
    yield said
    event.remove(engine, "before_cursor_execute", count)
