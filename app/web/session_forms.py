"""What forms about treatment sessions say, as input shapes. Times are by the clock of who fills them in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from starlette.datastructures import FormData

from app.clock import local_time
from app.errors import FieldError, Invalid
from app.language import _
from app.models.body import BodyRegion, Side
from app.models.treatment_session import BookSession, SessionChange, TreatmentSession
from app.reminders.schedule import instant_of
from app.web.filled_form import checked
from app.web.submitted import number, text_in, texts_in

USUAL_MINUTES = 50


def booking_in(form: FormData, zone: str) -> BookSession:
    return checked(BookSession, {"starts_at": instant_in(form, zone), "minutes": minutes_in(form)})


def minutes_in(form: FormData) -> int:
    """The length of a session, the usual one when none was said; raises Invalid."""
    minutes = number(text_in(form, "minutes"))
    if minutes is None:
        return USUAL_MINUTES
    least, most = TreatmentSession.SHORTEST, TreatmentSession.LONGEST
    if not isinstance(minutes, int) or not least <= minutes <= most:
        message = _("Write the minutes as a whole number from %(least)s to %(most)s.", least=least, most=most)
        raise Invalid(FieldError("minutes", "minutes", message))
    return minutes


def move_in(form: FormData, zone: str) -> SessionChange:
    return checked(SessionChange, {"starts_at": instant_in(form, zone)})


def correction_in(form: FormData, zone: str) -> SessionChange:
    return checked(SessionChange, {"held_at": instant_in(form, zone)})


def instant_in(form: FormData, zone: str) -> datetime:
    """The day and the time in the form, by the clocks of `zone`; raises Invalid."""
    wrong = Invalid(FieldError("day", "day", _("Choose a day and a time.")))
    try:
        day, at = date.fromisoformat(text_in(form, "day")), time.fromisoformat(text_in(form, "time"))
    except ValueError:
        raise wrong from None
    if not 2000 <= day.year <= 2100 or at.tzinfo is not None:
        raise wrong
    instant = instant_of(day, at.replace(second=0, microsecond=0), zone)
    if instant is None:
        raise wrong
    return instant


def day_and_time(at: datetime, zone: str) -> tuple[str, str]:
    """What the fields for a day and a time hold."""
    local = local_time(at, zone)
    return local.date().isoformat(), f"{local:%H:%M}"


def regions_in(form: FormData) -> list[dict[str, str]]:
    """The chosen places, each "shoulder:left", in order and each once."""
    return [_region(value) for value in dict.fromkeys(texts_in(form, "place"))]


def places_to_show(form: FormData) -> list[dict[str, str]]:
    """The same for showing a form again: what no page offers has no words, and is left out."""
    return [one for one in regions_in(form) if _is_offered(**one)]


def _is_offered(region: str, side: str = "") -> bool:
    return region in list(BodyRegion) and side in ("", *Side)


def value_of(region: Any) -> str:
    return f"{region['region']}:{region['side']}" if region.get("side") else str(region["region"])


def each_once(regions: Iterable[Any]) -> list[Any]:
    return list({value_of(one): one for one in regions}.values())


def whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def _region(value: str) -> dict[str, str]:
    region, _colon, side = value.partition(":")
    return {"region": region, "side": side} if side else {"region": region}
