"""Servers that start at the same moment on a database nobody has migrated yet."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from app.database import make_engine
from app.migrate import head_revision, migrate, revision_of
from faults.processes import Site
from postgres import database_of


def version_of(url: str) -> str | None:
    engine = make_engine(url)
    with engine.connect() as connection:
        version = revision_of(connection)
    engine.dispose()
    return version


@pytest.mark.parametrize("older", [None, "0008"])
def test_three_that_start_together_find_the_tables_migrated_once(
    postgres: str, tmp_path: Path, older: str | None
) -> None:
    with database_of(postgres) as url, ExitStack() as stack:
        if older:
            migrate(url, older)
        site = Site(url, tmp_path, [])
        stack.callback(site.close)
        starting = [stack.enter_context(site.running("migrate")) for _number in range(3)]
        [one.join(60) for one in starting]
        assert [one.exitcode for one in starting] == [0, 0, 0]
        assert version_of(url) == head_revision()
