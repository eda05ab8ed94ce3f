"""Runs migrations on the database named by the caller, or by the settings when run by hand."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, func, select, text
from sqlmodel import SQLModel

import app.models  # noqa: F401  (registers every table)
from app.database import make_engine
from app.errors import Misconfigured
from app.migrate import knows_revision
from app.settings import read_settings

TURN = 0x61667465
"""What PostgreSQL's advisory lock of migrations is called; any number that is always the same will do."""


def run_migrations() -> None:
    if (connection := context.config.attributes.get("connection")) is not None:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(TURN)))
        _migrate(connection)
        return
    url = context.config.attributes.get("url") or read_settings().sqlalchemy_url
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                _without_foreign_keys(connection)
            else:
                _wait_for_turn(connection)
            _migrate(connection)
    finally:
        engine.dispose()


def _wait_for_turn(connection: Connection) -> None:
    """Of servers that start together one migrates and the others find it done, however long it takes.

    The turn ends with this connection, after the commit.
    """
    connection.execute(text("set statement_timeout = 0"))
    connection.execute(select(func.pg_advisory_lock(TURN)))
    connection.commit()


def _without_foreign_keys(connection: Connection) -> None:
    """Rebuilding a table on SQLite would otherwise delete what refers to it. Checked again afterwards."""
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute("PRAGMA foreign_keys = OFF")


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
    )
    standing = context.get_context().get_current_revision()
    if standing is not None and not knows_revision(standing):
        raise Misconfigured("The tables are those of a newer version. Install that one here, too.")
    with context.begin_transaction():
        context.run_migrations()
        if (
            connection.dialect.name == "sqlite"
            and connection.execute(text("PRAGMA foreign_key_check")).first()
        ):
            raise RuntimeError("The migration left rows that refer to nothing; nothing was changed.")
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        if raw is not None:
            raw.execute("PRAGMA foreign_keys = ON")


run_migrations()
