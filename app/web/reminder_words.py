"""Reminders, devices and the ledger as people say them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from app.front_desk import CHECK_IN_AT
from app.language import _, marked
from app.language.saying import (
    clock_in_words,
    day_from,
    joined,
    listed,
    moment_near,
    short_weekday,
    weekday_in_a_list,
)
from app.models.push import TEST, DeliveryState
from app.models.reminder import ReminderKind, Weekday
from app.reminders.back_off import BackOff
from app.reminders.decide import Suppression
from app.reminders.devices import Device
from app.reminders.ledger import LedgerLine, Occurred
from app.reminders.own_reminders import OwnReminder
from app.reminders.reach import SILENT_FOR, ReminderReach, tells_only_of_taps
from app.reminders.schedule import EVERY_DAY

KINDS = {
    ReminderKind.CHECK_IN: marked("Check-in"),
    ReminderKind.WATER: marked("Water"),
    ReminderKind.STRETCH: marked("Stretching"),
    ReminderKind.EXERCISE: marked("Exercises"),
    ReminderKind.SLEEP: marked("Winding down"),
    ReminderKind.CUSTOM: marked("Your own"),
    ReminderKind.AFTERCARE: marked("After your session"),
}
HINTS = {
    ReminderKind.CHECK_IN: marked("Only when you have not logged yet."),
    ReminderKind.WATER: marked("At these times, and only when you are a glass or more behind."),
    ReminderKind.STRETCH: marked("Only when you have not logged stretching yet."),
    ReminderKind.EXERCISE: marked("For the exercises you were shown."),
    ReminderKind.SLEEP: marked("A quiet half hour before bed."),
    ReminderKind.CUSTOM: marked("Your words are shown only where you chose notifications with detail."),
    ReminderKind.AFTERCARE: marked("On the days after a session, in place of your usual habits."),
}
SUGGESTED_TIMES = {
    ReminderKind.CHECK_IN: [CHECK_IN_AT],
    ReminderKind.WATER: ["10:00", "12:00", "14:00", "16:00", "18:00"],
    ReminderKind.STRETCH: ["08:30"],
    ReminderKind.EXERCISE: ["17:00"],
    ReminderKind.SLEEP: ["21:00"],
    ReminderKind.CUSTOM: ["12:00"],
}
_WORKDAYS, _WEEKEND = list(EVERY_DAY[:5]), list(EVERY_DAY[5:])
_A_MONDAY = date(2026, 11, 2)

NOT_SENT = {
    Suppression.EXPIRED: marked("its time had passed"),
    Suppression.REVOKED: marked("it had been switched off"),
    Suppression.PAUSED: marked("reminders were paused"),
    Suppression.ALREADY_DONE: marked("you had already logged"),
    Suppression.AFTERCARE: marked("the steps after your session came instead"),
    Suppression.FLARE: marked("you had marked a bad day"),
    Suppression.QUIET_HOURS: marked("it fell in your quiet hours"),
    Suppression.BACKED_OFF: marked("it comes less often for now"),
    Suppression.ON_PACE: marked("you were not behind"),
    Suppression.NO_DEVICE: marked("no phone was set up for reminders"),
    Suppression.DAILY_CAP: marked("that day had enough reminders"),
    Suppression.SPACING: marked("another one was less than two hours away"),
}
BACKED_OFF = {
    BackOff.EVERY_SECOND_DAY: marked(
        "Comes every second day for now, because the last ones stayed unanswered."
    ),
    BackOff.WEEKLY: marked("Comes once a week for now, because the last ones stayed unanswered."),
    BackOff.STOPPED: marked("Has stopped, because the last ones stayed unanswered."),
}
GIVES_WAY = marked(
    "Stays away when “%(other)s” is sent at %(times)s, because two are never less than two hours apart."
    " Move one of them to get both."
)
NEVER = {
    Suppression.QUIET_HOURS: marked(
        "Never arrives: all its times lie in your quiet hours. Choose another time."
    ),
    Suppression.ON_PACE: marked(
        "Never arrives: so early no glass is missing yet, and two hours before the night nobody is asked to"
        " drink. Choose a time during the day."
    ),
    Suppression.DAILY_CAP: marked(
        "Never arrives: that many reminders a day come without it, and they go first. Turn one of them off to"
        " get this one."
    ),
    Suppression.SPACING: marked(
        "Never arrives: others come less than two hours away, and they go first. Choose another time."
    ),
}
ACTS = {
    "add_glass": marked("+1 glass %(time)s"),
    "done": marked("done %(time)s"),
    "later": marked("put off %(time)s"),
}
ANSWERED = marked("answered %(time)s")

_BEST_FIRST = (
    DeliveryState.ACTED,
    DeliveryState.SHOWN,
    DeliveryState.SENT,
    DeliveryState.CLAIMED,
    DeliveryState.FAILED,
    DeliveryState.EXPIRED,
    DeliveryState.SUPPRESSED,
)


def kind_in_words(kind: str) -> str:
    return _("Test") if kind == TEST else _(KINDS[ReminderKind(kind)])


def heading_of(kind: ReminderKind, text: str | None) -> str:
    """What a reminder is called: one of the patient's own by their words."""
    return text if kind is ReminderKind.CUSTOM and text else _(KINDS[kind])


def week_in_words() -> dict[Weekday, str]:
    """Monday to Sunday with their short names."""
    return {day: short_weekday(_A_MONDAY + timedelta(days=number)) for number, day in enumerate(EVERY_DAY)}


def schedule_in_words(times: Sequence[str], days: Sequence[Weekday]) -> str:
    """As "08:30 and 20:00, Monday to Friday"."""
    return _("%(times)s, %(days)s", times=joined(times), days=days_in_words(list(days)))


def rests_in_words(back_off: BackOff) -> str:
    """Why a reminder comes less often than it is set to; empty when it does not."""
    return _(BACKED_OFF[back_off]) if back_off in BACKED_OFF else ""


def gives_way_in_words(other: OwnReminder | None) -> str:
    """What to do about a reminder that another one keeps away; empty when none does."""
    if other is None:
        return ""
    return _(GIVES_WAY, other=heading_of(other.kind, other.text), times=joined(other.times))


def never_in_words(own: OwnReminder) -> str:
    """Why none of a reminder's times comes, and what to do; empty when some do, or it says so already."""
    return _(NEVER[own.held_back_by]) if own.held_back_by in NEVER else ""


def occurred_in_words(occurred: Occurred, today: date, zone: str) -> tuple[str, str]:
    """When and what became of it, as ("Sunday 21:00", "sent, shown 21:00")."""
    line = best_of(occurred)
    when, fate = f"{day_from(occurred.day, today)} {occurred.slot}", fate_in_words(line, zone)
    if len(occurred.lines) > 1 and line.device_name:
        return when, _("%(fate)s on %(device)s", fate=fate, device=line.device_name)
    return when, fate


def best_of(occurred: Occurred) -> LedgerLine:
    """What became of it on the device where it came furthest."""
    return min(occurred.lines, key=lambda one: _BEST_FIRST.index(DeliveryState(one.state)))


def fate_in_words(line: LedgerLine, zone: str) -> str:
    """What became of a delivery on one device."""
    match DeliveryState(line.state):
        case DeliveryState.CLAIMED:
            return _("on its way")
        case DeliveryState.SENT:
            return _("sent, not seen on the phone yet")
        case DeliveryState.SHOWN | DeliveryState.ACTED:
            return listed(_seen(line, zone))
        case DeliveryState.FAILED if line.reason == "gone":
            return _("not sent: this phone had stopped taking reminders")
        case DeliveryState.FAILED:
            return _("not sent: the phone could not be reached")
        case DeliveryState.SUPPRESSED | DeliveryState.EXPIRED:
            return _("not sent: %(reason)s", reason=_why_not(line.reason))


def light_of(device: Device, now: datetime, zone: str) -> str:
    """Whether reminders work on one device, as "working, last received today 08:02"."""
    if device.needs_resubscribe:
        return _("needs to be turned on again")
    broken_since = device.disabled_at or device.failing_since
    if broken_since:
        return _("not reached since %(moment)s", moment=moment_near(broken_since, now, zone))
    if device.last_accepted_at is None and device.last_shown_at is None:
        return _("on, nothing received yet")
    only_taps = tells_only_of_taps(device.endpoint)
    if device.last_shown_at is None:
        return _("sent, not tapped here yet") if only_taps else _("sent, not seen here yet")
    last = moment_near(device.last_shown_at, now, zone)
    if (device.last_accepted_at or device.last_shown_at) - device.last_shown_at < SILENT_FOR:
        return _("working, last received %(moment)s", moment=last)
    if only_taps:
        return _("sent, last tapped here %(moment)s", moment=last)
    return _("not seen here since %(moment)s", moment=last)


def reach_in_words(reach: ReminderReach, devices: int, now: datetime, zone: str) -> str:
    last = moment_near(reach.last, now, zone) if reach.last else ""
    match reach.reaches:
        case True if last:
            return _("Reminders reach you. Last %(moment)s.", moment=last)
        case True:
            return _("Reminders reach you.")
        case False if last:
            return _("Reminders no longer reach you. Last %(moment)s. Turn them on again below.", moment=last)
        case False:
            return _("Reminders no longer reach you. Turn them on again below.")
        case None if devices:
            return _("Not known yet. Send a test to find out.")
        case None:
            return _("Reminders are not on for any phone yet.")


def _seen(line: LedgerLine, zone: str) -> list[str]:
    said = [_("sent")]
    said += [_("shown %(time)s", time=clock_in_words(line.shown_at, zone))] if line.shown_at else []
    said += [_("opened %(time)s", time=clock_in_words(line.opened_at, zone))] if line.opened_at else []
    if line.acted_at:
        said.append(_(ACTS.get(line.action or "", ANSWERED), time=clock_in_words(line.acted_at, zone)))
    return [*said, _("taken back")] if line.undone_at else said


def _why_not(reason: str | None) -> str:
    """A reason that is none of ours is a push service's: it was tried until the time had passed."""
    try:
        return _(NOT_SENT[Suppression(reason or "")])
    except ValueError:
        return _("the phone could not be reached in time")


def days_in_words(days: list[Weekday]) -> str:
    if days == list(EVERY_DAY):
        return _("every day")
    if days == _WORKDAYS:
        return _("Monday to Friday")
    return (
        _("at the weekend")
        if days == _WEEKEND
        else joined(weekday_in_a_list(_A_MONDAY + timedelta(days=EVERY_DAY.index(day))) for day in days)
    )
