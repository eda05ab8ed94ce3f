"""The steps after a session in the product's own words, said in the reader's language."""

from __future__ import annotations

from app.language import _, marked
from app.models.aftercare import StepKind

WORDS = {
    StepKind.WATER: marked("Drink some water and take it easy for the rest of the day."),
    StepKind.STRETCH: marked("A gentle stretch this morning, within comfort."),
    StepKind.CUSTOM: marked("After your session"),
    StepKind.FEEDBACK: marked("How was it? The pressure, how sore you are, anything off."),
    StepKind.COMPARE: marked("How are you now, compared with before your session?"),
    StepKind.BEFORE_NEXT: marked("Your next session is near. Anything to tell beforehand?"),
}


def step_in_words(kind: str, text: str | None) -> str:
    """What was written for a step, else what it usually says."""
    return text or _(WORDS[StepKind(kind)])
