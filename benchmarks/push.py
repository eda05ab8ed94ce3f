"""Sending reminders, against a naive loop and a floor of bare cryptography: `python -m benchmarks.push`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.clock import utc_now
from app.database import make_engine
from app.migrate import migrate
from app.models.push import Delivery
from app.reminders.worker import LOOKS_AT_LEAST_EVERY
from app.settings import Settings, open_secrets
from benchmarks.certificate import write_certificate
from benchmarks.crowd import Phone, a_minute_before, a_phone, deliveries_by_state, fall_due, seed_crowd
from benchmarks.due_scan import due_scan
from benchmarks.push_floor import Measured, encrypt_only, naive_loop
from benchmarks.results import Result, Round, compared, in_words
from tests.postgres import database_of, postgres_server

WARM_UP = 64
LATENCY, AT_A_TIME = 0.1, 256
SOON, JUST_BEFORE = timedelta(seconds=4), timedelta(seconds=0.3)


def main() -> None:
    asked = _arguments()
    if "dispatch" in asked.what:
        _compare(asked)
    if "tls" in asked.what:
        _compare_over_tls(asked)
    if "latency" in asked.what:
        _with_latency(asked)
    if "scan" in asked.what:
        print(f"scan: {in_words(due_scan(asked.reminders, asked.rounds))}")


def _arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("what", nargs="*", default=["dispatch", "tls", "latency", "scan"])
    arguments.add_argument("--messages", type=int, default=4000, help="for each full dispatch")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--reminders", type=int, default=1_000_000, help="for the due scan")
    return arguments.parse_args()


def _compare(asked: argparse.Namespace) -> None:
    """Take turns, so that whatever else the machine does meets all alike."""
    print(f"dispatch: {asked.messages} messages, {asked.rounds} rounds")
    with push_service() as site, postgres_server() as postgres:
        _take_turns(
            asked.rounds,
            {
                "crypto floor": partial(encrypt_only, 2000),
                "naive loop": partial(naive_loop, site, 300),
                "SQLite": partial(_dispatch, site, asked.messages, ""),
                "PostgreSQL, 2": partial(_dispatch, site, asked.messages, postgres, workers=2),
            },
        )


def _compare_over_tls(asked: argparse.Namespace) -> None:
    """The same with a push service behind TLS, whose certificate all senders are told to trust."""
    print(f"tls: {asked.messages} messages, {asked.rounds} rounds")
    with tempfile.NamedTemporaryFile(suffix=".pem") as file, pytest.MonkeyPatch.context() as trusting:
        certificate = Path(file.name)
        write_certificate(certificate)
        for trusted_by in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
            trusting.setenv(trusted_by, file.name)
        with push_service(certificate=file.name) as site:
            _take_turns(
                asked.rounds,
                {
                    "crypto floor": partial(encrypt_only, 2000),
                    "naive loop": partial(naive_loop, site, 100),
                    "SQLite": partial(_dispatch, site, asked.messages, ""),
                },
            )


def push_dispatch(messages: int, rounds: int, server: str) -> Result:
    """One worker on SQLite, or two on a PostgreSQL server, against bare cryptography and the naive loop."""
    ours = partial(_dispatch, messages=messages, postgres=server, workers=2 if server else 1)
    with push_service() as site:
        ways = {
            "floor": partial(encrypt_only, 2000),
            "naive": partial(naive_loop, site, 200),
            "ours": partial(ours, site),
        }
        measured: dict[str, list[Round]] = {name: [] for name in ways}
        for _round in range(rounds):
            for name, measure in ways.items():
                one = measure()
                measured[name].append(Round(one.per_second, one.cpu * 1e6, one.p50_ms, one.p99_ms))
    return compared("push_dispatch", measured, messages=messages)


def _take_turns(rounds: int, ways: dict[str, Callable[[], Measured]]) -> None:
    measured: dict[str, list[Measured]] = {name: [] for name in ways}
    for _round in range(rounds):
        for name, measure in ways.items():
            measured[name].append(measure())
    for name, found in measured.items():
        _print(name, found, measured["naive loop"], measured["crypto floor"])


def _print(name: str, rounds: list[Measured], naive: list[Measured], floor: list[Measured]) -> None:
    faster = median(one.per_second / slow.per_second for one, slow in zip(rounds, naive, strict=True))
    floors = median(one.cpu / least.cpu for one, least in zip(rounds, floor, strict=True))
    print(
        f"  {name:<14} {median(one.per_second for one in rounds):7.0f}/s"
        f"  cpu {median(one.cpu for one in rounds) * 1e6:6.0f} µs"
        f"  {faster:5.1f} x naive  {floors:5.1f} x floor"
    )


def _with_latency(asked: argparse.Namespace) -> None:
    """A share of what is possible when each of 256 messages at a time takes 100 ms."""
    possible = AT_A_TIME / LATENCY
    print(
        f"latency: {LATENCY * 1000:.0f} ms in the service, {AT_A_TIME} at a time, {possible:.0f}/s possible"
    )
    with push_service(LATENCY) as site:
        rounds = [_dispatch(site, asked.messages * 2, "") for _round in range(asked.rounds)]
    reached = median(one.per_second for one in rounds)
    print(f"  SQLite         {reached:7.0f}/s  {reached / possible:.0%} of what is possible")


def _dispatch(site: str, messages: int, postgres: str, workers: int = 1) -> Measured:
    """Claim, decide, encrypt, send and record, in worker processes of their own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        given = stack.enter_context(database_of(postgres)) if postgres else ""
        settings = Settings(data=folder, database_url=given)
        migrate(settings.sqlalchemy_url)
        engine = make_engine(settings.sqlalchemy_url)
        stack.callback(engine.dispose)
        now = utc_now()
        _seed(engine, site, messages, now)
        bell = _ring_at(engine, site, now + SOON)
        running = [stack.enter_context(worker(folder, given, site)) for _worker_number in range(workers)]
        while _sent(engine) < WARM_UP:
            time.sleep(0.05)
        if utc_now() > bell - JUST_BEFORE:
            # Starting took long. The workers look again after a while and then know of another one.
            bell = _ring_at(engine, site, utc_now() + LOOKS_AT_LEAST_EVERY + timedelta(seconds=1))
        time.sleep((bell - JUST_BEFORE - utc_now()).total_seconds())
        used = sum(map(cpu_of, running))
        with Session(engine) as db, db.begin():
            fall_due(db, now)
        while _sent(engine) < WARM_UP + messages:
            time.sleep(0.05)
        used = sum(map(cpu_of, running)) - used
        waited = _milliseconds_on_the_way(engine)
        p50, p99 = (waited[int(len(waited) * share)] for share in (0.5, 0.99))
        return Measured(messages / _seconds_taken(engine), used / messages, p50, p99)


def _seed(engine: Engine, site: str, messages: int, now: datetime) -> None:
    """A few who are due at once, and many who are not yet."""
    phone_of = partial(phone_at, site)
    with Session(engine) as db, db.begin():
        seed_crowd(db, WARM_UP, phone_of, now, a_minute_before(now))
        seed_crowd(db, messages, phone_of, now)
        if engine.dialect.name == "postgresql":
            db.connection().exec_driver_sql("ANALYZE")


def _ring_at(engine: Engine, site: str, bell: datetime) -> datetime:
    """One more reminder, for which the workers wake of themselves."""
    with Session(engine) as db, db.begin():
        seed_crowd(db, 1, partial(phone_at, site), utc_now(), bell)
    return bell


def phone_at(site: str, number: int) -> Phone:
    return a_phone(f"{site}/push/{number}/{os.urandom(60).hex()}")


def _sent(engine: Engine) -> int:
    with Session(engine) as db:
        return deliveries_by_state(db).get("sent", 0)


def _seconds_taken(engine: Engine) -> float:
    """From the first claim after the warm-up until the last record."""
    with Session(engine) as db:
        claimed = db.scalars(select(col(Delivery.claimed_at)).order_by(col(Delivery.claimed_at))).all()
        last = db.scalar(select(func.max(col(Delivery.sent_at))))
    assert last is not None
    first = claimed[WARM_UP]
    assert first is not None
    return (last - first).total_seconds()


def _milliseconds_on_the_way(engine: Engine) -> list[float]:
    """From the claim of each message until it was taken, the least first."""
    with Session(engine) as db:
        rows = db.execute(select(col(Delivery.claimed_at), col(Delivery.sent_at))).all()
    return sorted((sent - claimed).total_seconds() * 1000 for claimed, sent in rows if sent and claimed)


def cpu_of(process: subprocess.Popen[bytes]) -> float:
    """User and system time of a process so far, in seconds (clock ticks are 10 ms)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


@contextmanager
def worker(folder: Path, database_url: str, site: str, jitter: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    open_secrets(folder)
    environment = os.environ | {
        "AFTERCARE_DATABASE_URL": database_url,
        "AFTERCARE_PUSH_EXTRA_HOSTS": site.partition("://")[2],
        "AFTERCARE_REMINDER_JITTER": str(jitter),
    }
    command = [sys.executable, "-m", "app", "worker", "--data", str(folder)]
    process = subprocess.Popen(command, env=environment)  # noqa: S603 (our own worker)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextmanager
def push_service(latency: float = 0, certificate: str = "") -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.push_service", str(latency), certificate]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 (our own service)
    assert process.stdout is not None
    try:
        scheme = "https" if certificate else "http"
        yield f"{scheme}://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    main()
