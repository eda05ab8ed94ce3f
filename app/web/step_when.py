"""When a step of aftercare comes, as people say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.language import _, ngettext


def step_when(step: Mapping[str, Any]) -> str:
    """As "2 hours after", "that day at 18:00", "the next day at 08:30", "3 days after, at 18:00"."""
    at = str(step.get("at", ""))[:5]
    if step.get("after_hours"):
        return ngettext("%(num)s hour after", "%(num)s hours after", int(step["after_hours"]))
    if step.get("on_eve"):
        return _("on the eve of the next session, at %(time)s", time=at)
    match int(step.get("days_after") or 0):
        case 0:
            return _("that day at %(time)s", time=at)
        case 1:
            return _("the next day at %(time)s", time=at)
        case days:
            return ngettext(
                "%(num)s day after, at %(time)s", "%(num)s days after, at %(time)s", days, time=at
            )
