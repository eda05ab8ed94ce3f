"""Where it can hurt: 24 regions, each with the sides the body gives it."""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    """A side of the body as its owner has it; `middle` is the midline."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class BodyRegion(StrEnum):
    """A place on the body. Each has a left and a right, and those on the midline a middle too."""

    HEAD = "head"
    JAW = "jaw"
    NECK_FRONT = "neck_front"
    NECK_BACK = "neck_back"
    SHOULDER = "shoulder"
    UPPER_BACK = "upper_back"
    CHEST = "chest"
    ABDOMEN = "abdomen"
    LOW_BACK = "low_back"
    BUTTOCK = "buttock"
    HIP = "hip"
    GROIN = "groin"
    UPPER_ARM = "upper_arm"
    ELBOW = "elbow"
    FOREARM = "forearm"
    WRIST = "wrist"
    HAND = "hand"
    THIGH_FRONT = "thigh_front"
    THIGH_BACK = "thigh_back"
    KNEE = "knee"
    LOWER_LEG_FRONT = "lower_leg_front"
    LOWER_LEG_BACK = "lower_leg_back"
    ANKLE = "ankle"
    FOOT = "foot"

    @property
    def sides(self) -> tuple[Side, ...]:
        """The sides this region can have; only regions on the midline have a middle."""
        return (Side.LEFT, Side.MIDDLE, Side.RIGHT) if self in _ON_THE_MIDLINE else (Side.LEFT, Side.RIGHT)


_ON_THE_MIDLINE = frozenset(
    {
        BodyRegion.HEAD,
        BodyRegion.JAW,
        BodyRegion.NECK_FRONT,
        BodyRegion.NECK_BACK,
        BodyRegion.UPPER_BACK,
        BodyRegion.CHEST,
        BodyRegion.ABDOMEN,
        BodyRegion.LOW_BACK,
        BodyRegion.GROIN,
    }
)
