"""The command line: a third door.

Each command imports what it needs when it is asked for: a health check every half minute or a worker must
not wait for every page of the server to load.
"""

from __future__ import annotations

import os

import typer

from app.cli import keeping, people, serving, telling
from app.cli.mistakes import to_mend
from app.errors import WrongSetting

commands = typer.Typer(
    help="Aftercare: the diary and reminder service between two treatment sessions.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

for command in (
    serving.demo,
    serving.serve,
    serving.worker,
    keeping.migrate,
    keeping.backup,
    keeping.restore,
    telling.doctor,
    telling.vapid,
    telling.analyse,
    telling.openapi,
    telling.healthcheck,
):
    commands.command()(command)
commands.add_typer(people.commands, name="user")


def command_line() -> None:
    """Run the command; what the operator has to mend is one line, not a traceback.

    The exit status is 2 for a wrong setting, as it is for a wrong option, and 1 for everything else. Whatever
    file or folder it makes is for its owner alone.
    """
    os.umask(0o077)
    try:
        commands()
    except Exception as error:
        said = to_mend(error)
        if said is None:
            raise
        typer.echo(f"aftercare: {said}", err=True)
        raise SystemExit(2 if isinstance(error, WrongSetting) else 1) from None
