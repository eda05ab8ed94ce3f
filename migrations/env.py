"""Runs migrations on the database named by the caller, or by the settings when run by hand."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

import app.models  # noqa: F401  (registers every table)
from app.database import make_engine
from app.settings import read_settings


def run_migrations() -> None:
    if (connection := context.config.attributes.get("connection")) is not None:
        _migrate(connection)
        return
    url = context.config.attributes.get("url") or read_settings().sqlalchemy_url
    engine = make_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            _without_foreign_keys(connection)
        _migrate(connection)
    engine.dispose()


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
