from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.access.looks import SharedPatient
from app.models.care import Scope
from app.models.daily_log import Day
from app.models.patient import PatientProfile
from app.reports.shared_days import shared_days
from builders import NOON, a_logged_day

TODAY = NOON.date()


@pytest.fixture
def logging_ana(db: Session, ana: PatientProfile) -> PatientProfile:
    a_logged_day(db, ana, TODAY, pain=4, water_glasses=3, note="Walked.", plan_items={"bridge": "done"})
    a_logged_day(db, ana, TODAY - timedelta(days=1), NOON - timedelta(days=1), note="Only words today.")
    return ana


def days_shown(db: Session, patient: PatientProfile, *scopes: Scope) -> list[Day]:
    shared = SharedPatient(patient, frozenset(scopes), patient.id)
    return shared_days(db, shared, TODAY - timedelta(days=7), TODAY).days


def test_measures_show_numbers_but_neither_words_nor_plan(db: Session, logging_ana: PatientProfile) -> None:
    [day] = days_shown(db, logging_ana, Scope.MEASURES)

    assert (day.pain, day.water_glasses, day.note, day.plan_items) == (4, 3, None, None)


def test_notes_show_words_and_no_numbers(db: Session, logging_ana: PatientProfile) -> None:
    days = days_shown(db, logging_ana, Scope.NOTES)

    assert [(day.note, day.pain) for day in days] == [("Only words today.", None), ("Walked.", None)]


def test_the_plan_shows_what_was_answered(db: Session, logging_ana: PatientProfile) -> None:
    [day] = days_shown(db, logging_ana, Scope.PLAN)

    assert (day.plan_items, day.pain, day.note) == ({"bridge": "done"}, None, None)


def test_a_day_with_nothing_in_scope_is_left_out(db: Session, logging_ana: PatientProfile) -> None:
    days = days_shown(db, logging_ana, Scope.MEASURES, Scope.PLAN)

    assert [day.day for day in days] == [TODAY]


def test_a_long_stretch_of_days_comes_in_pages(db: Session, logging_ana: PatientProfile) -> None:
    shared = SharedPatient(logging_ana, frozenset(Scope), logging_ana.id)
    page = shared_days(db, shared, TODAY - timedelta(days=7), TODAY, at_most=1)

    assert [day.note for day in page.days] == ["Only words today."]
    assert page.next_cursor == TODAY
