"""A reminder as a letter, for somebody whose phone takes no push messages. It says what a locked screen would
say without detail, and where to go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage

from app.language import _, language_of, speaking
from app.post import TIMEOUT_SECONDS, Posted, letter_to, post
from app.reminders.dispatch import Parcel
from app.reminders.mailbox import MAILTO, Asked
from app.reminders.message import NEUTRAL, page_of, topic_of
from app.reminders.verdict import RESTING, Outcome, Verdict, back_off
from app.settings import Secrets, Settings

LETTERS_AT_ONCE = 4
"""A mail server is asked by so many at a time; the others wait, or are given back."""
SECONDS_TO_POST = timedelta(seconds=2 * TIMEOUT_SECONDS)
SOON = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter ready to be posted before `leased_until`."""

    message: EmailMessage
    attempt: int
    leased_until: datetime


class Postman:
    """Hands letters to the operator's mail server, a few at a time."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._settings, self._secrets = settings, secrets
        self._turn = asyncio.Semaphore(LETTERS_AT_ONCE)
        self.is_closing = False

    def write(self, parcel: Parcel, now: datetime) -> Letter | Outcome:
        if not self._settings.sends_mail:
            return Outcome(Verdict.FAILED, "no_mail_server")
        return Letter(
            written(parcel, self._settings, self._secrets.key, now), parcel.attempt, parcel.leased_until
        )

    async def deliver(self, letter: Letter, clock: Callable[[], datetime]) -> Outcome:
        """A letter whose turn comes too late for its lease, or when we stop, is given back unposted."""
        async with self._turn:
            if self.is_closing or clock() + SECONDS_TO_POST > letter.leased_until:
                return Outcome(Verdict.RETRY, RESTING, wait=SOON)
            posted = await asyncio.to_thread(post, letter.message, self._settings)
        return _outcome(posted, letter.attempt)


def written(parcel: Parcel, settings: Settings, key: bytes, now: datetime) -> EmailMessage:
    """It is named for the delivery."""
    site, message = settings.public_url.rstrip("/"), replace(parcel.message, detail=False)
    with speaking(language_of(message.locale)):
        subject = _(NEUTRAL[0])
        paragraphs = [
            _("Your check-in is ready. Open it here:"),
            page_of(message, site, key),
            _("This letter says no more on purpose. You can stop such letters on your Reminders page:"),
            f"{site}/reminders#by-mail",
        ]
    address = parcel.endpoint.removeprefix(MAILTO)
    return letter_to(address, subject, paragraphs, settings, now, topic_of(parcel.delivery_id, key))


def link_to_confirm(asked: Asked, settings: Settings, now: datetime) -> EmailMessage:
    """The one letter that goes to a mailbox nobody confirmed yet."""
    with speaking(language_of(asked.locale)):
        subject = _("Aftercare: reminders by e-mail")
        paragraphs = [
            _("Somebody, probably you, wants reminders of Aftercare at this address. Open this to begin:"),
            settings.mailbox_url(asked.token),
            _("The link counts for two days. If it was not you, do nothing: no other letter will come."),
        ]
    return letter_to(asked.address, subject, paragraphs, settings, now)


def _outcome(posted: Posted, attempt: int) -> Outcome:
    match posted:
        case Posted.ACCEPTED:
            return Outcome(Verdict.ACCEPTED)
        case Posted.REFUSED_FOR_NOW:
            return Outcome(Verdict.RETRY, "unavailable", wait=back_off(attempt))
        case Posted.LOST:
            return Outcome(Verdict.FAILED, "unclear")
