"""Bringing the tables of a database up to date.

Alembic is imported when it is asked for: whoever only answers requests or sends reminders has no use for it.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

_ROOT = Path(__file__).resolve().parent.parent


def migration_config(url: str) -> Config:
    """Alembic's configuration for one database; the URL is handed over, never written to a file."""
    from alembic.config import Config

    # Otherwise it would write to what was the standard output when Alembic was first imported.
    config = Config(toml_file=str(_ROOT / "pyproject.toml"), stdout=sys.stdout)
    config.set_main_option("script_location", str(_ROOT / "migrations"))
    config.attributes["url"] = url
    return config


def migrate(url: str, revision: str = "head") -> None:
    from alembic import command

    command.upgrade(migration_config(url), revision)


def migrate_within(connection: Connection, revision: str) -> None:
    """As `migrate`, in the transaction that this connection is in."""
    from alembic import command

    config = migration_config("")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """The newest migration that was applied to this database, None before the first."""
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def knows_revision(revision: str) -> bool:
    """Whether this version has the migration, and so can bring such tables up to date."""
    from alembic.script import ScriptDirectory

    known = ScriptDirectory.from_config(migration_config("")).walk_revisions()
    return revision in {migration.revision for migration in known}


@cache
def head_revision() -> str:
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(migration_config("")).get_current_head()
    if head is None:
        raise LookupError("There are no migrations.")
    return head
