"""How much of the diary there is, and whether reminders reached the phone: one line under every report."""

from __future__ import annotations

from app.clock import local_time
from app.insights.days import Coverage
from app.language import _
from app.language.saying import day_in_words
from app.reminders.reach import ReminderReach


def data_quality(coverage: Coverage, reach: ReminderReach, zone: str) -> str:
    """As "12 of 14 days logged, 2 filled in later; reminders reach this phone."."""
    return _("%(days)s; %(reminders)s.", days=coverage.words, reminders=reach_in_words(reach, zone))


def reach_in_words(reach: ReminderReach, zone: str) -> str:
    last = day_in_words(local_time(reach.last, zone).date()) if reach.last else None
    match reach.reaches:
        case True:
            return _("reminders reach this phone")
        case False if last:
            return _("reminders reached this phone until %(day)s", day=last)
        case False:
            return _("reminders do not reach this phone")
        case None if last:
            return _("no sign since %(day)s that reminders reach this phone", day=last)
        case None:
            return _("no sign yet that reminders reach a phone")
