"""The key that seals backups. Keep a copy of it away from this computer and away from the backups."""

from __future__ import annotations

from pathlib import Path

from app.backup.sealed import new_key
from app.settings import Settings, read_or_make_secret

BACKUP_KEY = "backup_key"


def key_file(settings: Settings) -> Path:
    return settings.data / "secrets" / BACKUP_KEY


def backup_key(settings: Settings) -> bytes:
    """The key of the settings, else the one in the data folder, made when it is needed first."""
    chosen = settings.backup_key.get_secret_value()
    return chosen.encode() if chosen else read_or_make_secret(settings.data, BACKUP_KEY, new_key)


def keep_key(settings: Settings, key: bytes) -> None:
    """Seal with this one from now on, unless there is one already: a copy of it lies in another place."""
    if not settings.backup_key.get_secret_value():
        read_or_make_secret(settings.data, BACKUP_KEY, lambda: key)


def key_to_open_with(settings: Settings) -> bytes:
    """As `backup_key`, but none is made: where there is none yet, it is one that opens nothing."""
    is_here = settings.backup_key.get_secret_value() or key_file(settings).exists()
    return backup_key(settings) if is_here else new_key()
