"""Requests over HTTP: the floor, the product and the tutorial's shape loaded in turns."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import median
from typing import Any
from uuid import UUID

from app.settings import Settings
from benchmarks.caseload import DAYS, Caseload, seed_caseload
from benchmarks.load import load
from benchmarks.recorded import Asked, record
from benchmarks.results import Result, Round, compared
from benchmarks.servers import Server, served
from tests.postgres import database_of

BRIEFS = 20
TUTORIAL = ("save_entry", "read_month")
"""What the reference app of the tutorial's shape can do too."""
Make = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how hard to try. `seconds` is a round of one side; `one_core` keeps each server on one."""

    seconds: float = 3
    rounds: int = 3
    connections: int = 32
    crowd: int = 256
    patients: int = 200
    one_core: bool = False


def over_http(names: Sequence[str], effort: Effort, server_url: str) -> Iterator[Result]:
    """Each of these in turn. `server_url` is a PostgreSQL server to make databases on, empty for SQLite."""
    with tempfile.TemporaryDirectory() as given, ExitStack() as stack:
        folder = Path(given)
        url = f"sqlite:///{folder / 'aftercare.sqlite3'}"
        if server_url:
            url = stack.enter_context(database_of(server_url))
        caseload = seed_caseload(url, datetime.now(UTC), effort.patients)
        asked = [one for name in names for one in _asked(name, caseload)]
        record(Settings(data=folder, database_url=url), asked, folder / "recorded")
        sides = ["floor", "ours", *(["tutorial"] if set(names) & set(TUTORIAL) else [])]
        servers = [
            stack.enter_context(served(side, folder, url, server_url, effort.one_core)) for side in sides
        ]
        for name in names:
            database = "postgresql" if server_url else "sqlite"
            yield _compare(name, servers, caseload, effort) | {"database": database}


def _compare(name: str, servers: list[Server], caseload: Caseload, effort: Effort) -> Result:
    """Take turns, so that whatever else the machine does meets all alike. The first turn warms up."""
    measured: dict[str, list[Round]] = {
        server.name: [] for server in servers if server.name != "tutorial" or name in TUTORIAL
    }
    for turn in range(effort.rounds + 1):
        for server in servers:
            if server.name in measured:
                requests = REQUESTS[name](caseload, Random(f"{server.name} {name} {turn}"))  # noqa: S311 (ids)
                lasts = effort.seconds if turn else min(effort.seconds, 1)
                one = load(server.port, server.process.pid, requests, lasts, effort.connections)
                measured[server.name] += [one] if turn else []
    crowded = _crowded(name, servers[1], caseload, effort, measured["ours"]) if name in TUTORIAL else {}
    return compared(name, measured, connections=effort.connections, **crowded)


def _crowded(
    name: str, ours: Server, caseload: Caseload, effort: Effort, usual: list[Round]
) -> dict[str, Any]:
    """Eight times the connections: how many requests failed, and the share of the usual rate."""
    requests = REQUESTS[name](caseload, Random("crowd"))  # noqa: S311 (new ids)
    one = load(ours.port, ours.process.pid, requests, effort.seconds, effort.crowd)
    share = one.per_second / median(before.per_second for before in usual)
    return {
        "crowd": {"connections": effort.crowd, "failures": one.failures, "share_of_rate": round(share, 2)}
    }


def _asked(name: str, caseload: Caseload) -> list[Asked]:
    """The requests whose statements the floor is to run."""
    if name in PAGES:
        return [(PAGES[name], token) for _, token in caseload.patients]
    if name == "brief_page":
        return [(f"/patients/{person}/brief", caseload.therapist) for person in caseload.in_care[:BRIEFS]]
    if name == "patient_list":
        return [("/patients", caseload.therapist)]
    return []


PAGES = {"today_page": "/today", "take_out": "/api/me/takeout"}


def _saves(entries: int) -> Callable[[Caseload, Random], Make]:
    """So many new entries of another patient every time, over their last thirty days."""

    def of(caseload: Caseload, chance: Random) -> Make:
        turn, today = cycle(caseload.patients), datetime.now(UTC).date()
        days = [today - timedelta(days=back) for back in range(DAYS)]

        def request() -> bytes:
            said = ",".join(_entry(chance, days[chance.randrange(DAYS)]) for _ in range(entries))
            body = f'{{"entries":[{said}]}}'
            return (
                f"POST /api/entries HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: aftercare={next(turn)[1]}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()

        return request

    return of


def _entry(chance: Random, day: date) -> str:
    entry_id = UUID(int=chance.getrandbits(128), version=4)
    said = f'"set":{{"pain":{chance.randrange(11)}}}'
    return f'{{"id":"{entry_id}","day":"{day}","recorded_at":"{day}T00:30:00Z",{said}}}'


def _months(caseload: Caseload, _chance: Random) -> Make:
    today = datetime.now(UTC).date()
    path = f"/api/days?first={today - timedelta(days=DAYS - 1)}&last={today}"
    return _gets([(path, token) for _, token in caseload.patients])


def _seen(name: str) -> Callable[[Caseload, Random], Make]:
    return lambda caseload, _chance: _gets(_asked(name, caseload))


def _gets(asked: list[Asked]) -> Make:
    turn = cycle(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: aftercare={cookie}\r\n\r\n".encode()
        for path, cookie in asked
    )
    return lambda: next(turn)


REQUESTS: dict[str, Callable[[Caseload, Random], Make]] = {
    "read_month": _months,
    "today_page": _seen("today_page"),
    "brief_page": _seen("brief_page"),
    "patient_list": _seen("patient_list"),
    "take_out": _seen("take_out"),
    "save_entry": _saves(1),
    "sync_500": _saves(500),
}
"""What is read comes before what makes diaries longer."""
