from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.patient import PatientProfile
from app.models.treatment_session import TreatmentSession
from app.reports.own_insights import Level
from app.reports.trends import Span, Trends, read_trends
from builders import NOON, a_logged_day, a_patient, a_plan, an_item, todays_date
from conftest import settings_for
from running import AppInside, running
from web.reading import found, parsed, words_of

TODAY = date(2026, 3, 18)


def logged(db: Session, patient: PatientProfile, days_ago: int, **measures: Any) -> None:
    a_logged_day(db, patient, TODAY - timedelta(days=days_ago), NOON - timedelta(days=days_ago), **measures)


def trends_of(
    db: Session, patient: PatientProfile, span: Span = Span.MONTH, level: Level = "descriptive"
) -> Trends:
    return read_trends(db, patient, NOON, span, level)


def held(db: Session, patient: PatientProfile, *days_ago: int) -> None:
    for back in days_ago:
        at = NOON - timedelta(days=back)
        db.add(TreatmentSession(patient_id=patient.id, starts_at=at, minutes=60, held_at=at))
    db.flush()


def test_only_measures_that_were_logged_are_drawn(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 1, pain=4, sleep_hours=7)
    assert [trend.chart.title for trend in trends_of(db, ana).drawn] == ["Pain", "Hours of sleep"]


def test_a_day_outside_the_span_is_not_drawn(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 40, pain=4)
    assert trends_of(db, ana).empty
    assert not trends_of(db, ana, Span.QUARTER).empty


def test_the_table_lists_logged_days_newest_first(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 9, pain=6)
    logged(db, ana, 2, pain=0)
    rows = trends_of(db, ana).drawn[0].rows
    assert [(row.day_text, row.value_text) for row in rows] == [("16 March", "0"), ("9 March", "6")]


def test_the_sentence_above_a_chart_begins_with_its_numbers(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 2, pain=3)
    logged(db, ana, 4, pain=6)
    assert trends_of(db, ana).drawn[0].words == "4.5 on average, 3 to 6, on 2 of 30 days."


def test_one_day_is_no_average(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 2, pain=3)
    assert trends_of(db, ana).drawn[0].words == "3.0 on 1 of 30 days."


def test_the_plan_in_force_says_what_it_aims_for(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 1, water_glasses=5)
    a_plan(db, ana, ana.id, {"kind": "water", "target": {"min": 6}}, now=NOON - timedelta(days=3))
    assert trends_of(db, ana).drawn[0].words == "5.0 on 1 of 30 days. Your plan suggests 6 glasses."


def test_a_habit_nobody_asks_for_has_no_suggestion(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 1, water_glasses=5)
    a_plan(db, ana, ana.id, an_item(), now=NOON - timedelta(days=3))
    assert "Your plan" not in trends_of(db, ana).drawn[0].words


def test_the_change_counts_from_the_last_session(db: Session, ana: PatientProfile) -> None:
    held_at = NOON - timedelta(days=8)
    db.add(TreatmentSession(patient_id=ana.id, starts_at=held_at, minutes=60, held_at=held_at))
    logged(db, ana, 1, pain=3)
    assert "your last session on Tuesday 10 March" in trends_of(db, ana).compared


def test_a_few_days_are_not_compared(db: Session, ana: PatientProfile) -> None:
    held(db, ana, 10)
    logged(db, ana, 1, pain=3)
    assert trends_of(db, ana).change[0].startswith("Too few days to compare")


def test_without_a_session_two_weeks_are_told_and_not_compared(db: Session, ana: PatientProfile) -> None:
    for back in range(14):
        logged(db, ana, back, pain=2 if back < 7 else 6)
    [words] = trends_of(db, ana).change
    assert words.endswith("6.0 in the week before (7 days), 2.0 in the last seven days (7 days).")


def test_a_change_comes_with_its_plausible_range(db: Session, ana: PatientProfile) -> None:
    held(db, ana, 10)
    for back in range(18):
        logged(db, ana, back, pain=2 if back < 10 else 6)
    words, plausible = trends_of(db, ana).change
    assert words == "4.0 points lower: 6.0 before (7 days), 2.0 now (7 days)."
    assert plausible.endswith(" points lower (plausible range).")


def test_switched_off_there_are_only_charts(db: Session, ana: PatientProfile) -> None:
    held(db, ana, 10)
    logged(db, ana, 1, pain=3)
    trends = trends_of(db, ana, level="off")
    assert (trends.change, trends.trend, trends.around, len(trends.drawn)) == ([], None, None, 1)


def test_the_long_trend_is_told_only_in_full(db: Session, ana: PatientProfile) -> None:
    logged(db, ana, 1, pain=3)
    assert trends_of(db, ana).trend is None
    assert trends_of(db, ana, level="full").trend == "Too early for a trend: 1 of 21 days."


def test_the_days_around_a_session_wait_for_three_of_them(db: Session, ana: PatientProfile) -> None:
    held(db, ana, 10)
    for back in range(30):
        logged(db, ana, back, pain=3)
    around = trends_of(db, ana).around
    assert around is not None
    assert around.chart is None
    assert around.words == "1 of 3 sessions so far with enough days before and after."


def test_the_days_around_sessions_are_drawn_with_their_table(db: Session, ana: PatientProfile) -> None:
    held(db, ana, 50, 30, 10)
    for back in range(70):
        logged(db, ana, back, pain=3 if back in (49, 29, 9) else 6)
    around = trends_of(db, ana).around
    assert around is not None
    assert around.chart is not None
    assert around.words.endswith("Lowest the day after: 3.0 lower.")
    assert ("the day after", "\N{MINUS SIGN}3.0", "3 sessions") in around.rows
    assert len(around.rows) == 11


def test_the_page_puts_a_table_beside_every_chart(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    browser = standing_app.browser_of(ana.id)
    browser.patch(f"/api/days/{ana.day_at(NOON)}", json={"pain": 3, "mobility": 6})
    page = parsed(browser.get("/trends?days=365"))
    assert len(page.css("main svg[role=img]")) == len(page.css("main table")) == 2


def test_without_a_day_the_page_says_where_to_begin(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    page = parsed(standing_app.browser_of(ana.id).get("/trends"))
    assert "Nothing to draw yet" in words_of(found(page, "main"))


def test_the_chosen_span_is_said(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    page = parsed(standing_app.browser_of(ana.id).get("/trends?days=90"))
    assert words_of(found(page, "main [aria-current=page]")) == "90 days"


@pytest.mark.parametrize("days", ["31", "0", "-30", "all", "1e3"])
def test_other_spans_are_refused(standing_app: AppInside, days: str) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    assert standing_app.browser_of(ana.id).get(f"/trends?days={days}").status_code == 422


@pytest.fixture
def in_full(database_url: str, tmp_path: Path) -> Iterator[AppInside]:
    settings = settings_for(database_url, tmp_path).model_copy(update={"insights": "full"})
    with running(settings) as app:
        yield app


def test_a_question_is_chosen_on_the_page(in_full: AppInside) -> None:
    browser = in_full.browser_of(in_full.write(a_patient, now=utc_now()).id)
    browser.patch(f"/api/days/{todays_date() - timedelta(days=1)}", json={"pain": 3})
    before = words_of(found(parsed(browser.get("/trends")), "main"))
    browser.post("/trends/question", data={"habit": "stretch"})
    after = words_of(found(parsed(browser.get("/trends")), "main"))
    browser.post("/trends/question", data={"habit": ""})

    assert "Choose one thing" in before
    assert "Too early to compare stretching with next-day pain: 0 of 30 days." in after
    assert "Choose one thing" in words_of(found(parsed(browser.get("/trends")), "main"))


def test_by_default_no_question_is_asked(anas_phone: TestClient) -> None:
    assert anas_phone.post("/trends/question", data={"habit": "stretch"}).status_code == 404


def test_after_two_strong_days_the_page_says_when_to_get_help_once(standing_app: AppInside) -> None:
    ana = standing_app.write(a_patient, f"Ana{uuid4().hex}")
    browser = standing_app.browser_of(ana.id)
    for back in range(10):
        at = utc_now() - timedelta(days=back)
        standing_app.write(a_logged_day, ana, ana.day_at(at), at, pain=9 if back < 2 else 3)
    assert "When to get help" in words_of(found(parsed(browser.get("/trends")), "main"))
