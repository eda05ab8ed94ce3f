from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.access.looks import SharedPatient, patient_in_care
from app.home_care.answers import answer_plan
from app.home_care.write import stop_plan
from app.insights.days import Coverage
from app.insights.wording import Comparison
from app.models.account import Account
from app.models.care import Scope
from app.models.patient import PatientProfile
from app.models.plan_answer import PlanAnswerIn
from app.models.push import PushSubscription
from app.models.treatment_session import TreatmentSession
from app.reports.brief import Brief, PainPlace, QuotedNote, SorenessOfDay, build_brief
from app.reports.brief_text import home_care_pairs, plan_lines, window_words
from builders import ALL_SCOPES, NOON, a_consent, a_logged_day, a_patient, a_plan, an_item

TODAY = NOON.date()
LEFT_LOW_BACK = {"region": "low_back", "side": "left", "intensity": 6}
RIGHT_LOW_BACK = {"region": "low_back", "side": "right"}


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def at(day: date, hour: int = 10) -> datetime:
    return NOON.replace(year=day.year, month=day.month, day=day.day, hour=hour)


def logged(db: Session, patient: PatientProfile, day: date, **measures: Any) -> None:
    a_logged_day(db, patient, day, at(day, 20), **measures)


def held(db: Session, patient: PatientProfile, day: date, therapist_id: UUID | None = None) -> None:
    db.add(
        TreatmentSession(
            patient_id=patient.id,
            therapist_id=therapist_id,
            starts_at=at(day, 9),
            minutes=50,
            held_at=at(day),
        )
    )
    db.flush()


def shared(db: Session, patient: PatientProfile, rui: Account, *scopes: Scope) -> SharedPatient:
    a_consent(db, rui.id, patient, scopes or ALL_SCOPES)
    return patient_in_care(db, rui.id, patient.id, "test:brief:read", NOON)


@pytest.fixture
def ana(db: Session) -> PatientProfile:
    """With a diary since a month ago."""
    return a_patient(db, now=NOON - timedelta(days=30))


@pytest.fixture
def brief_of_ana(db: Session, ana: PatientProfile, rui: Account) -> Brief:
    """Ana's brief two weeks after a session, with everything shared."""
    held(db, ana, ago(14))
    logged(db, ana, ago(14), soreness=5, pain=6)
    logged(db, ana, ago(12), soreness=2, pain_sites=[LEFT_LOW_BACK, RIGHT_LOW_BACK])
    logged(db, ana, ago(5), water_glasses=8, sleep_hours=7.5, pain_sites=[LEFT_LOW_BACK], note="Sat a lot.")
    logged(db, ana, ago(3), water_glasses=3, sleep_hours=5, note="Slept badly.")
    logged(db, ana, ago(1), pain=3, note="Walked.")
    logged(db, ana, ago(0), pain=2, note="Walked more.")
    return build_brief(db, shared(db, ana, rui), NOON)


def test_the_window_begins_with_the_last_held_session(brief_of_ana: Brief) -> None:
    assert (brief_of_ana.first, brief_of_ana.last) == (ago(14), TODAY)
    assert brief_of_ana.last_session == ago(14)


def test_days_logged_stand_beside_the_days_there_were(brief_of_ana: Brief) -> None:
    assert brief_of_ana.days_logged == Coverage(logged=6, of=15, filled_in_later=0)
    assert brief_of_ana.data_quality.startswith("6 of 15 days logged")


def test_places_keep_their_side_and_count_days_with_pain_there(brief_of_ana: Brief) -> None:
    assert brief_of_ana.places == [
        PainPlace("low_back", "left", days=2, of=2, strongest=6),
        PainPlace("low_back", "right", days=1, of=2, strongest=None),
    ]


def test_a_day_on_which_nowhere_hurt_counts_among_the_days_places_were_said(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    logged(db, ana, ago(2), pain_sites=[LEFT_LOW_BACK])
    logged(db, ana, ago(1), pain_sites=[])
    logged(db, ana, ago(0), pain=2)

    assert build_brief(db, shared(db, ana, rui), NOON).places == [
        PainPlace("low_back", "left", days=1, of=2, strongest=6)
    ]


def test_soreness_is_told_for_each_day_it_was_asked(brief_of_ana: Brief) -> None:
    assert brief_of_ana.soreness == [
        SorenessOfDay(0, 5),
        SorenessOfDay(1, None),
        SorenessOfDay(2, 2),
        SorenessOfDay(3, None),
    ]


def test_a_day_without_water_logged_is_not_a_day_the_target_was_missed(brief_of_ana: Brief) -> None:
    assert brief_of_ana.habits is not None
    water = brief_of_ana.habits[0]

    assert (water.measure, water.met, water.answered, water.not_logged) == ("water_glasses", 1, 2, 13)
    assert water.words == "target met on 1 of 2 days answered, 13 not logged"


def test_sleep_is_a_mean_and_nights_in_the_band(brief_of_ana: Brief) -> None:
    assert brief_of_ana.sleep is not None
    assert brief_of_ana.sleep.words == "6.3 h on average, 1 of 2 nights between 7 and 9 h"


def test_the_last_three_notes_are_quoted_newest_first(brief_of_ana: Brief) -> None:
    assert brief_of_ana.notes == [
        QuotedNote(ago(0), "Walked more.", late=False),
        QuotedNote(ago(1), "Walked.", late=False),
        QuotedNote(ago(3), "Slept badly.", late=False),
    ]


def test_without_a_session_the_window_is_two_weeks(db: Session, ana: PatientProfile, rui: Account) -> None:
    brief = build_brief(db, shared(db, ana, rui), NOON)

    assert (brief.first, brief.last, brief.last_session) == (ago(13), TODAY, None)
    assert brief.soreness == []


def test_no_window_begins_before_the_diary(db: Session, rui: Account) -> None:
    eva = a_patient(db, "Eva", now=NOON - timedelta(days=2))
    brief = build_brief(db, shared(db, eva, rui), NOON)

    assert (brief.first, brief.days_logged.of) == (ago(2), 3)
    assert window_words(brief) == (
        "Since the diary began on Monday 16 March: 3 days, until 18 March 2026; no session held yet."
    )


def test_days_before_the_diary_are_not_missing_since_the_session(db: Session, rui: Account) -> None:
    eva = a_patient(db, "Eva", now=NOON - timedelta(days=2))
    held(db, eva, ago(9))
    brief = build_brief(db, shared(db, eva, rui), NOON)

    assert (brief.last_session, brief.days_logged.of) == (ago(9), 3)
    assert window_words(brief) == (
        "Last session Monday 9 March. Since the diary began on Monday 16 March: 3 days, until 18 March 2026."
    )


def test_a_day_filled_in_from_before_the_account_is_the_diarys_first(db: Session, rui: Account) -> None:
    eva = a_patient(db, "Eva", now=NOON - timedelta(days=2))
    a_logged_day(db, eva, ago(6), NOON, pain=3)

    assert build_brief(db, shared(db, eva, rui), NOON).first == ago(6)


def test_an_empty_diary_has_an_honest_brief(db: Session, ana: PatientProfile, rui: Account) -> None:
    brief = build_brief(db, shared(db, ana, rui), NOON)

    assert brief.pain is not None
    assert brief.pain.now.mean is None
    assert brief.sleep is not None
    assert brief.sleep.words == "not logged"
    assert (brief.places, brief.notes) == ([], [])


def test_pain_is_compared_with_the_week_before_the_session(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held(db, ana, ago(8))
    before = [logged(db, ana, ago(days), pain=7) for days in range(9, 15)]
    after = [logged(db, ana, ago(days), pain=4) for days in range(5)]
    brief = build_brief(db, shared(db, ana, rui), NOON)

    assert (len(before), len(after)) == (6, 5)
    assert brief.pain is not None
    assert brief.pain.comparison == Comparison.MEANINGFULLY_LOWER
    assert brief.pain.words == "3.0 points lower: 7.0 before (6 days), 4.0 now (5 days)."


def test_the_week_before_a_session_long_ago_is_compared_too(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held(db, ana, ago(88))
    before = [logged(db, ana, ago(days), pain=7) for days in range(89, 96)]
    brief = build_brief(db, shared(db, ana, rui), NOON)

    assert brief.pain is not None
    assert brief.pain.before.days == len(before) == 7


def test_right_after_a_session_it_is_too_soon_to_compare(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held(db, ana, ago(1))
    brief = build_brief(db, shared(db, ana, rui), NOON)

    assert brief.pain is not None
    assert brief.pain.comparison == Comparison.TOO_SOON
    assert brief.soreness == [SorenessOfDay(0, None), SorenessOfDay(1, None)]


def test_a_day_filled_in_later_is_counted_as_such_and_not_compared(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_logged_day(db, ana, ago(6), NOON, pain=9)
    brief = build_brief(db, shared(db, ana, rui), NOON)

    assert brief.data_quality.startswith("1 of 14 days logged, 1 filled in later")
    assert brief.pain is not None
    assert brief.pain.now.days == 0


def test_a_held_session_ends_the_window_of_the_one_before(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held(db, ana, ago(20))
    held(db, ana, ago(6))
    logged(db, ana, ago(10), note="Before that.")

    assert build_brief(db, shared(db, ana, rui), NOON).notes == []


def test_the_next_session_is_named(db: Session, ana: PatientProfile, rui: Account) -> None:
    db.add(TreatmentSession(patient_id=ana.id, starts_at=NOON + timedelta(hours=2), minutes=50))

    assert build_brief(db, shared(db, ana, rui), NOON).next_session == NOON + timedelta(hours=2)


def test_notes_stay_with_the_patient_unless_shared(db: Session, ana: PatientProfile, rui: Account) -> None:
    logged(db, ana, ago(1), pain=3, note="Between me and my diary.")
    brief = build_brief(db, shared(db, ana, rui, Scope.MEASURES, Scope.PLAN), NOON)

    assert brief.notes is None
    assert "Between me" not in repr(brief)


def test_numbers_stay_with_the_patient_unless_shared(db: Session, ana: PatientProfile, rui: Account) -> None:
    logged(db, ana, ago(1), pain=3, note="Walked.", pain_sites=[LEFT_LOW_BACK])
    brief = build_brief(db, shared(db, ana, rui, Scope.NOTES), NOON)

    assert (brief.pain, brief.places, brief.soreness, brief.habits, brief.sleep) == (None,) * 5
    assert brief.notes == [QuotedNote(ago(1), "Walked.", late=False)]


def test_sharing_the_plan_shows_how_habits_went_without_the_numbers(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    logged(db, ana, ago(1), water_glasses=9, pain=3)
    brief = build_brief(db, shared(db, ana, rui, Scope.PLAN), NOON)

    assert brief.habits is not None
    assert brief.habits[0].met == 1
    assert brief.pain is None


def test_the_day_is_the_patients_own(db: Session, ana: PatientProfile, rui: Account) -> None:
    """At 01:30 in Lisbon it is still yesterday for Ana."""
    late_evening = NOON.replace(hour=1, minute=30)

    assert build_brief(db, shared(db, ana, rui), late_evening).last == ago(1)


def test_a_lost_phone_is_told_with_the_last_day_it_was_reached(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    db.add(
        PushSubscription(
            account_id=ana.id,
            endpoint="https://push.example/ana",
            p256dh="",
            auth="",
            created_at=at(ago(30)),
            last_accepted_at=at(ago(6)),
            last_shown_at=at(ago(6)),
            forgotten_at=at(ago(5)),
        )
    )
    brief = build_brief(db, shared(db, ana, rui), NOON)

    assert brief.reminders_reach.reaches is False
    assert brief.data_quality == "0 of 14 days logged; reminders reached this phone until Thursday 12 March."


def test_without_a_phone_nobody_knows_whether_reminders_arrive(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    brief = build_brief(db, shared(db, ana, rui), NOON)

    assert brief.data_quality == "0 of 14 days logged; no sign yet that reminders reach a phone."


def test_the_plan_says_what_does_not_suit_the_patient(db: Session, ana: PatientProfile, rui: Account) -> None:
    version = a_plan(db, ana, rui.id, an_item(id="tucks", dose="10 times"), now=NOON - timedelta(days=3))
    said = {"version": version.version, "item": "tucks", "answer": "hurts", "comment": "On the left."}
    answer_plan(db, ana, PlanAnswerIn.model_validate(said), NOON)
    brief = build_brief(db, shared(db, ana, rui, Scope.PLAN), NOON)
    assert [(line.name, line.answer, line.comment) for line in brief.plan] == [
        ("Chin tucks", "hurts", "On the left.")
    ]
    assert plan_lines(brief) == ["Chin tucks, 10 times: hurts “On the left.”"]


def test_an_item_without_a_dose_is_told_with_its_target(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    water, sleep = an_item("water", "", target={"min": 8}), an_item("sleep", "", target={"min": 7, "max": 9})
    a_plan(db, ana, rui.id, water, sleep, now=NOON - timedelta(days=3))
    brief = build_brief(db, shared(db, ana, rui, Scope.PLAN), NOON)
    assert plan_lines(brief) == ["Water, 8 glasses", "Sleep, 7 to 9 hours"]


def test_what_does_not_suit_the_patient_comes_first(db: Session, ana: PatientProfile, rui: Account) -> None:
    items = [an_item(id=title, title=title) for title in ("Rolls", "Tucks", "Walks")]
    version = a_plan(db, ana, rui.id, *items, now=NOON - timedelta(days=3))
    said = {"version": version.version, "item": "Walks", "answer": "hurts"}
    answer_plan(db, ana, PlanAnswerIn.model_validate(said), NOON)
    brief = build_brief(db, shared(db, ana, rui, Scope.PLAN), NOON)
    assert [line.name for line in brief.plan] == ["Walks", "Rolls", "Tucks"]


def test_an_exercise_that_hurt_comes_before_the_other_home_care(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    items = [an_item(id=title, title=title) for title in ("Rolls", "Tucks", "Walks")]
    a_plan(db, ana, rui.id, *items, now=NOON - timedelta(days=3))
    logged(db, ana, ago(1), plan_items={"Rolls": "forgot", "Tucks": "done", "Walks": "hurts"})
    pairs = home_care_pairs(build_brief(db, shared(db, ana, rui, Scope.PLAN), NOON))
    assert [name for name, _words in pairs] == ["Walks", "Water", "Stretching", "Rolls", "Tucks"]


def test_what_is_said_to_all_of_the_plan_is_told(db: Session, ana: PatientProfile, rui: Account) -> None:
    version = a_plan(db, ana, rui.id, an_item(id="tucks"), now=NOON - timedelta(days=3))
    said = {"version": version.version, "answer": "too_much", "comment": "Not twice a day."}
    answer_plan(db, ana, PlanAnswerIn.model_validate(said), NOON)
    brief = build_brief(db, shared(db, ana, rui, Scope.PLAN), NOON)
    assert plan_lines(brief) == ["The plan as a whole: too much “Not twice a day.”", "Chin tucks"]


def test_what_was_answered_to_the_plan_stays_with_the_patient_unless_shared(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    version = a_plan(db, ana, rui.id, an_item(id="tucks"), now=NOON - timedelta(days=3))
    said = {"version": version.version, "item": "tucks", "answer": "hurts"}
    answer_plan(db, ana, PlanAnswerIn.model_validate(said), NOON)
    brief = build_brief(db, shared(db, ana, rui, Scope.MEASURES), NOON)
    assert [line.answer for line in brief.plan] == [None]


def test_the_brief_says_that_the_patient_stopped_the_plan(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_plan(db, ana, rui.id, an_item(), now=NOON - timedelta(days=3))
    stop_plan(db, ana, 1, NOON)
    brief = build_brief(db, shared(db, ana, rui, Scope.PLAN), NOON)
    assert plan_lines(brief) == ["The patient stopped your plan on Wednesday 18 March."]
