"""Commands that tell something and end: how this installation is, what others need to know of it."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.chosen import DataFolder, settings_chosen, settings_with_folder
from app.settings import Settings, open_secrets

if TYPE_CHECKING:
    from app.doctor.check import Check

SECONDS_TO_ANSWER = 5


def doctor(data: DataFolder = None) -> None:
    """Say what is in order, what is worth a look and what must be mended; exit status 1 for the last."""
    from app.doctor.examine import needs_mending

    checks = asyncio.run(_examine(settings_chosen(data=data)))
    for check in checks:
        typer.echo(check)
    if needs_mending(checks):
        raise typer.Exit(1)


def vapid(data: DataFolder = None) -> None:
    """Print the push key that browsers subscribe with, and the contact push services are told."""
    from app.reminders.web_push import VapidKey

    settings = settings_with_folder(data=data)
    key = VapidKey(open_secrets(settings.data).vapid_private_pem, settings.vapid_contact)
    typer.echo(f"public key  {key.public_key_text}\nsubject     {settings.vapid_contact}")


def analyse() -> None:
    """Answer diaries from standard input, one JSON object a line, with what they can honestly say."""
    from app.insights.analyse import answer_standard_input

    raise typer.Exit(answer_standard_input())


def openapi() -> None:
    """Print the OpenAPI document of this version, as JSON."""
    import json

    from app.main import create_app

    with tempfile.TemporaryDirectory() as folder:
        document = create_app(Settings(data=Path(folder))).openapi()
    typer.echo(json.dumps(document, indent=1, ensure_ascii=False))


def healthcheck(
    host: Annotated[str | None, typer.Option(help="Address the server was told to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port it was told to listen on.", min=1, max=65535)] = None,
) -> None:
    """Ask the server of this computer whether it is up (GET /healthz). Exit status 0: it is; 1: it is not.

    It is asked where the settings of this environment say that it listens, unless named here.
    """
    settings = settings_chosen(host=host, port=port)
    ailment = _ailment(_reachable(settings.host), settings.port)
    if ailment is not None:
        typer.echo(f"Nothing healthy answers on port {settings.port}: {ailment}.", err=True)
        raise typer.Exit(1)


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
    except socket.gaierror:
        return f"nobody knows the address {host}"
    except (OSError, http.client.HTTPException):
        return "the connection broke"
    else:
        return None if status == http.HTTPStatus.OK else f"it answered {status}"
    finally:
        connection.close()
