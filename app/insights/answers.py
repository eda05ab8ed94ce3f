"""What was found, in the shapes and the plain numbers of API.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.insights.adherence import Adherence
from app.insights.habit_effect import HabitEffect
from app.insights.session_profile import SessionProfile
from app.insights.since_last_session import Change
from app.insights.trend import Seen, Trend
from app.insights.wording import Comparison


def adherence_answer(kept: Adherence) -> dict[str, Any]:
    return {"met": kept.met, "answered": kept.answered, "of": kept.of, "percent": kept.percent}


def change_answer(change: Change, last_session: date | None) -> dict[str, Any]:
    is_told = change.difference is not None
    status = "ok" if is_told else "too_soon" if change.comparison is Comparison.TOO_SOON else "insufficient"
    return {
        "status": status,
        "diff": _rounded(change.difference) if is_told else None,
        "lo90": _rounded(change.low) if is_told else None,
        "hi90": _rounded(change.high) if is_told else None,
        "label": change.comparison.value if is_told else None,
        "before": {"mean": _rounded(change.before.mean), "n": change.before.days},
        "now": {"mean": _rounded(change.now.mean), "n": change.now.days},
        "last_session": last_session.isoformat() if last_session else None,
    }


def trend_answer(trend: Trend) -> dict[str, Any]:
    return {
        "status": trend.status.value,
        "per_week": _rounded(trend.per_week),
        "lo95": _rounded(trend.low),
        "hi95": _rounded(trend.high),
        "p": _rounded(trend.p),
        "shown": trend.shown,
        "days": trend.days,
    }


def profile_answer(profile: SessionProfile) -> dict[str, Any]:
    days = {
        str(offset): {"mean": _rounded(found.mean), "n": found.days} for offset, found in profile.days.items()
    }
    return {"status": "ok" if profile.enough else "insufficient", "sessions": profile.sessions, "days": days}


def effect_answer(effect: HabitEffect) -> dict[str, Any]:
    return {
        "status": effect.status.value,
        "effect": _rounded(effect.effect),
        "lo95": _rounded(effect.low),
        "hi95": _rounded(effect.high),
        "p": _rounded(effect.p),
        "shown": effect.shown,
        "days": effect.rows,
        "with": effect.met,
        "without": effect.missed,
    }


def effect_answered(answer: Mapping[str, Any]) -> HabitEffect:
    """What `effect_answer` told of, for words about what was kept."""
    return HabitEffect(
        status=Seen(answer["status"]),
        rows=answer["days"],
        met=answer["with"],
        missed=answer["without"],
        effect=answer["effect"],
        low=answer["lo95"],
        high=answer["hi95"],
        p=answer["p"],
        shown=answer["shown"],
    )


def _rounded(value: float | None) -> float | None:
    """To six decimals, and never a negative zero."""
    return None if value is None else round(value, 6) + 0.0
