"""The groups of the body list and the scopes of consent as people say them."""

from __future__ import annotations

from app.language import _, marked
from app.models.body import BodyRegion

REGION_GROUPS: tuple[tuple[str, tuple[BodyRegion, ...]], ...] = (
    (marked("Head and neck"), (BodyRegion.HEAD, BodyRegion.JAW, BodyRegion.NECK_BACK, BodyRegion.NECK_FRONT)),
    (marked("Back"), (BodyRegion.UPPER_BACK, BodyRegion.LOW_BACK)),
    (
        marked("Shoulders, arms and hands"),
        (
            BodyRegion.SHOULDER,
            BodyRegion.UPPER_ARM,
            BodyRegion.ELBOW,
            BodyRegion.FOREARM,
            BodyRegion.WRIST,
            BodyRegion.HAND,
        ),
    ),
    (marked("Chest and belly"), (BodyRegion.CHEST, BodyRegion.ABDOMEN, BodyRegion.GROIN)),
    (
        marked("Hips, legs and feet"),
        (
            BodyRegion.HIP,
            BodyRegion.BUTTOCK,
            BodyRegion.THIGH_FRONT,
            BodyRegion.THIGH_BACK,
            BodyRegion.KNEE,
            BodyRegion.LOWER_LEG_FRONT,
            BodyRegion.LOWER_LEG_BACK,
            BodyRegion.ANKLE,
            BodyRegion.FOOT,
        ),
    ),
)
"""Every region once, in the order of the list on the phone."""


def scope_in_words(scope: str) -> str:
    """What a scope shares, as the rest of "they can see …"."""
    return {
        "measures": _("your daily numbers and where it hurts"),
        "notes": _("your notes"),
        "plan": _("your home-care plan and how it goes"),
    }[scope]
