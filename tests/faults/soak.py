"""A script: a server under a steady load for hours, and what it takes of memory and disk.

    PYTHONPATH=.:tests python tests/faults/soak.py --minutes 120

Eight phones log without a pause. Prints the memory of the process after a warm-up (a tenth of the time) and
at the end, its growth (less than 5 %), and the largest write-ahead log (less than 64 MB); the exit status is
1 when one was more, when an entry was lost or a request failed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.clock import utc_now
from app.migrate import migrate
from faults.processes import Site
from faults.writers import Phones, people_who_log, seconds_until_ready, stored_of
from running import free_port

PHONES = 8
GROWTH_AT_MOST = 0.05
LOG_AT_MOST = 64 * 1024 * 1024
WARM_UP = 0.1
LOOK_EVERY = 5.0


@dataclass(frozen=True)
class Soaked:
    """Memory in bytes after the warm-up and at the end; `log` is the largest write-ahead log."""

    warm: float
    end: float
    log: int
    lost: int
    answers: dict[int, int]

    @property
    def growth(self) -> float:
        return self.end / self.warm - 1


def soak(site: Site, database: Path, seconds: float) -> Soaked:
    phones = Phones(free_port(), site.write(people_who_log, PHONES, utc_now()))
    with site.running("serve", "--port", str(phones.port)) as server:
        seconds_until_ready(phones.port, at_most=120)
        with phones.logging():
            looks = list(_looks(server.pid, database.with_name(f"{database.name}-wal"), seconds))
    memory, logs = [memory for memory, _log in looks], [log for _memory, log in looks]
    warm = memory[int(len(memory) * WARM_UP) :]
    few = max(1, len(warm) // 10)
    lost = len(phones.acknowledged) - site.write(stored_of, phones.acknowledged)
    return Soaked(sum(warm[:few]) / few, sum(warm[-few:]) / few, max(logs), lost, dict(phones.answers))


def _looks(pid: int, log: Path, seconds: float) -> Iterator[tuple[int, int]]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(LOOK_EVERY, seconds / 20))
        resident = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
        yield resident, log.stat().st_size if log.exists() else 0


def main() -> bool:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--minutes", type=float, default=120)
    minutes = asked.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "aftercare.sqlite3"
        migrate(f"sqlite:///{database}")
        site = Site(f"sqlite:///{database}", Path(folder), [])
        soaked = soak(site, database, minutes * 60)
        site.close()
    print(f"{minutes:g} minutes: answers {soaked.answers}, {soaked.lost} acknowledged entries lost")
    print(f"memory {soaked.warm / 2**20:.1f} MB, then {soaked.end / 2**20:.1f} MB: {soaked.growth:+.1%}")
    print(f"the write-ahead log was {soaked.log / 2**20:.1f} MB at most")
    fine = soaked.growth < GROWTH_AT_MOST and soaked.log < LOG_AT_MOST and not soaked.lost
    return fine and set(soaked.answers) == {200}


if __name__ == "__main__":
    sys.exit(not main())
