from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from app.diary.fold import Said, fold
from app.diary.tick import tick
from app.diary.undo import Words
from builders import NOON

FIVE = {"stretching_minutes": 5}


def and_then(said: list[Said], words: Words | None) -> list[Said]:
    at = NOON + timedelta(minutes=len(said))
    return said if words is None else [*said, Said(uuid4(), at, at, late=False, **words)]


def answered(said: list[Said], *answers: str | None, item: str = "neck", asked: Any = FIVE) -> list[Said]:
    for answer in answers:
        said = and_then(said, tick(item, answer, asked, said))
    return said


def minutes(said: list[Said]) -> int | None:
    folded = fold(said)
    return folded.measures.get("stretching_minutes") if folded else None


def test_five_taps_on_done_are_one() -> None:
    assert minutes(answered([], "done", "done", "done", "done", "done")) == 5


def test_done_adds_only_what_was_not_logged_by_itself() -> None:
    by_itself = and_then([], {"set": {}, "add": {"stretching_minutes": 3}})
    assert minutes(answered(by_itself, "done")) == 5


def test_another_answer_takes_back_what_came_with_done_and_nothing_else() -> None:
    by_itself = and_then([], {"set": {}, "add": {"stretching_minutes": 3}})
    assert minutes(answered(by_itself, "done", "hurts")) == 3


def test_minutes_that_came_with_done_alone_are_unknown_again() -> None:
    assert minutes(answered([], "done", "hurts")) is None


def test_a_cleared_answer_leaves_the_day_as_it_was() -> None:
    assert fold(answered([], "done", None)) is None


def test_the_minutes_of_another_item_do_not_do_for_this_one() -> None:
    neck = answered([], "done", asked={"stretching_minutes": 10})
    assert minutes(answered(neck, "done", item="hip")) == 15


def test_what_repeated_taps_once_added_goes_with_their_answer() -> None:
    done: Words = {"set": {"plan_items": {"neck": "done"}}, "add": {"stretching_minutes": 5}}
    thrice = and_then(and_then(and_then([], done), done), done)
    assert minutes(answered(thrice, "hurts")) is None
