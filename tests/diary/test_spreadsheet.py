"""Days as rows of a spreadsheet, out and in again."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.diary.spreadsheet import ROWS_AT_MOST, cell, days_in, guarded, line, unguarded
from app.errors import Invalid, Malformed

DAY = "2026-03-18"
FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "|cmd",
    "%0A",
    "\uff1d1",
    "\uff0b1",
    "\uff0d1",
    "\uff201",
)


def said(**cells: str) -> dict[str, Any]:
    """What one row with these cells says."""
    return days_in((line(["day", *cells]) + line([DAY, *cells.values()])).encode())[0].said


def errors_in(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        days_in(text.encode())
    return [(error.field, error.code) for error in refused.value.errors]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_text_a_spreadsheet_would_run_is_guarded(formula: str) -> None:
    assert guarded(formula) == f"'{formula}"


@given(st.text())
def test_guarding_takes_nothing_away(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(st.text())
def test_no_guarded_text_begins_as_a_formula_does(text: str) -> None:
    assert guarded(text)[:1] not in {formula[0] for formula in FORMULAS}


def test_places_keep_their_side() -> None:
    sites = [
        {"region": "shoulder", "side": "left", "intensity": 6},
        {"region": "low_back", "side": "middle"},
    ]
    assert cell(sites) == "left shoulder 6; middle low_back"
    assert said(pain_sites=cell(sites)) == {"pain_sites": sites}


def test_no_place_at_all_is_not_the_same_as_not_said() -> None:
    assert said(pain_sites="none") == {"pain_sites": []}
    assert said(pain="3", pain_sites="") == {"pain": 3}


def test_an_empty_cell_is_not_zero() -> None:
    assert said(pain="", water_glasses="0") == {"water_glasses": 0}


def test_numbers_are_read_as_spreadsheets_write_them() -> None:
    assert said(pain="3.0", sleep_hours="7,5") == {"pain": 3, "sleep_hours": 7.5}


def test_a_file_with_semicolons_is_read() -> None:
    assert days_in(f"day;pain;sleep_hours\n{DAY};3;7,5\n".encode())[0].said == {"pain": 3, "sleep_hours": 7.5}


def test_the_mark_some_programs_put_in_front_is_no_column() -> None:
    assert days_in(f"\ufeffday,pain\n{DAY},3\n".encode())[0].day == date(2026, 3, 18)


def test_a_note_of_several_lines_is_one_cell() -> None:
    note = 'Two lines,\nand a "quote".'
    assert said(note=note) == {"note": note}


def test_ticks_come_back() -> None:
    assert said(plan_items="socks done; walk no_time") == {"plan_items": {"socks": "done", "walk": "no_time"}}


def test_rows_without_anything_are_passed_over() -> None:
    assert days_in(f"day,pain\n\n,\n{DAY},\n".encode()) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [("rows.1.day", "missing")], id="nothing"),
        pytest.param("pain\n3\n", [("rows.1.day", "missing")], id="no day"),
        pytest.param("day,pian\n", [("rows.1", "column")], id="an unknown column"),
        pytest.param("day,pain,pain\n", [("rows.1", "column_twice")], id="a column twice"),
        pytest.param(f"day,pain\n{DAY},11\n", [("rows.2.pain", "less_than_equal")], id="11 of 10"),
        pytest.param(f"day,pain\n{DAY},3.5\n", [("rows.2.pain", "int_type")], id="half a point"),
        pytest.param("day,pain\n18/03/2026,3\n", [("rows.2.day", "day")], id="another order"),
        pytest.param("day,pain\n,3\n", [("rows.2.day", "day")], id="a row without a day"),
        pytest.param(f"day,pain\n{DAY},3\n{DAY},4\n", [("rows.3.day", "day_twice")], id="a day twice"),
        pytest.param(
            f"day,bad_day\n{DAY},maybe\n", [("rows.2.bad_day", "bool_type")], id="neither yes nor no"
        ),
        pytest.param(
            f"day,pain_sites\n{DAY},middle shoulder\n", [("rows.2.pain_sites", "side")], id="no such side"
        ),
        pytest.param(
            f"day,note\n{DAY},{'x' * 2001}\n", [("rows.2.note", "string_too_long")], id="a long note"
        ),
    ],
)
def test_what_is_wrong_is_said_by_row_and_column(text: str, expected: list[tuple[str, str]]) -> None:
    assert errors_in(text) == expected


def test_every_row_that_is_wrong_is_named() -> None:
    text = "day,pain\n" + "".join(f"2026-03-{day:02},99\n" for day in range(1, 11))
    assert [field for field, _code in errors_in(text)] == [f"rows.{row}.pain" for row in range(2, 12)]


def test_a_file_without_end_is_refused() -> None:
    assert errors_in("day,pain\n" + "\n" * ROWS_AT_MOST) == [("rows", "too_long")]


def test_a_file_in_another_encoding_is_refused() -> None:
    with pytest.raises(Malformed):
        days_in("day,note\n2026-03-18,größer\n".encode("latin-1"))


@given(st.binary(max_size=300))
def test_no_file_is_more_than_refused(body: bytes) -> None:
    with suppress(Invalid, Malformed):
        days_in(b"day,pain,note,pain_sites,plan_items\n" + body)


def test_a_line_is_what_every_reader_of_csv_understands() -> None:
    cells = ["a", 'b"c', "d,e", "f\ng"]
    assert next(csv.reader(io.StringIO(line(cells), newline=""))) == cells
