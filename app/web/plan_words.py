"""Items of a plan, and what changed in them, as people say them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.home_care.changes import Changed
from app.home_care.shown import OwnItem, ShownChange, ShownItem
from app.home_care.words import KINDS, target_in_words
from app.language import _, marked
from app.language.saying import joined
from app.models.plan_answer import PlanItemAnswer
from app.web.reminder_words import days_in_words

TICKS = {
    "done": marked("Done today"),
    "too_much": marked("Not today: too much"),
    "hurts": marked("Not today: it hurts"),
    "no_time": marked("Not today: no time"),
    "forgot": marked("Not today: forgot"),
}
REASONS = {
    "too_much": marked("Too much"),
    "hurts": marked("It hurts"),
    "no_time": marked("No time"),
    "forgot": marked("Forgot"),
}
ANSWERS = {
    PlanItemAnswer.OK: marked("OK for me"),
    PlanItemAnswer.TOO_MUCH: marked("Too much"),
    PlanItemAnswer.HURTS: marked("It hurts"),
    PlanItemAnswer.NO_TIME: marked("No time"),
}
FIELDS = {
    "title": marked("Name"),
    "dose": marked("How much"),
    "target": marked("Target"),
    "days": marked("Days"),
    "reminder_times": marked("Reminders"),
    "why": marked("Why"),
    "link": marked("Link"),
    "bad_day": marked("On a bad day"),
}
CHANGES = {
    Changed.ADDED: marked("New"),
    Changed.CHANGED: marked("Changed"),
    Changed.REMOVED: marked("No longer asked"),
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_NOTHING = "–"  # noqa: RUF001 (a dash, to be read as "none")


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """What became of one item; `rows` are (what, before, after) for what differs."""

    item_id: str
    is_gone: bool
    what: str
    heading: str
    summary: str
    rows: list[tuple[str, str, str]]


def kinds_in_words() -> dict[str, str]:
    """What an item without a name is called, by its kind."""
    return {kind.value: _(words) for kind, words in KINDS.items()}


def heading_of(item: ShownItem | OwnItem) -> str:
    return item.title or _(KINDS[item.kind])


def summary_of(item: ShownItem | OwnItem) -> str:
    """How much and when, as "10 times, Monday to Friday"."""
    days = days_in_words(list(item.days))
    amount = item.dose or _target_of(item)
    return _("%(amount)s, %(days)s", amount=amount, days=days) if amount else days


def _target_of(item: ShownItem | OwnItem) -> str:
    return target_in_words(item.kind, item.target.min, item.target.max) if item.target else ""


def target_beside_dose(item: ShownItem | OwnItem) -> str:
    """What a dose as "5 to 10 minutes a day" leaves to be said of the target: nothing if they agree."""
    target = _target_of(item) if item.dose else ""
    return "" if set(_NUMBER.findall(target)) <= set(_NUMBER.findall(item.dose or "")) else target


def changes_in_words(changes: Sequence[ShownChange]) -> list[ChangeInWords]:
    return [
        ChangeInWords(
            change.item.id,
            change.what is Changed.REMOVED,
            _(CHANGES[change.what]),
            heading_of(change.item),
            summary_of(change.item),
            [_row(field, change) for field in change.fields],
        )
        for change in changes
    ]


def flare_in_words(before: str, after: str) -> list[ChangeInWords]:
    """What became of the words for a bad day; nothing while they stay the same."""
    if before == after:
        return []
    what = Changed.CHANGED if before and after else Changed.ADDED if after else Changed.REMOVED
    rows = [(_("What is enough"), before, after)] if before and after else []
    heading = _("On a bad day, in all")
    return [ChangeInWords("", what is Changed.REMOVED, _(CHANGES[what]), heading, after, rows)]


def _row(field: str, change: ShownChange) -> tuple[str, str, str]:
    before = change.before or change.item
    return _(FIELDS[field]), _value(field, before), _value(field, change.item)


def _value(field: str, item: ShownItem) -> str:
    match field:
        case "days":
            return days_in_words(list(item.days))
        case "reminder_times":
            return joined(item.reminder_times) or _NOTHING
        case "target":
            return _target_of(item) or _NOTHING
        case _:
            return getattr(item, field) or _NOTHING
