from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.diary.fold import Said, fold, undo_of
from app.diary.record import record_entries
from app.diary.undo import Words, opposite_of, undo_entry
from app.errors import NotFound
from app.models.daily_log import Day, day_on, entries_about
from app.models.patient import PatientProfile
from builders import NOON, a_patient, an_entry

TODAY = date(2026, 3, 18)
LATER = NOON + timedelta(minutes=1)
LATER_STILL = NOON + timedelta(minutes=2)


def said(db: Session, patient: PatientProfile, minutes: int = 0, **words: Any) -> UUID:
    at = NOON + timedelta(minutes=minutes)
    entry = an_entry(TODAY, at=at, **words)
    record_entries(db, patient, [entry], at)
    return UUID(entry["id"])


def today_of(db: Session, patient: PatientProfile) -> Day:
    day = day_on(db, patient.id, TODAY)
    assert day is not None
    return day


def test_undo_says_again_what_stood_before(db: Session, ana: PatientProfile) -> None:
    said(db, ana, set={"pain": 3})
    changed = said(db, ana, 1, set={"pain": 8})
    undo_entry(db, ana, TODAY, changed, LATER_STILL)
    assert today_of(db, ana).pain == 3


def test_undo_leaves_the_other_measures_alone(db: Session, ana: PatientProfile) -> None:
    changed = said(db, ana, set={"pain": 8})
    said(db, ana, 1, set={"stiffness": 2})
    undo_entry(db, ana, TODAY, changed, LATER_STILL)
    day = today_of(db, ana)
    assert (day.pain, day.stiffness) == (None, 2)


def test_undo_does_not_win_over_what_was_said_since(db: Session, ana: PatientProfile) -> None:
    first = said(db, ana, set={"pain": 8})
    said(db, ana, 1, set={"pain": 5})
    undo_entry(db, ana, TODAY, first, LATER_STILL)
    assert today_of(db, ana).pain == 5


def test_undo_leaves_standing_what_another_phone_said_earlier_and_sent_later(
    db: Session, ana: PatientProfile
) -> None:
    from_the_tunnel = an_entry(TODAY, at=NOON, set={"pain": 3}, add={"water_glasses": 1})
    changed = said(db, ana, 1, set={"pain": 5}, add={"water_glasses": 2})
    undo_entry(db, ana, TODAY, changed, LATER_STILL)
    record_entries(db, ana, [from_the_tunnel], NOON + timedelta(hours=1))
    day = today_of(db, ana)
    assert (day.pain, day.water_glasses) == (3, 1)


def test_what_was_taken_back_can_be_brought_back(db: Session, ana: PatientProfile) -> None:
    changed = said(db, ana, set={"pain": 5})
    undo_entry(db, ana, TODAY, changed, LATER)
    undo_entry(db, ana, TODAY, undo_of(changed), LATER_STILL)
    assert today_of(db, ana).pain == 5


def test_undo_takes_a_glass_back(db: Session, ana: PatientProfile) -> None:
    said(db, ana, add={"water_glasses": 1})
    second = said(db, ana, 1, add={"water_glasses": 1})
    undo_entry(db, ana, TODAY, second, LATER_STILL)
    assert today_of(db, ana).water_glasses == 1


def test_undo_of_the_first_glass_leaves_water_unknown(db: Session, ana: PatientProfile) -> None:
    said(db, ana, set={"pain": 3})
    glass = said(db, ana, 1, add={"water_glasses": 1})
    undo_entry(db, ana, TODAY, glass, LATER_STILL)
    assert today_of(db, ana).water_glasses is None


def test_undo_of_all_that_was_said_leaves_no_day(db: Session, ana: PatientProfile) -> None:
    glass = said(db, ana, add={"water_glasses": 1})
    undo_entry(db, ana, TODAY, glass, LATER)
    assert day_on(db, ana.id, TODAY) is None


SETS = st.fixed_dictionaries(
    {},
    optional={
        "pain": st.none() | st.integers(0, 10),
        "water_glasses": st.none() | st.integers(0, 40),
        "plan_items": st.none()
        | st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["done", "hurts", None]), min_size=1),
    },
)
ADDS = st.fixed_dictionaries(
    {}, optional={"water_glasses": st.integers(-40, 40), "heat_minutes": st.just(20)}
)
CONTENTS = st.fixed_dictionaries({"set": SETS, "add": ADDS})


def measures_of(contents: list[Words]) -> dict[str, Any]:
    folded = fold(
        Said(UUID(int=minute), at := NOON + timedelta(minutes=minute), at, False, **content)
        for minute, content in enumerate(contents)
    )
    return folded.measures if folded else {}


@given(st.lists(CONTENTS, max_size=6), CONTENTS)
def test_after_undo_the_day_stands_as_if_the_entry_had_not_been_said(day: list[Words], last: Words) -> None:
    without = measures_of(day)
    assert measures_of([*day, last, opposite_of(last, without)]) == without


def test_undoing_twice_is_undoing_once(db: Session, ana: PatientProfile) -> None:
    said(db, ana, add={"water_glasses": 2})
    second = said(db, ana, 1, add={"water_glasses": 1})
    undo_entry(db, ana, TODAY, second, LATER_STILL)
    undo_entry(db, ana, TODAY, second, LATER_STILL + timedelta(seconds=1))
    assert today_of(db, ana).water_glasses == 2


def test_what_was_undone_stays_in_the_history(db: Session, ana: PatientProfile) -> None:
    changed = said(db, ana, set={"pain": 8})
    undo_entry(db, ana, TODAY, changed, LATER)
    assert changed in [entry.id for entry in entries_about(db, ana.id, TODAY)]


def test_nobody_undoes_what_another_person_said(db: Session, ana: PatientProfile) -> None:
    rui = a_patient(db, "Rui")
    changed = said(db, ana, set={"pain": 8})
    with pytest.raises(NotFound):
        undo_entry(db, rui, TODAY, changed, LATER)
