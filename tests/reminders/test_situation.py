"""What is decided from the ledger and the diary, through `claim_due` and on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.database import Database
from app.diary.record import record_entries
from app.models.account import Account
from app.models.patient import Patient, PatientProfile, note_answer
from app.models.push import Delivery, DeliveryState
from app.models.reminder import Reminder, ReminderIn
from app.reminders.arrange import arrange, snooze
from app.reminders.back_off import BackOff
from app.reminders.dispatch import Parcel, claim_due
from app.reminders.free import LEASE
from app.reminders.ledger import order_test
from app.reminders.outcomes import record_outcomes
from app.reminders.own_reminders import reminders_of
from app.reminders.verdict import Outcome, Verdict
from builders import NOON, a_device, a_logged_day, a_patient, an_entry

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TODAY = NOON.date()
MORNING = NOON - 4 * HOUR
ACCEPTED = Outcome(Verdict.ACCEPTED, None, 201)


def at(clock: str, day: date = TODAY) -> datetime:
    """In Lisbon, which is on UTC until 29 March 2026."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=UTC)


def reminded(db: Session, patient: PatientProfile, kind: str, *times: str, now: datetime = MORNING) -> None:
    arrange(db, patient, ReminderIn.model_validate({"kind": kind, "times": list(times)}), now)


def claimed(db: Session, now: datetime) -> list[str]:
    """The kinds that are sent at `now`, and taken by the push service."""
    parcels = claim_due(db, now, 0, 256)
    record_outcomes(db, [(parcel, ACCEPTED) for parcel in parcels], now)
    db.expire_all()
    return [parcel.message.kind for parcel in parcels]


def fates(db: Session) -> dict[str, str]:
    """What became of each kind: its last state, or the reason against it."""
    db.expire_all()
    rows = db.scalars(select(Delivery).order_by(col(Delivery.planned_at)))
    return {delivery.kind: delivery.reason or delivery.state for delivery in rows}


@pytest.fixture
def phone(db: Session, ana: PatientProfile) -> PatientProfile:
    """Ana, with a phone."""
    a_device(db, ana.id)
    return ana


def test_of_three_due_at_once_the_check_in_goes_out(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "water", "12:00")
    reminded(db, phone, "custom", "12:00")
    reminded(db, phone, "check_in", "12:00")
    assert claimed(db, NOON) == ["check_in"]
    assert fates(db) == {"check_in": "sent", "custom": "spacing", "water": "spacing"}


def test_a_habit_goes_before_water(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "water", "12:00")
    reminded(db, phone, "stretch", "12:00")
    assert claimed(db, NOON) == ["stretch"]


@pytest.mark.parametrize("at_most", [1, 2])
def test_what_ranks_higher_goes_first_though_few_are_claimed_at_once(
    db: Session, phone: PatientProfile, at_most: int
) -> None:
    [reminded(db, phone, kind, "12:00") for kind in ("water", "custom", "check_in")]
    sent = [claim_due(db, NOON, 0, at_most) for _turn in range(6)]
    assert [parcel.message.kind for parcels in sent for parcel in parcels] == ["check_in"]


def test_a_second_device_takes_no_place_from_what_ranks_higher(db: Session, phone: PatientProfile) -> None:
    a_device(db, phone.id)
    [reminded(db, phone, kind, "12:00") for kind in ("water", "custom", "check_in")]
    sent = [claim_due(db, NOON, 0, 3) for _turn in range(6)]
    assert [parcel.message.kind for parcels in sent for parcel in parcels] == ["check_in", "check_in"]


def test_there_are_three_a_day_and_the_evening_check_in_is_one(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "custom", "09:00", "12:00", "15:00")
    reminded(db, phone, "check_in", "20:00")
    sent = [claimed(db, at(clock)) for clock in ("09:00", "12:00", "15:00", "20:00")]
    assert sent == [["custom"], ["custom"], [], ["check_in"]]
    assert fates(db)["custom"] == "daily_cap"


def test_a_check_in_that_is_already_logged_needs_no_room(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "custom", "09:00", "12:00", "15:00")
    reminded(db, phone, "check_in", "20:00")
    a_logged_day(db, phone, TODAY, now=MORNING)
    assert [claimed(db, at(clock)) for clock in ("09:00", "12:00", "15:00")] == [["custom"]] * 3


def test_a_check_in_in_quiet_hours_needs_no_room(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "custom", "09:00", "12:00", "15:00")
    reminded(db, phone, "check_in", "23:00")
    assert [claimed(db, at(clock)) for clock in ("09:00", "12:00", "15:00")] == [["custom"]] * 3


def test_stretching_shortly_before_the_check_in_gives_way(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "stretch", "19:00")
    reminded(db, phone, "check_in", "20:00")
    assert (claimed(db, at("19:00")), claimed(db, at("20:00"))) == ([], ["check_in"])
    assert fates(db)["stretch"] == "spacing"


def test_what_will_give_way_itself_needs_no_room(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "water", "10:30")
    reminded(db, phone, "custom", "13:00")
    reminded(db, phone, "custom", "13:30")
    reminded(db, phone, "check_in", "20:00")
    sent = [claimed(db, at(clock)) for clock in ("10:30", "13:00", "13:30", "20:00")]
    assert sent == [["water"], ["custom"], [], ["check_in"]]


def test_the_next_day_has_three_of_its_own(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "custom", "09:00", "12:00", "15:00", "18:00")
    today = [claimed(db, at(clock)) for clock in ("09:00", "12:00", "15:00", "18:00")]
    assert today == [["custom"], ["custom"], ["custom"], []]
    note_answer(db, phone.id, at("19:00"))
    assert claimed(db, at("09:00", TODAY + DAY)) == ["custom"]


def test_a_day_is_the_patients_own_and_not_that_of_utc(db: Session) -> None:
    bea = a_patient(db, "Bea", zone="Pacific/Auckland")
    a_device(db, bea.id)
    reminded(db, bea, "custom", "09:00", "12:00", "15:00", "18:00", now=NOON)
    evening = datetime(2026, 3, 18, 20, 0, tzinfo=UTC)
    sent = [claimed(db, evening + hours * HOUR) for hours in (0, 3, 6, 9)]
    assert sent == [["custom"], ["custom"], ["custom"], []]


def test_whoever_wants_fewer_gets_one(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "custom", "09:00", "12:00")
    db.get_one(Patient, phone.id).reminders_a_day = 1
    assert (claimed(db, at("09:00")), claimed(db, at("12:00"))) == (["custom"], [])


def test_one_reminder_on_two_devices_counts_once(db: Session, phone: PatientProfile) -> None:
    a_device(db, phone.id)
    reminded(db, phone, "custom", "09:00", "12:00", "15:00")
    sent = [claimed(db, at(clock)) for clock in ("09:00", "12:00", "15:00")]
    assert sent == [["custom", "custom"]] * 3


def test_two_devices_claimed_one_after_the_other_both_get_it(db: Session, phone: PatientProfile) -> None:
    a_device(db, phone.id)
    reminded(db, phone, "custom", "12:00")
    assert [len(claim_due(db, NOON, 0, 1)) for _turn in range(3)] == [1, 1, 0]


def test_a_test_counts_for_nothing(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "custom", "12:00")
    order_test(db, phone, NOON)
    assert sorted(claimed(db, NOON)) == ["custom", "test"]


def test_what_no_device_ever_got_does_not_count(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "custom", "09:00", "10:00")
    (parcel,) = claim_due(db, at("09:00"), 0, 256)
    record_outcomes(db, [(parcel, Outcome(Verdict.FAILED, "rejected", 400))], at("09:00"))
    assert claimed(db, at("10:00")) == ["custom"]


def test_trying_again_is_no_second_reminder(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "custom", "12:00")
    (parcel,) = claim_due(db, NOON, 0, 256)
    busy = Outcome(Verdict.RETRY, "too_many", 429, 5 * MINUTE)
    record_outcomes(db, [(parcel, busy)], NOON)
    assert claimed(db, NOON + 5 * MINUTE) == ["custom"]


def test_a_bad_day_leaves_only_the_check_in(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "stretch", "09:00")
    reminded(db, phone, "check_in", "20:00")
    a_logged_day(db, phone, TODAY, now=MORNING, bad_day=True)
    assert (claimed(db, at("09:00")), claimed(db, at("20:00"))) == ([], ["check_in"])
    assert fates(db)["stretch"] == "flare"


def test_a_no_is_an_answer_on_record(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "exercise", "09:00")
    a_logged_day(db, phone, TODAY, now=MORNING, plan_items={"bridge": "hurts"})
    assert claimed(db, at("09:00")) == []
    assert fates(db) == {"exercise": "already_done"}


def test_water_comes_when_a_glass_is_missing(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "water", "09:00", "10:00")
    assert (claimed(db, at("09:00")), claimed(db, at("10:00"))) == ([], ["water"])


def test_a_glass_paces_water_anew(db: Session, phone: PatientProfile) -> None:
    """Four glasses by nine leave four for ten and a half hours, one every 157 minutes."""
    reminded(db, phone, "water", "11:30", "11:40")
    record_entries(db, phone, [an_entry(TODAY, at=at("09:00"), add={"water_glasses": 4})], at("09:00"))
    assert (claimed(db, at("11:30")), claimed(db, at("11:40"))) == ([], ["water"])
    assert [delivery.reason for delivery in db.scalars(select(Delivery)) if delivery.reason] == ["on_pace"]


def test_logging_something_else_is_no_glass(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "water", "10:00")
    a_logged_day(db, phone, TODAY, now=at("09:50"), note='He said "water_glasses": 8')
    assert claimed(db, at("10:00")) == ["water"]


def test_water_is_silent_in_the_two_hours_before_the_night(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "water", "19:29", "19:31")
    assert claimed(db, at("19:31")) == []
    assert fates(db) == {"water": "on_pace"}


def test_an_erased_account_gets_nothing_more(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "check_in", "12:00")
    claim_due(db, NOON, 0, 256)
    db.delete(db.get_one(Account, phone.id))
    db.flush()
    assert claimed(db, NOON + LEASE) == []
    assert fates(db) == {}


def test_a_zone_that_is_gone_stops_nobody_else(db: Session, phone: PatientProfile) -> None:
    bea = a_patient(db, "Bea")
    a_device(db, bea.id)
    [reminded(db, patient, "check_in", "12:00") for patient in (phone, bea)]
    claim_due(db, NOON, 0, 256)
    db.get_one(Account, bea.id).zone = "US/Atlantis"
    assert claimed(db, NOON + LEASE) == ["check_in"]


def sent_days(db: Session, patient: PatientProfile, days: int, clock: str = "20:00") -> list[int]:
    """On which of the coming days a reminder at `clock` is sent, when nobody ever answers."""
    return [number for number in range(days) if claimed(db, at(clock, TODAY + number * DAY))]


def test_a_check_in_nobody_answers_becomes_rarer_and_ends_with_a_question(
    db: Session, phone: PatientProfile
) -> None:
    reminded(db, phone, "check_in", "20:00")
    assert sent_days(db, phone, 50) == [0, 1, 2, 4, 6, 8, 10, 17, 24, 31, 38]
    (own,) = reminders_of(db, phone, at("21:00", TODAY + 50 * DAY))
    assert (own.back_off, own.next, own.on) == (BackOff.STOPPED, [], True)


def test_the_next_three_times_know_that_nobody_answers(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "check_in", "20:00")
    sent_days(db, phone, 3)
    (own,) = reminders_of(db, phone, at("21:00", TODAY + 2 * DAY))
    assert own.back_off is BackOff.EVERY_SECOND_DAY
    assert own.next == [at("20:00", TODAY + days * DAY) for days in (4, 6, 8)]


def test_any_entry_starts_afresh(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "check_in", "20:00")
    sent_days(db, phone, 3)
    a_logged_day(db, phone, TODAY, now=at("22:00", TODAY + 2 * DAY), water_glasses=1)
    assert claimed(db, at("20:00", TODAY + 3 * DAY)) == ["check_in"]


def test_an_entry_between_two_of_them_breaks_the_row(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "check_in", "20:00")
    sent_days(db, phone, 2)
    a_logged_day(db, phone, TODAY, now=at("22:00", TODAY + DAY), water_glasses=1)
    sent = [bool(claimed(db, at("20:00", TODAY + days * DAY))) for days in (2, 3, 4, 5)]
    assert sent == [True, True, True, False]


def test_an_answer_to_any_reminder_starts_afresh(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "check_in", "20:00")
    sent_days(db, phone, 12)
    note_answer(db, phone.id, at("22:00", TODAY + 11 * DAY))
    assert claimed(db, at("20:00", TODAY + 12 * DAY)) == ["check_in"]


def test_what_never_left_is_not_ignored(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "check_in", "20:00")
    db.get_one(Patient, phone.id).reminders_paused_until = at("12:00", TODAY + 10 * DAY)
    assert sent_days(db, phone, 13) == [10, 11, 12]


def test_a_push_service_that_refuses_makes_nobody_ignorant(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "check_in", "20:00")
    evenings = [at("20:00", TODAY + days * DAY) for days in range(6)]
    refused = Outcome(Verdict.FAILED, "vapid_refused", 403)
    tried = [[(parcel, refused) for parcel in claim_due(db, evening, 0, 256)] for evening in evenings]
    [record_outcomes(db, outcomes, NOON) for outcomes in tried]
    assert [len(outcomes) for outcomes in tried] == [1] * 6


def test_what_was_put_off_comes_within_two_hours_and_on_a_full_day(
    db: Session, phone: PatientProfile
) -> None:
    reminded(db, phone, "custom", "09:00", "12:00", "15:00")
    sent = [claimed(db, at(clock)) for clock in ("09:00", "12:00", "15:00")]
    reminder = db.scalars(select(Reminder)).one()
    snooze(db, phone, reminder.id, 30, at("15:05"))
    assert (sent, claimed(db, at("15:35"))) == ([["custom"]] * 3, ["custom"])


def test_what_was_put_off_ends_with_what_it_puts_off(db: Session, phone: PatientProfile) -> None:
    reminded(db, phone, "stretch", "09:00")
    claimed(db, at("09:00"))
    snooze(db, phone, db.scalars(select(Reminder)).one().id, 30, at("09:05"))
    claimed(db, at("09:35"))
    put_off = db.scalars(select(Delivery).where(col(Delivery.put_off))).one()
    assert put_off.valid_until == at("11:00")


@pytest.mark.parametrize(
    "jumps",
    [(3,), (-6,), (24,), (3, -3), (-6, 6), (24, -24), (3, -6, 24), (24, 3, -6), (-6, 24, -24)],
)
def test_however_the_clock_jumps_no_local_day_gets_two(
    db: Session, phone: PatientProfile, jumps: tuple[int, ...]
) -> None:
    reminded(db, phone, "check_in", "20:00")
    sent, now = [], at("18:00")
    for jump in (*jumps, 0):
        sent += [now for _quarter in range(14) if (now := now + 15 * MINUTE) and claimed(db, now)]
        now += jump * HOUR
    days = [d.day for d in db.scalars(select(Delivery)) if d.state == DeliveryState.SENT]
    assert len(days) == len(set(days)) == len(sent)
    rows = [d.day for d in db.scalars(select(Delivery))]
    assert len(rows) == len(set(rows))


def twelve_due(db: Session) -> None:
    """None ranks above another, so that only the lock on Ana keeps two workers from sending two."""
    ana = a_patient(db, now=MORNING)
    a_device(db, ana.id, MORNING)
    [reminded(db, ana, "custom", "12:00") for _number in range(12)]


def states(db: Session) -> list[str]:
    return sorted(db.scalars(select(col(Delivery.state))))


async def claimed_by_six(database: Database) -> list[Parcel]:
    """What six workers get that claim two each at the same time."""
    claims = (database.write(claim_due, NOON, 0, 2) for _worker in range(6))
    return [parcel for parcels in await asyncio.gather(*claims) for parcel in parcels]


@pytest.mark.anyio
async def test_workers_that_claim_at_once_send_one_patient_one_reminder(database: Database) -> None:
    await database.write(twelve_due)
    sent = [await claimed_by_six(database) for _turn in range(8)]
    assert [parcel.message.kind for parcels in sent for parcel in parcels] == ["custom"]
    assert await database.read(states) == ["claimed"] + ["suppressed"] * 11


def many_due(db: Session, people: int) -> None:
    everybody = [a_patient(db, f"Ana-{number}", now=MORNING) for number in range(people)]
    [a_device(db, ana.id, MORNING) for ana in everybody]
    [reminded(db, ana, kind, "12:00") for ana in everybody for kind in ("check_in", "stretch", "water")]


@pytest.mark.parametrize("people", [1, 40])
def test_deciding_takes_as_many_statements_for_forty_as_for_one(db: Session, people: int) -> None:
    many_due(db, people)
    statements: list[str] = []
    engine = db.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    assert len(claim_due(db, NOON, 0, 256)) == people
    assert len(statements) == 13
