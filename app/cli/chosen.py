"""What the command line chose: its options, the settings they make, the database these name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, TypeVar

import typer

from app.settings import Settings, make_folder, read_settings, unknown_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

P = ParamSpec("P")
T = TypeVar("T")

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)]
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of the database and the secrets.")]


def settings_with_folder(**chosen: Any) -> Settings:
    """As `settings_chosen`, with the data folder made and mistyped settings told."""
    settings = settings_chosen(**chosen)
    tell_unknown_settings()
    make_folder(settings.data)
    return settings


def tell_unknown_settings() -> None:
    for said in unknown_settings():
        typer.echo(f"aftercare: {said}", err=True)


def settings_chosen(**chosen: Any) -> Settings:
    """The settings of the environment with what the command line chose; the port names the address."""
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = read_settings(**given)
    if settings.is_production or "public_url" in settings.model_fields_set:
        address = settings.public_url
    else:
        address = f"http://localhost:{settings.port}"
    return read_settings(**given, public_url=address)


async def in_database(
    settings: Settings, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Bring the tables up to date, run `fn(db, …)` and commit."""
    from app.database import Database
    from app.migrate import migrate as migrate_database

    await asyncio.to_thread(migrate_database, settings.sqlalchemy_url)
    database = Database(settings.sqlalchemy_url)
    try:
        return await database.write(fn, *args, **kwargs)
    finally:
        await asyncio.to_thread(database.close)
