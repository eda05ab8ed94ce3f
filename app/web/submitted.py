"""What a form sent, before it is believed."""

from __future__ import annotations

import re
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, Request
from starlette.datastructures import FormData

from app.errors import Malformed
from app.language import _

_NUMBER = re.compile(r"\d{1,4}([.,\u066b]\d)?")


async def _submitted(request: Request) -> FormData:
    """Our forms carry short texts only; anything else was not sent by one of our pages."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise Malformed(_("Send this form from its page."))
    return await request.form(max_files=0, max_fields=1000)


Submitted = Annotated[FormData, Depends(_submitted)]


def text_in(form: FormData, field: str) -> str:
    """The field's text without the spaces around it; empty when it was not sent.

    Browsers send two characters for the end of a line, and count it as one of those they let people write.
    """
    value = form.get(field, "")
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def id_in(form: FormData, field: str) -> UUID:
    """The id that the page gave to what it asks for, so that a form sent twice is once."""
    try:
        return UUID(text_in(form, field))
    except ValueError:
        return uuid4()


def number(text: str) -> int | float | str | None:
    """What somebody typed, in the digits of any script and with a point or a comma; nothing is None.

    Anything else stays text, and is refused where it is read.
    """
    if not _NUMBER.fullmatch(text):
        return text or None
    return int(text) if text.isdecimal() else float(text.replace(",", ".").replace("\u066b", "."))


def texts_in(form: FormData, field: str) -> list[str]:
    return [value for value in form.getlist(field) if isinstance(value, str)]
