"""The letter with a link for whoever forgot their password.

Whether there is such an account is told to its mailbox only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.password_links import links_since, make_password_link
from app.database import Database
from app.language import _, language_of, speaking
from app.letters.account_change import send
from app.models.account import Account
from app.models.password_link import PasswordLink
from app.post import letter_to
from app.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WayBack:
    """To whom a link goes, in which language, and its token."""

    address: str
    locale: str
    token: str


async def send_way_back(database: Database, settings: Settings, email: str, now: datetime) -> None:
    """Send a link to the owner of this address; nothing when there is none. Nobody waits for it."""
    try:
        if way_back := await database.write(make_way_back, email, now):
            await send(written(way_back, settings, now), settings)
    except Exception as error:
        log.error("way_back.failed", error=error)


def make_way_back(db: Session, email: str, now: datetime) -> WayBack | None:
    """A new link, or None without such an account or when its owner was sent enough lately."""
    account = db.scalar(select(Account).where(col(Account.email) == email.lower()))
    if account is None:
        return None
    if links_since(db, account.id, now - PasswordLink.BY_EMAIL_LASTS) >= PasswordLink.BY_EMAIL_AT_MOST:
        return None
    token = make_password_link(db, account.id, PasswordLink.BY_EMAIL_LASTS, now)
    return WayBack(account.email, account.locale, token)


def written(way_back: WayBack, settings: Settings, now: datetime) -> EmailMessage:
    with speaking(language_of(way_back.locale)):
        paragraphs = [
            _("Somebody, probably you, asked for a new password for Aftercare. Choose it here:"),
            settings.password_url(way_back.token),
            _(
                "The link can be used once, within 30 minutes."
                " Wherever you are signed in, you will have to sign in again."
            ),
            _("If it was not you, do nothing: your password stays as it is."),
        ]
        subject = _("Aftercare: choose a new password")
        return letter_to(way_back.address, subject, paragraphs, settings, now)
