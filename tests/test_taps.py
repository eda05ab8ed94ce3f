"""What a tap on a notification does, and that doing it again changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models.account import Account
from app.models.daily_log import day_on
from app.models.patient import PatientProfile
from app.models.push import Delivery
from app.models.reminder import Reminder
from app.reminders.dispatch import claim_due
from app.reminders.heard import DeliveryEvent, Happening
from app.reminders.message import token_of
from app.reminders.own_reminders import stored_reminders
from app.taps import DeliveryNow, take_report, take_tap
from app.web.plan_page import tick
from builders import NOON, a_delivery, a_device, a_logged_day, a_patient, a_plan, a_reminder, an_item

KEY = bytes(range(32))


def a_shown(db: Session, ana: PatientProfile, kind: str, at: datetime = NOON) -> Delivery:
    """A reminder of this kind that is on Ana's phone since `at`."""
    reminder = a_reminder(db, ana.id, now=at)
    reminder.kind = kind
    return a_delivery(db, reminder, a_device(db, ana.id, at), at)


def say(db: Session, delivery: Delivery, now: datetime = NOON, **said: Any) -> DeliveryNow:
    event = DeliveryEvent.model_validate({"token": token_of(delivery.id, KEY), **said})
    return take_report(db, delivery.id, event, KEY, now)


def water_of(db: Session, ana: PatientProfile, delivery: Delivery) -> int | None:
    day = day_on(db, ana.id, delivery.counts_for)
    return day.water_glasses if day else None


def test_a_glass_is_answered_with_the_count_and_undo(db: Session, ana: PatientProfile) -> None:
    water = a_shown(db, ana, "water")
    answer = say(db, water, event="acted", action="add_glass")
    assert (answer.title, answer.body, answer.can_undo) == ("1 of 8 glasses", "Added to today.", True)


def test_five_taps_are_one_glass(db: Session, ana: PatientProfile) -> None:
    water = a_shown(db, ana, "water")
    answers = [say(db, water, event="acted", action="add_glass") for _tap in range(5)]
    assert len(set(answers)) == 1
    assert water_of(db, ana, water) == 1


def also_on_a_tablet(db: Session, delivery: Delivery) -> Delivery:
    """The same occurrence on another device of the same patient."""
    reminder = db.get_one(Reminder, delivery.reminder_id)
    return a_delivery(db, reminder, a_device(db, delivery.account_id, NOON), NOON)


def test_a_glass_on_the_phone_and_on_the_tablet_is_one_glass(db: Session, ana: PatientProfile) -> None:
    phone = a_shown(db, ana, "water")
    tablet = also_on_a_tablet(db, phone)
    say(db, phone, event="acted", action="add_glass")
    answer = say(db, tablet, NOON + timedelta(minutes=2), event="acted", action="add_glass")
    assert (answer.title, answer.can_undo) == ("1 of 8 glasses", True)
    assert water_of(db, ana, phone) == 1


def test_taken_back_on_both_devices_is_taken_back_once(db: Session, ana: PatientProfile) -> None:
    before = a_shown(db, ana, "water")
    phone = a_shown(db, ana, "water")
    tablet = also_on_a_tablet(db, phone)
    [say(db, one, event="acted", action="add_glass") for one in (before, phone, tablet)]
    [say(db, one, NOON + timedelta(minutes=1), event="undone") for one in (phone, tablet)]
    assert water_of(db, ana, phone) == 1


def test_what_was_taken_back_on_the_phone_can_be_done_on_the_tablet(db: Session, ana: PatientProfile) -> None:
    phone = a_shown(db, ana, "water")
    tablet = also_on_a_tablet(db, phone)
    say(db, phone, event="acted", action="add_glass")
    say(db, phone, event="undone")
    say(db, tablet, NOON + timedelta(minutes=1), event="acted", action="add_glass")
    assert water_of(db, ana, phone) == 1


def test_the_next_occurrence_is_another_glass(db: Session, ana: PatientProfile) -> None:
    first = a_shown(db, ana, "water")
    later = also_on_a_tablet(db, first)
    later.slot = "15:00"
    [say(db, one, event="acted", action="add_glass") for one in (first, later)]
    assert water_of(db, ana, first) == 2


def test_undo_takes_one_glass_back_however_often_it_is_said(db: Session, ana: PatientProfile) -> None:
    first, second = a_shown(db, ana, "water"), a_shown(db, ana, "water")
    say(db, first, event="acted", action="add_glass")
    say(db, second, event="acted", action="add_glass")
    answers = [say(db, second, event="undone") for _tap in range(3)]
    assert [(one.title, one.body, one.can_undo) for one in answers] == [
        ("Taken back", "1 of 8 glasses", False)
    ] * 3


def test_what_was_taken_back_is_not_done_by_a_late_repetition(db: Session, ana: PatientProfile) -> None:
    water = a_shown(db, ana, "water")
    say(db, water, event="acted", action="add_glass")
    say(db, water, event="undone")
    say(db, water, event="acted", action="add_glass")
    assert water_of(db, ana, water) is None


def test_with_nothing_done_there_is_nothing_to_take_back(db: Session, ana: PatientProfile) -> None:
    water = a_shown(db, ana, "water")
    say(db, water, event="undone")
    say(db, water, event="acted", action="add_glass")
    assert water_of(db, ana, water) == 1


def test_a_tap_after_midnight_counts_for_the_day_of_the_reminder(db: Session) -> None:
    ana = a_patient(db, zone="UTC")
    water = a_shown(db, ana, "water", datetime(2026, 3, 18, 21, 0, tzinfo=UTC))
    answer = say(db, water, datetime(2026, 3, 19, 9, 0, tzinfo=UTC), event="acted", action="add_glass")
    assert water_of(db, ana, water) == 1
    assert answer.body == "Added to yesterday."


def test_stretching_done_is_five_minutes(db: Session, ana: PatientProfile) -> None:
    stretch = a_shown(db, ana, "stretch")
    assert say(db, stretch, event="acted", action="done").body == "5 minutes added to today."
    day = day_on(db, ana.id, stretch.counts_for)
    assert day is not None
    assert day.stretching_minutes == 5


@pytest.mark.parametrize("kind", ["exercise", "sleep", "custom"])
def test_done_says_nothing_about_the_day_where_nothing_was_measured(
    db: Session, ana: PatientProfile, kind: str
) -> None:
    delivery = a_shown(db, ana, kind)
    answer = say(db, delivery, event="acted", action="done")
    assert (answer.title, answer.entry_id) == ("Done", None)
    assert day_on(db, ana.id, delivery.counts_for) is None


def test_later_asks_again_in_half_an_hour(db: Session, ana: PatientProfile) -> None:
    stretch = a_shown(db, ana, "stretch")
    answer = say(db, stretch, event="acted", action="later")
    assert answer.body == "You are asked again at 12:30."
    assert db.get_one(Reminder, stretch.reminder_id).snoozed_until == NOON + timedelta(minutes=30)


def test_later_never_leads_past_the_reminders_own_end(db: Session, ana: PatientProfile) -> None:
    stretch = a_shown(db, ana, "stretch")
    answer = say(db, stretch, NOON + timedelta(minutes=95), event="acted", action="later")
    assert answer.body == "It is too late to ask again, so this one ends here."
    assert db.get_one(Reminder, stretch.reminder_id).snoozed_until is None


def test_later_never_leads_into_quiet_hours(db: Session) -> None:
    ana = a_patient(db, zone="UTC")
    evening = datetime(2026, 3, 18, 21, 10, tzinfo=UTC)
    stretch = a_shown(db, ana, "stretch", evening)
    say(db, stretch, evening, event="acted", action="later")
    assert db.get_one(Reminder, stretch.reminder_id).snoozed_until is None


def test_later_that_was_heard_late_is_counted_from_the_tap(db: Session, ana: PatientProfile) -> None:
    stretch = a_shown(db, ana, "stretch")
    say(db, stretch, NOON + timedelta(minutes=20), event="acted", action="later", at=NOON.isoformat())
    assert db.get_one(Reminder, stretch.reminder_id).snoozed_until == NOON + timedelta(minutes=30)


def test_what_was_put_off_can_still_be_done(db: Session, ana: PatientProfile) -> None:
    water = a_shown(db, ana, "water")
    say(db, water, event="acted", action="later")
    assert say(db, water, event="acted", action="add_glass").title == "1 of 8 glasses"


@pytest.mark.parametrize(("kind", "action"), [("water", "add_glass"), ("custom", "done")])
def test_what_was_put_off_and_done_does_not_come_again(
    db: Session, ana: PatientProfile, kind: str, action: str
) -> None:
    delivery = a_shown(db, ana, kind)
    say(db, delivery, event="acted", action="later")
    say(db, delivery, event="acted", action=action)
    assert claim_due(db, NOON + timedelta(minutes=30), 0, 256) == []
    assert db.get_one(Reminder, delivery.reminder_id).due_at == NOON + timedelta(hours=8)


def test_a_report_that_was_kept_tells_its_own_time(db: Session, ana: PatientProfile) -> None:
    delivery = a_shown(db, ana, "check_in")
    at = NOON + timedelta(minutes=1)
    say(db, delivery, NOON + timedelta(hours=9), event="shown", at=at.isoformat())
    assert delivery.shown_at == at


@pytest.mark.parametrize("hours", [-24, 24])
def test_a_wrong_clock_cannot_leave_the_time_since_the_reminder(
    db: Session, ana: PatientProfile, hours: int
) -> None:
    delivery, now = a_shown(db, ana, "check_in"), NOON + timedelta(hours=1)
    say(db, delivery, now, event="shown", at=(NOON + timedelta(hours=hours)).isoformat())
    assert delivery.shown_at is not None
    assert NOON <= delivery.shown_at <= now


def test_a_tap_by_the_owner_needs_no_token(db: Session, ana: PatientProfile) -> None:
    water = a_shown(db, ana, "water")
    tap = Happening(event="acted", action="add_glass")
    assert take_tap(db, ana, water.id, tap, NOON).title == "1 of 8 glasses"


def test_a_delivery_of_somebody_else_is_not_there(db: Session, ana: PatientProfile) -> None:
    water, bea = a_shown(db, ana, "water"), a_patient(db, "Bea")
    with pytest.raises(NotFound):
        take_tap(db, bea, water.id, Happening(event="acted", action="add_glass"), NOON)


def test_done_ticks_the_item_of_the_plan_and_undo_takes_it_back(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    tucks = a_planned(db, ana, rui, an_item(id="tucks", reminder_times=["12:30"]))
    assert say(db, tucks, event="acted", action="done").body == "Noted for today."
    assert ticks_of(db, ana, tucks) == {"tucks": "done"}
    say(db, tucks, event="undone")
    assert ticks_of(db, ana, tucks) is None


def test_done_stretching_logs_the_minutes_of_the_plan(db: Session, ana: PatientProfile, rui: Account) -> None:
    neck = an_item("stretch", "Neck", id="neck", target={"min": 10}, reminder_times=["08:30"])
    stretch = a_planned(db, ana, rui, neck)
    assert say(db, stretch, event="acted", action="done").body == "10 minutes added to today."
    assert ticks_of(db, ana, stretch) == {"neck": "done"}


def test_what_was_done_on_the_plan_page_is_not_counted_again_by_a_tap(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    neck = an_item("stretch", "Neck", id="neck", target={"min": 10}, reminder_times=["08:30"])
    stretch = a_planned(db, ana, rui, neck)
    tick(db, ana, "neck", "done", uuid4(), NOON)
    answer = say(db, stretch, event="acted", action="done")
    assert (answer.body, answer.can_undo) == ("Noted for today.", False)
    assert stretching_of(db, ana, stretch) == 10


def test_a_tap_adds_the_minutes_that_are_missing(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_logged_day(db, ana, ana.day_at(NOON), NOON - timedelta(hours=1), stretching_minutes=4)
    neck = an_item("stretch", "Neck", id="neck", target={"min": 10}, reminder_times=["08:30"])
    stretch = a_planned(db, ana, rui, neck)
    assert say(db, stretch, event="acted", action="done").body == "6 minutes added to today."
    assert stretching_of(db, ana, stretch) == 10


def test_done_on_the_phone_can_be_taken_back_on_the_tablet(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    neck = an_item("stretch", "Neck", id="neck", target={"min": 10}, reminder_times=["08:30"])
    phone = a_planned(db, ana, rui, neck)
    tablet = also_on_a_tablet(db, phone)
    say(db, phone, event="acted", action="done")
    assert say(db, tablet, NOON + timedelta(minutes=1), event="acted", action="done").can_undo
    say(db, tablet, NOON + timedelta(minutes=2), event="undone")
    assert (ticks_of(db, ana, phone), stretching_of(db, ana, phone)) == (None, None)


def stretching_of(db: Session, ana: PatientProfile, delivery: Delivery) -> int | None:
    day = day_on(db, ana.id, delivery.counts_for)
    return day.stretching_minutes if day else None


def a_planned(db: Session, ana: PatientProfile, rui: Account, item: dict[str, Any]) -> Delivery:
    """The reminder of this item, on Ana's phone now."""
    a_plan(db, ana, rui.id, item)
    (reminder,) = stored_reminders(db, ana.id)
    return a_delivery(db, reminder, a_device(db, ana.id))


def ticks_of(db: Session, ana: PatientProfile, delivery: Delivery) -> dict[str, str] | None:
    day = day_on(db, ana.id, delivery.counts_for)
    return day.plan_items if day else None
