"""What a monitoring system asks for, in the format of Prometheus; nothing of it is about a person."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database import Database
from app.deps import Now, Read
from app.models.reminder import Reminder
from app.reminders.counted import MessagesCounted

router = APIRouter(include_in_schema=False)


def measure(app: FastAPI) -> None:
    """Count requests from now on, and open /metrics."""
    app.state.metrics = CollectorRegistry()
    app.state.request_seconds = Histogram(
        "aftercare_request_seconds",
        "Time until an answer began, by route and status.",
        ("method", "route", "status"),
        registry=app.state.metrics,
    )
    app.state.messages = MessagesCounted(app.state.metrics)
    app.add_middleware(Measured, seconds=app.state.request_seconds)
    app.include_router(router)


class Measured:
    """Times every request. The route is counted, never the address, which may hold an id."""

    def __init__(self, app: ASGIApp, seconds: Histogram) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                labels = (scope["method"], _route_of(scope), message["status"])
                self._seconds.labels(*labels).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, send_and_count)


def _route_of(scope: Scope) -> str:
    """The route as it was written down, with the prefix of its door."""
    prefix = "/api" if scope["path"].startswith("/api/") else ""
    return prefix + getattr(scope.get("route"), "path", "/…")


@router.get("/metrics")
async def metrics(request: Request, read: Read, now: Now) -> Response:
    """Requests and messages of all processes of this server, writes of the one that answers, and how far
    behind everybody is."""
    asked_now = CollectorRegistry()
    asked_now.register(_Found([*_writes(request.app.state.database), await read(reminders_now, now)]))
    text = generate_latest(_of_all_processes(request)) + generate_latest(asked_now)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _of_all_processes(request: Request) -> CollectorRegistry:
    """Processes that serve together tell each other what they counted through files."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        own: CollectorRegistry = request.app.state.metrics
        return own
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


class _Found(Collector):
    """Metrics that were looked up for this one answer."""

    def __init__(self, found: list[Metric]) -> None:
        self._found = found

    def collect(self) -> list[Metric]:
        return self._found


def _writes(database: Database) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "aftercare_writes_waiting", "Writes waiting for their turn.", labels=("process",)
    )
    asked = CounterMetricFamily("aftercare_writes", "Writes that were asked for.", labels=("process",))
    taken = CounterMetricFamily("aftercare_commits", "Transactions they took.", labels=("process",))
    figures = ((waiting, database.waiting), (asked, database.writes), (taken, database.commits))
    for family, figure in figures:
        family.add_metric((str(os.getpid()),), figure)
        yield family
    yield writes_per_commit(database)


def writes_per_commit(database: Database) -> Metric:
    """How many writes shared one transaction: on SQLite many do, on PostgreSQL none."""
    family = HistogramMetricFamily(
        "aftercare_writes_per_commit", "Writes that shared one transaction.", labels=("process",)
    )
    at_most = list(accumulate(database.commits_by_writes))
    bounds = [*(f"{2.0**power}" for power in range(len(at_most) - 1)), "+Inf"]
    family.add_metric((str(os.getpid()),), list(zip(bounds, at_most, strict=True)), database.writes)
    return family


def reminders_now(db: Session, now: datetime) -> Metric:
    """How far behind sending is."""
    late = db.scalar(select(func.min(col(Reminder.due_at))).where(col(Reminder.due_at) <= now))
    lag = (now - late).total_seconds() if late else 0.0
    return GaugeMetricFamily(
        "aftercare_due_lag_seconds", "How long the oldest due reminder has been waiting.", lag
    )
