"""What a held session plans, as the worker would send it, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from time import sleep
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.accounts import ProfileIn
from app.access.care import revoke
from app.access.looks import SharedPatient
from app.database import Database
from app.errors import Conflict
from app.models.account import Account
from app.models.aftercare import STANDARD
from app.models.care import Scope
from app.models.check_in import CheckInSaid
from app.models.feedback import FeedbackIn
from app.models.patient import Patient, PatientProfile
from app.models.push import Delivery
from app.models.reminder import Reminder, ReminderIn
from app.models.treatment_session import BookSession, SessionChange, SessionHeld
from app.reminders.arrange import arrange
from app.reminders.dispatch import Parcel, claim_due, next_due_at
from app.reminders.outcomes import record_outcomes
from app.reminders.own_reminders import reminders_of
from app.reminders.verdict import Outcome, Verdict
from app.treatment.after import around_sessions
from app.treatment.check_ins import check_in
from app.treatment.feedback import give_feedback, say_something_is_wrong, take_back_something_is_wrong
from app.treatment.own_clock import change_settings
from app.treatment.seen import Caller, SessionSeen, sessions_of
from app.treatment.sessions import book, change, hold, outlook
from builders import NOON, a_consent, a_device, a_logged_day, a_patient, a_session, a_therapist

ACCEPTED = Outcome(Verdict.ACCEPTED, None, 201)
TODAY = NOON.date()
HELD_AT = NOON - timedelta(minutes=70)
"""A session that ended at 10:50, in Lisbon, which is on UTC until 29 March 2026."""
RECORDED_AT = HELD_AT + timedelta(minutes=5)


class Practice:
    """Rui's desk: Ana comes to him, with a phone in her bag."""

    def __init__(self, db: Session, ana: PatientProfile, therapist: Account) -> None:
        self.db, self.ana, self.therapist_id = db, ana, therapist.id
        self.consent_id = a_consent(db, therapist.id, ana)
        shared = SharedPatient(ana, frozenset(Scope), therapist.id)
        self.caller = Caller.therapist_of(shared)

    def booked(self, starts_at: datetime, now: datetime = RECORDED_AT) -> SessionSeen:
        return book(self.db, self.caller, BookSession(starts_at=starts_at), now)

    def held(
        self, held_at: datetime = HELD_AT, session_id: UUID | None = None, now: datetime | None = None
    ) -> SessionSeen:
        start = held_at - timedelta(minutes=50)
        this = session_id or a_session(self.db, self.ana.id, self.therapist_id, start).id
        return hold(
            self.db, self.caller, this, SessionHeld(held_at=held_at), now or held_at + timedelta(minutes=5)
        )

    def changed(self, session: SessionSeen, now: datetime, **what: object) -> SessionSeen:
        return change(self.db, self.caller, session.id, SessionChange.model_validate(what), now)


@pytest.fixture
def rui_treats(db: Session, ana: PatientProfile, rui: Account) -> Practice:
    a_device(db, ana.id)
    return Practice(db, ana, rui)


def at(clock: str, day: int = 18) -> datetime:
    return datetime.combine(date(2026, 3, day), time.fromisoformat(clock), tzinfo=UTC)


def live_until(db: Session, until: datetime) -> list[str]:
    """Do what the worker does, at each instant at which it would; what it sends, as "18 12:50 water"."""
    return list(_lived(db, until))


def _lived(db: Session, until: datetime) -> Iterator[str]:
    while (now := next_due_at(db)) is not None and now <= until:
        parcels = claim_due(db, now, 0, 256)
        record_outcomes(db, [(parcel, ACCEPTED) for parcel in parcels], now)
        db.expire_all()
        for parcel in parcels:
            yield f"{now.day} {now:%H:%M} {parcel.message.step or parcel.message.kind}"


def reasons(db: Session, kind: str) -> list[str | None]:
    found = select(Delivery).where(col(Delivery.kind) == kind).order_by(col(Delivery.planned_at))
    return [delivery.reason for delivery in db.scalars(found)]


def reminded(db: Session, ana: PatientProfile, kind: str, *times: str) -> None:
    arrange(db, ana, ReminderIn.model_validate({"kind": kind, "times": list(times)}), at("07:00"))


def test_the_steps_come_over_the_next_days(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    assert live_until(db, at("23:00", 28)) == [
        "18 12:50 water",
        "18 18:00 feedback",
        "19 08:30 stretch",
        "21 18:00 compare",
    ]


def test_the_eve_of_the_next_session_is_asked_once_one_is_booked(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    live_until(db, at("12:00", 22))
    coming = rui_treats.booked(at("10:00", 27), now=at("12:00", 22))
    rui_treats.changed(coming, at("12:00", 23), starts_at=at("10:00", 28))
    assert live_until(db, at("23:00", 28)) == ["27 18:00 before_next"]


def test_the_eve_is_not_asked_when_the_next_session_is_cancelled(db: Session, rui_treats: Practice) -> None:
    coming = rui_treats.booked(at("10:00", 27))
    rui_treats.held()
    live_until(db, at("12:00", 22))
    rui_treats.changed(coming, at("12:00", 23), cancelled=True)
    assert live_until(db, at("23:00", 28)) == []


def test_the_eve_is_not_asked_when_the_check_in_is_there(db: Session, rui_treats: Practice) -> None:
    rui_treats.booked(at("10:00", 27))
    rui_treats.held()
    live_until(db, at("12:00", 25))
    check_in(db, rui_treats.ana, CheckInSaid(request="The left side."), at("13:00", 25))
    assert live_until(db, at("23:00", 28)) == []


def test_on_days_with_steps_the_usual_habits_rest(db: Session, rui_treats: Practice) -> None:
    reminded(db, rui_treats.ana, "stretch", "15:00")
    rui_treats.held()
    assert [line for line in live_until(db, at("23:00", 21)) if line.endswith(" stretch")] == [
        "19 08:30 stretch",
        "20 15:00 stretch",
    ]
    assert reasons(db, "stretch") == ["aftercare", "aftercare", None, "aftercare"]


def test_the_times_shown_of_a_habit_leave_out_days_with_steps(db: Session, rui_treats: Practice) -> None:
    reminded(db, rui_treats.ana, "stretch", "15:00")
    rui_treats.held()
    (stretching,) = reminders_of(db, rui_treats.ana, RECORDED_AT)
    assert [instant.day for instant in stretching.next] == [20, 22, 23]


def test_the_check_in_and_ones_own_words_come_all_the_same(db: Session, rui_treats: Practice) -> None:
    reminded(db, rui_treats.ana, "check_in", "20:00")
    rui_treats.held()
    assert "18 20:00 check_in" in live_until(db, at("23:00"))


def test_a_step_goes_first_where_not_all_can_come(db: Session, rui_treats: Practice) -> None:
    reminded(db, rui_treats.ana, "check_in", "17:30")
    rui_treats.held()
    assert live_until(db, at("23:00")) == ["18 12:50 water", "18 18:00 feedback"]
    assert reasons(db, "check_in") == ["spacing"]


def test_the_daily_cap_holds_for_steps_too(db: Session, rui_treats: Practice) -> None:
    db.get_one(Patient, rui_treats.ana.id).reminders_a_day = 1
    db.flush()
    rui_treats.held()
    assert live_until(db, at("23:00")) == ["18 12:50 water"]
    assert reasons(db, "aftercare") == [None, "daily_cap"]


def test_steps_move_when_the_session_is_corrected(db: Session, rui_treats: Practice) -> None:
    held = rui_treats.held()
    rui_treats.changed(held, RECORDED_AT, held_at=(HELD_AT - timedelta(minutes=30)).isoformat())
    assert live_until(db, at("13:00")) == ["18 12:20 water"]


def test_a_step_that_came_does_not_come_again_when_the_session_is_corrected(
    db: Session, rui_treats: Practice
) -> None:
    held = rui_treats.held()
    live_until(db, at("13:00"))
    rui_treats.changed(held, at("13:05"), held_at=at("12:30").isoformat())
    assert live_until(db, at("23:00")) == ["18 18:00 feedback"]


def test_a_step_on_its_way_does_not_come_again_when_the_session_is_corrected(
    db: Session, rui_treats: Practice
) -> None:
    held = rui_treats.held()
    (parcel,) = claim_due(db, at("12:50"), 0, 256)
    rui_treats.changed(held, at("12:51"), held_at=at("12:30").isoformat())
    record_outcomes(db, [(parcel, ACCEPTED)], at("12:51"))
    assert "water" not in " ".join(live_until(db, at("23:00")))


def test_a_session_written_down_late_brings_back_no_missed_steps(db: Session, rui_treats: Practice) -> None:
    rui_treats.held(now=at("09:00", 20))
    assert live_until(db, at("23:00", 21)) == ["21 18:00 compare"]


def test_a_day_that_was_wrong_is_put_right_and_the_steps_come(db: Session, rui_treats: Practice) -> None:
    held = rui_treats.held(HELD_AT - timedelta(days=1), now=RECORDED_AT)
    rui_treats.changed(held, at("11:00"), held_at=HELD_AT.isoformat())
    assert live_until(db, at("13:00")) == ["18 12:50 water"]


def test_something_wrong_ends_the_steps(db: Session, rui_treats: Practice) -> None:
    held = rui_treats.held()
    live_until(db, at("13:00"))
    say_something_is_wrong(db, rui_treats.ana, held.id, at("14:00"))
    assert live_until(db, at("23:00", 28)) == []
    assert around_sessions(db, rui_treats.ana, at("14:00")).aftercare == []


def test_something_wrong_holds_back_what_is_on_its_way(db: Session, rui_treats: Practice) -> None:
    held = rui_treats.held()
    claim_due(db, at("12:50"), 0, 256)
    say_something_is_wrong(db, rui_treats.ana, held.id, at("12:51"))
    assert claim_due(db, at("12:55"), 0, 256) == []
    assert reasons(db, "aftercare") == ["revoked"]


def test_something_wrong_by_a_slip_of_the_finger_is_taken_back(db: Session, rui_treats: Practice) -> None:
    held = rui_treats.held()
    live_until(db, at("13:00"))
    say_something_is_wrong(db, rui_treats.ana, held.id, at("14:00"))
    take_back_something_is_wrong(db, rui_treats.ana, held.id, at("14:01"))
    assert live_until(db, at("23:00")) == ["18 18:00 feedback"]


def test_something_wrong_stands_when_the_session_is_taken_back_and_held_again(
    db: Session, rui_treats: Practice
) -> None:
    held = rui_treats.held()
    say_something_is_wrong(db, rui_treats.ana, held.id, at("12:00"))
    rui_treats.changed(held, at("12:05"), held_at=None)
    again = rui_treats.held(session_id=held.id, now=at("12:10"))
    assert again.aftercare is not None
    assert (again.aftercare.ended_at, again.aftercare.ended_because) == (at("12:00"), "something_wrong")
    assert live_until(db, at("23:00", 28)) == []


def test_no_step_is_promised_of_a_session_after_which_something_is_wrong(
    db: Session, rui_treats: Practice
) -> None:
    held = rui_treats.held()
    say_something_is_wrong(db, rui_treats.ana, held.id, at("12:00"))
    rui_treats.changed(held, at("12:05"), held_at=None)
    ahead = outlook(db, rui_treats.caller, held.id, HELD_AT, at("12:10"))
    assert [one.due_at for one in ahead.on(STANDARD) if one.due_at] == []


def test_what_is_promised_of_a_session_is_not_kept_away_by_itself(db: Session, rui_treats: Practice) -> None:
    held = rui_treats.held()
    ahead = outlook(db, rui_treats.caller, held.id, HELD_AT - timedelta(minutes=10), at("11:00"))
    assert all(one.due_at or one.waits for one in ahead.on(STANDARD))


def test_the_next_session_takes_the_place_of_the_steps_before_it(db: Session, rui_treats: Practice) -> None:
    first = rui_treats.held()
    live_until(db, at("12:00", 20))
    rui_treats.held(at("16:00", 20))
    lines = live_until(db, at("23:00", 24))
    assert lines == ["20 18:00 water", "20 20:00 feedback", "21 08:30 stretch", "23 18:00 compare"]
    (seen,) = [one for one in _sessions(db, rui_treats) if one.id == first.id]
    assert seen.aftercare is not None
    assert seen.aftercare.ended_because == "next_session"


def test_a_session_written_down_twice_sends_its_steps_once(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    rui_treats.held()
    assert live_until(db, at("23:00", 20)) == ["18 12:50 water", "18 18:00 feedback", "19 08:30 stretch"]


def test_the_steps_go_on_when_the_session_that_followed_was_not_held_after_all(
    db: Session, rui_treats: Practice
) -> None:
    rui_treats.held()
    live_until(db, at("12:00", 20))
    by_mistake = rui_treats.held(at("16:00", 20))
    rui_treats.changed(by_mistake, at("16:10", 20), held_at=None)
    assert live_until(db, at("23:00", 24)) == ["21 18:00 compare"]


def test_the_steps_go_on_when_the_session_that_followed_was_before_them(
    db: Session, rui_treats: Practice
) -> None:
    rui_treats.held()
    live_until(db, at("12:00", 20))
    older = rui_treats.held(at("16:00", 20))
    rui_treats.changed(older, at("16:10", 20), held_at=at("16:00", 14).isoformat())
    assert live_until(db, at("23:00", 24)) == ["21 18:00 compare"]


def test_the_steps_do_not_go_on_while_something_is_wrong(db: Session, rui_treats: Practice) -> None:
    first = rui_treats.held()
    by_mistake = rui_treats.held(at("11:50"))
    say_something_is_wrong(db, rui_treats.ana, first.id, at("11:56"))
    rui_treats.changed(by_mistake, at("11:57"), held_at=None)
    assert live_until(db, at("23:00", 24)) == []


def _sessions(db: Session, practice: Practice) -> list[SessionSeen]:
    return sessions_of(db, practice.caller).sessions


def test_two_therapists_keep_their_sequences_apart(db: Session, rui_treats: Practice) -> None:
    sofia_treats = Practice(db, rui_treats.ana, a_therapist(db, "Sofia"))
    rui_treats.held()
    sofia_treats.held(at("16:00", 19))
    open_now = around_sessions(db, rui_treats.ana, at("17:00", 19)).aftercare
    assert [one.therapist_name for one in open_now] == ["Sofia", "Rui"]
    assert "21 18:00 compare" in live_until(db, at("23:00", 21))


def test_two_taps_of_held_make_one_sequence(db: Session, rui_treats: Practice) -> None:
    held = rui_treats.held()
    with pytest.raises(Conflict):
        rui_treats.held(session_id=held.id)
    assert len(db.scalars(select(Reminder)).all()) == 5


async def test_of_many_taps_of_held_at_once_one_counts(database: Database) -> None:
    practice = await database.write(_settled)
    (session,) = await database.read(sessions_as_seen, practice)
    held = SessionHeld(held_at=HELD_AT)
    taps = [database.write(hold, practice, session.id, held, RECORDED_AT) for _tap in range(6)]
    answers = await asyncio.gather(*taps, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 5 + ["SessionSeen"]
    assert await database.read(lambda db: len(db.scalars(select(Reminder)).all())) == 5


def _settled(db: Session) -> Caller:
    ana, rui = a_patient(db), a_therapist(db)
    a_consent(db, rui.id, ana)
    a_session(db, ana.id, rui.id, HELD_AT - timedelta(minutes=50))
    return Caller.therapist_of(SharedPatient(ana, frozenset(Scope), rui.id))


def sessions_as_seen(db: Session, caller: Caller) -> list[SessionSeen]:
    return sessions_of(db, caller).sessions


def test_after_consent_was_revoked_no_step_comes(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    live_until(db, at("13:00"))
    revoke(db, rui_treats.ana.id, rui_treats.consent_id, at("13:30"))
    db.flush()
    assert live_until(db, at("23:00", 28)) == []
    assert around_sessions(db, rui_treats.ana, at("14:00")).aftercare == []


def test_after_consent_was_revoked_no_step_is_shown_as_coming(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    revoke(db, rui_treats.ana.id, rui_treats.consent_id, at("11:30"))
    db.flush()
    (seen,) = sessions_as_seen(db, Caller.patient_self(rui_treats.ana))
    assert seen.aftercare is not None
    assert {step.state for step in seen.aftercare.steps} == {"over"}


def test_after_consent_was_revoked_the_usual_habits_come_again(db: Session, rui_treats: Practice) -> None:
    reminded(db, rui_treats.ana, "stretch", "08:00")
    rui_treats.held()
    live_until(db, at("23:00"))
    revoke(db, rui_treats.ana.id, rui_treats.consent_id, at("23:30"))
    db.flush()
    (shown,) = reminders_of(db, rui_treats.ana, at("23:45"))
    assert live_until(db, at("08:45", 19)) == ["19 08:00 stretch"]
    assert shown.next[0] == at("08:00", 19)


def test_steps_that_come_no_more_leave_their_day_to_the_usual_reminders(
    db: Session, rui_treats: Practice
) -> None:
    reminded(db, rui_treats.ana, "check_in", "17:30")
    reminded(db, rui_treats.ana, "stretch", "15:00")
    rui_treats.held()
    live_until(db, at("13:00"))
    revoke(db, rui_treats.ana.id, rui_treats.consent_id, at("13:30"))
    db.flush()
    shown = {own.next[0] for own in reminders_of(db, rui_treats.ana, at("13:30"))}
    assert shown == {at("15:00"), at("17:30")}
    assert live_until(db, at("23:00")) == ["18 15:00 stretch", "18 17:30 check_in"]


def test_feedback_given_is_not_asked_for(db: Session, rui_treats: Practice) -> None:
    held = rui_treats.held()
    live_until(db, at("13:00"))
    give_feedback(db, rui_treats.ana, held.id, FeedbackIn(pressure="right"), at("14:00"))
    rui_treats.changed(held, at("14:30"), held_at=at("10:40").isoformat())
    assert live_until(db, at("23:00")) == []


def test_stretching_done_is_not_asked_for(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    live_until(db, at("23:00"))
    a_logged_day(db, rui_treats.ana, date(2026, 3, 19), at("08:00", 19), stretching_minutes=10)
    assert live_until(db, at("12:00", 19)) == []


def test_a_step_that_is_answered_already_needs_no_room(db: Session, rui_treats: Practice) -> None:
    reminded(db, rui_treats.ana, "custom", "17:00")
    rui_treats.held()
    live_until(db, at("12:00", 21))
    a_logged_day(db, rui_treats.ana, date(2026, 3, 21), at("12:30", 21))
    (own,) = reminders_of(db, rui_treats.ana, at("13:00", 21))
    assert own.next[0] == at("17:00", 21)
    assert live_until(db, at("23:00", 21)) == ["21 17:00 custom"]


def test_a_step_that_a_bad_day_spares_needs_no_room(db: Session, rui_treats: Practice) -> None:
    reminded(db, rui_treats.ana, "check_in", "08:10")
    rui_treats.held()
    live_until(db, at("23:00"))
    a_logged_day(db, rui_treats.ana, date(2026, 3, 19), at("08:00", 19), bad_day=True)
    (own,) = reminders_of(db, rui_treats.ana, at("08:00", 19))
    assert own.next[0] == at("08:10", 19)
    assert live_until(db, at("12:00", 19)) == ["19 08:10 check_in"]


def test_on_a_bad_day_questions_come_and_nothing_is_to_be_done(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    a_logged_day(db, rui_treats.ana, TODAY, at("12:00"), bad_day=True)
    assert live_until(db, at("23:00")) == ["18 18:00 feedback"]


def test_a_session_that_was_not_held_after_all_sends_nothing_and_can_be_held_again(
    db: Session, rui_treats: Practice
) -> None:
    held = rui_treats.held()
    live_until(db, at("13:00"))
    rui_treats.changed(held, at("13:30"), held_at=None)
    assert live_until(db, at("17:00")) == []
    rui_treats.held(session_id=held.id, now=at("17:05"))
    assert live_until(db, at("23:00")) == ["18 18:00 feedback"]


def test_the_steps_follow_the_patient_to_another_zone(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    live_until(db, at("13:00"))
    change_settings(db, rui_treats.ana.id, ProfileIn(zone="America/New_York"), at("13:05"))
    assert live_until(db, at("23:30")) == ["18 22:00 feedback"]


async def test_a_step_that_is_being_claimed_does_not_come_again_when_the_clock_changes_meanwhile(
    database: Database,
) -> None:
    practice = await database.write(_settled)
    (session,) = await database.read(sessions_as_seen, practice)
    await database.write(a_device, practice.patient.id)
    await database.write(hold, practice, session.id, SessionHeld(held_at=HELD_AT), RECORDED_AT)
    claiming = asyncio.ensure_future(database.write(_claim_slowly))
    await asyncio.sleep(0.1)
    moved = ProfileIn(zone="Pacific/Auckland")
    await database.write(change_settings, practice.patient.id, moved, at("12:50"))
    assert [parcel.message.step for parcel in await claiming] == ["water"]
    assert await database.write(claim_due, at("19:00"), 0, 256) == []


def _claim_slowly(db: Session) -> list[Parcel]:
    parcels = claim_due(db, at("12:50"), 0, 256)
    sleep(0.4)
    return parcels


def test_steps_move_out_of_new_quiet_hours(db: Session, rui_treats: Practice) -> None:
    rui_treats.held()
    live_until(db, at("13:00"))
    change_settings(db, rui_treats.ana.id, ProfileIn(quiet_from=time(17), quiet_until=time(9)), at("13:05"))
    assert live_until(db, at("12:00", 19)) == ["19 09:00 feedback", "19 11:00 stretch"]


def test_the_next_morning_is_half_past_eight_on_the_day_the_clocks_change(
    db: Session, rui_treats: Practice
) -> None:
    rui_treats.held(at("16:00", 28))
    assert live_until(db, at("12:00", 29))[-1] == "29 07:30 stretch"
