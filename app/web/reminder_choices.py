"""What the forms of the Reminders page ask for, and the advice when it cannot be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from starlette.datastructures import FormData

from app.clock import local_time
from app.errors import AftercareError, FieldError, Invalid, TooMany
from app.language import _, marked
from app.models.patient import PatientProfile
from app.models.reminder import ARRANGED, ReminderIn, ReminderKind
from app.reminders.schedule import instant_of
from app.web.filled_form import checked
from app.web.reminder_words import SUGGESTED_TIMES
from app.web.submitted import text_in, texts_in

PAUSES = {"tomorrow": timedelta(days=1), "week": timedelta(days=7)}
_ADVICE = {
    "times": marked("Choose one or more times, such as 20:00."),
    "days": marked("Choose at least one day."),
    "text": marked("Write at most 200 characters."),
    "quiet_from": marked("Choose when your quiet hours begin, such as 21:30."),
    "quiet_until": marked("Choose when your quiet hours end, such as 08:00."),
    "until": marked("Choose a day within the next year."),
    "kind": marked("Choose a reminder from the list."),
    "reminders_a_day": marked("Choose 1, 2 or 3."),
}


def wanted_in(form: FormData) -> ReminderIn:
    """A reminder of this kind at the times that are suggested for it."""
    kind = text_in(form, "kind")
    times = SUGGESTED_TIMES[ReminderKind(kind)] if kind in ARRANGED else ["12:00"]
    return checked(ReminderIn, {"kind": kind, "times": times, "text": text_in(form, "text") or None})


def change_in(form: FormData) -> dict[str, Any]:
    """Browsers may send seconds with a time; nobody chooses them."""
    times = [time.strip()[:5] for time in texts_in(form, "time") if time.strip()]
    change: dict[str, Any] = {"times": times, "days": texts_in(form, "day")}
    return change | {"text": text_in(form, "text")} if "text" in form else change


def limits_in(form: FormData) -> dict[str, Any]:
    """“Fewer reminders” is one a day less than what is chosen."""
    a_day = text_in(form, "reminders_a_day")
    if a_day in ("2", "3") and "fewer" in form:
        a_day = str(int(a_day) - 1)
    clocks = {name: text_in(form, name)[:5] for name in ("quiet_from", "quiet_until")}
    return clocks | ({"reminders_a_day": int(a_day)} if a_day in ("1", "2", "3") else {})


def until_in(form: FormData, patient: PatientProfile, now: datetime) -> datetime:
    """When that day of the patient begins; raises Invalid for what is no day to come."""
    today = local_time(now, patient.zone).date()
    length = PAUSES.get(text_in(form, "for"))
    day = today + length if length else _day_in(text_in(form, "until"))
    until = instant_of(day, patient.day_starts_at, patient.zone) if day and day > today else None
    if until is None:
        raise Invalid(FieldError("until", "day", _(_ADVICE["until"])))
    return until


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def advice(error: AftercareError) -> str:
    match error:
        case Invalid(errors=errors):
            return " ".join(dict.fromkeys(map(_advice_on, errors)))
        case TooMany():
            return _("%(trouble)s Try again in a minute.", trouble=error.message)
        case _:
            return error.message


def _advice_on(wrong: FieldError) -> str:
    advice = _ADVICE.get(wrong.field.partition(".")[0])
    return _(advice) if advice else wrong.message
