"""The commands about people who sign in. They hand out links, and never see a password."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

from app.cli.chosen import DataFolder, in_database, settings_with_folder
from app.errors import Misconfigured, NotFound
from app.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

commands = typer.Typer(help="People who sign in.", no_args_is_help=True)


@commands.command("create")
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
    settings = settings_with_folder(data=data)
    _hand_over(settings, asyncio.run(in_database(settings, make_account_for, person, utc_now())))


@commands.command("reset-password")
def reset_password(email: str, data: DataFolder = None) -> None:
    """Print a link with which the owner of this account chooses a new password."""
    from app.clock import utc_now

    settings = settings_with_folder(data=data)
    _hand_over(settings, asyncio.run(in_database(settings, _new_link_for, email, utc_now())))


@commands.command("forget-second-factor")
def forget_second_factor(email: str, data: DataFolder = None) -> None:
    """Remove the passkeys and codes of somebody who lost them. Make sure first that it is them who asks."""
    asyncio.run(in_database(settings_with_folder(data=data), _forget_second_factor_of, email))
    typer.echo(
        "Passkeys and codes are removed. The password alone opens the account until there are new ones."
    )


def _new_link_for(db: Session, email: str, now: datetime) -> str:
    from app.access.password_links import make_password_link
    from app.models.password_link import PasswordLink

    return make_password_link(db, _owner_of(db, email), PasswordLink.BY_OPERATOR_LASTS, now)


def _forget_second_factor_of(db: Session, email: str) -> None:
    from app.access.proofs import forget_second_factors

    forget_second_factors(db, _owner_of(db, email))


def _owner_of(db: Session, email: str) -> UUID:
    from app.access.password_links import account_with

    account_id = account_with(db, email)
    if account_id is None:
        raise NotFound("There is no account with this e-mail address.")
    return account_id


def _hand_over(settings: Settings, token: str) -> None:
    typer.echo("Hand this link to its owner. It works once, until this time tomorrow.")
    typer.echo(settings.password_url(token))
