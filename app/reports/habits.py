"""How home care went: done, answered, not logged. A day nobody answered is never a day it was missed.

Every day is judged by the plan then in force; while nobody had written one, by the habits everybody
starts with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from app.insights.days import Window
from app.language import _, marked, ngettext
from app.language.saying import joined
from app.models.care import Scope
from app.models.home_care import SLEEP, STRETCHING, WATER, PlanItemKind
from app.models.plan_in_force import AskedItem, DayPlan, PlanHistory
from app.reports.check_in_words import reason_in_words

DAILY_MEASURES = (WATER.measure, STRETCHING.measure, "heat_minutes", "ice_minutes")
"""What is done during the day; sleep is told by its own mean and nights."""
SHOWS_HABITS = frozenset({Scope.MEASURES, Scope.PLAN})
"""Either scope lets somebody see how habits went: they are measures, and they are how home care goes."""
COMPLAINTS = frozenset({"too_much", "hurts"})
"""Reasons why something was not done that speak of the thing itself."""


@dataclass(frozen=True, slots=True)
class HabitAnswers:
    """One habit over a window: days the target was met, of the days answered; and days without an answer.

    `least` and `most` are the newest target in the unit of `measure`. `reasons` counts why it was not done,
    where a reason was given: too_much, hurts, no_time, forgot.
    """

    measure: str
    name: str
    least: float
    most: float | None
    met: int
    answered: int
    not_logged: int
    reasons: Mapping[str, int]
    words: str


@dataclass(frozen=True, slots=True)
class ItemAnswers:
    """One item of a plan over a window: done, of the days answered; and days it was asked without an answer.

    `reasons` counts why it was not done: too_much, hurts, no_time, forgot.
    """

    id: str
    kind: PlanItemKind
    title: str
    dose: str
    author_id: UUID | None
    asked_by: str
    done: int
    answered: int
    not_logged: int
    reasons: Mapping[str, int]
    words: str


Answers = TypeVar("Answers", bound=HabitAnswers | ItemAnswers)


@dataclass(frozen=True, slots=True)
class PlanAnswers:
    """All habits and exercises of a window together, counted in days times items."""

    answered: int
    done: int


def habit_answers(measure: str, days: Iterable[Any], plans: Mapping[date, DayPlan]) -> HabitAnswers | None:
    """How a habit went on the logged `days`; None when no plan of these days asked for it."""
    asked = [habit for plan in plans.values() if (habit := plan.habits.get(measure))]
    if not asked:
        return None
    met = list(habit_days(measure, days, plans).values())
    newest, blank = asked[-1], len(asked) - len(met)
    return HabitAnswers(
        measure=measure,
        name=_(_NAMES[measure]),
        least=newest.least,
        most=newest.most,
        met=sum(met),
        answered=len(met),
        not_logged=blank,
        reasons=_reasons(
            tick for plan, day in _judged(days, plans) for tick in _ticks_of(measure, plan, day)
        ),
        words=_met_words(sum(met), len(met), blank),
    )


def habit_words(answers: HabitAnswers | ItemAnswers) -> str:
    """Done, of the days answered; what was not logged; and the reasons that were given."""
    if not answers.reasons:
        return answers.words
    reasons = joined(
        _("%(reason)s (%(times)s)", reason=reason_in_words(reason), times=times)
        for reason, times in answers.reasons.items()
    )
    return _("%(answers)s; %(reasons)s", answers=answers.words, reasons=reasons)


def complaints_first(told: Iterable[Answers]) -> list[Answers]:
    """What hurts or is too much is not to be cut off where there is no room for all of it."""
    return sorted(told, key=lambda one: COMPLAINTS.isdisjoint(one.reasons))


def habit_days(measure: str, days: Iterable[Any], plans: Mapping[date, DayPlan]) -> dict[date, bool]:
    """Of each day on which a habit was asked and answered, whether the target then in force was met.

    A tick answers where nothing was measured: done is done, a reason why not is a no.
    """
    answers = {plan.day: _is_met(measure, plan, day) for plan, day in _judged(days, plans)}
    return {day: met for day, met in answers.items() if met is not None}


def item_answers(days: Iterable[Any], plans: Mapping[date, DayPlan]) -> list[ItemAnswers]:
    """How each item went that is told by a tick, in the order of the newest plan that asked for it."""
    logged = {day.day: day for day in days if day.day in plans}
    newest: dict[tuple[UUID | None, str], AskedItem] = {}
    told: dict[tuple[UUID | None, str], list[str | None]] = {}
    for day in sorted(plans, reverse=True):
        for asked, tick in _ticks(plans[day], logged.get(day)):
            key = asked.by.author_id, asked.item.id
            newest.setdefault(key, asked)
            told.setdefault(key, []).append(tick)
    return [_item_answers(asked, told[key]) for key, asked in newest.items()]


def plan_answers(
    days: Sequence[Any], plans: Mapping[date, DayPlan], scopes: Collection[Scope]
) -> PlanAnswers:
    """How often what the plans asked for was answered, and how often it was done.

    Exercises belong to the plan, so they count only where that is shared.
    """
    met = [
        one
        for plan, day in _judged(days, plans)
        for measure in plan.habits
        if measure in DAILY_MEASURES and (one := _is_met(measure, plan, day)) is not None
    ]
    if Scope.PLAN in scopes:
        ticked = ((plan, day) for plan, day in _judged(days, plans) if day.plan_items)
        ticks = (tick for plan, day in ticked for _asked, tick in _ticks(plan, day))
        met += [tick == "done" for tick in ticks if tick is not None]
    return PlanAnswers(len(met), sum(met))


def plans_of_window(history: PlanHistory, window: Window) -> dict[date, DayPlan]:
    """The plan in force on every day of a window, oldest first."""
    return {day: history.on(day) for day in window}


def _judged(days: Iterable[Any], plans: Mapping[date, DayPlan]) -> Iterator[tuple[DayPlan, Any]]:
    """Each logged day with the plan that judges it."""
    return ((plans[day.day], day) for day in days if day.day in plans)


def _is_met(measure: str, plan: DayPlan, day: Any) -> bool | None:
    habit, value = plan.habits.get(measure), getattr(day, measure)
    if habit is None:
        return None
    if value is not None:
        return habit.met_by(value)
    ticks = _ticks_of(measure, plan, day)
    return "done" in ticks if ticks else None


def _ticks_of(measure: str, plan: DayPlan, day: Any) -> list[str]:
    """What was ticked of the items that a measure tells of."""
    ticks: Mapping[str, str] = day.plan_items
    if not ticks:
        return []
    items = [one.item for one in (*plan.asked, *plan.dropped) if one.item.kind.measure == measure]
    return [ticks[item.id] for item in items if item.id in ticks]


def _reasons(ticks: Iterable[str | None]) -> dict[str, int]:
    """The most frequent first."""
    return dict(Counter(tick for tick in ticks if tick is not None and tick != "done").most_common())


def _ticks(plan: DayPlan, logged: Any) -> Iterator[tuple[AskedItem, str | None]]:
    """Each item without a measure that was asked of a day, with its tick; what a change took away during
    the day only when it was answered."""
    ticks: Mapping[str, str] = (logged.plan_items if logged is not None else None) or {}
    for asked in plan.asked:
        if asked.item.kind.measure is None:
            yield asked, ticks.get(asked.item.id)
    for asked in plan.dropped:
        if asked.item.kind.measure is None and asked.item.id in ticks:
            yield asked, ticks[asked.item.id]


def _item_answers(asked: AskedItem, told: Sequence[str | None]) -> ItemAnswers:
    item, done, answered = asked.item, told.count("done"), len(told) - told.count(None)
    return ItemAnswers(
        id=item.id,
        kind=item.kind,
        title=item.title,
        dose=item.dose,
        author_id=asked.by.author_id,
        asked_by=asked.by.asked_by,
        done=done,
        answered=answered,
        not_logged=len(told) - answered,
        reasons=_reasons(told),
        words=_done_words(done, answered, len(told) - answered),
    )


def _met_words(met: int, answered: int, blank: int) -> str:
    if not answered:
        return _unanswered_words(blank)
    return ngettext(
        "target met on %(met)s of %(num)s day answered, %(blank)s not logged",
        "target met on %(met)s of %(num)s days answered, %(blank)s not logged",
        answered,
        met=met,
        blank=blank,
    )


def _done_words(done: int, answered: int, blank: int) -> str:
    if not answered:
        return _unanswered_words(blank)
    return ngettext(
        "done on %(done)s of %(num)s day answered, %(blank)s not logged",
        "done on %(done)s of %(num)s days answered, %(blank)s not logged",
        answered,
        done=done,
        blank=blank,
    )


def _unanswered_words(blank: int) -> str:
    return ngettext("not answered on %(num)s day", "not answered on %(num)s days", blank)


_NAMES = {
    WATER.measure: marked("Water"),
    STRETCHING.measure: marked("Stretching"),
    "heat_minutes": marked("Heat"),
    "ice_minutes": marked("Ice"),
    SLEEP.measure: marked("Sleep"),
}
