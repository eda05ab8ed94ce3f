"""Which statements the product runs for a request, so that the floor can run the very same."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from app.database import Database
from app.main import create_app
from app.settings import Settings

Asked = tuple[str, str]
"""A path and the cookie of whoever asks."""


def record(settings: Settings, requests: Iterable[Asked], file: Path) -> None:
    """Ask for each once and note what was read. Looks are written down by the product alone."""
    app = create_app(settings)
    database = app.state.database = Database(settings.sqlalchemy_url)
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.lstrip().startswith(("SELECT", "WITH")):
            seen.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        file.write_bytes(pickle.dumps({asked: _statements_of(app, asked, seen) for asked in requests}))
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        database.close()


def _statements_of(app: Any, asked: Asked, seen: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    path, cookie = asked
    seen.clear()
    answer = TestClient(app, base_url="http://127.0.0.1", cookies={"aftercare": cookie}).get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return list(seen)
