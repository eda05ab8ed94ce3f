from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.reminder import ReminderKind
from app.reminders.back_off import Ignored
from app.reminders.decide import Others, QuietHours, Situation, Suppression, decide
from app.reminders.water_pace import WaterPace

EVENING = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
ANAS_EVENING = Situation(
    kind=ReminderKind.CHECK_IN,
    day=EVENING.date(),
    valid_until=EVENING + timedelta(minutes=90),
    is_on=True,
    zone="Europe/Lisbon",
    quiet=QuietHours(time(21, 30), time(8, 0)),
    paused_until=None,
    logged={},
    devices=1,
)
MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
STRETCHING = replace(ANAS_EVENING, kind=ReminderKind.STRETCH, valid_until=MORNING + timedelta(hours=2))
WATER = replace(
    STRETCHING,
    kind=ReminderKind.WATER,
    pace=WaterPace.awake(MORNING - timedelta(hours=2), MORNING + timedelta(hours=12), 8),
)
WALL_CLOCKS = st.builds(time, st.integers(0, 23), st.integers(0, 59))


def test_a_reminder_that_is_due_is_sent() -> None:
    assert decide(ANAS_EVENING, EVENING) is None


def test_a_check_in_is_not_sent_when_pain_is_already_logged() -> None:
    assert decide(replace(ANAS_EVENING, logged={"pain": 0}), EVENING) is Suppression.ALREADY_DONE


def test_a_glass_of_water_is_no_check_in() -> None:
    assert decide(replace(ANAS_EVENING, logged={"water_glasses": 3}), EVENING) is None


def test_nothing_is_sent_while_reminders_are_paused() -> None:
    paused = replace(ANAS_EVENING, paused_until=EVENING + timedelta(days=2))
    assert decide(paused, EVENING) is Suppression.PAUSED


def test_a_pause_ends_by_itself() -> None:
    assert decide(replace(ANAS_EVENING, paused_until=EVENING), EVENING) is None


def test_nothing_is_sent_after_its_time_has_passed() -> None:
    assert decide(ANAS_EVENING, ANAS_EVENING.valid_until) is Suppression.EXPIRED


def test_a_reminder_switched_off_meanwhile_is_not_sent() -> None:
    assert decide(replace(ANAS_EVENING, is_on=False), EVENING) is Suppression.REVOKED


def test_nothing_is_sent_to_nobody() -> None:
    assert decide(replace(ANAS_EVENING, devices=0), EVENING) is Suppression.NO_DEVICE


def test_nothing_is_sent_at_night() -> None:
    late = replace(ANAS_EVENING, valid_until=EVENING + timedelta(hours=5))
    assert decide(late, EVENING + timedelta(hours=2)) is Suppression.QUIET_HOURS


def test_quiet_hours_are_read_on_the_patients_own_clock() -> None:
    in_tokyo = replace(ANAS_EVENING, zone="Asia/Tokyo")
    assert decide(in_tokyo, EVENING) is Suppression.QUIET_HOURS


@pytest.mark.parametrize(
    ("at", "covered"),
    [("21:29", False), ("21:30", True), ("23:59", True), ("00:00", True), ("07:59", True), ("08:00", False)],
)
def test_quiet_hours_cross_midnight(at: str, covered: bool) -> None:
    assert QuietHours(time(21, 30), time(8, 0)).cover(time.fromisoformat(at)) is covered


def test_quiet_hours_can_lie_within_one_day() -> None:
    siesta = QuietHours(time(13, 0), time(15, 0))
    assert siesta.cover(time(14, 0))
    assert not siesta.cover(time(15, 0))


@given(at=WALL_CLOCKS, edge=WALL_CLOCKS)
def test_equal_ends_mean_no_quiet_hours(at: time, edge: time) -> None:
    assert not QuietHours(edge, edge).cover(at)


@given(at=WALL_CLOCKS, since=WALL_CLOCKS, until=WALL_CLOCKS)
def test_quiet_hours_and_their_opposite_share_no_minute(at: time, since: time, until: time) -> None:
    covered = QuietHours(since, until).cover(at)
    assert since == until or covered is not QuietHours(until, since).cover(at)


def test_an_answer_of_no_is_an_answer() -> None:
    assert decide(replace(STRETCHING, logged={"stretching_minutes": 0}), MORNING) is Suppression.ALREADY_DONE


def test_a_habit_below_its_target_is_still_reminded_of() -> None:
    assert decide(replace(STRETCHING, logged={"stretching_minutes": 2}), MORNING) is None


@pytest.mark.parametrize("kind", [kind for kind in ReminderKind if kind is not ReminderKind.CHECK_IN])
def test_on_a_bad_day_nobody_is_asked_to_do_anything(kind: ReminderKind) -> None:
    assert decide(replace(STRETCHING, kind=kind, logged={"bad_day": True}), MORNING) is Suppression.FLARE


def test_on_a_bad_day_the_check_in_still_comes() -> None:
    assert decide(replace(ANAS_EVENING, logged={"bad_day": True}), EVENING) is None


def test_a_day_that_was_taken_back_as_bad_is_a_day_like_any_other() -> None:
    assert decide(replace(STRETCHING, logged={"bad_day": False}), MORNING) is None


def test_a_fourth_reminder_on_one_day_is_one_too_many() -> None:
    three = Others(sent_today=3, last_sent_at=EVENING - timedelta(hours=5))
    assert decide(replace(ANAS_EVENING, others=three), EVENING) is Suppression.DAILY_CAP


def test_whoever_wants_fewer_gets_fewer() -> None:
    one = Others(sent_today=1, last_sent_at=EVENING - timedelta(hours=5))
    assert decide(replace(ANAS_EVENING, others=one), EVENING) is None
    assert decide(replace(ANAS_EVENING, others=one, a_day=1), EVENING) is Suppression.DAILY_CAP


def test_within_two_hours_there_is_one_reminder() -> None:
    before = Others(sent_today=1, last_sent_at=EVENING - timedelta(minutes=119))
    assert decide(replace(ANAS_EVENING, others=before), EVENING) is Suppression.SPACING


def test_two_hours_apart_is_far_enough_though_a_worker_was_late_the_first_time() -> None:
    before = Others(sent_today=1, last_sent_at=EVENING - timedelta(hours=2) + timedelta(seconds=5))
    assert decide(replace(ANAS_EVENING, others=before), EVENING) is None


def test_stretching_leaves_room_for_a_check_in_that_comes_within_two_hours() -> None:
    soon = Others(promised_today=1, promised_at=MORNING + timedelta(hours=1))
    assert decide(replace(STRETCHING, others=soon), MORNING) is Suppression.SPACING


def test_the_last_of_the_day_is_kept_for_what_ranks_higher() -> None:
    two = Others(
        sent_today=2,
        last_sent_at=MORNING - timedelta(hours=3),
        promised_today=1,
        promised_at=MORNING + timedelta(hours=9),
    )
    assert decide(replace(STRETCHING, others=two), MORNING) is Suppression.DAILY_CAP


@pytest.mark.parametrize("asked", [{"put_off": True}, {"begun": True}])
def test_what_was_put_off_or_begun_is_not_held_back_by_others(asked: dict[str, Any]) -> None:
    many = Others(sent_today=9, last_sent_at=EVENING, promised_today=3, promised_at=EVENING)
    ignored = Ignored(11, EVENING.date())
    assert decide(replace(ANAS_EVENING, others=many, ignored=ignored, **asked), EVENING) is None


def test_what_was_put_off_into_the_night_stays_silent() -> None:
    late = EVENING + timedelta(hours=2)
    put_off = replace(ANAS_EVENING, put_off=True, valid_until=late + timedelta(hours=1))
    assert decide(put_off, late) is Suppression.QUIET_HOURS


def test_a_reminder_ignored_three_times_rests_every_second_day() -> None:
    today = replace(ANAS_EVENING, ignored=Ignored(3, EVENING.date() - timedelta(days=1)))
    assert decide(today, EVENING) is Suppression.BACKED_OFF
    assert decide(replace(today, day=today.day + timedelta(days=1)), EVENING) is None


def test_water_waits_until_a_glass_is_missing() -> None:
    one = replace(WATER, logged={"water_glasses": 1}, last_glass_at=MORNING)
    assert decide(one, MORNING) is Suppression.ON_PACE
    assert decide(replace(one, last_glass_at=MORNING - timedelta(hours=3)), MORNING) is None


def test_water_is_silent_at_the_target() -> None:
    assert decide(replace(WATER, logged={"water_glasses": 8}), MORNING) is Suppression.ALREADY_DONE


SITUATIONS = st.builds(
    Situation,
    kind=st.sampled_from(ReminderKind),
    day=st.just(EVENING.date()),
    valid_until=st.integers(-60, 300).map(lambda minutes: EVENING + timedelta(minutes=minutes)),
    is_on=st.booleans(),
    zone=st.sampled_from(["Europe/Lisbon", "Asia/Tokyo", "Pacific/Apia", "America/St_Johns"]),
    quiet=st.builds(QuietHours, WALL_CLOCKS, WALL_CLOCKS),
    paused_until=st.none() | st.integers(-90, 90).map(lambda minutes: EVENING + timedelta(minutes=minutes)),
    logged=st.fixed_dictionaries(
        {},
        optional={
            "pain": st.none() | st.integers(0, 10),
            "bad_day": st.none() | st.booleans(),
            "water_glasses": st.none() | st.integers(0, 10),
            "stretching_minutes": st.none() | st.integers(0, 10),
        },
    ),
    devices=st.integers(0, 1),
    put_off=st.booleans(),
    begun=st.booleans(),
    a_day=st.integers(1, 3),
    others=st.builds(Others, sent_today=st.integers(0, 4), promised_today=st.integers(0, 2)),
    ignored=st.builds(Ignored, st.integers(0, 12), st.just(EVENING.date())),
)


@given(situation=SITUATIONS)
def test_nothing_is_ever_sent_in_quiet_hours(situation: Situation) -> None:
    at = EVENING.astimezone(ZoneInfo(situation.zone)).time()
    assert decide(situation, EVENING) is not None or not situation.quiet.cover(at)


@given(situation=SITUATIONS)
def test_nothing_is_ever_sent_late_or_to_nobody_or_in_a_pause(situation: Situation) -> None:
    held = situation.valid_until <= EVENING or situation.devices == 0 or not situation.is_on
    paused = situation.paused_until is not None and situation.paused_until > EVENING
    assert decide(situation, EVENING) is not None or not (held or paused)


@given(situation=SITUATIONS)
def test_no_day_ever_gets_more_than_its_patient_wants(situation: Situation) -> None:
    is_new = not situation.put_off and not situation.begun
    enough = situation.others.sent_today >= situation.a_day
    assert decide(situation, EVENING) is not None or not (is_new and enough)


@given(situation=SITUATIONS)
def test_on_a_bad_day_only_check_ins_are_ever_sent(situation: Situation) -> None:
    bad = replace(situation, logged={**situation.logged, "bad_day": True})
    assert decide(bad, EVENING) is not None or bad.kind is ReminderKind.CHECK_IN
