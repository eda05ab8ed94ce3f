"""Where a habit stands on the day a reminder asks about: done, below target, or answered no. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.models.home_care import STRETCHING, WATER
from app.models.reminder import ReminderKind

OF_A_CHECK_IN = ("pain", "stiffness", "mobility", "pain_sites")


class HabitState(StrEnum):
    """OPEN: nothing is known. ANSWERED_NO: the patient said that it will not be today."""

    OPEN = "open"
    BELOW_TARGET = "below_target"
    DONE = "done"
    ANSWERED_NO = "answered_no"


ANSWERED = (HabitState.DONE, HabitState.ANSWERED_NO)


@dataclass(frozen=True, slots=True)
class Asks:
    """What the plan in force asks of a reminder: the item it exists for, and how much of its habit.

    Both are None without a plan; then every exercise answers, and the usual targets hold.
    """

    item: str | None = None
    target: float | None = None


USUAL = Asks()


def habit_state(kind: ReminderKind, logged: Mapping[str, Any], asks: Asks = USUAL) -> HabitState:
    """What the measures of a day (unknown is None) say about what a reminder of this kind asks for."""
    ticks = logged.get("plan_items") or {}
    if asks.item is not None and asks.item in ticks:
        return HabitState.DONE if ticks[asks.item] == "done" else HabitState.ANSWERED_NO
    match kind:
        case ReminderKind.CHECK_IN:
            said = any(logged.get(measure) is not None for measure in OF_A_CHECK_IN)
            return HabitState.DONE if said else HabitState.OPEN
        case ReminderKind.STRETCH:
            return _against(logged.get(STRETCHING.measure), asks.target or STRETCHING.least)
        case ReminderKind.WATER:
            # Glasses are counted up through the day, so none of them yet is no refusal.
            return _against(logged.get(WATER.measure) or None, asks.target or WATER.least)
        case ReminderKind.EXERCISE:
            return _answered(ticks) if asks.item is None else HabitState.OPEN
        case ReminderKind.SLEEP | ReminderKind.CUSTOM | ReminderKind.AFTERCARE:
            return HabitState.OPEN


def _against(amount: float | None, target: float) -> HabitState:
    if amount is None:
        return HabitState.OPEN
    if amount == 0:
        return HabitState.ANSWERED_NO
    return HabitState.DONE if amount >= target else HabitState.BELOW_TARGET


def _answered(plan_items: Mapping[str, str]) -> HabitState:
    """One exercise done is exercise done; a reason why not, and nothing else, is a no."""
    if not plan_items:
        return HabitState.OPEN
    return HabitState.DONE if "done" in plan_items.values() else HabitState.ANSWERED_NO
