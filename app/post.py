"""Handing a letter to the operator's mail server."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from enum import Enum
from urllib.parse import urlsplit

from app.settings import Settings

TIMEOUT_SECONDS = 20


class Posted(Enum):
    """REFUSED_FOR_NOW: it surely did not go out, and may later. LOST: nobody knows, or never will."""

    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    LOST = "lost"


def takes_letters(address: str) -> bool:
    """Whether a letter with this address goes just there, and not to another address that is read in it."""
    header = EmailMessage()
    try:
        header["To"] = address
        return [one.addr_spec for one in header["To"].addresses] == [address]
    except Exception:
        # At some the standard library's parser stumbles, each time in another way.
        return False


def letter_to(
    address: str,
    subject: str,
    paragraphs: Sequence[str],
    settings: Settings,
    now: datetime,
    name: str | None = None,
) -> EmailMessage:
    """Plain text from the operator's sender. A letter with a `name` of its own has the same id whenever it is
    written, so that a mailbox that got it twice can tell. To an address that takes none it is to nobody."""
    host = urlsplit(settings.public_url).hostname
    message = EmailMessage()
    message["From"] = settings.mail_sender
    if takes_letters(address):
        message["To"] = address
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{name}@{host}>" if name else make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    message["Subject"] = subject
    message.set_content("\n\n".join(paragraphs) + "\n")
    return message


def post(message: EmailMessage, settings: Settings) -> Posted:
    """Blocks for as long as the mail server takes. A letter to nobody is lost."""
    if "To" not in message:
        return Posted.LOST
    try:
        server = _connected(settings)
    except (OSError, smtplib.SMTPException):
        return Posted.REFUSED_FOR_NOW
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        return _verdict([code for code, _said in error.recipients.values()])
    except smtplib.SMTPResponseException as error:
        return _verdict([error.smtp_code])
    except (OSError, smtplib.SMTPException):
        return Posted.LOST
    else:
        return Posted.ACCEPTED
    finally:
        # What it says to a goodbye changes nothing.
        with suppress(OSError, smtplib.SMTPException):
            server.quit()


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port, tls = settings.smtp_host, settings.smtp_port, ssl.create_default_context()
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=tls)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password)
    except (OSError, smtplib.SMTPException):
        server.close()
        raise
    return server


def _verdict(codes: list[int]) -> Posted:
    """A code from 400 to 499 asks to try again."""
    return Posted.REFUSED_FOR_NOW if all(400 <= code < 500 for code in codes) else Posted.LOST
