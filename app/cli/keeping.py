"""Commands that look after what is stored: tables brought up to date, all of it sealed, and put back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.chosen import DataFolder, settings_chosen, settings_with_folder, tell_unknown_settings
from app.errors import Misconfigured
from app.settings import open_secrets


def migrate(data: DataFolder = None) -> None:
    """Bring the tables of the database up to date."""
    from app.migrate import migrate as migrate_database

    settings = settings_with_folder(data=data)
    migrate_database(settings.sqlalchemy_url)
    typer.echo("The database is up to date.")


def backup(file: Path, data: DataFolder = None) -> None:
    """Seal everything into FILE, whether the service runs or not. Keep a copy of the key elsewhere."""
    from app.backup.key import key_file
    from app.backup.make import make_backup
    from app.clock import utc_now
    from app.database import missing_file

    settings = settings_chosen(data=data)
    tell_unknown_settings()
    missing = missing_file(settings.sqlalchemy_url)
    if missing is not None:
        raise Misconfigured(f"There is no database at {missing}. Name the right folder with --data.")
    made = make_backup(settings, open_secrets(settings.data), file, utc_now())
    typer.echo(f"{sum(made.values())} rows of {made['account']} people are in {file}.")
    if not settings.backup_key.get_secret_value():
        typer.echo(f"It opens with the key in {key_file(settings)}: keep a copy of that in another place.")


def restore(
    file: Path,
    data: DataFolder = None,
    key: Annotated[Path | None, typer.Option(help="File with the key that sealed it.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="In the place of the people already here.")
    ] = False,
) -> None:
    """Put FILE back into an empty database, SQLite or PostgreSQL, whole or not at all."""
    from app.backup.key import keep_key, key_to_open_with
    from app.backup.restore import restore_backup

    settings = settings_chosen(data=data)
    tell_unknown_settings()
    opens_with = _read_key(key) if key else key_to_open_with(settings)
    put_back = restore_backup(settings, file, opens_with, replace=replace)
    keep_key(settings, opens_with)
    rows = put_back.rows
    typer.echo(f"{sum(rows.values())} rows of {rows['account']} people are back as of {put_back.made_at}.")
    if put_back.erased_again:
        typer.echo(f"{put_back.erased_again} of them had their account erased since, and are erased again.")
    for name, value in put_back.settings.items():
        typer.echo(f"It ran with AFTERCARE_{name.upper()}={'…' if name.endswith('password') else value}")


def _read_key(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"The key cannot be read from {file}: {error.strerror}.") from None
