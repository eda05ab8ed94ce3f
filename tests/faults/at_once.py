"""A script: every writing door is sent the same request twenty times at once, on both databases.

    PYTHONPATH=.:tests python tests/faults/at_once.py

Prints what was answered at each door, and how many rows came of twenty requests where one makes another
number; the exit status is 1 when a door failed, or did more than once what is not meant to be done twice.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Barrier
from uuid import UUID

from httpx2 import Response
from sqlalchemy.orm import Session

from app.migrate import migrate
from builders import a_patient
from faults.good_requests import GOOD, sent_to
from faults.household import Household, Street, street_on
from postgres import database_of, postgres_server

TIMES = 20
MAKES_ANOTHER = {
    "POST /api/sign-in": "each browser is signed in",
    "POST /sign-in": "each browser is signed in",
    "PATCH /api/days/{day}": "a script says it again; the day stays the same",
    "POST /api/reminders": "there may be two reminders alike",
    "POST /reminders/add": "there may be two reminders alike",
    "POST /api/push/test": "each is a test; three a minute where rates are limited",
    "POST /reminders/test": "each is a test; three a minute where rates are limited",
    "POST /api/invitations": "each is for another patient",
    "POST /invitations": "each is for another patient",
    "POST /api/patients/{patient_id}/notes": "a note may be written twice, and removed",
    "POST /patients/{patient_id}/notes": "a note may be written twice, and removed",
    "POST /api/aftercare-templates": "there may be two templates alike",
    "POST /aftercare-templates": "there may be two templates alike",
    "POST /api/passkeys/options": "each is a challenge of its own, for five minutes",
    "POST /api/me/passkeys/options": "each is a challenge of its own, for five minutes",
    "POST /api/me/proof/options": "each is a challenge of its own, for five minutes",
    "POST /api/me/calendar": "each link ends the one before",
    "POST /account/calendar": "each link ends the one before",
    "POST /api/practice/invitations": "each is for another colleague",
    "POST /practice/invitations": "each is for another colleague",
    "POST /api/me/tokens": "there may be two tokens of one name",
    "POST /account/tokens": "there may be two tokens of one name",
}
"""Doors where asking again asks for another one, because nothing in the request says that it is the same."""


@dataclass(frozen=True)
class Tried:
    """What came of one request, and of many of the same at once: new rows by table, and the answers."""

    rows_of_one: dict[str, int]
    rows_of_many: dict[str, int]
    answers: Counter[int]

    @property
    def faults(self) -> list[int]:
        return [status for status in self.answers if status >= 500]


def sent_at_once(street: Street, door: str, times: int) -> Tried:
    """Once for one household, and so many times at once for another."""
    one, _answers = _rows_of(street, door, 1)
    many, answers = _rows_of(street, door, times)
    return Tried(one, many, answers)


def _rows_of(street: Street, door: str, times: int) -> tuple[dict[str, int], Counter[int]]:
    home = street.household()
    sent = sent_to(door, home)
    requests = [partial(sent.by, street.browser_of(home, sent.person))] * times
    before = street.stored()
    answers = Counter(one.status_code for one in at_once(requests))
    after = street.stored()
    changed = {table: after[table] - before[table] for table in after}
    return {table: rows for table, rows in changed.items() if rows}, answers


def at_once(requests: Sequence[Callable[[], Response]]) -> list[Response]:
    """The answers to all of them, begun together."""
    ready = Barrier(len(requests))

    def begin(request: Callable[[], Response]) -> Response:
        ready.wait(timeout=30)
        return request()

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(begin, requests))


def fifty_people(db: Session, home: Household) -> list[UUID]:
    return [a_patient(db, f"P{number}-{home.number}", now=home.now).id for number in range(50)]


def main() -> bool:
    with tempfile.TemporaryDirectory() as folder, postgres_server() as server, database_of(server) as url:
        file = Path(folder) / "aftercare.sqlite3"
        return all([_try(f"sqlite:///{file}", Path(folder)), _try(url, Path(folder))])


def _try(database_url: str, folder: Path) -> bool:
    migrate(database_url)
    fine = True
    with street_on(database_url, folder) as street:
        for door in GOOD:
            tried = sent_at_once(street, door, TIMES)
            once = tried.rows_of_many == tried.rows_of_one or door in MAKES_ANOTHER
            fine = fine and once and not tried.faults
            said = "once" if once else f"one {tried.rows_of_one}, many {tried.rows_of_many}"
            print(f"{database_url.partition(':')[0]:<11} {door:<70} {dict(tried.answers)} {said}")
    return fine


if __name__ == "__main__":
    sys.exit(not main())
