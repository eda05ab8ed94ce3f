from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.accounts import me
from app.access.care import relationships_of
from app.access.looks import looks_at
from app.access.passwords import is_password
from app.database import Database, make_engine
from app.demo.seed import demo_people, open_demo, seed_demo
from app.diary.record import record_entries, refold
from app.models.account import Account
from app.models.care import Scope
from app.models.daily_log import LogEntry, days_between
from app.models.feedback import Feedback
from app.models.patient import Patient, PatientProfile, patient_profile
from app.models.push import Delivery, PushSubscription
from app.models.reminder import Reminder
from app.models.treatment_session import held_days, next_session
from app.reminders.back_off import BackOff
from app.reminders.dispatch import claim_due, next_due_at
from app.reminders.endpoint_guard import guard_for
from app.reminders.own_reminders import reminders_of
from app.reminders.reach import reach_of
from app.treatment.after import around_sessions
from app.treatment.check_ins import check_in_for_next
from builders import a_patient
from conftest import KINDS, migrated_copy

NOW = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(scope="module", params=KINDS)
def seeded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The demo people in a database of this module's own; no test here changes them."""
    with migrated_copy(request, tmp_path_factory.mktemp("demo")) as url:
        engine = make_engine(url)
        with Session(engine, expire_on_commit=False) as session:
            seed_demo(session, NOW)
            yield session
        engine.dispose()


def patient_called(db: Session, name: str) -> PatientProfile:
    account = db.scalars(select(Account).where(col(Account.email) == f"{name}@demo.example")).one()
    return patient_profile(db, account.id)


def test_there_are_two_therapists_and_six_patients(seeded: Session) -> None:
    accounts = seeded.scalars(select(Account)).all()

    assert sorted(account.role for account in accounts) == ["patient"] * 6 + ["therapist"] * 2
    assert {account.email for account in accounts} == {person.email for person in demo_people()}


def test_everybody_can_sign_in(seeded: Session) -> None:
    ana = seeded.scalars(select(Account).where(col(Account.email) == "ana@demo.example")).one()

    assert asyncio.run(is_password("demo-aftercare", ana.password_hash))


def test_seeding_again_adds_nobody(seeded: Session) -> None:
    assert seed_demo(seeded, NOW) is False
    assert seeded.scalar(select(func.count()).select_from(Account)) == 8


def test_only_who_is_here_is_told_how_to_sign_in(db: Session, seeded: Session) -> None:
    a_patient(db)

    assert open_demo(db, NOW) == []
    assert open_demo(seeded, NOW) == demo_people()


def test_a_database_in_use_is_left_alone(db: Session) -> None:
    a_patient(db)

    assert seed_demo(db, NOW) is False
    assert db.scalar(select(func.count()).select_from(Account)) == 1


def test_the_days_are_what_their_entries_fold_into(seeded: Session) -> None:
    ana = patient_called(seeded, "ana")
    days = days_between(seeded, ana.id, TODAY - timedelta(days=100), TODAY)

    refold(seeded, ana.id, [day.day for day in days])

    assert days_between(seeded, ana.id, TODAY - timedelta(days=100), TODAY) == days


def test_a_phone_that_sends_its_entry_again_is_told_it_was_known(seeded: Session) -> None:
    ana = patient_called(seeded, "ana")
    entry = seeded.scalars(select(LogEntry).where(col(LogEntry.patient_id) == ana.id)).all()[-1]
    sent = {"id": str(entry.id), "day": str(entry.day), "recorded_at": entry.recorded_at.isoformat()}
    said = {part: content for part, content in json.loads(entry.content).items() if content}

    recorded = record_entries(seeded, ana, [sent | said], NOW)

    assert [result.status for result in recorded.results] == ["duplicate"]


def test_a_diary_has_gaps_and_days_filled_in_later(seeded: Session) -> None:
    leo = patient_called(seeded, "leo")
    days = days_between(seeded, leo.id, TODAY - timedelta(days=89), TODAY)

    assert 60 < len(days) < 88
    assert any(day.late for day in days)


def test_ana_has_a_session_today_and_had_one_two_weeks_ago(seeded: Session) -> None:
    ana = patient_called(seeded, "ana")
    ines = seeded.scalars(select(Account.id).where(col(Account.email) == "therapist@demo.example")).one()
    coming = next_session(seeded, ana.id, ines, NOW)
    held = held_days(seeded, ana, ines, TODAY - timedelta(days=100), TODAY)

    assert coming is not None
    assert ana.day_at(coming.starts_at) == TODAY
    assert held[-1] == TODAY - timedelta(days=14)


def test_sessions_were_held_every_two_weeks(seeded: Session) -> None:
    ana = patient_called(seeded, "ana")

    assert held_days(seeded, ana, None, TODAY - timedelta(days=30), TODAY) == [
        TODAY - timedelta(days=28),
        TODAY - timedelta(days=14),
    ]


def test_marta_stopped_logging_twelve_days_ago(seeded: Session) -> None:
    marta = seeded.get_one(Patient, patient_called(seeded, "marta").id)

    assert marta.last_logged_at is not None
    assert timedelta(days=12) <= NOW - marta.last_logged_at < timedelta(days=16)


def test_amina_is_not_reached_since_six_days(seeded: Session) -> None:
    amina = patient_called(seeded, "amina").id
    phone = seeded.scalars(select(PushSubscription).where(col(PushSubscription.account_id) == amina)).one()
    newest = seeded.scalars(
        select(Delivery).where(col(Delivery.account_id) == amina).order_by(col(Delivery.planned_at).desc())
    ).first()

    assert phone.forgotten_at is not None
    assert timedelta(days=5) < NOW - phone.forgotten_at < timedelta(days=7)
    assert newest is not None
    assert (newest.state, newest.reason) == ("suppressed", "no_device")


def test_reminders_of_the_others_were_shown(seeded: Session) -> None:
    leo = patient_called(seeded, "leo").id
    states = seeded.scalars(select(col(Delivery.state)).where(col(Delivery.account_id) == leo)).all()

    assert set(states) == {"shown"}
    assert len(states) == 14


def test_marta_who_fell_silent_is_reminded_ever_less(seeded: Session) -> None:
    marta = patient_called(seeded, "marta")
    ledger = select(Delivery).where(col(Delivery.account_id) == marta.id).order_by(col(Delivery.planned_at))
    silent = [one for one in seeded.scalars(ledger) if not one.opened_at]

    assert [number for number, one in enumerate(silent, 1) if one.sent_at] == [1, 2, 3, 5, 7, 9, 11]
    assert {one.reason for one in silent if not one.sent_at} == {"backed_off"}
    (check_in,) = (own for own in reminders_of(seeded, marta, NOW) if own.kind == "check_in")
    assert check_in.back_off is BackOff.WEEKLY


def test_every_reminder_somebody_arranged_is_due_within_a_day(seeded: Session) -> None:
    due = seeded.scalars(select(col(Reminder.due_at)).where(col(Reminder.session_id).is_(None))).all()

    assert len(due) == 8
    assert all(at is not None and NOW < at <= NOW + timedelta(days=1) for at in due)


def test_everybody_said_something_before_their_sessions_and_most_after_them(seeded: Session) -> None:
    ana = patient_called(seeded, "ana")
    check_in = check_in_for_next(seeded, ana, NOW)
    given = seeded.scalars(select(Feedback).where(col(Feedback.patient_id) == ana.id)).all()

    assert check_in.request == "Sitting is better. Lifting is still the worst."
    assert [(one.name, one.score) for one in check_in.activities] == [
        ("Putting on socks", 7),
        ("Driving for an hour", 6),
        ("Lifting my daughter", 5),
    ]
    assert 3 <= len(given) <= 6


def test_leo_is_still_asked_how_it_compares(seeded: Session) -> None:
    leo = patient_called(seeded, "leo")
    (open_now,) = around_sessions(seeded, leo, NOW).aftercare

    coming = [step.kind for step in open_now.aftercare.steps if step.state == "coming"]
    assert coming == ["compare", "before_next"]


def test_nothing_is_ever_sent_to_a_phone_that_does_not_exist(seeded: Session) -> None:
    endpoints = seeded.scalars(select(col(PushSubscription.endpoint))).all()

    assert endpoints
    assert not any(guard_for([], is_production=False).allows(endpoint) for endpoint in endpoints)


@pytest.mark.anyio
async def test_a_demo_left_running_tells_of_no_phone_and_fails_to_send_nothing(database: Database) -> None:
    await database.write(seed_demo, NOW)
    await leave_running(database, until=NOW + timedelta(days=3))
    lines = await database.read(lines_since, NOW)
    assert lines
    assert {state for state, _reason in lines} <= {"suppressed", "expired"}
    assert ("suppressed", "no_device") in lines


async def leave_running(database: Database, until: datetime) -> None:
    """As a worker would: look whenever something is due."""
    while (due_at := await database.read(next_due_at)) and due_at <= until:
        assert await database.write(claim_due, due_at, 0, 100) == []


def lines_since(db: Session, since: datetime) -> set[tuple[str, str | None]]:
    rows = db.execute(select(Delivery.state, Delivery.reason).where(col(Delivery.planned_at) > since))
    return {(state, reason) for state, reason in rows}


def test_the_phones_of_the_demo_are_still_known_the_morning_after(seeded: Session) -> None:
    leo = patient_called(seeded, "leo").id
    assert reach_of(seeded, leo, NOW + timedelta(hours=18)).reaches is True


def test_patients_share_different_parts(seeded: Session) -> None:
    therapist = seeded.scalars(select(Account).where(col(Account.email) == "therapist@demo.example")).one()
    shared = {
        relationship.patient_name: relationship
        for relationship in relationships_of(seeded, therapist.id, NOW)
    }

    assert shared["Jun Watanabe"].scopes == [Scope.MEASURES]
    assert shared["Jun Watanabe"].expires_on == TODAY + timedelta(days=45)
    assert len(shared["Ana Ferreira"].scopes) == 3


def test_a_patient_finds_the_looks_before_each_session(seeded: Session) -> None:
    *looks, consent = looks_at(seeded, patient_called(seeded, "ana").id)

    assert len(looks) == 6
    assert {(look.who, look.what) for look in looks} == {("Inês Carvalho", "web:brief:read")}
    assert (consent.who, consent.what) == ("Inês Carvalho", "care:measures+notes+plan:given")


def test_the_therapist_has_a_profile_to_show(seeded: Session) -> None:
    therapist = seeded.scalars(select(Account).where(col(Account.email) == "therapist@demo.example")).one()

    assert me(seeded, therapist.id).name == "Inês Carvalho"
