"""Killed processes, restarted servers and power that goes lose nothing that was acknowledged."""

from __future__ import annotations

from pathlib import Path

from app.migrate import migrate
from faults.killed import survive
from faults.power_cut import cut
from faults.processes import Site
from faults.restarted import log_through
from postgres import restarting_server

PATIENCE = 60
"""In seconds: beside other tests a start takes longer than the 5 s that the script asks for."""


def test_killed_processes_lose_no_acknowledged_entry(site: Site) -> None:
    survived = survive(site, rounds=1, start_within=PATIENCE)
    assert survived.acknowledged > 0
    assert survived.lost == 0


def test_a_power_cut_loses_no_acknowledged_entry(migrated_sqlite: Path) -> None:
    told = cut(migrated_sqlite, cuts=20, synchronous="FULL")
    assert told.ever > 100
    assert (told.lost, told.damaged) == (0, 0)


def test_with_less_synchronous_settings_the_same_cuts_do_lose_entries(migrated_sqlite: Path) -> None:
    assert cut(migrated_sqlite, cuts=5, synchronous="NORMAL").lost > 0


def test_a_restarted_server_of_the_database_loses_nothing_and_is_hardly_noticed(tmp_path: Path) -> None:
    with restarting_server() as (url, restart):
        migrate(url)
        site = Site(url, tmp_path, [])
        came = log_through(site, restart, restarts=1, between=1.5)
        site.close()
    assert came.acknowledged > 0
    assert (came.lost, came.unanswered, came.others) == (0, 0, {})
    assert came.busy < 0.05
