"""A script: two servers and three workers on one PostgreSQL, one of each killed while they send.

    PYTHONPATH=.:tests python tests/faults/one_of_each_killed.py --reminders 20000

Every server sends reminders too, and eight phones log at both meanwhile. Prints how many reminders and
acknowledged entries are lost (none), how many phones would show one twice (none), and how many messages were
sent again and replaced themselves on the phone; the exit status is 1 when one was worse.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from app.clock import utc_now
from app.migrate import migrate
from faults.processes import Site, let_leases_run_out
from faults.writers import Phones, people_who_log, seconds_until_ready, stored_of
from postgres import database_of, postgres_server
from push_service import PushService, push_service
from running import free_port

SERVERS, WORKERS, PHONES = 2, 3, 8


@dataclass(frozen=True, slots=True)
class Came:
    """What became of the reminders, and of the entries that were acknowledged meanwhile."""

    lost: int
    shown_twice: int
    sent_again: int
    acknowledged: int
    entries_lost: int
    seconds: float


def kill_one_of_each(site: Site, service: PushService, reminders: int, *, waits: bool) -> Came:
    """At a quarter of the way. `waits` for the leases of the dead; else they run out at once."""
    site.crowd_of(*(service.device(f"phone {number}") for number in range(reminders)))
    cookies = site.write(people_who_log, PHONES, utc_now())
    site.write(lambda db: db.execute(text("analyze")))
    phones = [Phones(free_port(), cookies[number::SERVERS]) for number in range(SERVERS)]
    with ExitStack() as stack:
        servers = [stack.enter_context(site.running("serve", "--port", str(one.port))) for one in phones]
        for one in phones:
            seconds_until_ready(one.port, at_most=60)
            stack.enter_context(one.logging())
        workers = [stack.enter_context(site.running("worker")) for _worker in range(WORKERS)]
        began = time.monotonic()
        site.wait_until(lambda: len(service.messages) >= reminders // 4, seconds=600)
        for process in (servers[0], workers[0]):
            process.kill()
            process.join()
        if not waits:
            site.write(let_leases_run_out)
        site.wait_until(lambda: site.deliveries() == {"sent": reminders}, seconds=1800)
        took = time.monotonic() - began
    return _counted(site, service, phones, reminders, took)


def _counted(site: Site, service: PushService, phones: list[Phones], reminders: int, took: float) -> Came:
    topics: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for message in service.messages:
        topics[message.device][message.headers["topic"]] += 1
    acknowledged = set().union(*(one.acknowledged for one in phones))
    return Came(
        lost=reminders - len(topics),
        shown_twice=sum(len(of_device) > 1 for of_device in topics.values()),
        sent_again=len(service.messages) - reminders,
        acknowledged=len(acknowledged),
        entries_lost=len(acknowledged) - site.write(stored_of, acknowledged),
        seconds=took,
    )


def main() -> bool:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--reminders", type=int, default=20_000)
    reminders = asked.parse_args().reminders
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_server() as server,
        database_of(server) as url,
        push_service() as service,
    ):
        migrate(url)
        site = Site(url, Path(folder), [service])
        came = kill_one_of_each(site, service, reminders, waits=True)
        site.close()
        wrong = service.violations
    print(f"{reminders} reminders in {came.seconds:.0f} s: {came.lost} lost, {came.shown_twice} shown twice")
    print(f"{came.sent_again} sent again, each in the place of the first")
    print(f"{came.acknowledged} entries acknowledged meanwhile, {came.entries_lost} lost")
    return not wrong and came.lost == came.shown_twice == came.entries_lost == 0


if __name__ == "__main__":
    sys.exit(not main())
