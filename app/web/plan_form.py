"""The form a plan is written in: what is in its fields, and the plan they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import FormData

from app.errors import FieldError, Invalid
from app.home_care.shown import ShownItem, ShownVersion
from app.home_care.words import target_in_words
from app.language import _, marked
from app.language.saying import listed
from app.models.home_care import PlanIn, PlanItemKind
from app.models.reminder import Weekday
from app.web.filled_form import checked
from app.web.reminder_words import days_in_words
from app.web.session_forms import whole
from app.web.submitted import number, text_in, texts_in

ITEMS_AT_MOST = 20
TIMES_SHOWN = 3
_ADVICE = {
    "title": marked("Give this a name."),
    "target": marked("Choose a target that a day can hold, the least not above the most."),
    "days": marked("Choose at least one day."),
    "reminder_times": marked("Choose times such as 08:30."),
    "link": marked("Use a link that begins with https://"),
    "items": marked("Name each item only once."),
}
_SAYS_IT_ALL = ("string_too_long", "nothing", "hidden_character")


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One item as it stands in the form, all of it text."""

    kind: PlanItemKind
    id: str = ""
    title: str = ""
    dose: str = ""
    why: str = ""
    least: str = ""
    most: str = ""
    days: tuple[str, ...] = tuple(day.value for day in Weekday)
    times: tuple[str, ...] = ()
    link: str = ""
    bad_day: str = ""

    @property
    def is_measured(self) -> bool:
        return self.kind.measure is not None

    @property
    def times_shown(self) -> list[str]:
        """The times, and fields for more of them."""
        return [*self.times, *[""] * max(1, TIMES_SHOWN - len(self.times))]

    def summary(self) -> str:
        """The target and the days, as far as they make sense already."""
        ends = [
            one if isinstance(one, int | float) else None for one in (number(self.least), number(self.most))
        ]
        target = target_in_words(self.kind, *ends)
        days = days_in_words([day for day in Weekday if day.value in self.days])
        return listed([*filter(None, [target, days]), *self.times])

    def as_input(self) -> dict[str, Any]:
        target = {"min": number(self.least), "max": number(self.most)}
        return {
            "id": self.id or None,
            "kind": self.kind.value,
            "title": self.title,
            "dose": self.dose,
            "why": self.why,
            "target": target if self.least or self.most else None,
            "days": list(self.days),
            "reminder_times": list(self.times),
            "link": self.link or None,
            "bad_day": self.bad_day or None,
        }


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """The whole form. `based_on` is the version it began from, 0 being none; `errors` are messages by field,
    such as "title-0"."""

    items: tuple[DraftItem, ...]
    note: str = ""
    flare: str = ""
    effective: str = "now"
    based_on: int | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    def error(self, name: str) -> str:
        return self.errors.get(name, "")

    def plan(self) -> PlanIn:
        """Raises Invalid."""
        items = [item.as_input() for item in self.items]
        said = {"effective": self.effective, "note": self.note, "flare": self.flare}
        return checked(PlanIn, {"items": items, "based_on": self.based_on, **said})

    def refused(self, error: Invalid) -> PlanDraft:
        return replace(self, errors={_field(wrong.field): _message(wrong) for wrong in error.errors})

    def with_item(self, kind: str) -> PlanDraft:
        if kind not in set(PlanItemKind) or len(self.items) >= ITEMS_AT_MOST:
            return self
        return replace(self, items=(*self.items, suggested(PlanItemKind(kind))))

    def without(self, number: str) -> PlanDraft:
        kept = tuple(item for place, item in enumerate(self.items) if str(place) != number)
        return replace(self, items=kept)


def suggested(kind: PlanItemKind) -> DraftItem:
    """A new item with what is usual, all of it to be changed."""
    match kind:
        case PlanItemKind.WATER:
            return DraftItem(kind, title=_("Water"), least="8")
        case PlanItemKind.STRETCH:
            morning = _("5 to 10 minutes each morning")
            return DraftItem(kind, title=_("Gentle stretching"), dose=morning, least="5", times=("08:30",))
        case PlanItemKind.HEAT:
            return DraftItem(kind, title=_("Heat for soreness"), dose=_("15 minutes"), most="20")
        case PlanItemKind.ICE:
            return DraftItem(kind, title=_("Ice for swelling"), dose=_("10 minutes"), most="20")
        case PlanItemKind.SLEEP:
            return DraftItem(kind, title=_("Sleep"), least="7", most="9")
        case PlanItemKind.EXERCISE | PlanItemKind.CUSTOM:
            return DraftItem(kind)


def draft_of(version: ShownVersion | None, starting: Sequence[DraftItem]) -> PlanDraft:
    """The newest version to change, or what to start from. Why it changes is said anew each time."""
    if version is None:
        return PlanDraft(tuple(starting), based_on=0)
    items = tuple(map(_draft_item, version.items))
    return PlanDraft(items, flare=version.flare, based_on=version.version)


def draft_in(form: FormData) -> PlanDraft:
    """What was sent, as text."""
    effective = text_in(form, "effective")
    return PlanDraft(
        tuple(_item_in(form, place) for place in _places(form)),
        note=text_in(form, "note"),
        flare=text_in(form, "flare"),
        effective=effective if effective in ("now", "tomorrow") else "now",
        based_on=whole(text_in(form, "based_on")),
    )


def _places(form: FormData) -> list[str]:
    places = [place for place in texts_in(form, "item") if place.isascii() and place.isdigit()]
    known = set(PlanItemKind)
    return [place for place in places if text_in(form, f"kind-{place}") in known][:ITEMS_AT_MOST]


def _item_in(form: FormData, place: str) -> DraftItem:
    return DraftItem(
        kind=PlanItemKind(text_in(form, f"kind-{place}")),
        id=text_in(form, f"id-{place}"),
        title=text_in(form, f"title-{place}"),
        dose=text_in(form, f"dose-{place}"),
        why=text_in(form, f"why-{place}"),
        least=text_in(form, f"least-{place}"),
        most=text_in(form, f"most-{place}"),
        days=tuple(texts_in(form, f"day-{place}")),
        # Browsers may send seconds with a time; nobody chooses them.
        times=tuple(time.strip()[:5] for time in texts_in(form, f"time-{place}") if time.strip()),
        link=text_in(form, f"link-{place}"),
        bad_day=text_in(form, f"bad_day-{place}"),
    )


def _draft_item(item: ShownItem) -> DraftItem:
    target = item.target
    return DraftItem(
        kind=item.kind,
        id=item.id,
        title=item.title,
        dose=item.dose,
        why=item.why,
        least=_text(target.min if target else None),
        most=_text(target.max if target else None),
        days=tuple(day.value for day in item.days),
        times=tuple(item.reminder_times),
        link=item.link or "",
        bad_day=item.bad_day or "",
    )


def _text(amount: float | None) -> str:
    return "" if amount is None else f"{amount:g}"


def _field(named: str) -> str:
    """From "items.2.target.min" to "target-2"."""
    parts = named.split(".")
    if parts[0] != "items" or len(parts) < 3:
        return parts[0]
    return f"{parts[2]}-{parts[1]}"


def _message(wrong: FieldError) -> str:
    parts = wrong.field.split(".")
    about = parts[2] if len(parts) > 2 else parts[0]
    if about not in _ADVICE or wrong.code in _SAYS_IT_ALL:
        return wrong.message
    return _(_ADVICE[about])
