"""What a form sent, before it is believed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData

from app.errors import Malformed
from app.language import _


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


def texts_in(form: FormData, field: str) -> list[str]:
    return [value for value in form.getlist(field) if isinstance(value, str)]
