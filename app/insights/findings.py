"""Everything that can honestly be said of one diary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.insights.adherence import Adherence, adherence
from app.insights.days import Coverage
from app.insights.diary import Diary
from app.insights.habit_effect import SHOWN_BELOW_P, HabitEffect, habit_effect, judged
from app.insights.prompts import Prompt, prompts
from app.insights.session_profile import SessionProfile, session_profile
from app.insights.since_last_session import Change, change_between, means_by_week, windows_around
from app.insights.trend import Trend, pain_trend

MONTH, FORTNIGHT = 30, 14


@dataclass(frozen=True, slots=True)
class Findings:
    """What one look at a diary finds. `weeks` is how long it has been kept, this week included."""

    weeks: int
    last_session: date | None
    coverage_14: Coverage
    coverage_30: Coverage
    adherence: dict[str, Adherence]
    change: Change
    trend: Trend
    profile: SessionProfile
    effects: dict[str, HabitEffect]
    prompts: list[Prompt]


def find(diary: Diary) -> Findings:
    """A single look, as `analyse` means it; reviews judge the chosen question more strictly."""
    return Findings(
        weeks=weeks_kept(diary),
        last_session=date.fromordinal(diary.sessions[-1]) if diary.sessions else None,
        coverage_14=coverage_of(diary, FORTNIGHT),
        coverage_30=coverage_of(diary, MONTH),
        adherence=adherence_of(diary),
        change=change_of(diary),
        trend=pain_trend(diary.pain, diary.today),
        profile=session_profile(diary.pain, diary.sessions),
        effects=effects_of(diary),
        prompts=prompts(diary.pain, diary.sessions, diary.heat_or_ice, diary.today),
    )


def weeks_kept(diary: Diary) -> int:
    return (diary.today - min(diary.logged, default=diary.today)) // 7 + 1


def coverage_of(diary: Diary, length: int) -> Coverage:
    """How many of the last `length` calendar days were logged."""
    later = [late for day, late in diary.logged.items() if 0 <= diary.today - day < length]
    return Coverage(len(later), length, sum(later))


def adherence_of(diary: Diary, length: int = MONTH) -> dict[str, Adherence]:
    """Each habit over the last `length` calendar days."""
    first = diary.today - length + 1
    return {name: adherence(habit.met, first, diary.today) for name, habit in diary.habits.items()}


def change_of(diary: Diary) -> Change:
    """Pain since the last session or, without one, the means of this week and the week before."""
    today, sessions = date.fromordinal(diary.today), [date.fromordinal(one) for one in diary.sessions]
    if not sessions:
        return means_by_week(diary.pain, today)
    return change_between(diary.pain, windows_around(sessions[-1], today), sessions)


def effects_of(diary: Diary, focus_below: float = SHOWN_BELOW_P) -> dict[str, HabitEffect]:
    """Every habit that may be compared, each knowing whether it may be shown."""
    effects = {
        name: habit_effect(diary.pain, habit.met, diary.sessions, overnight=habit.overnight)
        for name, habit in diary.habits.items()
        if habit.compared
    }
    return judged(effects, diary.focus, focus_below=focus_below)
