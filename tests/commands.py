"""The command line in a process of its own for each command, forked where the app is imported already.

Importing takes ten times as long as most commands do.
"""

from __future__ import annotations

import os
import runpy
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

HOUSE = Path(__file__).parent.parent
SECONDS = 60

_ready = get_context("forkserver")
_ready.set_forkserver_preload(["app.cli", "app.main", "app.backup.restore", "app.doctor.examine"])


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


def typed(*words: str, **settings: str) -> Said:
    """`python -m app …` with these settings and no others. Raises TimeoutError when it does not end."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCARE_")}
    chosen = {f"AFTERCARE_{name.upper()}": value for name, value in settings.items()}
    with tempfile.TemporaryDirectory() as given:
        said = Path(given)
        with begun(*words, environment=plain | chosen, said=said) as process:
            process.join(SECONDS)
            if process.exitcode is None:
                raise TimeoutError(f"python -m app {' '.join(words)}")
        return Said(process.exitcode, (said / "1").read_text(), (said / "2").read_text())


@contextmanager
def begun(*words: str, environment: dict[str, str], said: Path | None = None) -> Iterator[BaseProcess]:
    """`python -m app …` while the block lasts, killed with -9 at its end if it still runs.

    What it prints goes to the files `1` and `2` in the folder `said`, or where ours goes.
    """
    process = _ready.Process(target=_run, args=(words, environment, said))
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _run(words: Sequence[str], environment: dict[str, str], said: Path | None) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(HOUSE)
    for stream in (1, 2) if said else ():
        os.dup2(os.open(said / str(stream), os.O_CREAT | os.O_WRONLY), stream)
    sys.argv = ["app", *words]
    runpy.run_module("app", run_name="__main__")
