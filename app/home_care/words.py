"""What an item of a plan is called, and how much it asks for, as people say it."""

from __future__ import annotations

from app.language import _, marked, ngettext
from app.language.saying import number_in_words
from app.models.home_care import PlanItemKind

KINDS = {
    PlanItemKind.WATER: marked("Water"),
    PlanItemKind.STRETCH: marked("Stretching"),
    PlanItemKind.HEAT: marked("Heat"),
    PlanItemKind.ICE: marked("Ice"),
    PlanItemKind.SLEEP: marked("Sleep"),
    PlanItemKind.EXERCISE: marked("Exercise"),
    PlanItemKind.CUSTOM: marked("Something else"),
}


def target_in_words(kind: PlanItemKind, least: float | None, most: float | None) -> str:
    """As "8 glasses", "5 to 10 minutes", "at most 20 minutes"; empty without a target."""
    if least is None and most is None:
        return ""
    unit = _unit(kind, most if most is not None else least or 0)
    if most is None:
        return _("%(number)s %(unit)s", number=number_in_words(least), unit=unit)
    if least is None:
        return _("at most %(number)s %(unit)s", number=number_in_words(most), unit=unit)
    return _(
        "%(least)s to %(most)s %(unit)s", least=number_in_words(least), most=number_in_words(most), unit=unit
    )


def _unit(kind: PlanItemKind, number: float) -> str:
    whole = int(number) if number == int(number) else 2
    match kind:
        case PlanItemKind.WATER:
            return ngettext("glass", "glasses", whole)
        case PlanItemKind.SLEEP:
            return ngettext("hour", "hours", whole)
        case PlanItemKind.STRETCH | PlanItemKind.HEAT | PlanItemKind.ICE:
            return ngettext("minute", "minutes", whole)
        case _:
            return ngettext("time", "times", whole)
