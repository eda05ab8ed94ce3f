"""Days from a spreadsheet become entries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.diary.bring_in import bring_in_days
from app.diary.spreadsheet import days_in
from app.errors import Invalid
from app.models.daily_log import day_on, entries_about
from app.models.patient import PatientProfile
from builders import NOON, a_logged_day

TODAY = NOON.date()


def bring(db: Session, ana: PatientProfile, text: str) -> tuple[int, int]:
    brought = bring_in_days(db, ana, days_in(text.encode()), NOON)
    return brought.new, brought.already_here


def test_a_day_that_comes_in_is_marked_as_filled_in_later(db: Session, ana: PatientProfile) -> None:
    bring(db, ana, "day,pain\n2024-02-29,4\n")
    day = day_on(db, ana.id, TODAY.replace(2024, 2, 29))
    assert day is not None
    assert (day.pain, day.late) == (4, True)


def test_what_comes_in_says_that_it_was_imported(db: Session, ana: PatientProfile) -> None:
    bring(db, ana, f"day,pain\n{TODAY},4\n")
    assert [entry.source for entry in entries_about(db, ana.id, TODAY)] == ["import"]


def test_the_same_file_twice_is_once(db: Session, ana: PatientProfile) -> None:
    text = f"day,pain,note\n{TODAY},4,Slept badly.\n"
    assert bring(db, ana, text) == (1, 0)
    assert bring(db, ana, text) == (0, 1)


def test_a_file_that_says_less_than_stands_says_nothing_new(db: Session, ana: PatientProfile) -> None:
    places = [{"region": "low_back", "side": "left", "intensity": None}]
    ticks = {"chin-tucks": "done", "bridges": "forgot"}
    a_logged_day(db, ana, TODAY, NOON - timedelta(hours=1), plan_items=ticks, pain_sites=places)
    assert bring(db, ana, f"day,plan_items,pain_sites\n{TODAY},chin-tucks done,left low_back\n") == (0, 1)


def test_what_is_not_in_the_file_stays(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, NOON - timedelta(hours=1), pain=3, stiffness=5)
    bring(db, ana, f"day,pain\n{TODAY},4\n")
    day = day_on(db, ana.id, TODAY)
    assert day is not None
    assert (day.pain, day.stiffness) == (4, 5)


@pytest.mark.parametrize("day", ["1999-12-31", str(TODAY + timedelta(days=1)), "9999-12-31"])
def test_a_day_nobody_can_have_logged_is_refused_with_its_row(
    db: Session, ana: PatientProfile, day: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bring(db, ana, f"day,pain\n{TODAY},4\n{day},4\n")
    assert refused.value.errors[0].field == "rows.3.day"
    assert day_on(db, ana.id, TODAY) is None
