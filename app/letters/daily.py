"""The daily letter itself: a number and two links. No name, no measure, nothing a mailbox should not hold."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from email.message import EmailMessage

from app.language import _, language_of, ngettext, speaking
from app.letters.daily_due import Letter
from app.post import letter_to
from app.settings import Settings


def written(letter: Letter, settings: Settings, key: bytes, now: datetime) -> EmailMessage:
    """The message, in the therapist's language. It is named for the day."""
    with speaking(language_of(letter.locale)):
        subject, paragraphs = _("Aftercare: your day"), _paragraphs(letter.news, settings)
    return letter_to(letter.address, subject, paragraphs, settings, now, _name(letter, key))


def _paragraphs(news: int, settings: Settings) -> list[str]:
    site = settings.public_url.rstrip("/")
    return [
        ngettext(
            "%(num)s of your patients has something new.",
            "%(num)s of your patients have something new.",
            news,
        ),
        f"{site}/patients",
        _("This letter comes once a day. Nobody watches diaries live, and nothing urgent is sent this way."),
        _("You can change or stop it on your profile:"),
        f"{site}/profile",
    ]


def _name(letter: Letter, key: bytes) -> str:
    about = f"digest:{letter.therapist_id}:{letter.day.isoformat()}"
    return hmac.digest(key, about.encode(), hashlib.sha256).hex()[:32]
