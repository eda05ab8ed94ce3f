"""The letter itself: a number and two links. No name, no measure, nothing a mailbox should not hold."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from app.digest.due import Letter
from app.language import _, language_of, ngettext, speaking


def written(letter: Letter, *, sender: str, public_url: str, key: bytes, now: datetime) -> EmailMessage:
    """The message, in the therapist's language. Its id follows from the day, so that a mailbox that got it
    twice can tell."""
    message = EmailMessage()
    message["From"], message["To"] = sender, letter.address
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{_name(letter, key)}@{urlsplit(public_url).hostname}>"
    message["Auto-Submitted"] = "auto-generated"
    with speaking(language_of(letter.locale)):
        message["Subject"] = _("Aftercare: your day")
        message.set_content(_text(letter.news, public_url.rstrip("/")))
    return message


def _text(news: int, site: str) -> str:
    paragraphs = [
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
    return "\n\n".join(paragraphs) + "\n"


def _name(letter: Letter, key: bytes) -> str:
    about = f"digest:{letter.therapist_id}:{letter.day.isoformat()}"
    return hmac.digest(key, about.encode(), hashlib.sha256).hex()[:32]
