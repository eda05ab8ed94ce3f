"""What patients tick and answer around a session, in words: on their pages, on the brief, on paper."""

from __future__ import annotations

from collections.abc import Mapping

from app.language import _, marked
from app.models.check_in import SafetyItem
from app.models.feedback import Pressure

SAFETY_WORDS: Mapping[SafetyItem, str] = {
    SafetyItem.NUMB_OR_WEAK: marked("New numbness or weakness in an arm or leg"),
    SafetyItem.BLADDER_OR_BOWEL: marked(
        "Trouble holding or passing urine or stool, or numb between the legs"
    ),
    SafetyItem.FEVER_OR_VERY_ILL: marked("Fever, or feeling very ill"),
    SafetyItem.AFTER_A_FALL: marked("Pain since a fall or an accident"),
    SafetyItem.WEIGHT_LOSS: marked("Losing weight without meaning to"),
    SafetyItem.NIGHT_PAIN: marked("Pain at night that does not ease in any position"),
}
PRESSURE_WORDS: Mapping[Pressure, str] = {
    Pressure.TOO_LIGHT: marked("Pressure too light"),
    Pressure.RIGHT: marked("Pressure right"),
    Pressure.TOO_STRONG: marked("Pressure too strong"),
}
_OVERALL_CHANGE = (
    marked("very much better"),
    marked("much better"),
    marked("a little better"),
    marked("about the same"),
    marked("a little worse"),
    marked("much worse"),
    marked("very much worse"),
)
_REASONS = {
    "too_much": marked("too much"),
    "hurts": marked("hurts"),
    "no_time": marked("no time"),
    "forgot": marked("forgot"),
}


def safety_in_words(item: str) -> str:
    return _(SAFETY_WORDS[SafetyItem(item)])


def pressure_in_words(pressure: str) -> str:
    return _(PRESSURE_WORDS[Pressure(pressure)])


def overall_change_in_words(rating: int) -> str:
    """1 very much better … 7 very much worse."""
    return _(_OVERALL_CHANGE[rating - 1])


def reason_in_words(reason: str) -> str:
    """Why something of the plan was not done."""
    return _(_REASONS[reason])
