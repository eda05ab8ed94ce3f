from __future__ import annotations

import json
from typing import Any

import pytest

from app.insights.diary_line import BadDiary, read_diary

TODAY = "2026-11-23"


def line(**changed: Any) -> str:
    diary = {
        "today": TODAY,
        "plan": {"sleep": {"field": "sleep_h", "min": 7, "max": 9}},
        "focus": None,
        "sessions": [],
        "entries": [],
    }
    return json.dumps(diary | changed)


def entry(**said: Any) -> dict[str, Any]:
    return {"date": TODAY} | said


def test_days_are_numbered_so_that_a_blank_stays_unknown() -> None:
    diary = read_diary(line(entries=[entry(pain=4, sleep_h=None)]))

    assert diary.pain == {diary.today: 4.0}
    assert diary.habits["sleep"].met == {}


def test_the_ends_of_a_target_meet_it() -> None:
    entries = [{"date": f"2026-11-0{n}", "sleep_h": hours} for n, hours in enumerate((6.5, 7, 9, 9.5), 1)]

    assert list(read_diary(line(entries=entries)).habits["sleep"].met.values()) == [False, True, True, False]


def test_sleep_is_about_the_night_before() -> None:
    assert read_diary(line()).habits["sleep"].overnight


def test_heat_is_never_compared_with_pain() -> None:
    plan = {"heat": {"field": "heat_min", "max": 20}}

    assert not read_diary(line(plan=plan)).habits["heat"].compared


def test_what_lies_after_today_is_left_out() -> None:
    entries = [{"date": "2026-11-24", "pain": 9}]
    diary = read_diary(line(entries=entries, sessions=["2026-11-24"]))

    assert (diary.pain, diary.logged, diary.sessions) == ({}, {}, ())


def test_a_day_filled_in_later_is_logged_but_not_compared() -> None:
    diary = read_diary(line(entries=[entry(pain=4, late=True)]))

    assert (diary.logged, diary.pain) == ({diary.today: True}, {})


def test_rows_about_one_day_are_folded_as_a_diary_is() -> None:
    rows = [entry(pain=4, sleep_h=6), entry(pain=7, sleep_h=None), entry(sleep_h=8)]
    diary = read_diary(line(entries=rows))

    assert (diary.pain, diary.habits["sleep"].met) == ({diary.today: 7.0}, {diary.today: True})


def test_a_day_is_filled_in_later_where_anything_that_stands_was() -> None:
    late = entry(pain=4, late=True)

    assert list(read_diary(line(entries=[late, entry(pain=7)])).logged.values()) == [False]
    assert list(read_diary(line(entries=[late, entry(sleep_h=8)])).logged.values()) == [True]


def test_a_day_without_a_measure_is_not_logged() -> None:
    assert read_diary(line(entries=[entry(pain=None)])).logged == {}


def test_a_focus_that_no_plan_asks_for_is_none() -> None:
    assert read_diary(line(focus="water")).focus is None
    assert read_diary(line(focus="sleep")).focus == "sleep"


@pytest.mark.parametrize("today", ["1900-01-01", "2200-12-31"])
def test_the_first_and_the_last_day_are_days(today: str) -> None:
    assert read_diary(line(today=today)).today


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        ("", "this is not JSON"),
        ("{", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ('{"today": NaN}', "this is not JSON"),
        ("[]", "the line"),
        (line(today="23.11.2026"), "today"),
        (line(today="2026-W47-1"), "today"),
        (line(today=None), "today"),
        (line(today="0001-01-01"), "today"),
        (line(today="9999-12-31"), "today"),
        (line(sessions=["1899-12-31"]), "sessions[0]"),
        (line(entries=[{"date": "2201-01-01"}]), "entries[0].date"),
        (line(plan={"\ud800": {"field": "water", "min": 8}}), "plan.…"),
        (line(patient="Ana"), "the line"),
        (line(focus=[]), "focus"),
        (line(sessions="2026-11-01"), "sessions"),
        (line(sessions=["2026-02-30"]), "sessions[0]"),
        (line(entries={}), "entries"),
        (line(entries=[None]), "entries[0]"),
        (line(entries=[entry(), {"pain": 3}]), "entries[1].date"),
        (line(entries=[entry(pain=11)]), "entries[0].pain"),
        (line(entries=[entry(pain=True)]), "entries[0].pain"),
        (line(entries=[entry(pain="3")]), "entries[0].pain"),
        (line(entries=[entry(water=-1)]), "entries[0].water"),
        (line(entries=[entry(water=10**400)]), "entries[0].water"),
        ('{"today": "2026-11-23", "entries": [{"date": "2026-11-23", "pain": 1e999}]}', "entries[0].pain"),
        (line(entries=[entry(late=1)]), "entries[0].late"),
        (line(entries=[entry(), entry(sleep=8)]), "entries[1].sleep: is no field"),
        (
            line(plan={"walk": {"field": "walk_min", "min": 20}}),
            "plan.walk.field: must be one of exercises, ",
        ),
        (line(plan={"water": {"field": "date", "min": 8}}), "plan.water.field"),
        (line(plan=[]), "plan"),
        (line(plan={"water": {"min": 8}}), "plan.water.field"),
        (line(plan={"water": {"field": "water"}}), "plan.water"),
        (line(plan={"water": {"field": "water", "least": 8}}), "plan.water"),
    ],
)
def test_what_is_wrong_is_named(bad: str, where: str) -> None:
    with pytest.raises(BadDiary) as wrong:
        read_diary(bad)
    assert str(wrong.value).startswith(where)


def test_an_error_never_repeats_what_was_said() -> None:
    with pytest.raises(BadDiary) as wrong:
        read_diary(line(entries=[entry(**{"Ana cried all night": "yes"})]))
    assert "Ana" not in str(wrong.value)


def test_bytes_that_are_no_text_are_no_diary() -> None:
    with pytest.raises(BadDiary):
        read_diary(b'{"today": "\xff"}')
