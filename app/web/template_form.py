"""The form an aftercare template is written in: the template it makes, or what is wrong with which line."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from starlette.datastructures import FormData

from app.errors import FieldError, Invalid
from app.language import _
from app.models.aftercare import MOST_STEPS, AftercareTemplateIn, StepKind
from app.reminders.step_words import step_in_words
from app.web.filled_form import checked
from app.web.session_forms import whole
from app.web.submitted import text_in

Wanted = TypeVar("Wanted", bound=AftercareTemplateIn)

LINES = 5
"""Lines for things to do, unless the template has more."""
MOST_LETTERS = 200
QUESTIONS = (StepKind.FEEDBACK, StepKind.COMPARE, StepKind.BEFORE_NEXT)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:00)?", re.ASCII)


def template_in(form: FormData, shape: type[Wanted], **more: object) -> Wanted:
    """The template in its editor; lines without words are left out. Raises Invalid, naming each field."""
    lines, wrong = _lines_in(form)
    asked = [{"kind": kind.value} for kind in QUESTIONS if text_in(form, f"ask-{kind.value}")]
    name, steps = text_in(form, "name").strip(), [*lines, *asked]
    if not name:
        wrong.insert(0, FieldError("name", "missing", _("Give the template a name.")))
    if not wrong and not 1 <= len(steps) <= MOST_STEPS:
        message = _("Write a line or tick a question, and keep it to %(num)s in all.", num=MOST_STEPS)
        wrong.append(FieldError("text-0", "steps", message))
    if wrong:
        raise Invalid(*wrong)
    return checked(shape, {"name": name, "steps": steps, **more})


def _lines_in(form: FormData) -> tuple[list[dict[str, Any]], list[FieldError]]:
    lines: list[dict[str, Any]] = []
    wrong: list[FieldError] = []
    for number in numbers_in(form):
        text = " ".join(text_in(form, f"text-{number}").split())
        try:
            lines += [_said(form, number, text) | _when(form, number)] if text else []
        except Invalid as invalid:
            wrong += invalid.errors
    return lines, wrong


def numbers_in(form: FormData) -> list[int]:
    """The lines there are."""
    return [number for number in range(MOST_STEPS) if number < LINES or f"text-{number}" in form]


def _said(form: FormData, number: int, text: str) -> dict[str, Any]:
    if len(text) > MOST_LETTERS:
        said = _("Line %(line)s is too long. Keep it to %(num)s letters.", line=number + 1, num=MOST_LETTERS)
        raise Invalid(FieldError(f"text-{number}", "too_long", said))
    kind = text_in(form, f"kind-{number}") or StepKind.CUSTOM.value
    usual = kind in set(StepKind) and text == step_in_words(kind, None)
    return {"kind": kind} | ({} if usual else {"text": text})


def _when(form: FormData, number: int) -> dict[str, Any]:
    """So many hours after the session, or so many days after it at a time; raises Invalid otherwise."""
    hours, days, at = (text_in(form, f"{name}-{number}").strip() for name in ("hours", "days", "at"))
    line = number + 1
    if hours and not days and not at:
        wrong = FieldError(f"hours-{number}", "range", _("Line %(line)s: choose 1 to 72 hours.", line=line))
        return {"after_hours": _within(1, 72, hours, wrong)}
    if hours or not days or not at:
        message = _("Line %(line)s: give either hours, or days and a time.", line=line)
        raise Invalid(FieldError(f"hours-{number}", "step_time", message))
    wrong = FieldError(f"days-{number}", "range", _("Line %(line)s: choose 0 to 14 days.", line=line))
    if _TIME.fullmatch(at) is None:
        message = _("Line %(line)s: choose a time such as 18:00.", line=line)
        raise Invalid(FieldError(f"at-{number}", "time", message))
    return {"days_after": _within(0, 14, days, wrong), "at": at[:5]}


def _within(least: int, most: int, text: str, otherwise: FieldError) -> int:
    number = whole(text)
    if number is None or not least <= number <= most:
        raise Invalid(otherwise)
    return number
