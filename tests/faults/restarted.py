"""A script: PostgreSQL restarted three times, while eight phones log.

    PYTHONPATH=.:tests python tests/faults/restarted.py --restarts 3

Prints how many entries were acknowledged, how many of those are lost (0), and the share of requests that
were refused with a 503 (1 % at most) or not answered (none); the exit status is 1 when one was worse.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.clock import utc_now
from app.migrate import migrate
from faults.processes import Site
from faults.writers import UNANSWERED, Phones, people_who_log, seconds_until_ready, stored_of
from postgres import restarting_server
from running import free_port

PHONES = 8
BETWEEN = 3.0
BUSY_AT_MOST = 0.01


@dataclass(frozen=True)
class Restarted:
    acknowledged: int
    lost: int
    busy: float
    unanswered: int
    others: dict[int, int]


def log_through(site: Site, restart: Callable[[], None], restarts: int, between: float) -> Restarted:
    phones = Phones(free_port(), site.write(people_who_log, PHONES, utc_now()))
    with site.running("serve", "--port", str(phones.port)):
        seconds_until_ready(phones.port, at_most=60)
        with phones.logging():
            for _restart in range(restarts):
                time.sleep(between)
                restart()
            time.sleep(between)
    stored, all_of_them = site.write(stored_of, phones.acknowledged), phones.answers.total()
    others = {s: count for s, count in phones.answers.items() if s not in (200, 503, UNANSWERED)}
    return Restarted(
        len(phones.acknowledged),
        len(phones.acknowledged) - stored,
        phones.answers[503] / all_of_them,
        phones.answers[UNANSWERED],
        others,
    )


def main() -> bool:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--restarts", type=int, default=3)
    restarts = asked.parse_args().restarts
    with tempfile.TemporaryDirectory() as folder, restarting_server() as (url, restart):
        migrate(url)
        site = Site(url, Path(folder), [])
        came = log_through(site, restart, restarts, BETWEEN)
        site.close()
    print(f"{restarts} restarts: {came.acknowledged} entries acknowledged, {came.lost} lost")
    print(f"{came.busy:.2%} refused as busy, {came.unanswered} not answered, other answers {came.others}")
    return came.lost == came.unanswered == 0 and not came.others and came.busy <= BUSY_AT_MOST


if __name__ == "__main__":
    sys.exit(not main())
