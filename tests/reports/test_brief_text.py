from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.access.looks import patient_in_care
from app.language import LANGUAGES, speaking
from app.models.account import Account
from app.models.care import Scope
from app.models.check_in import CheckInSaid
from app.models.feedback import Feedback
from app.models.home_care import PlanItemKind
from app.models.patient import PatientProfile
from app.models.plan_answer import PlanItemAnswer
from app.models.treatment_session import TreatmentSession
from app.reports.brief import PlanLine, build_brief
from app.reports.brief_text import LETTERS_QUOTED, brief_text, plan_line_in_short, quoted_in_short
from app.treatment.check_ins import check_in
from builders import ALL_SCOPES, NOON, a_consent, a_logged_day, a_patient, a_plan, an_item

LEFT_SHOULDER = {"region": "shoulder", "side": "left", "intensity": 6}


@pytest.fixture
def ana(db: Session) -> PatientProfile:
    """With a diary since a month ago."""
    return a_patient(db, now=NOON - timedelta(days=30))


def text(db: Session, ana: PatientProfile, rui: Account, *scopes: Scope) -> str:
    a_consent(db, rui.id, ana, scopes or ALL_SCOPES)
    shared = patient_in_care(db, rui.id, ana.id, "test:brief:read", NOON)
    return brief_text(build_brief(db, shared, NOON), "UTC")


def fed_back(db: Session, ana: PatientProfile, rui: Account, at: datetime, **said: Any) -> None:
    held = TreatmentSession(patient_id=ana.id, therapist_id=rui.id, starts_at=at, minutes=50, held_at=at)
    db.add(held)
    db.flush()
    db.add(Feedback(session_id=held.id, patient_id=ana.id, given_at=at, updated_at=at, **said))
    db.flush()


def test_the_brief_reads_as_plain_text_in_its_order(db: Session, ana: PatientProfile, rui: Account) -> None:
    said = {"request": "The left shoulder.", "activities": [{"name": "Socks", "score": 6}]}
    check_in(db, ana, CheckInSaid.model_validate(said), NOON)
    a_plan(db, ana, rui.id, an_item(title="Chin tucks", dose="10 times"), now=NOON - timedelta(days=3))
    for back in range(3):
        at = NOON - timedelta(days=back)
        a_logged_day(db, ana, at.date(), at, pain=4, pain_sites=[LEFT_SHOULDER], note=f"Day\n{back}.")

    assert text(db, ana, rui).splitlines() == [
        "Ana",
        "The last 14 days, until 18 March 2026; no session held yet.",
        "",
        "Ticked before the session",
        "- Nothing was ticked.",
        "",
        "Wants today",
        "- The left shoulder.",
        "",
        "Where it hurts",
        "- Left shoulder: 3 of 3 days, up to 6",
        "",
        "Pain",
        "- Too few days to compare: 0 days before, 3 days now.",
        "- Before: 5 Mar to 11 Mar; now: 12 Mar to 18 Mar",
        "",
        "Activities",
        "- Socks: now 6 of 10",
        "",
        "Home care",
        "- Water: not answered on 10 days",
        "- Stretching: not answered on 10 days",
        "- Chin tucks: not answered on 4 days",
        "",
        "Sleep",
        "- Not logged",
        "",
        "Last notes",
        "- Wednesday 18 March: “Day 0.”",
        "- Tuesday 17 March: “Day 1.”",
        "- Monday 16 March: “Day 2.”",
        "",
        "Plan",
        "- Chin tucks, 10 times",
        "",
        "3 of 14 days logged; no sign yet that reminders reach a phone.",
    ]


def test_what_is_not_shared_is_named_as_such(db: Session, ana: PatientProfile, rui: Account) -> None:
    check_in(db, ana, CheckInSaid(request="Private."), NOON)
    a_logged_day(db, ana, NOON.date(), NOON, pain=9, note="Private.")
    said = text(db, ana, rui, Scope.PLAN)

    assert "Pain\n- Not shared." in said
    assert "Wants today\n- Not shared." in said
    assert "Private" not in said


def test_that_something_is_wrong_comes_first(db: Session, ana: PatientProfile, rui: Account) -> None:
    at = NOON - timedelta(days=3)
    fed_back(db, ana, rui, at, something_wrong_at=at + timedelta(hours=4))

    assert text(db, ana, rui).splitlines()[3:5] == [
        "Ticked before the session",
        "- Ticked “something is wrong” Sunday 15 March 16:00.",
    ]


def test_a_long_item_is_cut_and_what_the_patient_says_to_it_is_not() -> None:
    line = PlanLine(PlanItemKind.EXERCISE, "Chin tucks " * 9, "10 times", PlanItemAnswer.HURTS)

    assert plan_line_in_short(line).endswith("…: hurts")


def test_too_soon_after_a_session_the_text_says_when_now_begins(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    fed_back(db, ana, rui, NOON - timedelta(days=1))

    assert "- Before: 10 Mar to 16 Mar; now begins on 20 Mar" in text(db, ana, rui).splitlines()


def test_words_are_quoted_as_the_readers_language_quotes(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_logged_day(db, ana, NOON.date(), note="Steif.")
    with speaking(LANGUAGES["de"]):
        said = text(db, ana, rui)

    assert "- Mittwoch, 18. März: „Steif.“" in said.splitlines()


def test_a_comment_of_several_lines_is_one_line(db: Session, ana: PatientProfile, rui: Account) -> None:
    fed_back(db, ana, rui, NOON - timedelta(days=3), comment="Dizzy.\n\nThen well.")

    assert "- “Dizzy. Then well.”" in text(db, ana, rui).splitlines()


def test_a_note_filled_in_later_says_so(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_logged_day(db, ana, NOON.date() - timedelta(days=3), NOON, note="Stiff.")

    assert "- Sunday 15 March, filled in later: “Stiff.”" in text(db, ana, rui).splitlines()


def test_where_it_hurts_today_follows_what_is_wanted(db: Session, ana: PatientProfile, rui: Account) -> None:
    said = {"request": "The left shoulder.", "pain_sites": [LEFT_SHOULDER]}
    check_in(db, ana, CheckInSaid.model_validate(said), NOON)

    assert "Wants today\n- The left shoulder.\n- Hurts today: left shoulder." in text(db, ana, rui)


def test_a_quote_has_the_room_of_a_page() -> None:
    assert quoted_in_short("Slept badly.\nStiff.") == "Slept badly.\nStiff."
    assert quoted_in_short("a\nb\nc\nd") == "a b c d"
    assert quoted_in_short("word " * 400).endswith("word…")
    assert len(quoted_in_short("word " * 400)) <= LETTERS_QUOTED
