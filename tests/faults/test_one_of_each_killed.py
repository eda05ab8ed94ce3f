"""Servers and workers that share a PostgreSQL; the script beside this does it with 20,000 reminders."""

from __future__ import annotations

import pytest

from faults.one_of_each_killed import kill_one_of_each
from faults.processes import Site
from push_service import PushService


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_killed_server_and_a_killed_worker_lose_nothing_and_show_nothing_twice(
    site: Site, service: PushService
) -> None:
    came = kill_one_of_each(site, service, 400, waits=False)
    assert (came.lost, came.shown_twice, came.entries_lost) == (0, 0, 0)
    assert came.acknowledged > 0
