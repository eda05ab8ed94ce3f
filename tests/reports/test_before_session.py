from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.access.looks import patient_in_care
from app.models.account import Account
from app.models.care import Scope
from app.models.check_in import CheckInSaid
from app.models.feedback import Feedback, FeedbackIn
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession
from app.reports.before_session import ActivityNow
from app.reports.brief import Brief, build_brief
from app.reports.brief_days import SorenessOfDay
from app.reports.brief_text import safety_lines
from app.treatment.check_ins import check_in
from app.treatment.feedback import give_feedback
from builders import ALL_SCOPES, NOON, a_consent, a_logged_day, a_therapist

LEFT_SHOULDER = {"region": "shoulder", "side": "left", "intensity": 6}


def ago(days: int) -> datetime:
    return NOON - timedelta(days=days)


def session(
    db: Session, ana: PatientProfile, rui: Account, at: datetime, held: bool = True
) -> TreatmentSession:
    one = TreatmentSession(
        patient_id=ana.id, therapist_id=rui.id, starts_at=at, minutes=50, held_at=at if held else None
    )
    db.add(one)
    db.flush()
    return one


def said(db: Session, ana: PatientProfile, at: datetime, **words: Any) -> None:
    check_in(db, ana, CheckInSaid.model_validate(words), at)


def fed_back(
    db: Session,
    ana: PatientProfile,
    held: TreatmentSession,
    at: datetime,
    pressure: str = "right",
    **words: Any,
) -> None:
    give_feedback(db, ana, held.id, FeedbackIn.model_validate({"pressure": pressure, **words}), at)


def brief(db: Session, ana: PatientProfile, rui: Account, *scopes: Scope) -> Brief:
    a_consent(db, rui.id, ana, scopes or ALL_SCOPES)
    return build_brief(db, patient_in_care(db, rui.id, ana.id, "test:brief:read", NOON), NOON)


def test_what_the_patient_wants_today_is_told_with_the_side(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    session(db, ana, rui, NOON + timedelta(hours=3), held=False)
    said(
        db, ana, ago(0), request="The left shoulder.", pain_sites=[LEFT_SHOULDER], safety_items=["night_pain"]
    )
    before = brief(db, ana, rui).said_before

    assert (before.request, before.safety_items) == ("The left shoulder.", ["night_pain"])
    assert before.pain_sites == [LEFT_SHOULDER]


def test_a_check_in_before_the_last_session_is_no_longer_todays(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held = session(db, ana, rui, ago(14), held=False)
    said(db, ana, ago(15), request="The neck.")
    held.held_at = ago(14)
    db.flush()

    assert brief(db, ana, rui).said_before.answered_at is None


def test_activities_stand_beside_their_score_of_last_time(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    first = session(db, ana, rui, ago(14), held=False)
    said(db, ana, ago(15), activities=[{"name": "Putting on socks", "score": 3}])
    first.held_at = ago(14)
    session(db, ana, rui, NOON + timedelta(hours=3), held=False)
    said(db, ana, ago(0), activities=[{"name": "Putting on socks", "score": 6}])

    assert brief(db, ana, rui).said_before.activities == [ActivityNow("Putting on socks", last=3, now=6)]


def test_what_was_said_for_another_therapist_stays_there(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    nuno = a_therapist(db, "Nuno")
    session(db, ana, nuno, NOON + timedelta(hours=3), held=False)
    said(db, ana, ago(0), request="For Nuno only.", activities=[{"name": "Stairs", "score": 5}])
    before = brief(db, ana, rui).said_before

    assert (before.answered_at, before.request) == (None, None)
    assert before.activities == [ActivityNow("Stairs", last=None, now=None)]


def test_overall_change_is_due_four_weeks_after_the_first_session(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    session(db, ana, rui, ago(28))

    assert brief(db, ana, rui).said_before.overall_change_due


def test_overall_change_rests_for_four_weeks_after_an_answer(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    session(db, ana, rui, ago(60))
    middle = session(db, ana, rui, ago(20), held=False)
    said(db, ana, ago(21), overall_change=2)
    middle.held_at = ago(20)
    db.flush()

    assert not brief(db, ana, rui).said_before.overall_change_due


def test_words_stay_with_the_patient_unless_notes_are_shared(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    said(db, ana, ago(0), request="The left shoulder.", safety_items=["night_pain"])
    before = brief(db, ana, rui, Scope.MEASURES).said_before

    assert (before.request, before.safety_items) == (None, ["night_pain"])


def test_ratings_stay_with_the_patient_unless_measures_are_shared(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    said(db, ana, ago(0), request="The neck.", overall_change=2)
    before = brief(db, ana, rui, Scope.NOTES).said_before

    assert (before.request, before.overall_change) == ("The neck.", None)


ANY_SCOPES = [chosen for many in (1, 2, 3) for chosen in combinations(Scope, many)]


@pytest.mark.parametrize("scopes", ANY_SCOPES)
def test_what_may_need_a_doctor_is_told_whatever_is_shared(
    db: Session, ana: PatientProfile, rui: Account, scopes: tuple[Scope, ...]
) -> None:
    said(db, ana, ago(0), safety_items=["bladder_or_bowel"])
    told = brief(db, ana, rui, *scopes)

    assert told.said_before.safety_items == ["bladder_or_bowel"]
    assert safety_lines(told, "UTC") == [
        "Trouble holding or passing urine or stool, or numb between the legs"
    ]


@pytest.mark.parametrize("scopes", ANY_SCOPES)
def test_that_something_is_wrong_is_told_whatever_is_shared(
    db: Session, ana: PatientProfile, rui: Account, scopes: tuple[Scope, ...]
) -> None:
    held = session(db, ana, rui, ago(10))
    ticked = Feedback(session_id=held.id, patient_id=ana.id, given_at=ago(9), updated_at=ago(9))
    ticked.something_wrong_at = ago(9)
    db.add(ticked)

    assert safety_lines(brief(db, ana, rui, *scopes), "UTC") == [
        "Ticked “something is wrong” Monday 9 March 12:00."
    ]


@pytest.mark.parametrize("scopes", ANY_SCOPES)
def test_nothing_ticked_is_said_only_of_a_check_in_without_ticks(
    db: Session, ana: PatientProfile, rui: Account, scopes: tuple[Scope, ...]
) -> None:
    said(db, ana, ago(0), request="The neck.")

    assert safety_lines(brief(db, ana, rui, *scopes), "UTC") == ["Nothing was ticked."]


def test_the_feedback_of_the_last_session_is_quoted(db: Session, ana: PatientProfile, rui: Account) -> None:
    fed_back(db, ana, session(db, ana, rui, ago(10)), ago(10), "too_strong", soreness=5, comment="Dizzy.")
    a_logged_day(db, ana, ago(9).date(), ago(9), soreness=3)
    a_logged_day(db, ana, ago(8).date(), ago(8), soreness=0)
    told = brief(db, ana, rui)

    assert told.feedback is not None
    assert (told.feedback.pressure, told.feedback.comment) == ("too_strong", "Dizzy.")
    assert told.soreness is not None
    assert [day.soreness for day in told.soreness] == [5, 3, 0, None]
    assert told.soreness_words == "Settled after 2 days."


def test_soreness_in_the_feedback_is_told_of_the_day_it_was_said_on(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    fed_back(db, ana, session(db, ana, rui, ago(2)), ago(0), soreness=6)
    told = brief(db, ana, rui)

    assert told.soreness == [SorenessOfDay(0, None), SorenessOfDay(1, None), SorenessOfDay(2, 6)]
    assert told.soreness_words == "Still 6 of 10 after 2 days."


def test_soreness_stays_with_its_day_when_only_the_comment_is_changed_later(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held = session(db, ana, rui, ago(2))
    fed_back(db, ana, held, ago(1), soreness=6)
    fed_back(db, ana, held, ago(0), soreness=6, comment="Dizzy.")

    soreness = [SorenessOfDay(0, None), SorenessOfDay(1, 6), SorenessOfDay(2, None)]
    assert brief(db, ana, rui).soreness == soreness


def test_soreness_said_when_it_is_no_longer_asked_is_not_told_of_a_day_before(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    fed_back(db, ana, session(db, ana, rui, ago(4)), ago(0), soreness=6)

    assert brief(db, ana, rui).soreness == [SorenessOfDay(after, None) for after in range(4)]
