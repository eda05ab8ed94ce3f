"""What the doctor looks at on this computer: address, keys, files, clock, backup."""

from __future__ import annotations

import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from app.backup.make import require_apart
from app.clock import utc_now
from app.doctor.check import Check, in_order, roughly, to_mend, worth_a_look
from app.errors import Misconfigured
from app.reminders.endpoint_guard import is_loopback_name
from app.settings import LAST_BACKUP, VAPID_KEY, Environment, Settings, require_p256, unknown_settings

BACKUP_LASTS = timedelta(days=2)
CLOCKS_MAY_DIFFER = timedelta(seconds=2)
CLOCKS_MUST_NOT_DIFFER = timedelta(seconds=60)
_CONTACT = re.compile(
    r"mailto:[^@\s]+@(?P<mail>[\w.-]+\.[a-z]{2,})|https://(?P<web>[\w.-]+\.[a-z]{2,})(?:[:/]\S*)?", re.I
)


def examine_installation(settings: Settings, now: datetime) -> Iterator[Check]:
    """All that can be told without the database."""
    yield from (worth_a_look("settings", said, "") for said in unknown_settings())
    yield public_address(settings)
    yield environment(settings)
    yield push_contact(settings)
    yield push_key(settings.data, now)
    yield secrets_kept(settings.data)
    yield data_kept(settings.data)
    if settings.data.is_dir():
        yield files_clock(settings.data)
    yield backup(settings.data, now)
    if settings.backup_folder is not None:
        yield backup_folder(settings.backup_folder, settings.data)


def public_address(settings: Settings) -> Check:
    name, address = "public address", settings.public_url
    if settings.served_over_https:
        return in_order(name, f"people open {address}, which is https.")
    if not _is_this_computer(urlsplit(address).hostname or ""):
        found = (
            f"people open {address}, plain http, where phones allow neither reminders nor logging offline."
        )
        return to_mend(name, found, "Put https in front of it and set AFTERCARE_PUBLIC_URL to that address.")
    found = f"people open {address}, which is this computer only."
    if settings.is_production:
        return to_mend(name, found, "Set AFTERCARE_PUBLIC_URL to the https address people open.")
    return in_order(name, found)


def environment(settings: Settings) -> Check:
    name, found = "environment", f"{settings.environment}."
    if settings.environment is Environment.DEVELOPMENT and settings.served_over_https:
        fix = "If patients use this, set AFTERCARE_ENVIRONMENT=production; it switches trials off."
        return worth_a_look(name, found, fix)
    return in_order(name, found)


def push_contact(settings: Settings) -> Check:
    """Push services write to this address when something is wrong; Apple refuses what cannot be one."""
    name = "push contact"
    contact = _CONTACT.fullmatch(settings.vapid_contact)
    if contact is not None:
        return in_order(name, f"push services can write to somebody at {contact['mail'] or contact['web']}.")
    found = "push services have nobody to write to, and some then refuse messages."
    fix = "Set AFTERCARE_VAPID_SUBJECT to mailto: and your e-mail address."
    return to_mend(name, found, fix) if settings.is_production else worth_a_look(name, found, fix)


def push_key(data: Path, now: datetime) -> Check:
    """Every subscribed phone depends on this one key."""
    name, key = "push key", data / "secrets" / VAPID_KEY
    try:
        made_at = datetime.fromtimestamp(key.stat().st_mtime, UTC)
        require_p256(key.read_bytes(), key)
    except FileNotFoundError:
        return worth_a_look(name, "there is none yet.", "The first `serve` makes one.")
    except (Misconfigured, OSError) as error:
        fix = "Put it back from your copy of the secrets; a new one means turning on every phone again."
        return to_mend(name, f"it cannot be used. {error}", fix)
    return in_order(name, f"a P-256 key, made {roughly(now - made_at)} ago.")


def secrets_kept(data: Path) -> Check:
    """Mode 0700 for the folder, 0600 for each file in it."""
    name, folder = "secrets", data / "secrets"
    if not folder.exists():
        return worth_a_look(name, f"there are none in {folder} yet.", "The first `serve` makes them.")
    exposed = sorted(path.name for path in (folder, *folder.iterdir()) if _is_open_to_others(path))
    if exposed:
        found = f"others on this computer can read {', '.join(exposed)}."
        return to_mend(name, found, f"Run: chmod -R go= {folder}")
    return in_order(name, "only their owner can read them.")


def data_kept(data: Path) -> Check:
    """Mode 0700 for the folder, 0600 for the files of SQLite in it; of either, the folder is enough."""
    name = "data folder"
    if not data.is_dir():
        fix = "Name the right one with --data, or let the first `serve` make it."
        return to_mend(name, f"there is none at {data}.", fix)
    if not _is_open_to_others(data):
        return in_order(name, "only its owner can look into it.")
    exposed = sorted(path.name for path in data.glob("*.sqlite3*") if _is_open_to_others(path))
    fix = f"Run: chmod -R go= {data}"
    if exposed:
        return to_mend(name, f"others on this computer can read {', '.join(exposed)}.", fix)
    return worth_a_look(name, f"others on this computer can look into {data}.", fix)


def files_clock(data: Path, clock: Callable[[], datetime] = utc_now) -> Check:
    """The data folder may lie on another computer, whose clock stamps the files."""
    name = "clock of the data folder"
    try:
        with tempfile.NamedTemporaryFile(dir=data, prefix=".clock-") as probe:
            ours = clock()
            theirs = datetime.fromtimestamp(Path(probe.name).stat().st_mtime, UTC)
    except OSError:
        return to_mend(
            name, f"nothing can be written in {data}.", "Name the folder with --data, or make it writable."
        )
    return compared(name, theirs - ours)


def compared(name: str, ahead: timedelta) -> Check:
    """Another clock that is `ahead` of ours (or behind, when negative)."""
    if abs(ahead) <= CLOCKS_MAY_DIFFER:
        return in_order(name, "it agrees with ours.")
    found = f"it is {roughly(ahead)} {'ahead of' if ahead > timedelta() else 'behind'} ours."
    fix = "Let both computers keep time over the network, for example with chrony or systemd-timesyncd."
    return (
        to_mend(name, found, fix) if abs(ahead) > CLOCKS_MUST_NOT_DIFFER else worth_a_look(name, found, fix)
    )


def backup(data: Path, now: datetime) -> Check:
    name, mark = "backup", data / LAST_BACKUP
    if not mark.exists():
        fix = "Set AFTERCARE_BACKUP_FOLDER, or let cron run: python -m app backup FILE"
        return worth_a_look(name, "no backup known.", fix)
    age = now - datetime.fromtimestamp(mark.stat().st_mtime, UTC)
    found = f"the last one is {roughly(age)} old."
    if age > BACKUP_LASTS:
        return worth_a_look(name, found, "Find out why none was made since.")
    return in_order(name, found)


def backup_folder(folder: Path, data: Path) -> Check:
    """Whether whoever asks can put a backup there, who should be the user that serves."""
    name, fix = (
        "backup folder",
        "Make it writable, or set AFTERCARE_BACKUP_FOLDER to a folder on another disk.",
    )
    try:
        require_apart(folder / "x", data)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".probe-"):
            return in_order(name, f"backups can be put into {folder}.")
    except FileNotFoundError:
        return worth_a_look(name, f"{folder} is not there yet.", "A serving process makes it, where it may.")
    except OSError as error:
        return to_mend(name, f"nothing can be written in {folder}: {error.strerror}.", fix)
    except Misconfigured as error:
        return to_mend(name, error.message, fix)


def _is_this_computer(host: str) -> bool:
    return is_loopback_name(host) or host.endswith(".localhost")


def _is_open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
