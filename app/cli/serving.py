"""Commands that go on until they are stopped: the product served, or reminders sent."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.chosen import DataFolder, Host, Port, in_database, settings_with_folder
from app.cli.mistakes import to_mend
from app.errors import Misconfigured
from app.settings import Environment, Settings, open_secrets

if TYPE_CHECKING:
    from fastapi import FastAPI
    from structlog.typing import FilteringBoundLogger

    from app.database import Database
    from app.reminders.counted import MessagesCounted

SECONDS_TO_FINISH = 10
LOOKED_THROUGH_AFTER = (5000, 20, 50)
"""Objects made until the newest are looked through for rubbish, and how often that is done until older ones
are. Seven times as many as usual: an answer makes some thousands and leaves hardly any."""


def demo(host: Host = None, port: Port = None, data: DataFolder = None) -> None:
    """Serve the product with demo people, seeded on an empty database only."""
    from app.clock import utc_now
    from app.demo.seed import open_demo

    settings = settings_with_folder(environment=Environment.DEMO, host=host, port=port, data=data)
    _require_ready(settings)
    here = asyncio.run(in_database(settings, open_demo, utc_now()))
    typer.echo(f"\nAftercare is at {settings.public_url}\n")
    if here:
        typer.echo("Sign in as:")
    else:
        typer.echo(
            "Other people are here, so nobody of the demo was added. Choose an empty folder with --data."
        )
    for person in here:
        typer.echo(f"  {person.email:<26} {person.password:<16} {person.about}")
    typer.echo("\nStop with Ctrl+C.\n")
    _serve(settings)


def serve(
    host: Host = None,
    port: Port = None,
    data: DataFolder = None,
    workers: Annotated[int, typer.Option(help="Serving processes; several need PostgreSQL.", min=1)] = 1,
) -> None:
    """Serve the product and send reminders."""
    from app.logs import set_up_logs
    from app.migrate import migrate as migrate_database

    settings = settings_with_folder(host=host, port=port, data=data)
    set_up_logs(settings)
    if workers > 1 and settings.sqlalchemy_url.startswith("sqlite"):
        raise Misconfigured(
            "SQLite takes one serving process. Set AFTERCARE_DATABASE_URL to a PostgreSQL database, "
            "or leave --workers out."
        )
    with _logged(settings):
        _require_ready(settings)
        migrate_database(settings.sqlalchemy_url)
        _serve(settings, workers)


def worker(
    data: DataFolder = None,
    metrics_port: Annotated[
        int | None, typer.Option(help="Port on which a monitoring system may ask.", min=1, max=65535)
    ] = None,
    metrics_host: Annotated[
        str, typer.Option(help="Address of that port. Keep it from the world.")
    ] = "127.0.0.1",
) -> None:
    """Send reminders only, beside any number of servers."""
    from uvicorn.loops.auto import auto_loop_factory

    from app.logs import set_up_logs

    settings = settings_with_folder(data=data)
    set_up_logs(settings)
    messages = _told_at(metrics_host, metrics_port) if metrics_port else None
    # The loop a server runs on too: with it a message costs a fifth less.
    with _logged(settings), asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_work(settings, messages))


@contextmanager
def _logged(settings: Settings) -> Iterator[None]:
    """In production what ends it is a line of the log, and that is JSON."""
    import structlog

    try:
        yield
    except Exception as error:
        if not settings.is_production:
            raise
        structlog.get_logger().critical(to_mend(error) or "ended_by_error", error=error)
        raise SystemExit(1) from None


def _require_ready(settings: Settings) -> None:
    """Raises Misconfigured for what would end the server later, when tables were changed and people added."""
    require_named_proxy(os.environ.get("FORWARDED_ALLOW_IPS", ""))
    require_free_port(settings.host, settings.port)
    open_secrets(settings.data)


def _serve(settings: Settings, workers: int = 1) -> None:
    """Several processes are started anew, so they read from the environment what was chosen here."""
    if workers == 1:
        _listen(loaded_app(settings), settings)
        return
    # What each process counts is told to the others there; it goes when the last of them has ended.
    with tempfile.TemporaryDirectory(prefix="aftercare-counted-") as counted:
        os.environ |= _told_to_processes(settings, counted)
        _listen("app.cli.serving:loaded_app", settings, factory=True, workers=workers)


def loaded_app(settings: Settings | None = None) -> FastAPI:
    """The app of a process that serves nothing else."""
    with _loading_for_good():
        from app.main import create_app

        return create_app(settings)


@contextmanager
def _loading_for_good() -> Iterator[None]:
    """What is loaded here is never looked through for rubbish. That took a tenth of a second, and now and
    then somebody had to wait so long for their answer."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*LOOKED_THROUGH_AFTER)
        gc.enable()


def _listen(app: FastAPI | str, settings: Settings, **processes: Any) -> None:
    import uvicorn

    from app.connections import LimitedConnection

    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http=LimitedConnection,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
        **processes,
    )


def require_free_port(host: str, port: int) -> None:
    """Raises Misconfigured where nobody can listen."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        why = str(error.strerror).partition(" (")[0].lower()
        fix = "Choose another port with --port or AFTERCARE_PORT, another address with --host."
        raise Misconfigured(f"Nobody can listen on port {port} of {host}: {why}. {fix}") from None


def require_named_proxy(forwarded_allow_ips: str) -> None:
    """Raises Misconfigured where everybody is believed, whatever else is named."""
    named = [one.strip() for one in forwarded_allow_ips.split(",")]
    if any("*" in one or one.endswith("/0") for one in named):
        raise Misconfigured(
            "FORWARDED_ALLOW_IPS must name your proxy: * and /0 let anybody claim any address."
        )


def _told_to_processes(settings: Settings, counted: str) -> dict[str, str]:
    chosen = ("data", "host", "port", "public_url")
    told = {f"AFTERCARE_{name.upper()}": str(getattr(settings, name)) for name in chosen}
    return told | ({"PROMETHEUS_MULTIPROC_DIR": counted} if settings.metrics else {})


def _told_at(host: str, port: int) -> MessagesCounted:
    """Answers a monitoring system from a thread of its own, until this process ends."""
    from prometheus_client import CollectorRegistry, start_http_server

    from app.reminders.counted import MessagesCounted

    told = CollectorRegistry()
    messages = MessagesCounted(told)  # before anybody can ask
    try:
        start_http_server(port, host, told)
    except OSError as error:
        fix = "Choose another port with --metrics-port, another address with --metrics-host."
        raise Misconfigured(f"Metrics cannot be told at {host}:{port}: {error.strerror}. {fix}") from None
    return messages


async def _work(settings: Settings, messages: MessagesCounted | None) -> None:
    with _loading_for_good():
        import structlog

        from app.database import Database
        from app.letters.daily_worker import DigestWorker
        from app.reminders.prune import keep_pruning
        from app.reminders.worker import ReminderWorker

    database = Database(settings.sqlalchemy_url)
    secrets = open_secrets(settings.data)
    reminding = ReminderWorker(database, settings, secrets, messages=messages)
    posting = asyncio.create_task(DigestWorker(database, settings, secrets).run())
    pruning = asyncio.create_task(keep_pruning(database, settings.deliveries_kept))
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, reminding.stop)
    log = structlog.get_logger()
    log.info("worker.started", database=settings.database_kind, at=settings.public_url)
    try:
        await _tell_unless_there(database, log)
        await reminding.run()
    finally:
        posting.cancel()
        pruning.cancel()
        await asyncio.to_thread(database.close)
        log.info("worker.stopped")


async def _tell_unless_there(database: Database, log: FilteringBoundLogger) -> None:
    """A worker waits for its database, and its attempts tell no more than that they failed."""
    try:
        await database.read(lambda db: db.connection())
    except Exception as error:
        log.error(to_mend(error) or "worker.database_failed", error=error.__cause__ or error)
