"""Servers to load, each in a process of its own with a copy of the same caseload."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.postgres import database_of, name_of

SECONDS_TO_START = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A server in a process of its own."""

    name: str
    port: int
    process: subprocess.Popen[bytes]


@contextmanager
def served(
    name: str, folder: Path, database_url: str, server_url: str, one_core: bool = False
) -> Iterator[Server]:
    """The server called floor, ours or tutorial, on a copy of the caseload in `database_url`.

    With `one_core` all its threads stay on the last core there is, as with `CPUAffinity` of systemd.
    """
    port = _free_port()
    with ExitStack() as stack:
        own = stack.enter_context(_copy(name, folder, database_url, server_url))
        environment = os.environ | {
            "AFTERCARE_DATABASE_URL": own,
            "AFTERCARE_RATE_LIMITS": "off",
            "BENCHMARK_DATABASE": own,
            "BENCHMARK_RECORDED": str(folder / "recorded"),
        }
        process = subprocess.Popen(_command(name, port, folder), env=environment)  # noqa: S603 (our own)
        if one_core:
            os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
        try:
            _wait_for(port, process)
            yield Server(name, port, process)
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _copy(name: str, folder: Path, database_url: str, server_url: str) -> Iterator[str]:
    if server_url:
        with database_of(server_url, name_of(database_url)) as own:
            yield own
    else:
        yield f"sqlite:///{shutil.copy(folder / 'aftercare.sqlite3', folder / f'{name}.sqlite3')}"


def _command(name: str, port: int, folder: Path) -> list[str]:
    if name == "ours":
        return [sys.executable, "-m", "app", "serve", "--port", str(port), "--data", str(folder)]
    command = [sys.executable, "-m", "uvicorn", f"benchmarks.{name}:app", "--port", str(port)]
    return [*command, "--no-access-log", "--log-level", "warning", "--lifespan", "off"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("The server did not start.")
