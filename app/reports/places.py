"""Places as people say them, on pages, on paper and in exports: the side is never lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.language import _, marked, pgettext
from app.models.body import BodyRegion, Side

REGION_WORDS: Mapping[BodyRegion, str] = {
    BodyRegion.HEAD: marked("head"),
    BodyRegion.JAW: marked("jaw"),
    BodyRegion.NECK_FRONT: marked("neck (front)"),
    BodyRegion.NECK_BACK: marked("neck (back)"),
    BodyRegion.SHOULDER: marked("shoulder"),
    BodyRegion.UPPER_BACK: marked("upper back"),
    BodyRegion.CHEST: marked("chest"),
    BodyRegion.ABDOMEN: marked("belly"),
    BodyRegion.LOW_BACK: marked("low back"),
    BodyRegion.BUTTOCK: marked("buttock"),
    BodyRegion.HIP: marked("hip"),
    BodyRegion.GROIN: marked("groin"),
    BodyRegion.UPPER_ARM: marked("upper arm"),
    BodyRegion.ELBOW: marked("elbow"),
    BodyRegion.FOREARM: marked("forearm"),
    BodyRegion.WRIST: marked("wrist"),
    BodyRegion.HAND: marked("hand"),
    BodyRegion.THIGH_FRONT: marked("thigh (front)"),
    BodyRegion.THIGH_BACK: marked("thigh (back)"),
    BodyRegion.KNEE: marked("knee"),
    BodyRegion.LOWER_LEG_FRONT: marked("shin"),
    BodyRegion.LOWER_LEG_BACK: marked("calf"),
    BodyRegion.ANKLE: marked("ankle"),
    BodyRegion.FOOT: marked("foot"),
}


def place_in_words(site: Mapping[str, Any]) -> str:
    """As "left shoulder", "low back, middle": the side is always said."""
    region = _(REGION_WORDS[BodyRegion(site["region"])])
    match Side(site["side"]):
        case Side.LEFT:
            return _("left %(region)s", region=region)
        case Side.RIGHT:
            return _("right %(region)s", region=region)
        case Side.MIDDLE:
            return _("%(region)s, middle", region=region)


def region_in_words(treated: Mapping[str, Any]) -> str:
    """A treated part of the body; its side is said where it was."""
    if treated.get("side") is None:
        return _(REGION_WORDS[BodyRegion(treated["region"])])
    return place_in_words(treated)


def side_in_words(side: Side) -> str:
    match side:
        case Side.LEFT:
            return pgettext("side of the body", "left")
        case Side.RIGHT:
            return pgettext("side of the body", "right")
        case Side.MIDDLE:
            return pgettext("side of the body", "middle")
