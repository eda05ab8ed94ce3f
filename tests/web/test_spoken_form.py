from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.datastructures import FormData

from app.errors import Invalid
from app.web.spoken_form import said_in


def set_by(was: dict[str, Any] | None = None, **fields: str) -> dict[str, Any]:
    return said_in(FormData({"was": json.dumps(was or {}), **fields}))["set"]


def test_a_blank_field_says_nothing() -> None:
    assert set_by(pain="", sleep_hours="", note="") == {}


def test_a_rating_becomes_a_number() -> None:
    assert set_by(pain="4") == {"pain": 4}


def test_no_pain_is_an_answer() -> None:
    assert set_by(pain="0") == {"pain": 0}


def test_half_hours_of_sleep_are_kept() -> None:
    assert set_by(sleep_hours="6.5") == {"sleep_hours": 6.5}


def test_what_was_there_already_is_not_said_again() -> None:
    assert set_by({"pain": 4, "stiffness": 2}, pain="4", stiffness="3") == {"stiffness": 3}


def test_no_swelling_is_an_answer() -> None:
    assert set_by(swelling="no") == {"swelling": False}


def test_a_note_keeps_its_lines() -> None:
    assert set_by(note="Better today.\r\nShort walk.") == {"note": "Better today.\nShort walk."}


def test_emptying_a_note_clears_it() -> None:
    assert set_by({"note": "Old"}, note="  ") == {"note": None}


def test_a_place_keeps_its_side() -> None:
    said = set_by(places_shown="1", place="shoulder:left")
    assert said == {"pain_sites": [{"region": "shoulder", "side": "left"}]}


def test_strength_belongs_to_its_place() -> None:
    said = set_by(
        places_shown="1", place="knee:right", **{"strength:knee:right": "6", "strength:knee:left": "2"}
    )
    assert said == {"pain_sites": [{"region": "knee", "side": "right", "intensity": 6}]}


def test_several_places_are_one_list() -> None:
    form = FormData([("places_shown", "1"), ("place", "low_back:middle"), ("place", "hip:left")])
    assert [site["region"] for site in said_in(form)["set"]["pain_sites"]] == ["hip", "low_back"]


@pytest.mark.parametrize(
    ("was", "usual", "other", "said"),
    [(None, "", "5.5", 5.5), (7, "7.0", "2.5", 2.5), (5.5, "7.0", "5.5", 7), (None, "", "24.0", 24)],
)
def test_of_usual_and_other_hours_of_sleep_that_counts_which_was_changed(
    was: float | None, usual: str, other: str, said: float
) -> None:
    assert set_by({"sleep_hours": was}, sleep_hours=usual, sleep_other=other) == {"sleep_hours": said}


def test_the_last_glass_taken_back_is_unknown_again() -> None:
    form = FormData({"was": json.dumps({"water_glasses": 1}), "add": "water_glasses:-1"})
    assert said_in(form) == {"set": {"water_glasses": None}, "add": {}}


def test_unticking_every_place_clears_them() -> None:
    was = {"pain_sites": [{"region": "hip", "side": "left", "intensity": None}]}
    assert set_by(was, places_shown="1") == {"pain_sites": None}


def test_the_same_places_in_another_order_are_no_change() -> None:
    was = {"pain_sites": [{"region": "low_back", "side": "middle"}, {"region": "hip", "side": "left"}]}
    form = FormData(
        [("was", json.dumps(was)), ("places_shown", "1"), ("place", "hip:left"), ("place", "low_back:middle")]
    )
    assert said_in(form)["set"] == {}


def test_a_form_without_the_list_of_places_leaves_them_alone() -> None:
    assert set_by({"pain_sites": [{"region": "hip", "side": "left"}]}, pain="1") == {"pain": 1}


def test_a_button_adds_minutes() -> None:
    assert said_in(FormData({"add": "stretching_minutes:10"})) == {
        "set": {},
        "add": {"stretching_minutes": 10},
    }


def test_a_glass_can_be_taken_back() -> None:
    assert said_in(FormData({"add": "water_glasses:-1"}))["add"] == {"water_glasses": -1}


def test_a_button_clears_a_measure() -> None:
    assert set_by({"pain": 7}, pain="7", clear="pain") == {"pain": None}


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(Invalid):
        said_in(FormData({"add": "note:1"}))


@pytest.mark.parametrize("was", ["", "{", "[]", "7", "[" * 20_000])
def test_a_damaged_memory_of_the_form_loses_nothing(was: str) -> None:
    assert said_in(FormData({"was": was, "pain": "4"}))["set"] == {"pain": 4}


def test_what_is_no_number_is_left_to_be_refused() -> None:
    assert set_by(pain="3.5", sleep_hours="1e9") == {"pain": "3.5", "sleep_hours": "1e9"}
