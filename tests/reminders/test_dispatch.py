from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from threading import Event
from time import sleep
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.accounts import ProfileIn, change_me
from app.database import Database
from app.models.account import Account
from app.models.patient import Patient, PatientProfile
from app.models.push import Delivery, PushSubscription
from app.models.reminder import Reminder, ReminderChange
from app.reminders.arrange import change_reminder, remove_reminder, snooze
from app.reminders.dispatch import Parcel, claim_due, next_due_at
from app.reminders.due import jitter_of
from app.reminders.free import LEASE
from app.reminders.heard import DeliveryEvent, delivery_with, note
from app.reminders.message import Message, token_of
from app.reminders.outcomes import record_outcomes
from app.reminders.verdict import Outcome, Verdict
from builders import a_device, a_logged_day, a_patient, a_reminder

EIGHT = datetime(2026, 3, 18, 20, 0, tzinfo=UTC)
"""When Ana's check-in is due; Lisbon is on UTC in March."""
ACCEPTED = Outcome(Verdict.ACCEPTED, None, 201)
KEY = b"k" * 32


def claimed(db: Session, now: datetime = EIGHT, jitter: int = 0) -> list[Parcel]:
    return claim_due(db, now, jitter, 256)


def deliveries(db: Session) -> list[Delivery]:
    db.expire_all()
    return list(db.scalars(select(Delivery).order_by(col(Delivery.planned_at), col(Delivery.id))))


def fates(db: Session) -> list[tuple[str, str | None]]:
    return [(delivery.state, delivery.reason) for delivery in deliveries(db)]


def the_reminder(db: Session) -> Reminder:
    db.expire_all()
    return db.scalars(select(Reminder)).one()


def the_device(db: Session) -> PushSubscription:
    db.expire_all()
    return db.scalars(select(PushSubscription)).one()


@pytest.fixture
def due(db: Session, ana: PatientProfile) -> PatientProfile:
    """Ana, with one phone and a check-in at 20:00."""
    a_device(db, ana.id)
    a_reminder(db, ana.id)
    return ana


def test_nothing_is_claimed_before_its_time(db: Session, due: PatientProfile) -> None:
    assert claimed(db, EIGHT - timedelta(seconds=1)) == []
    assert fates(db) == []


def test_a_due_reminder_is_claimed_for_its_device(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    assert parcel.endpoint == the_device(db).endpoint
    assert (parcel.attempt, parcel.message.kind) == (1, "check_in")


def test_a_claimed_reminder_moves_on_to_tomorrow(db: Session, due: PatientProfile) -> None:
    claimed(db)
    assert the_reminder(db).due_at == EIGHT + timedelta(days=1)


def test_what_one_worker_claimed_is_not_claimed_again(db: Session, due: PatientProfile) -> None:
    claimed(db)
    assert claimed(db) == []
    assert len(deliveries(db)) == 1


def test_every_device_gets_its_own_delivery(db: Session, due: PatientProfile) -> None:
    a_device(db, due.id)
    assert len({parcel.subscription_id for parcel in claimed(db)}) == 2


def test_a_forgotten_device_gets_nothing(db: Session, due: PatientProfile) -> None:
    the_device(db).forget(at=EIGHT)
    assert claimed(db) == []
    assert fates(db) == [("suppressed", "no_device")]


def test_a_logged_day_suppresses_the_check_in_and_says_so(db: Session, due: PatientProfile) -> None:
    a_logged_day(db, due, EIGHT.date(), now=EIGHT)
    assert claimed(db) == []
    assert fates(db) == [("suppressed", "already_done")]


def test_yesterdays_log_does_not_count_for_today(db: Session, due: PatientProfile) -> None:
    a_logged_day(db, due, EIGHT.date() - timedelta(days=1), now=EIGHT)
    assert len(claimed(db)) == 1


def test_a_pause_is_on_record(db: Session, due: PatientProfile) -> None:
    db.get_one(Patient, due.id).reminders_paused_until = EIGHT + timedelta(days=3)
    assert claimed(db) == []
    assert fates(db) == [("suppressed", "paused")]


def test_a_reminder_in_quiet_hours_is_dropped_with_the_reason(db: Session, due: PatientProfile) -> None:
    patient = db.get_one(Patient, due.id)
    patient.quiet_from, patient.quiet_until = time(19, 0), time(8, 0)
    assert claimed(db) == []
    assert fates(db) == [("suppressed", "quiet_hours")]


def test_after_downtime_old_ones_expire_and_the_last_is_sent(db: Session, due: PatientProfile) -> None:
    assert len(claimed(db, EIGHT + timedelta(days=2, minutes=5))) == 1
    assert fates(db) == [("expired", "expired"), ("expired", "expired"), ("claimed", None)]


def test_after_downtime_past_validity_nothing_is_sent(db: Session, due: PatientProfile) -> None:
    assert claimed(db, EIGHT + timedelta(hours=4)) == []
    assert fates(db) == [("expired", "expired")]
    assert the_reminder(db).due_at == EIGHT + timedelta(days=1)


def test_a_lease_that_ran_out_is_claimed_again(db: Session, due: PatientProfile) -> None:
    (first,) = claimed(db)
    assert claimed(db, EIGHT + LEASE - timedelta(seconds=1)) == []
    (second,) = claimed(db, EIGHT + LEASE)
    assert (second.delivery_id, second.attempt) == (first.delivery_id, 2)


def test_a_lease_that_ran_out_past_validity_expires(db: Session, due: PatientProfile) -> None:
    claimed(db)
    assert claimed(db, EIGHT + timedelta(minutes=90)) == []
    assert fates(db) == [("expired", "expired")]


def test_a_check_in_logged_between_attempts_is_not_sent_again(db: Session, due: PatientProfile) -> None:
    claimed(db)
    a_logged_day(db, due, EIGHT.date(), now=EIGHT)
    assert claimed(db, EIGHT + LEASE) == []
    assert fates(db) == [("suppressed", "already_done")]


def test_a_removed_reminder_is_held_back_and_stays_on_record(db: Session, due: PatientProfile) -> None:
    claimed(db)
    remove_reminder(db, due, the_reminder(db).id, EIGHT)
    assert claimed(db, EIGHT + LEASE) == []
    assert fates(db) == [("suppressed", "revoked")]


def test_a_reminder_switched_off_is_not_due(db: Session, due: PatientProfile) -> None:
    change_reminder(db, due, the_reminder(db).id, ReminderChange(on=False), EIGHT - timedelta(hours=1))
    assert claimed(db) == []
    assert next_due_at(db) is None


def test_a_zone_change_on_the_way_does_not_send_twice_in_a_day(db: Session, due: PatientProfile) -> None:
    claimed(db)
    reminder = the_reminder(db)
    reminder.due_at = EIGHT
    db.flush()
    assert claimed(db) == []
    assert len(deliveries(db)) == 1


def test_a_snoozed_check_in_comes_once_more(db: Session, due: PatientProfile) -> None:
    (first,) = claimed(db)
    record_outcomes(db, [(first, ACCEPTED)], EIGHT)
    snooze(db, due, the_reminder(db).id, 30, EIGHT + timedelta(minutes=5))
    (again,) = claimed(db, EIGHT + timedelta(minutes=35))
    assert again.delivery_id != first.delivery_id
    assert the_reminder(db).due_at == EIGHT + timedelta(days=1)
    assert the_reminder(db).snoozed_until is None


def test_jitter_holds_a_reminder_back_by_the_same_seconds_every_day(db: Session, due: PatientProfile) -> None:
    late = jitter_of(due.id, 600)
    assert timedelta() <= late <= timedelta(seconds=600)
    assert claimed(db, EIGHT, jitter=600) == []
    assert the_reminder(db).due_at == EIGHT + late
    assert len(claimed(db, EIGHT + late, jitter=600)) == 1
    assert the_reminder(db).due_at == EIGHT + timedelta(days=1) + late


@pytest.mark.parametrize("jitters", [(600, 0), (0, 600)])
def test_another_jitter_costs_no_evening(db: Session, due: PatientProfile, jitters: tuple[int, int]) -> None:
    before, after = jitters
    the_reminder(db).due_at = EIGHT + jitter_of(due.id, before)
    db.flush()
    [claimed(db, EIGHT + timedelta(seconds=seconds), after) for seconds in range(0, 601, 100)]
    assert fates(db) == [("claimed", None)]


def test_the_worker_sleeps_until_the_next_reminder(db: Session, due: PatientProfile) -> None:
    assert next_due_at(db) == EIGHT


def test_the_worker_sleeps_until_a_lease_runs_out(db: Session, due: PatientProfile) -> None:
    claimed(db)
    assert next_due_at(db) == EIGHT + LEASE


def test_an_accepted_message_is_sent_and_the_device_is_alive(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    record_outcomes(db, [(parcel, ACCEPTED)], EIGHT + timedelta(seconds=1))
    (delivery,) = deliveries(db)
    assert (delivery.state, delivery.http_status, delivery.lease_until) == ("sent", 201, None)
    assert the_device(db).last_accepted_at == EIGHT + timedelta(seconds=1)


def test_a_phone_that_was_faster_than_our_record_stays_ahead(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    (delivery,) = deliveries(db)
    delivery.state, delivery.shown_at = "shown", EIGHT
    db.flush()
    record_outcomes(db, [(parcel, ACCEPTED)], EIGHT + timedelta(seconds=1))
    (delivery,) = deliveries(db)
    assert (delivery.state, delivery.sent_at) == ("shown", EIGHT + timedelta(seconds=1))


@pytest.mark.anyio
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_phone_that_reports_while_its_message_is_recorded_is_heard(database: Database) -> None:
    (parcel,) = await database.write(a_claimed_check_in)
    held = Event()

    def report(db: Session) -> None:
        said = DeliveryEvent(event="shown", token=token_of(parcel.delivery_id, KEY))
        delivery = delivery_with(db, parcel.delivery_id, said.token, KEY, EIGHT)
        held.set()
        until_somebody_waits(db)
        note(db, delivery, said, EIGHT)

    reporting = asyncio.create_task(database.write(report))
    await asyncio.to_thread(held.wait, 5)
    await asyncio.gather(reporting, database.write(record_outcomes, [(parcel, ACCEPTED)], EIGHT))
    assert await database.read(fates) == [("shown", None)]


def a_claimed_check_in(db: Session) -> list[Parcel]:
    ana = a_patient(db)
    a_device(db, ana.id)
    a_reminder(db, ana.id)
    return claimed(db)


def until_somebody_waits(db: Session) -> None:
    while not db.scalar(text("select count(*) from pg_locks where not granted")):
        sleep(0.01)


def test_what_was_held_back_too_late_is_told_as_sent(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    remove_reminder(db, due, the_reminder(db).id, EIGHT)
    record_outcomes(db, [(parcel, ACCEPTED)], EIGHT + timedelta(seconds=1))
    (delivery,) = deliveries(db)
    assert (delivery.state, delivery.reason) == ("sent", None)
    assert delivery.sent_at == EIGHT + timedelta(seconds=1)


def test_what_was_held_back_in_time_is_not_told_as_sent(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    remove_reminder(db, due, the_reminder(db).id, EIGHT)
    busy = Outcome(Verdict.RETRY, "unavailable", 503, timedelta(seconds=5))
    record_outcomes(db, [(parcel, busy)], EIGHT + timedelta(seconds=1))
    assert fates(db) == [("suppressed", "revoked")]


def test_a_device_that_is_gone_is_forgotten(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    record_outcomes(db, [(parcel, Outcome(Verdict.GONE, "gone", 410))], EIGHT)
    assert fates(db) == [("failed", "gone")]
    assert the_device(db).forgotten_at == EIGHT


def test_a_device_that_renewed_itself_meanwhile_is_not_gone_and_gets_the_message(
    db: Session, due: PatientProfile
) -> None:
    (parcel,) = claimed(db)
    renewed(db)
    record_outcomes(db, [(parcel, Outcome(Verdict.GONE, "gone", 410))], EIGHT)
    assert the_device(db).forgotten_at is None
    (again,) = claimed(db)
    assert (again.delivery_id, again.endpoint) == (parcel.delivery_id, the_device(db).endpoint)


def test_what_the_endpoint_before_refused_is_nothing_against_the_renewed_device(
    db: Session, due: PatientProfile
) -> None:
    (parcel,) = claimed(db)
    renewed(db)
    record_outcomes(db, [(parcel, Outcome(Verdict.FAILED, "rejected", 400))], EIGHT)
    assert (the_device(db).strikes, the_device(db).failing_since) == (0, None)


def renewed(db: Session) -> None:
    """Ana's browser has another endpoint now."""
    the_device(db).endpoint += "-renewed"
    db.flush()


@pytest.mark.parametrize("reason", ["rejected", "vapid_refused", "redirected", "unusable_keys"])
def test_nothing_else_forgets_a_device(db: Session, due: PatientProfile, reason: str) -> None:
    (parcel,) = claimed(db)
    record_outcomes(db, [(parcel, Outcome(Verdict.FAILED, reason, 400))], EIGHT)
    assert fates(db) == [("failed", reason)]
    assert (the_device(db).forgotten_at, the_device(db).failing_since) == (None, EIGHT)


def test_a_retry_waits_as_long_as_it_was_told(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    busy = Outcome(Verdict.RETRY, "too_many", 429, timedelta(minutes=2))
    record_outcomes(db, [(parcel, busy)], EIGHT)
    assert next_due_at(db) == EIGHT + timedelta(minutes=2)
    assert len(claimed(db, EIGHT + timedelta(minutes=2))) == 1


def test_a_retry_that_would_come_too_late_expires_with_its_reason(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    busy = Outcome(Verdict.RETRY, "unavailable", 503, timedelta(hours=2))
    record_outcomes(db, [(parcel, busy)], EIGHT)
    assert fates(db) == [("expired", "unavailable")]


def test_a_device_that_takes_messages_again_has_no_strikes(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    strike(db, "rejected", EIGHT)
    assert the_device(db).strikes == 1
    record_outcomes(db, [(parcel, ACCEPTED)], EIGHT)
    assert (the_device(db).strikes, the_device(db).failing_since) == (0, None)


def test_a_limit_on_a_claim_leaves_the_rest_for_the_next(db: Session, due: PatientProfile) -> None:
    a_device(db, due.id)
    rest: list[Any] = [len(claim_due(db, EIGHT, 0, 1)), len(claim_due(db, EIGHT, 0, 1))]
    assert rest == [1, 1]
    assert claimed(db) == []


def test_reminders_follow_their_patient_into_another_zone(db: Session, due: PatientProfile) -> None:
    at_noon = EIGHT - timedelta(hours=8)
    change_me(db, due.id, ProfileIn(zone="Europe/Rome"), at_noon)
    assert claimed(db, at_noon) == []
    assert the_reminder(db).due_at == EIGHT - timedelta(hours=1)


def test_a_time_that_clocks_further_east_have_passed_comes_late(db: Session, due: PatientProfile) -> None:
    move(db, due, "Africa/Lagos", EIGHT - timedelta(minutes=30))
    assert len(claimed(db, EIGHT - timedelta(minutes=30))) == 1
    assert [(one.day, one.slot) for one in deliveries(db)] == [(EIGHT.date(), "20:00")]
    assert the_reminder(db).due_at == EIGHT + timedelta(hours=23)


def test_a_time_that_clocks_far_in_the_east_have_long_passed_is_on_record(
    db: Session, due: PatientProfile
) -> None:
    move(db, due, "Asia/Tokyo", EIGHT - timedelta(minutes=30))
    assert claimed(db, EIGHT - timedelta(minutes=30)) == []
    assert fates(db) == [("expired", "expired")]


def test_who_flies_back_west_is_not_reminded_of_the_same_day_twice(db: Session, due: PatientProfile) -> None:
    move(db, due, "Africa/Lagos", EIGHT - timedelta(minutes=30))
    (parcel,) = claimed(db, EIGHT - timedelta(minutes=30))
    record_outcomes(db, [(parcel, ACCEPTED)], EIGHT - timedelta(minutes=30))
    move(db, due, "Europe/Lisbon", EIGHT - timedelta(minutes=15))
    assert claimed(db, EIGHT) == []
    assert len(deliveries(db)) == 1


def test_what_came_before_a_flight_east_does_not_come_again(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    record_outcomes(db, [(parcel, ACCEPTED)], EIGHT)
    move(db, due, "Africa/Lagos", EIGHT + timedelta(minutes=5))
    assert claimed(db, EIGHT + timedelta(minutes=5)) == []
    assert len(deliveries(db)) == 1


def test_what_was_due_already_when_its_patient_moved_east_is_not_lost(
    db: Session, due: PatientProfile
) -> None:
    move(db, due, "Africa/Lagos", EIGHT + timedelta(minutes=5))
    assert len(claimed(db, EIGHT + timedelta(minutes=5))) == 1


def test_who_moves_out_of_a_zone_that_is_gone_is_reminded_again(db: Session, due: PatientProfile) -> None:
    db.get_one(Account, due.id).zone = "Europe/Atlantis"
    move(db, due, "Europe/Lisbon", EIGHT - timedelta(hours=1))
    assert len(claimed(db)) == 1


def move(db: Session, patient: PatientProfile, zone: str, at: datetime) -> None:
    change_me(db, patient.id, ProfileIn(zone=zone), at)


def test_a_reminder_nobody_can_read_stops_no_other(db: Session, due: PatientProfile) -> None:
    broken = a_reminder(db, due.id)
    broken.times = ["half past nine"]
    db.flush()
    assert len(claimed(db)) == 1
    assert db.get_one(Reminder, broken.id, populate_existing=True).due_at == EIGHT + timedelta(hours=1)


def test_one_patients_night_is_another_ones_evening(db: Session, due: PatientProfile) -> None:
    bea = a_patient(db, "Bea", zone="Asia/Tokyo")
    a_device(db, bea.id)
    a_reminder(db, bea.id, time="05:00")
    assert len(claimed(db)) == 1
    assert {(one.account_id, one.reason) for one in deliveries(db)} == {
        (due.id, None),
        (bea.id, "quiet_hours"),
    }


def strike(db: Session, reason: str, at: datetime) -> None:
    """Ana's phone refuses a message at `at`."""
    record_outcomes(db, [(a_parcel(the_device(db)), Outcome(Verdict.FAILED, reason, 400))], at)


def a_parcel(device: PushSubscription) -> Parcel:
    message = Message(uuid4(), "check_in", EIGHT.date(), None, False)
    keys = (device.p256dh, device.auth, None)
    return Parcel(message.delivery_id, device.id, device.endpoint, *keys, message, EIGHT, 1, EIGHT)


def test_three_strikes_over_a_day_disable_a_device(db: Session, due: PatientProfile) -> None:
    strike(db, "rejected", EIGHT)
    strike(db, "rejected", EIGHT + timedelta(hours=12))
    assert the_device(db).disabled_at is None
    strike(db, "rejected", EIGHT + timedelta(hours=24))
    assert the_device(db).disabled_at == EIGHT + timedelta(hours=24)
    assert claimed(db, EIGHT + timedelta(hours=24)) == []


def test_many_strikes_within_an_hour_disable_nothing(db: Session, due: PatientProfile) -> None:
    [strike(db, "rejected", EIGHT + timedelta(minutes=minute)) for minute in range(60)]
    assert (the_device(db).strikes, the_device(db).disabled_at) == (60, None)


OF_NO_DEVICE = ["vapid_refused", "unreachable", "timeout", "unavailable", "address_refused", "no_mail_server"]


@pytest.mark.parametrize("reason", OF_NO_DEVICE)
def test_what_may_be_the_fault_of_no_device_disables_none(
    db: Session, due: PatientProfile, reason: str
) -> None:
    [strike(db, reason, EIGHT + timedelta(days=day)) for day in range(5)]
    assert (the_device(db).strikes, the_device(db).failing_since) == (0, EIGHT)
    assert the_device(db).disabled_at is None


def test_after_a_fault_of_our_own_it_still_takes_three_strikes(db: Session, due: PatientProfile) -> None:
    [strike(db, "vapid_refused", EIGHT + timedelta(hours=hour)) for hour in range(30)]
    [strike(db, "rejected", EIGHT + timedelta(hours=hour)) for hour in (30, 33)]
    assert (the_device(db).failing_since, the_device(db).disabled_at) == (EIGHT, None)
    strike(db, "rejected", EIGHT + timedelta(hours=36))
    assert the_device(db).disabled_at == EIGHT + timedelta(hours=36)


@pytest.mark.parametrize("reason", ["too_many", "push_service_resting"])
def test_a_busy_push_service_is_no_strike(db: Session, due: PatientProfile, reason: str) -> None:
    (parcel,) = claimed(db)
    record_outcomes(db, [(parcel, Outcome(Verdict.RETRY, reason, wait=timedelta(seconds=9)))], EIGHT)
    assert (the_device(db).strikes, the_device(db).failing_since) == (0, None)


def test_a_message_that_was_not_sent_is_no_attempt(db: Session, due: PatientProfile) -> None:
    (parcel,) = claimed(db)
    resting = Outcome(Verdict.RETRY, "push_service_resting", wait=timedelta(seconds=9))
    record_outcomes(db, [(parcel, resting)], EIGHT)
    (again,) = claimed(db, EIGHT + timedelta(seconds=9))
    assert again.attempt == 1


def test_a_message_is_claimed_with_the_language_of_its_reader(db: Session, due: PatientProfile) -> None:
    change_me(db, due.id, ProfileIn(locale="ar"), EIGHT)
    (parcel,) = claimed(db)
    assert parcel.message.locale == "ar"
