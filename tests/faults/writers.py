"""Phones that keep on logging: what they were told is stored, and whether it is."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.models.daily_log import LogEntry
from builders import a_patient, a_sign_in, an_entry

PATIENCE = 10.0
UNANSWERED = 0


def people_who_log(db: Session, count: int, now: datetime) -> list[str]:
    """Cookies of patients who are signed in on plain http."""
    patients = [a_patient(db, f"P{number}", zone="UTC", now=now) for number in range(count)]
    return [f"aftercare={a_sign_in(db, patient.id, now)}" for patient in patients]


@dataclass
class Phones:
    """One thread for each phone. `answers` counts statuses, UNANSWERED where the line broke."""

    port: int
    cookies: list[str]
    acknowledged: set[UUID] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0

    @contextmanager
    def logging(self) -> Iterator[None]:
        """They log for as long as the block lasts."""
        stop = threading.Event()
        threads = [threading.Thread(target=self._log, args=(one, stop)) for one in self.cookies]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(timeout=2 * PATIENCE)

    def wait_for_an_answer(self) -> None:
        """Until one more was acknowledged: beside other tests that takes longer than a moment."""
        before, end = len(self.acknowledged), time.monotonic() + PATIENCE
        while len(self.acknowledged) == before and time.monotonic() < end:
            time.sleep(0.005)

    def seconds_to_log(self) -> float:
        """How long one entry takes the first of them, the connection included."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        began = time.monotonic()
        status = self._post(line, self.cookies[0])
        took = time.monotonic() - began
        line.close()
        if status != 200:
            raise ConnectionError(f"It answered {status}.")
        return took

    def _log(self, cookie: str, stop: threading.Event) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        while not stop.is_set():
            began = time.monotonic()
            try:
                status = self._post(line, cookie)
            except (OSError, http.client.HTTPException):
                line.close()
                status = UNANSWERED
                time.sleep(0.02)
            else:
                self.slowest = max(self.slowest, time.monotonic() - began)
            self.answers[status] += 1
        line.close()

    def _post(self, line: http.client.HTTPConnection, cookie: str) -> int:
        now = utc_now()
        entry = an_entry(now.date(), at=now, set={"pain": 3}, add={"water_glasses": 0})
        headers = {"cookie": cookie, "content-type": "application/json"}
        line.request("POST", "/api/entries", json.dumps({"entries": [entry]}), headers)
        answer = line.getresponse()
        said = answer.read()
        if answer.status == 200 and json.loads(said)["results"][0]["status"] in ("accepted", "duplicate"):
            self.acknowledged.add(UUID(entry["id"]))
        return answer.status


def stored_of(db: Session, ids: Iterable[UUID]) -> int:
    """How many of these entries are stored."""
    wanted = set(ids)
    return sum(entry_id in wanted for entry_id in db.scalars(select(col(LogEntry.id))))


def missing_at(port: int) -> str:
    """What keeps the server from being used; nothing once it can be."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", "/readyz")
        answer = line.getresponse()
        return "" if answer.status == 200 else answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return str(error)
    finally:
        line.close()


def seconds_until_ready(port: int, at_most: float) -> float:
    """From now; raises TimeoutError with the last that was said."""
    began = time.monotonic()
    while missing := missing_at(port):
        if time.monotonic() - began > at_most:
            raise TimeoutError(missing)
        time.sleep(0.02)
    return time.monotonic() - began
