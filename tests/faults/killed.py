"""A script: server and worker killed with -9 again and again, while eight phones log.

    PYTHONPATH=.:tests python tests/faults/killed.py --rounds 100 [--database-url postgresql://…]

Prints how many entries were acknowledged, how many of those are lost (0), and the longest time until the
server was ready again (5 s at most); the exit status is 1 when either was worse.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.clock import utc_now
from app.migrate import migrate
from faults.processes import Site
from faults.writers import Phones, people_who_log, seconds_until_ready, stored_of
from running import free_port

PHONES = 8
READY_WITHIN = 5.0
LOGS_FOR = (0.2, 1.2)


@dataclass(frozen=True)
class Survived:
    acknowledged: int
    lost: int
    slowest_start: float


def survive(site: Site, rounds: int, start_within: float) -> Survived:
    """Start, log for a moment, kill in the middle of it; then look for what was acknowledged."""
    port = free_port()
    phones = Phones(port, site.write(people_who_log, PHONES, utc_now()))
    starts = [_round(site, phones, start_within) for _round_in in range(rounds)]
    stored = site.write(stored_of, phones.acknowledged)
    return Survived(len(phones.acknowledged), len(phones.acknowledged) - stored, max(starts))


def _round(site: Site, phones: Phones, start_within: float) -> float:
    with site.running("serve", "--port", str(phones.port)) as server, site.running("worker") as worker:
        took = seconds_until_ready(phones.port, start_within)
        with phones.logging():
            phones.wait_for_an_answer()
            time.sleep(random.uniform(*LOGS_FOR))
            server.kill()
            worker.kill()
            server.join()
    return took


def main() -> bool:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=100)
    asked.add_argument("--database-url", default="")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = told.database_url or f"sqlite:///{folder}/aftercare.sqlite3"
        migrate(url)
        site = Site(url, Path(folder), [])
        survived = survive(site, told.rounds, start_within=120)
        site.close()
    print(f"{told.rounds} rounds: {survived.acknowledged} entries acknowledged, {survived.lost} lost")
    print(f"ready again within {survived.slowest_start:.1f} s")
    return survived.lost == 0 and survived.slowest_start <= READY_WITHIN


if __name__ == "__main__":
    sys.exit(not main())
