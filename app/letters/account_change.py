"""Letters about an account: plain text with nothing personal, sent after the answer that nobody waits for."""

from __future__ import annotations

import asyncio
from datetime import datetime
from email.message import EmailMessage
from enum import StrEnum

import structlog

from app.language import _, language_of, marked, speaking
from app.post import Posted, letter_to, post
from app.settings import Settings

log = structlog.get_logger()


class Changed(StrEnum):
    """What about signing in is no longer as it was. Each is the sentence that tells of it."""

    PASSWORD = marked("The password of your Aftercare account was changed.")
    EMAIL = marked("Your Aftercare account has another e-mail address now. Letters go there from now on.")
    WAYS = marked("Passkeys or codes of your Aftercare account were added or removed.")


async def tell_of_change(
    changed: Changed, address: str, locale: str, settings: Settings, now: datetime
) -> None:
    """So that somebody who changed nothing notices that another did."""
    with speaking(language_of(locale)):
        paragraphs = [
            _(changed.value),
            _("If it was not you, choose a new password at once, and ask whoever runs the server for help:"),
            f"{settings.public_url.rstrip('/')}/password",
        ]
        message = letter_to(address, _("Aftercare: how you sign in"), paragraphs, settings, now)
    await send(message, settings)


async def send(message: EmailMessage, settings: Settings) -> None:
    """What did not go out is for the operator to know."""
    posted = await asyncio.to_thread(post, message, settings)
    if posted is not Posted.ACCEPTED:
        log.error("account_letter.not_sent", why=posted.value)
