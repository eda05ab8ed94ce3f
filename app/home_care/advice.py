"""What to know about an item before doing it, said with the item wherever it stands. No medical claims."""

from __future__ import annotations

from app.language import _, marked
from app.models.home_care import PlanItemKind

_ADVICE = {
    PlanItemKind.WATER: marked(
        "Drink when you are thirsty. If you have been told to limit fluids, follow that advice."
    ),
    PlanItemKind.STRETCH: marked("Gentle, within comfort; stop if it hurts more."),
    PlanItemKind.HEAT: marked(
        "Cloth in between, at most 20 minutes, not on numb or broken skin, not while sleeping."
    ),
    PlanItemKind.ICE: marked(
        "Cloth in between, at most 20 minutes, not on numb or broken skin, not while sleeping."
    ),
    PlanItemKind.SLEEP: marked(
        "Many people aim for 7 to 9 hours. "
        "A pillow under the knees or between the legs may feel more comfortable."
    ),
    PlanItemKind.EXERCISE: marked("Gentle, within comfort; stop if it hurts more."),
}


def advice_on(kind: PlanItemKind) -> str | None:
    return _(_ADVICE[kind]) if kind in _ADVICE else None
