"""A form as it is shown: what is in its fields, and what was wrong the last time it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from app.errors import AftercareError, Busy, Invalid, TooMany
from app.language import _, marked
from app.models.field_types import InputShape, field_errors

Shape = TypeVar("Shape", bound=InputShape)


@dataclass(frozen=True, slots=True)
class FilledForm:
    """`values` fill the fields; `errors` are messages by field, "" being the form as a whole.

    `retry_after` is how many seconds to wait before it is sent again, where that is known.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    retry_after: int | None = None

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


def checked(shape: type[Shape], values: Mapping[str, Any]) -> Shape:
    """The input shape that the values make; raises Invalid."""
    try:
        return shape.model_validate(values)
    except ValidationError as error:
        raise Invalid(*field_errors(error.errors())) from None


def refused(values: Mapping[str, Any], error: AftercareError, about: str = "") -> FilledForm:
    """The form with what was typed, except the password, and messages in the order of `values`.

    `about` is the field that an error without fields belongs to.
    """
    kept = {name: value for name, value in values.items() if name != "password"}
    messages = _messages(error) if isinstance(error, Invalid) else {about: error.message}
    on_the_page = {name: messages[name] for name in values if name in messages}
    wait = error.retry_after if isinstance(error, TooMany | Busy) else None
    return FilledForm(kept, {**on_the_page, **messages}, error.status, wait)


def _messages(error: Invalid) -> dict[str, str]:
    # Of several things wrong with one field the first is enough.
    return {wrong.field.partition(".")[0]: _in_words(wrong.field, wrong.code, wrong.message)
            for wrong in reversed(error.errors)}  # fmt: skip


def _in_words(name: str, code: str, message: str) -> str:
    ours = _WORDS.get((name, code)) or _WORDS.get((name, "")) or _WORDS.get(("", code))
    return _(ours) if ours else message


_WORDS = {
    ("name", "no_name"): marked("Write your name."),
    ("name", "string_too_short"): marked("Write a name."),
    ("password", "string_too_short"): marked("Choose a password of 10 or more characters."),
    ("password", "string_too_long"): marked("Choose a password of at most 256 characters."),
    ("role", ""): marked("Choose whether you are a patient or a therapist."),
    ("zone", ""): marked("Choose your time zone."),
    ("locale", ""): marked("Choose a language from the list."),
    ("scopes", ""): marked("Choose at least one."),
    ("expires_on", "day"): marked("Choose a day from the calendar, or leave it empty."),
    ("day_starts_at", ""): marked("Choose a time such as 03:00."),
    ("digest_at", ""): marked("Choose a time such as 07:30, or leave it empty."),
    ("certifications", "too_long"): marked("Write at most 20 lines."),
    ("", "string_too_long"): marked("This is too long. Make it shorter."),
    ("", "missing"): marked("This is needed."),
}
