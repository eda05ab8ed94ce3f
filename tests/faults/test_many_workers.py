"""Any number of worker processes on one database, some of them killed."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack

from faults.processes import Site, let_leases_run_out
from push_service import SILENT, PushService


def test_four_workers_send_five_hundred_reminders_once_each(site: Site, service: PushService) -> None:
    site.crowd_of(*(service.device(f"phone {number}") for number in range(500)))
    with ExitStack() as stack:
        [stack.enter_context(site.running("worker")) for _number in range(4)]
        site.wait_until(lambda: site.deliveries() == {"sent": 500}, seconds=300)
    assert len(service.messages) == 500
    assert len({message.device for message in service.messages}) == 500


def test_killed_workers_lose_nothing_and_repeat_only_what_was_in_flight(
    site: Site, service: PushService
) -> None:
    """Four at 500 reminders, all killed while 40 messages were taken and not yet acknowledged."""
    in_flight = [service.device(f"in flight {number}", SILENT) for number in range(40)]
    others = [service.device(f"phone {number}") for number in range(460)]
    mixed = [*others[:230], *in_flight, *others[230:]]
    site.crowd_of(*mixed)
    with ExitStack() as stack:
        workers = [stack.enter_context(site.running("worker")) for _number in range(4)]
        site.wait_until(lambda: all(service.received_by(device) for device in in_flight), seconds=300)
        [worker.kill() for worker in workers]
        [worker.join() for worker in workers]
    unrecorded = site.write(let_leases_run_out)
    with site.running("worker"):
        site.wait_until(lambda: site.deliveries() == {"sent": 500}, seconds=300)
    topics = Counter(message.headers["topic"] for message in service.messages)
    again = Counter(topics.values())
    assert len({message.device for message in service.messages}) == len(topics) == 500
    assert 40 <= again[2] <= len(unrecorded)
    assert max(again) <= 2
    assert all(message.notification["tag"] == message.headers["topic"] for message in service.messages)
