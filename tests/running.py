"""The app running beside a test: inside it, or served on a port for real browsers."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from sqlalchemy.orm import Session
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from app.clock import utc_now
from app.connections import LimitedConnection
from app.deps import cookie_name
from app.settings import Settings
from builders import a_sign_in, rows_of_each_table

P = ParamSpec("P")
T = TypeVar("T")

# Playwright keeps a loop running in the thread of the tests, so ours run in another.
_elsewhere = ThreadPoolExecutor(max_workers=1)
# The routes of an app with and without docs and metrics.
_routes: dict[tuple[bool, bool], list[BaseRoute]] = {}


class RunningApp:
    """An app whose lifespan has begun, and its database."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def write(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(db, …)` in the database of the app, and commit."""
        written = self.app.state.database.write(fn, *args, **kwargs)
        return _elsewhere.submit(asyncio.run, written).result()

    def read(self, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        found = self.app.state.database.read(fn, *args, **kwargs)
        return _elsewhere.submit(asyncio.run, found).result()

    def stored(self) -> dict[str, int]:
        """How many rows each table holds."""
        return self.read(rows_of_each_table)

    def cookie_of(self, account_id: UUID) -> tuple[str, str]:
        """Name and value of the cookie of a new sign-in."""
        return cookie_name(self.app.state.settings), self.write(a_sign_in, account_id, utc_now())


class AppInside(RunningApp):
    """An app inside the test. `nobody` is a browser where nobody is signed in."""

    def __init__(self, app: FastAPI, nobody: TestClient) -> None:
        super().__init__(app)
        self.nobody = nobody

    def browser_of(self, account_id: UUID) -> TestClient:
        """Another browser, where the account with this id is signed in."""
        browser = self._another_browser()
        browser.cookies.set(*self.cookie_of(account_id))
        return browser

    def anew(self) -> AppInside:
        """The same app for another test: nobody has been here. Its worker may have beaten long ago."""
        return AppInside(self.app, self._another_browser())

    def _another_browser(self) -> TestClient:
        browser = _browser(self.app)
        browser.portal = self.nobody.portal
        return browser


class ServedApp(RunningApp):
    """An app served at `url`."""

    def __init__(self, app: FastAPI, url: str, runner: asyncio.Runner) -> None:
        super().__init__(app)
        self.url = url
        self._runner = runner

    def wake_worker(self) -> None:
        """What was written past the app is looked at now, as what came through it would be."""
        self._runner.get_loop().call_soon_threadsafe(self.app.state.worker.wake)


@contextmanager
def running(settings: Settings) -> Iterator[AppInside]:
    app = _created(settings)
    with _browser(app) as nobody:
        yield AppInside(app, nobody)


@contextmanager
def served(
    settings: Settings, connection: type[LimitedConnection] = LimitedConnection
) -> Iterator[ServedApp]:
    """Serve on the port of the settings until the block ends."""
    app = _created(settings)
    config = uvicorn.Config(
        app,
        port=settings.port,
        http=connection,
        log_config=None,
        log_level="error",
        access_log=False,
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    runner = asyncio.Runner(loop_factory=config.get_loop_factory())
    thread = threading.Thread(target=_run_to_its_end, args=[runner, server], daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield ServedApp(app, settings.public_url, runner)
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _run_to_its_end(runner: asyncio.Runner, server: uvicorn.Server) -> None:
    with runner:
        runner.run(server.serve())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _created(settings: Settings) -> FastAPI:
    # Most tests need no app, and importing all of it takes longer than they do.
    from app.main import create_app

    app = create_app(settings)
    # What each route takes is worked out at the first request, in a fifth of a second: once is enough.
    shared = _routes.setdefault((settings.shows_docs, settings.metrics), list(app.router.routes))
    app.router.routes = list(shared)
    return app


def _browser(app: FastAPI) -> TestClient:
    return TestClient(app, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + 20
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("The app did not start.")
        time.sleep(0.01)
