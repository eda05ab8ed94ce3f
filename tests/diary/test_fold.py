"""The laws of folding, each over many invented days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.diary.fold import Said, fold

MORNING = datetime(2026, 3, 18, 7, 0, tzinfo=UTC)


def said(minute: int = 0, *, late: bool = False, **content: dict) -> Said:
    at = MORNING + timedelta(minutes=minute)
    return Said(UUID(int=minute + 1), at, at, late, content.get("set", {}), content.get("add", {}))


scores = st.none() | st.integers(0, 10)
sets = st.fixed_dictionaries(
    {},
    optional={
        "pain": scores,
        "stiffness": scores,
        "water_glasses": st.none() | st.integers(0, 40),
        "plan_items": st.none()
        | st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["done", "hurts", None]), min_size=1),
    },
)
adds = st.fixed_dictionaries({}, optional={"water_glasses": st.integers(-3, 3), "heat_minutes": st.just(20)})


@st.composite
def entries(draw: st.DrawFn) -> list[Said]:
    """Up to eight entries; several can share an instant, as two phones can."""
    contents = draw(st.lists(st.tuples(st.integers(0, 5), sets, adds, st.booleans()), max_size=8))
    return [
        Said(UUID(int=number), at := MORNING + timedelta(minutes=minute), at, late, set_, add)
        for number, (minute, set_, add, late) in enumerate(contents)
    ]


@given(entries(), st.randoms(use_true_random=False))
def test_the_order_in_which_entries_arrive_does_not_matter(day, chance):
    shuffled = list(day)
    chance.shuffle(shuffled)
    assert fold(shuffled) == fold(day)


@given(entries())
def test_a_measure_that_stands_is_never_unknown_and_never_out_of_range(day):
    folded = fold(day)
    measures = folded.measures if folded else {}
    assert None not in measures.values()
    assert 0 <= measures.get("water_glasses", 0) <= 40


@given(st.lists(st.integers(1, 3), min_size=1, max_size=8))
def test_additions_sum_up(glasses):
    folded = fold(said(minute, add={"water_glasses": n}) for minute, n in enumerate(glasses))
    assert folded.measures["water_glasses"] == sum(glasses)


@given(st.lists(st.integers(0, 10), min_size=1, max_size=6))
def test_the_last_set_stands(ratings):
    folded = fold(said(minute, set={"pain": rating}) for minute, rating in enumerate(ratings))
    assert folded.measures["pain"] == ratings[-1]


def test_null_clears_a_measure():
    folded = fold([said(0, set={"pain": 4, "stiffness": 2}), said(1, set={"pain": None})])
    assert folded.measures == {"stiffness": 2}


def test_a_day_on_which_nothing_stands_is_no_day():
    assert fold([said(0, set={"pain": 4}), said(1, set={"pain": None})]) is None


def test_what_is_added_after_a_set_counts_on_from_it():
    folded = fold(
        [
            said(0, add={"water_glasses": 2}),
            said(1, set={"water_glasses": 5}),
            said(2, add={"water_glasses": 1}),
        ]
    )
    assert folded.measures["water_glasses"] == 6


def test_taking_back_more_than_was_added_stops_at_none_left():
    assert fold([said(0, add={"water_glasses": -3})]).measures["water_glasses"] == 0


def test_the_same_instant_on_two_phones_is_settled_by_the_entry_id():
    one = Said(UUID(int=1), MORNING, MORNING, False, {"pain": 3}, {})
    two = Said(UUID(int=2), MORNING, MORNING, False, {"pain": 7}, {})
    assert fold([two, one]).measures["pain"] == fold([one, two]).measures["pain"] == 7


def test_two_phones_answer_different_plan_items_and_both_stand():
    folded = fold([said(0, set={"plan_items": {"a": "done"}}), said(1, set={"plan_items": {"b": "hurts"}})])
    assert folded.measures["plan_items"] == {"a": "done", "b": "hurts"}


def test_one_plan_item_can_be_cleared_alone():
    folded = fold(
        [said(0, set={"plan_items": {"a": "done", "b": "done"}}), said(1, set={"plan_items": {"a": None}})]
    )
    assert folded.measures["plan_items"] == {"b": "done"}


def test_no_painful_place_today_is_an_answer():
    assert fold([said(0, set={"pain_sites": []})]).measures == {"pain_sites": []}


def test_a_day_is_late_while_something_late_stands_on_it():
    assert fold([said(0, set={"pain": 3}), said(1, late=True, set={"stiffness": 2})]).late


def test_a_late_value_that_was_cleared_no_longer_makes_the_day_late():
    day = [said(0, set={"pain": 3}), said(1, late=True, set={"note": "x"}), said(2, set={"note": None})]
    assert not fold(day).late


def test_a_day_was_first_logged_when_its_first_entry_was_recorded():
    assert fold([said(30, set={"pain": 3}), said(5, set={"pain": 2})]).first_logged_at == MORNING + timedelta(
        minutes=5
    )
