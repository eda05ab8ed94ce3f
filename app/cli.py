"""The command line: a third door.

Each command imports what it needs when it is asked for: a health check every half minute or a worker must
not wait for every page of the server to load.
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, Literal, ParamSpec, TypeVar

import typer

from app.errors import AftercareError, Misconfigured, NotFound
from app.settings import Environment, Settings, open_secrets, read_settings

if TYPE_CHECKING:
    from fastapi import FastAPI
    from sqlalchemy.orm import Session

    from app.doctor.check import Check
    from app.reminders.counted import MessagesCounted

P = ParamSpec("P")
T = TypeVar("T")

commands = typer.Typer(
    help="Aftercare: the diary and reminder service between two treatment sessions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

people = typer.Typer(help="People who sign in.", no_args_is_help=True)
commands.add_typer(people, name="user")

Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Port = Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)]
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of the database and the secrets.")]

SECONDS_TO_FINISH = 10
SECONDS_TO_ANSWER = 5


def command_line() -> None:
    """Run the command; what the operator has to mend is one line, not a traceback.

    Whatever file or folder it makes is for its owner alone.
    """
    os.umask(0o077)
    try:
        commands()
    except AftercareError as error:
        typer.echo(f"aftercare: {error.message}", err=True)
        raise SystemExit(1) from None


@commands.command()
def demo(host: Host = None, port: Port = None, data: DataFolder = None) -> None:
    """Serve the product with demo people, seeded on an empty database only."""
    from app.clock import utc_now
    from app.demo.seed import demo_people, seed_demo

    settings = _settings(environment=Environment.DEMO, host=host, port=port, data=data)
    asyncio.run(_in_database(settings, seed_demo, utc_now()))
    typer.echo(f"\nAftercare is at {settings.public_url}\n\nSign in as:")
    for person in demo_people():
        typer.echo(f"  {person.email:<26} {person.password:<16} {person.about}")
    typer.echo("\nStop with Ctrl+C.\n")
    _serve(settings)


@commands.command()
def serve(
    host: Host = None,
    port: Port = None,
    data: DataFolder = None,
    workers: Annotated[int, typer.Option(help="Serving processes; several need PostgreSQL.", min=1)] = 1,
) -> None:
    """Serve the product and send reminders."""
    from app.logs import set_up_logs
    from app.migrate import migrate as migrate_database

    settings = _settings(host=host, port=port, data=data)
    set_up_logs(settings)
    if workers > 1 and settings.sqlalchemy_url.startswith("sqlite"):
        raise Misconfigured(
            "SQLite takes one serving process. Set AFTERCARE_DATABASE_URL to a PostgreSQL database, "
            "or leave --workers out."
        )
    with _logged(settings):
        migrate_database(settings.sqlalchemy_url)
        _serve(settings, workers)


@commands.command()
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

    settings = _settings(data=data)
    set_up_logs(settings)
    messages = _told_at(metrics_host, metrics_port) if metrics_port else None
    # The loop a server runs on too: with it a message costs a fifth less.
    with _logged(settings), asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(_work(settings, messages))


@commands.command()
def migrate(data: DataFolder = None) -> None:
    """Bring the tables of the database up to date."""
    from app.migrate import migrate as migrate_database

    settings = _settings(data=data)
    migrate_database(settings.sqlalchemy_url)
    typer.echo("The database is up to date.")


@commands.command()
def backup(file: Path, data: DataFolder = None) -> None:
    """Seal everything into FILE, whether the service runs or not. Keep a copy of the key elsewhere."""
    from app.backup.key import key_file
    from app.backup.make import make_backup
    from app.clock import utc_now

    settings = _settings(data=data)
    made = make_backup(settings, open_secrets(settings.data), file, utc_now())
    typer.echo(f"{sum(made.values())} rows of {made['account']} people are in {file}.")
    if not settings.backup_key.get_secret_value():
        typer.echo(f"It opens with the key in {key_file(settings)}: keep a copy of that in another place.")


@commands.command()
def restore(
    file: Path,
    data: DataFolder = None,
    key: Annotated[Path | None, typer.Option(help="File with the key that sealed it.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="In the place of the people already here.")
    ] = False,
) -> None:
    """Put FILE back into an empty database, SQLite or PostgreSQL, whole or not at all."""
    from app.backup.key import backup_key
    from app.backup.restore import restore_backup

    settings = _settings(data=data)
    opens_with = key.read_bytes() if key else backup_key(settings)
    put_back = restore_backup(settings, file, opens_with, replace=replace)
    rows = put_back.rows
    typer.echo(f"{sum(rows.values())} rows of {rows['account']} people are back as of {put_back.made_at}.")
    if put_back.erased_again:
        typer.echo(f"{put_back.erased_again} of them had their account erased since, and are erased again.")
    for name, value in put_back.settings.items():
        typer.echo(f"It ran with AFTERCARE_{name.upper()}={value}")


@people.command("create")
def create_user(
    email: str,
    name: Annotated[str, typer.Option(help="How other people see them.")],
    role: Annotated[Literal["patient", "therapist"], typer.Option()] = "therapist",
    zone: Annotated[str, typer.Option(help="Their IANA time zone.")] = "UTC",
    data: DataFolder = None,
) -> None:
    """Make an account, and print the link with which its owner chooses the password."""
    from pydantic import ValidationError

    from app.access.tokens import new_token
    from app.clock import utc_now
    from app.front_desk import make_account_for
    from app.models.account import Role, SignUp
    from app.models.field_types import field_errors

    try:
        person = SignUp(email=email, password=new_token(), name=name, role=Role(role), zone=zone)
    except ValidationError as error:
        wrong = " ".join(f"{one.field}: {one.message}" for one in field_errors(error.errors()))
        raise Misconfigured(wrong) from None
    settings = _settings(data=data)
    _hand_over(settings, asyncio.run(_in_database(settings, make_account_for, person, utc_now())))


@people.command("reset-password")
def reset_password(email: str, data: DataFolder = None) -> None:
    """Print a link with which the owner of this account chooses a new password."""
    from app.clock import utc_now

    settings = _settings(data=data)
    _hand_over(settings, asyncio.run(_in_database(settings, _new_link_for, email, utc_now())))


@people.command("forget-second-factor")
def forget_second_factor(email: str, data: DataFolder = None) -> None:
    """Remove the passkeys and codes of somebody who lost them. Make sure first that it is them who asks."""
    asyncio.run(_in_database(_settings(data=data), _forget_second_factor_of, email))
    typer.echo(
        "Passkeys and codes are removed. The password alone opens the account until there are new ones."
    )


@commands.command()
def doctor(data: DataFolder = None) -> None:
    """Say what is in order, what is worth a look and what must be mended; exit status 1 for the last."""
    from app.doctor.examine import needs_mending

    checks = asyncio.run(_examine(_chosen(data=data)))
    for check in checks:
        typer.echo(check)
    if needs_mending(checks):
        raise typer.Exit(1)


@commands.command()
def vapid(data: DataFolder = None) -> None:
    """Print the push key that browsers subscribe with, and the contact push services are told."""
    from app.reminders.web_push import VapidKey

    settings = _settings(data=data)
    key = VapidKey(open_secrets(settings.data).vapid_private_pem, settings.vapid_contact)
    typer.echo(f"public key  {key.public_key_text}\nsubject     {settings.vapid_contact}")


@commands.command()
def analyse() -> None:
    """Answer diaries from standard input, one JSON object a line, with what they can honestly say."""
    from app.insights.analyse import answer_standard_input

    raise typer.Exit(answer_standard_input())


@commands.command()
def openapi() -> None:
    """Print the OpenAPI document of this version, as JSON."""
    import json

    from app.main import create_app

    with tempfile.TemporaryDirectory() as folder:
        document = create_app(Settings(data=Path(folder))).openapi()
    typer.echo(json.dumps(document, indent=1, ensure_ascii=False))


@commands.command()
def healthcheck(host: Host = None, port: Port = None) -> None:
    """Ask the running server whether it is up; exit status 0 when it is, 1 otherwise."""
    settings = _chosen(host=host, port=port)
    ailment = _ailment(_reachable(settings.host), settings.port)
    if ailment is not None:
        typer.echo(f"Nothing healthy answers on port {settings.port}: {ailment}.", err=True)
        raise typer.Exit(1)


def _new_link_for(db: Session, email: str, now: datetime) -> str:
    from app.access.password_links import account_with, make_password_link
    from app.models.password_link import PasswordLink

    account_id = account_with(db, email)
    if account_id is None:
        raise NotFound("There is no account with this e-mail address.")
    return make_password_link(db, account_id, PasswordLink.BY_OPERATOR_LASTS, now)


def _forget_second_factor_of(db: Session, email: str) -> None:
    from app.access.password_links import account_with
    from app.access.proofs import forget_second_factors

    account_id = account_with(db, email)
    if account_id is None:
        raise NotFound("There is no account with this e-mail address.")
    forget_second_factors(db, account_id)


def _hand_over(settings: Settings, token: str) -> None:
    typer.echo("Hand this link to its owner. It works once, until this time tomorrow.")
    typer.echo(settings.password_url(token))


def _settings(**chosen: Any) -> Settings:
    """As `_chosen`, with the data folder made."""
    settings = _chosen(**chosen)
    settings.data.mkdir(parents=True, exist_ok=True)
    return settings


def _chosen(**chosen: Any) -> Settings:
    """The settings of the environment with what the command line chose; the port names the address."""
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = read_settings(**given)
    if settings.is_production or "public_url" in settings.model_fields_set:
        address = settings.public_url
    else:
        address = f"http://localhost:{settings.port}"
    return read_settings(**given, public_url=address)


@contextmanager
def _logged(settings: Settings) -> Iterator[None]:
    """In production a traceback would be the one thing in the log that is no JSON."""
    import structlog

    try:
        yield
    except Exception as error:
        if isinstance(error, AftercareError) or not settings.is_production:
            raise
        structlog.get_logger().critical("ended_by_error", error=error)
        raise SystemExit(1) from None


def _serve(settings: Settings, workers: int = 1) -> None:
    """Several processes are started anew, so they read from the environment what was chosen here."""
    from app.main import create_app

    require_named_proxy(os.environ.get("FORWARDED_ALLOW_IPS", ""))
    open_secrets(settings.data)
    if workers == 1:
        _listen(create_app(settings), settings)
        return
    # What each process counts is told to the others there; it goes when the last of them has ended.
    with tempfile.TemporaryDirectory(prefix="aftercare-counted-") as counted:
        os.environ |= _told_to_processes(settings, counted)
        _listen("app.main:create_app", settings, factory=True, workers=workers)


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


async def _in_database(
    settings: Settings, fn: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Bring the tables up to date, run `fn(db, …)` and commit."""
    from app.database import Database
    from app.migrate import migrate as migrate_database

    await asyncio.to_thread(migrate_database, settings.sqlalchemy_url)
    database = Database(settings.sqlalchemy_url)
    try:
        return await database.write(fn, *args, **kwargs)
    finally:
        await asyncio.to_thread(database.close)


def _told_at(host: str, port: int) -> MessagesCounted:
    """Answers a monitoring system from a thread of its own, until this process ends."""
    from prometheus_client import CollectorRegistry, start_http_server

    from app.reminders.counted import MessagesCounted

    told = CollectorRegistry()
    try:
        start_http_server(port, host, told)
    except OSError as error:
        raise Misconfigured(f"Metrics cannot be told at {host}:{port}: {error.strerror}.") from None
    return MessagesCounted(told)


async def _work(settings: Settings, messages: MessagesCounted | None) -> None:
    import structlog

    from app.database import Database
    from app.digest.worker import DigestWorker
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
        await reminding.run()
    finally:
        posting.cancel()
        pruning.cancel()
        await asyncio.to_thread(database.close)
        log.info("worker.stopped")


async def _examine(settings: Settings) -> list[Check]:
    from app.clock import utc_now
    from app.database import Database
    from app.doctor.examine import examine

    database = Database(settings.sqlalchemy_url, settings.sqlalchemy_replica_url)
    try:
        return await examine(settings, database, utc_now())
    finally:
        await asyncio.to_thread(database.close)


def _reachable(host: str) -> str:
    """Where a server is asked that listens on `host`, which may mean every address there is."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked, not listened on


def _ailment(host: str, port: int) -> str | None:
    """What is wrong with the server there; None when it is well."""
    import http.client

    connection = http.client.HTTPConnection(host, port, timeout=SECONDS_TO_ANSWER)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except TimeoutError:
        return f"it said nothing for {SECONDS_TO_ANSWER} seconds"
    except ConnectionRefusedError:
        return "nobody listens there"
    except (OSError, http.client.HTTPException):
        return "the connection broke"
    else:
        return None if status == http.HTTPStatus.OK else f"it answered {status}"
    finally:
        connection.close()
