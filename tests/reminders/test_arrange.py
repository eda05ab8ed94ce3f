from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from threading import Event
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.database import Database
from app.errors import Conflict, Invalid, NotFound
from app.models.account import Account
from app.models.patient import Patient, PatientProfile, patient_profile
from app.models.push import Delivery
from app.models.reminder import Reminder, ReminderChange, ReminderIn, ReminderKind, Weekday
from app.reminders.arrange import (
    REMINDERS_PER_PATIENT,
    arrange,
    arrange_once,
    change_reminder,
    ensure_check_in,
    forget_removed,
    pause,
    remove_once,
    remove_reminder,
    snooze,
    take_back_removing,
)
from app.reminders.back_off import BackOff
from app.reminders.own_reminders import paused_until_of, reminders_of
from builders import NOON, a_delivery, a_device, a_logged_day, a_patient, a_plan, a_reminder, an_item

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HALF_PAST_ONE = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""In Lisbon, for the first time that night: at two the clocks go back to one."""


def wanted(kind: str = "check_in", **said: object) -> ReminderIn:
    return ReminderIn.model_validate({"kind": kind, "times": ["20:00"], **said})


def test_a_new_patient_gets_one_check_in(db: Session, ana: PatientProfile) -> None:
    first = ensure_check_in(db, ana, "20:00", NOON)
    again = ensure_check_in(db, ana, "19:00", NOON)
    assert (first.id, first.times, first.days) == (again.id, ["20:00"], list(Weekday))


def test_the_next_three_times_are_shown(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON)
    assert check_in.next == [NOON + 8 * HOUR, NOON + 8 * HOUR + DAY, NOON + 8 * HOUR + 2 * DAY]


def test_the_next_three_times_begin_after_a_pause(db: Session, ana: PatientProfile) -> None:
    ensure_check_in(db, ana, "20:00", NOON)
    pause(db, ana, NOON + DAY, NOON)
    assert reminders_of(db, ana, NOON)[0].next[0] == NOON + DAY + 8 * HOUR


def test_a_time_in_quiet_hours_has_no_next_time(db: Session, ana: PatientProfile) -> None:
    assert ensure_check_in(db, ana, "23:00", NOON).next == []


def test_a_reminder_switched_off_has_no_next_time(db: Session, ana: PatientProfile) -> None:
    off = arrange(db, ana, wanted(on=False), NOON)
    assert (off.on, off.next) == (False, [])
    assert db.get_one(Reminder, off.id).due_at is None


def test_a_changed_time_is_due_at_the_new_time(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON)
    change = ReminderChange.model_validate({"times": ["19:30"], "days": ["thu"]})
    change_reminder(db, ana, check_in.id, change, NOON)
    assert db.get_one(Reminder, check_in.id).due_at == NOON + DAY + 7 * HOUR + timedelta(minutes=30)


def test_times_and_days_are_kept_in_order_and_once(db: Session, ana: PatientProfile) -> None:
    said = wanted("water", times=["18:00", "09:00", "18:00"], days=["sun", "mon", "sun"])
    water = arrange(db, ana, said, NOON)
    assert (water.kind, water.times) == (ReminderKind.WATER, ["09:00", "18:00"])
    assert water.days == [Weekday.MON, Weekday.SUN]


@pytest.mark.parametrize(
    "bad",
    [
        {"times": []},
        {"times": ["25:00"]},
        {"times": ["8:00"]},
        {"times": [20]},
        {"times": ["08:00"] * 13},
        {"days": []},
        {"days": ["someday"]},
        {"kind": "alarm"},
        {"on": 1},
        {"text": "x" * 201},
        {"text": "a\u202eb"},
        {"text": "a\x00b"},
        {"zone": "Europe/Lisbon"},
    ],
)
def test_what_is_no_reminder_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ReminderIn.model_validate({"kind": "check_in", "times": ["20:00"], **bad})


def removed(db: Session, ana: PatientProfile, **said: object) -> UUID:
    own = arrange(db, ana, wanted("custom", text="Sit up straight", **said), NOON)
    remove_reminder(db, ana, own.id, NOON + timedelta(minutes=1))
    return own.id


def test_a_removed_reminder_comes_back_as_it_was(db: Session, ana: PatientProfile) -> None:
    reminder_id = removed(db, ana)
    assert reminders_of(db, ana, NOON) == []
    back = take_back_removing(db, ana, reminder_id, True, NOON + HOUR)
    assert (back.text, back.on, back.next[0]) == ("Sit up straight", True, NOON + 8 * HOUR)


def test_a_reminder_that_was_off_comes_back_off(db: Session, ana: PatientProfile) -> None:
    assert not take_back_removing(db, ana, removed(db, ana, on=False), False, NOON + HOUR).on


def test_after_an_hour_a_removed_reminder_does_not_come_back(db: Session, ana: PatientProfile) -> None:
    with pytest.raises(Conflict):
        take_back_removing(db, ana, removed(db, ana), True, NOON + 2 * HOUR)


def test_a_removed_reminder_is_forgotten_once_it_cannot_come_back(db: Session, ana: PatientProfile) -> None:
    reminder_id = removed(db, ana)
    forget_removed(db, NOON + HOUR)
    assert db.get(Reminder, reminder_id) is not None
    forget_removed(db, NOON + 2 * HOUR)
    db.expire_all()
    assert db.get(Reminder, reminder_id) is None


def test_a_removed_reminder_does_not_come_back_beyond_the_limit(db: Session, ana: PatientProfile) -> None:
    reminder_id = removed(db, ana)
    [arrange(db, ana, wanted("custom"), NOON) for _number in range(REMINDERS_PER_PATIENT)]
    with pytest.raises(Conflict, match="There can be 40 reminders"):
        take_back_removing(db, ana, reminder_id, True, NOON + HOUR)


def test_a_removed_reminder_does_not_come_back_beside_the_one_that_took_its_place(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    own = arrange(db, ana, wanted("water"), NOON)
    remove_reminder(db, ana, own.id, NOON)
    a_plan(db, ana, rui.id, an_item("water", "", target={"min": 8}, reminder_times=["10:00"]))
    with pytest.raises(Conflict, match="There is another reminder for this now"):
        take_back_removing(db, ana, own.id, True, NOON)


def test_a_removed_reminder_does_not_come_back_once_its_item_left_the_plan(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item(reminder_times=["10:00"]))
    (brought,) = reminders_of(db, ana, NOON)
    remove_reminder(db, ana, brought.id, NOON)
    a_plan(db, ana, rui.id, now=NOON + HOUR / 2)
    with pytest.raises(Conflict, match="Your plan does not ask for this reminder any more"):
        take_back_removing(db, ana, brought.id, True, NOON + HOUR)


def test_one_of_several_that_plans_ask_for_comes_back_beside_the_others(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(
        db, ana, rui.id, *(an_item("stretch", where, reminder_times=["10:00"]) for where in ("Neck", "Back"))
    )
    first, _second = reminders_of(db, ana, NOON)
    remove_reminder(db, ana, first.id, NOON)
    assert take_back_removing(db, ana, first.id, True, NOON).id == first.id


@pytest.mark.parametrize("on", [True, False])
def test_removing_a_reminder_twice_answers_the_same(db: Session, ana: PatientProfile, on: bool) -> None:
    own = arrange(db, ana, wanted("custom", on=on), NOON - HOUR)
    assert [remove_once(db, ana, own.id, NOON + number * HOUR) for number in range(2)] == [on, on]
    with pytest.raises(Conflict):
        take_back_removing(db, ana, own.id, on, NOON + 2 * HOUR)


def test_what_was_added_and_removed_is_there_when_the_same_page_adds_it_again(
    db: Session, ana: PatientProfile
) -> None:
    added = arrange_once(db, ana, uuid4(), wanted("custom"), NOON)
    remove_reminder(db, ana, added.id, NOON)
    again = arrange_once(db, ana, added.id, wanted("custom"), NOON)
    assert (again.on, reminders_of(db, ana, NOON)) == (True, [again])


def test_there_is_an_end_to_reminders(db: Session, ana: PatientProfile) -> None:
    [arrange(db, ana, wanted(), NOON) for _number in range(REMINDERS_PER_PATIENT)]
    with pytest.raises(Conflict):
        arrange(db, ana, wanted(), NOON)
    assert db.scalar(select(func.count()).select_from(Reminder)) == REMINDERS_PER_PATIENT


def test_somebody_elses_reminder_is_not_there(db: Session, ana: PatientProfile) -> None:
    bea = a_patient(db, "Bea")
    with pytest.raises(NotFound):
        change_reminder(db, bea, a_reminder(db, ana.id).id, ReminderChange(on=False), NOON)


def test_what_is_logged_already_does_not_come_again_today(db: Session, ana: PatientProfile) -> None:
    ensure_check_in(db, ana, "20:00", NOON)
    a_logged_day(db, ana, NOON.date())
    (check_in,) = reminders_of(db, ana, NOON)
    assert check_in.next == [NOON + 8 * HOUR + days * DAY for days in (1, 2, 3)]


def test_on_a_bad_day_only_the_check_in_is_to_come(db: Session, ana: PatientProfile) -> None:
    arrange(db, ana, wanted("stretch", times=["14:00"]), NOON)
    arrange(db, ana, wanted("check_in"), NOON)
    a_logged_day(db, ana, NOON.date(), bad_day=True)
    coming = {own.kind: own.next[0] - NOON for own in reminders_of(db, ana, NOON)}
    assert coming == {ReminderKind.STRETCH: 2 * HOUR + DAY, ReminderKind.CHECK_IN: 8 * HOUR}


def test_a_new_reminder_leaves_room_for_those_there_are(db: Session, ana: PatientProfile) -> None:
    ensure_check_in(db, ana, "20:00", NOON)
    assert arrange(db, ana, wanted("custom", times=["18:30"]), NOON).held_back_by == "spacing"
    assert len(arrange(db, ana, wanted("custom", times=["17:00"]), NOON).next) == 3


def test_what_is_due_already_stays_due_when_it_is_changed(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON)
    change_reminder(db, ana, check_in.id, ReminderChange(text="Breathe"), NOON + 8 * HOUR)
    assert db.get_one(Reminder, check_in.id).due_at == NOON + 8 * HOUR


def test_a_snooze_is_the_next_time(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON)
    put_off = snooze(db, ana, check_in.id, 30, NOON)
    assert put_off.snoozed_until == put_off.next[0] == NOON + timedelta(minutes=30)


def test_a_snooze_into_quiet_hours_is_refused(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON)
    with pytest.raises(Conflict):
        snooze(db, ana, check_in.id, 60, NOON + 9 * HOUR)


def test_a_snooze_into_tomorrow_is_refused(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON)
    with pytest.raises(Conflict):
        snooze(db, ana, check_in.id, 720, NOON + 11 * HOUR)


def test_a_snooze_past_the_end_of_what_it_puts_off_is_refused(db: Session, ana: PatientProfile) -> None:
    stretch = arrange(db, ana, wanted("stretch", times=["12:00"]), NOON - HOUR)
    with pytest.raises(Conflict):
        snooze(db, ana, stretch.id, 90, NOON + timedelta(minutes=30))
    assert snooze(db, ana, stretch.id, 89, NOON + timedelta(minutes=30)).snoozed_until is not None


def test_a_snooze_in_the_hour_the_clocks_repeat_comes_when_they_have_done(db: Session) -> None:
    bea = a_patient(db, "Bea")
    stretch = arrange(db, bea, wanted("stretch", times=["01:30"]), HALF_PAST_ONE - HOUR)
    db.get_one(Patient, bea.id).quiet_from = db.get_one(Patient, bea.id).quiet_until
    put_off = snooze(db, patient_profile(db, bea.id), stretch.id, 60, HALF_PAST_ONE)
    assert put_off.snoozed_until == HALF_PAST_ONE + timedelta(minutes=90)


def test_a_reminder_switched_off_is_put_off_no_more(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON)
    snooze(db, ana, check_in.id, 30, NOON)
    change_reminder(db, ana, check_in.id, ReminderChange(on=False), NOON)
    on_again = change_reminder(db, ana, check_in.id, ReminderChange(on=True), NOON)
    assert (on_again.snoozed_until, on_again.next[0]) == (None, NOON + 8 * HOUR)


def test_changing_a_reminder_is_a_sign_that_it_is_not_ignored(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON - 20 * DAY)
    sent = [a_sent_check_in(db, check_in.id, days) for days in range(1, 12)]
    assert [own.back_off for own in reminders_of(db, ana, NOON)] == [BackOff.STOPPED]
    kept = change_reminder(db, ana, check_in.id, ReminderChange(on=True), NOON)
    assert (len(sent), kept.back_off, kept.next[0]) == (11, BackOff.NONE, NOON + 8 * HOUR)


def test_a_reminder_switched_off_asks_nothing(db: Session, ana: PatientProfile) -> None:
    check_in = ensure_check_in(db, ana, "20:00", NOON - 20 * DAY)
    [a_sent_check_in(db, check_in.id, days) for days in range(1, 12)]
    off = change_reminder(db, ana, check_in.id, ReminderChange(on=False), NOON)
    assert (off.back_off, off.next) == (BackOff.NONE, [])


def a_sent_check_in(db: Session, reminder_id: UUID, days_ago: int) -> Delivery:
    reminder = db.get_one(Reminder, reminder_id)
    return a_delivery(db, reminder, a_device(db, reminder.patient_id), NOON - days_ago * DAY)


def test_a_reminder_that_is_off_cannot_be_put_off(db: Session, ana: PatientProfile) -> None:
    off = arrange(db, ana, wanted(on=False), NOON)
    with pytest.raises(Conflict):
        snooze(db, ana, off.id, 30, NOON)


def test_a_pause_ends_when_the_patient_says_so(db: Session, ana: PatientProfile) -> None:
    pause(db, ana, NOON + DAY, NOON)
    pause(db, ana, None, NOON)
    assert paused_until_of(db, ana.id) is None


def test_a_pause_that_lies_behind_us_is_none(db: Session, ana: PatientProfile) -> None:
    assert pause(db, ana, NOON - DAY, NOON) is None


def test_a_pause_of_years_is_refused(db: Session, ana: PatientProfile) -> None:
    with pytest.raises(Invalid):
        pause(db, ana, NOON + 400 * DAY, NOON)


@pytest.mark.anyio
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_arranging_keeps_nobody_waiting_who_writes_something_new_for_the_patient(
    database: Database,
) -> None:
    bea, arranged, written = await database.write(a_patient, "Bea"), Event(), Event()

    def arranging(db: Session) -> bool:
        ensure_check_in(db, bea, "20:00", NOON)
        arranged.set()
        return written.wait(5)

    under_way = asyncio.create_task(database.write(arranging))
    await asyncio.to_thread(arranged.wait, 5)
    await database.write(a_reminder, bea.id)
    written.set()
    assert await under_way
