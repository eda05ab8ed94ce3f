from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.access.care import revoke
from app.access.looks import patient_in_care
from app.insights.wording import Comparison
from app.models.account import Account
from app.models.brief_read import mark_brief_read
from app.models.care import Scope
from app.models.check_in import CheckInSaid, SafetyItem
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession
from app.reminders.reach import ReminderReach
from app.reports.brief import build_brief
from app.reports.habits import PlanAnswers
from app.reports.patient_list import PatientRow, patients_of
from app.treatment.check_ins import check_in
from builders import ALL_SCOPES, NOON, a_consent, a_logged_day, a_patient, a_therapist, an_expired_consent
from reports.counting import counted_queries

TODAY = NOON.date()


def in_care(
    db: Session, rui: Account, name: str, *scopes: Scope, zone: str = "Europe/Lisbon"
) -> PatientProfile:
    patient = a_patient(db, name, zone, now=NOON - timedelta(days=30))
    a_consent(db, rui.id, patient, scopes or ALL_SCOPES)
    return patient


def logged(db: Session, patient: PatientProfile, days_ago: int, **measures: Any) -> None:
    at = NOON - timedelta(days=days_ago)
    a_logged_day(db, patient, at.date(), at, **measures)


def booked(db: Session, patient: PatientProfile, at: datetime, **facts: datetime) -> None:
    db.add(TreatmentSession(patient_id=patient.id, starts_at=at, minutes=50, **facts))
    db.flush()


def only_row(db: Session, rui: Account) -> PatientRow:
    [row] = patients_of(db, rui.id, NOON)
    return row


def test_a_therapist_without_patients_has_an_empty_list(db: Session, rui: Account) -> None:
    assert patients_of(db, rui.id, NOON) == []


def test_only_people_who_share_now_are_listed(db: Session, rui: Account) -> None:
    in_care(db, rui, "Ana")
    an_expired_consent(db, rui.id, a_patient(db, "Eva"))
    left = a_patient(db, "Leo")
    revoke(db, left.id, a_consent(db, rui.id, left), NOON)
    a_patient(db, "Stranger")

    assert [row.name for row in patients_of(db, rui.id, NOON)] == ["Ana"]


def test_patients_of_somebody_else_are_not_listed(db: Session, rui: Account) -> None:
    in_care(db, a_therapist(db, "Nuno"), "Ana")

    assert patients_of(db, rui.id, NOON) == []


def test_todays_sessions_come_first_then_the_silent_then_the_others(db: Session, rui: Account) -> None:
    ana, eva, leo, mia = (in_care(db, rui, name) for name in ("Ana", "Eva", "Leo", "Mia"))
    logged(db, ana, 1)
    logged(db, eva, 8)
    logged(db, mia, 0)
    booked(db, mia, NOON + timedelta(hours=3))

    rows = patients_of(db, rui.id, NOON)

    assert [(row.name, row.group) for row in rows] == [
        ("Mia", "today"),
        ("Leo", "silent"),
        ("Eva", "silent"),
        ("Ana", "others"),
    ]
    assert leo.name == "Leo"


def test_who_has_just_begun_is_not_silent(db: Session, rui: Account) -> None:
    a_consent(db, rui.id, a_patient(db, "Ana", now=NOON - timedelta(days=6)))

    assert only_row(db, rui).group == "others"


def test_today_is_a_date_where_the_patient_lives(db: Session, rui: Account) -> None:
    """Thirteen hours from noon in London is the same day in Auckland, where that noon is past midnight."""
    kiri = in_care(db, rui, "Kiri", zone="Pacific/Auckland")
    logged(db, kiri, 0)
    booked(db, kiri, NOON + timedelta(hours=13))

    assert only_row(db, rui).group == "today"


def test_a_session_this_morning_is_still_todays(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    booked(db, ana, NOON - timedelta(hours=3))

    assert only_row(db, rui).next_session == NOON - timedelta(hours=3)


def test_a_session_held_or_cancelled_is_no_longer_ahead(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    booked(db, ana, NOON - timedelta(hours=3), held_at=NOON - timedelta(hours=2))
    booked(db, ana, NOON + timedelta(hours=3), cancelled_at=NOON)
    booked(db, ana, NOON + timedelta(days=14))

    assert only_row(db, rui).next_session == NOON + timedelta(days=14)


def test_pain_of_the_last_week_is_compared_with_the_week_before(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    week_before = [logged(db, ana, days, pain=6) for days in range(7, 14)]
    last_week = [logged(db, ana, days, pain=3) for days in range(7)]
    pain = only_row(db, rui).pain

    assert len(week_before) == len(last_week) == 7
    assert pain is not None
    assert pain.comparison == Comparison.MEANINGFULLY_LOWER
    assert (pain.before.mean, pain.now.mean) == (6.0, 3.0)


def test_pain_is_compared_over_the_same_days_as_in_the_brief(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    booked(db, ana, NOON - timedelta(days=20), held_at=NOON - timedelta(days=20))
    before = [logged(db, ana, days, pain=6) for days in range(21, 28)]
    sore = [logged(db, ana, days, pain=10) for days in range(7, 21)]
    now = [logged(db, ana, days, pain=3) for days in range(7)]
    brief = build_brief(db, patient_in_care(db, rui.id, ana.id, "test:brief:read", NOON), NOON)
    pain = only_row(db, rui).pain

    assert (len(before), len(sore), len(now)) == (7, 14, 7)
    assert pain is not None
    assert brief.pain is not None
    assert (pain.before.mean, pain.now.mean) == (6.0, 3.0)
    assert (brief.pain.before, brief.pain.now) == (pain.before, pain.now)


def test_a_difference_that_two_weeks_leave_open_is_told_without_a_verdict(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    days = [logged(db, ana, days, pain=5) for days in range(14)]
    pain = only_row(db, rui).pain

    assert len(days) == 14
    assert pain is not None
    assert pain.words == "5.0 before (7 days), 5.0 now (7 days)."


def test_right_after_a_session_the_list_finds_it_too_early_to_compare_too(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    booked(db, ana, NOON - timedelta(days=2), held_at=NOON - timedelta(days=2))
    days = [logged(db, ana, days, pain=6) for days in range(14)]
    pain = only_row(db, rui).pain

    assert len(days) == 14
    assert pain is not None
    assert pain.comparison == Comparison.TOO_SOON


def test_the_plan_counts_habits_answered_and_done_over_the_last_week(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    logged(db, ana, 1, water_glasses=8, stretching_minutes=2)
    logged(db, ana, 2, water_glasses=3)
    logged(db, ana, 9, water_glasses=8)

    assert only_row(db, rui).plan == PlanAnswers(answered=3, done=1)


def test_what_is_not_shared_is_not_in_the_row(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana", Scope.NOTES)
    logged(db, ana, 1, pain=3, water_glasses=8)
    row = only_row(db, rui)

    assert (row.pain, row.plan) == (None, None)
    assert row.last_logged_at == NOON - timedelta(days=1)


def test_a_note_is_unread_until_the_therapist_looks(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    logged(db, ana, 1, note="Walked.")
    before = only_row(db, rui).unread_note
    patient_in_care(db, rui.id, ana.id, "web:brief:read", NOON)

    assert (before, only_row(db, rui).unread_note) == (True, False)


def test_a_glass_of_water_does_not_make_a_read_note_unread(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    logged(db, ana, 1, note="Walked.")
    patient_in_care(db, rui.id, ana.id, "web:brief:read", NOON - timedelta(hours=2))
    a_logged_day(db, ana, TODAY - timedelta(days=1), NOON, water_glasses=4)

    assert only_row(db, rui).unread_note is False


def test_somebody_elses_look_does_not_read_a_note(db: Session, rui: Account) -> None:
    ana, nuno = in_care(db, rui, "Ana"), a_therapist(db, "Nuno")
    a_consent(db, nuno.id, ana)
    logged(db, ana, 1, note="Walked.")
    patient_in_care(db, nuno.id, ana.id, "web:brief:read", NOON)

    assert only_row(db, rui).unread_note is True


@pytest.mark.parametrize("subject", ["plan", "notes", "sessions", "patients"])
def test_a_look_at_something_else_does_not_read_a_note(db: Session, rui: Account, subject: str) -> None:
    ana = in_care(db, rui, "Ana")
    logged(db, ana, 1, note="Walked.")
    patient_in_care(db, rui.id, ana.id, f"web:{subject}:read", NOON)

    assert only_row(db, rui).unread_note is True


def test_a_note_that_was_cleared_is_not_unread(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana")
    logged(db, ana, 1, note=None, pain=3)

    assert only_row(db, rui).unread_note is False


def test_whether_there_are_notes_stays_with_the_patient_unless_shared(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana", Scope.MEASURES)
    logged(db, ana, 1, note="Walked.")

    assert only_row(db, rui).unread_note is None


def test_a_tick_is_unread_until_the_brief_is_marked_as_read(db: Session, rui: Account) -> None:
    ana = in_care(db, rui, "Ana", Scope.PLAN)
    check_in(db, ana, CheckInSaid(safety_items=[SafetyItem.NIGHT_PAIN]), NOON - timedelta(hours=2))
    before = only_row(db, rui).unread_tick
    mark_brief_read(db, ana.id, rui.id, rui.name, NOON)

    assert (before, only_row(db, rui).unread_tick) == (True, False)


def test_more_patients_do_not_mean_more_queries(db: Session, rui: Account) -> None:
    in_care(db, rui, "Ana")
    with counted_queries(db) as for_one:
        patients_of(db, rui.id, NOON)
    ids: list[UUID] = [in_care(db, rui, name).id for name in ("Eva", "Leo", "Mia", "Noa", "Pia")]
    with counted_queries(db) as for_six:
        rows = patients_of(db, rui.id, NOON)

    assert len(rows) == len(ids) + 1
    assert len(for_six) == len(for_one) <= 8


def test_the_row_says_whether_reminders_arrive(db: Session, rui: Account) -> None:
    in_care(db, rui, "Ana")

    assert only_row(db, rui).reminders_reach == ReminderReach(reaches=None, last=None)
