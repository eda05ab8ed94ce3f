"""The suite: `python -m benchmarks NAME [--seconds N] [--database URL] [--json]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.analyse import analyse
from benchmarks.due_scan import due_scan
from benchmarks.over_http import REQUESTS, Effort, over_http
from benchmarks.page import write_results
from benchmarks.push import push_dispatch
from benchmarks.results import Result, in_words
from tests.postgres import postgres_server

NAMES = (*REQUESTS, "due_scan", "push_dispatch", "analyse")
OWN_SERVER = "postgresql"
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


def main(words: Sequence[str] | None = None) -> None:
    asked = _arguments(words)
    with ExitStack() as stack:
        server = asked.database
        if server == OWN_SERVER:
            server = stack.enter_context(postgres_server(**DURABLE))
        results = []
        for result in _measured(NAMES if asked.name == "all" else [asked.name], asked, server):
            print(json.dumps(result) if asked.json else in_words(result), flush=True)
            results.append(result)
    if asked.page:
        database = "postgresql" if asked.database else "sqlite"
        write_results(asked.page, database, f"python -m benchmarks {' '.join(_typed())}", results)


def _typed() -> list[str]:
    """What was asked for; where the page lies says nothing about how it was made."""
    return [word for word in sys.argv[1:] if not word.startswith("--page")]


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("name", choices=[*NAMES, "all"])
    arguments.add_argument("--seconds", type=float, default=3, help="length of a round of one side")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--connections", type=int, default=32)
    arguments.add_argument("--one-core", action="store_true", help="keep each server over HTTP on one core")
    arguments.add_argument(
        "--database",
        default="",
        help="a PostgreSQL server to make databases on, or just: postgresql, to start one; otherwise SQLite",
    )
    arguments.add_argument("--reminders", type=int, default=100_000, help="for due_scan")
    arguments.add_argument("--messages", type=int, default=4000, help="for push_dispatch")
    arguments.add_argument("--page", type=Path, help="--page=FILE puts the table into this page")
    arguments.add_argument("--json", action="store_true", help="one JSON object a line")
    return arguments.parse_args(words)


def _measured(names: Sequence[str], asked: argparse.Namespace, server: str) -> Iterator[Result]:
    effort = Effort(asked.seconds, asked.rounds, asked.connections, one_core=asked.one_core)
    if requests := [name for name in names if name in REQUESTS]:
        yield from over_http(requests, effort, server)
    if "due_scan" in names:
        yield due_scan(asked.reminders, asked.rounds, server)
    if "push_dispatch" in names:
        yield push_dispatch(asked.messages, asked.rounds, server)
    if "analyse" in names:
        yield analyse(asked.seconds, asked.rounds)


if __name__ == "__main__":
    main()
