from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, timedelta
from io import StringIO
from random import Random
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.insights.analyse import analyse_lines, analysis
from app.insights.diary_line import read_diary

TODAY = date(2026, 11, 23)
PLAN = {
    "water": {"field": "water", "min": 8},
    "stretch": {"field": "stretch_min", "min": 5},
    "exercises": {"field": "exercises", "min": 1},
    "sleep": {"field": "sleep_h", "min": 7, "max": 9},
}
FIELDS = (
    "pain",
    "stiffness",
    "mobility",
    "water",
    "stretch_min",
    "exercises",
    "sleep_h",
    "heat_min",
    "ice_min",
)


def a_diary(days: int = 90, seed: int = 1, **changed: Any) -> dict[str, Any]:
    """A diary that has something to say in every part."""
    chance, entries, stretched = Random(seed), [], False
    for back in range(days - 1, -1, -1):
        pain = min(max(round(6 - 2 * stretched - (days - back) / 40 + chance.gauss(0, 0.8)), 0), 10)
        stretched = chance.random() < 0.5
        if chance.random() < 0.9:
            said = (pain, 3, 6, chance.randint(5, 11), 10 * stretched, chance.randint(0, 1), 7.5, 0, None)
            entries.append({"date": str(TODAY - timedelta(back))} | dict(zip(FIELDS, said, strict=True)))
    sessions = [str(TODAY - timedelta(back)) for back in (72, 55, 41, 25, 10)]
    diary = {"today": str(TODAY), "plan": PLAN, "focus": "stretch", "sessions": sessions, "entries": entries}
    return diary | changed


def answer(diary: dict[str, Any]) -> dict[str, Any]:
    return analysis(read_diary(json.dumps(diary)))


def moved(diary: dict[str, Any], by: int) -> dict[str, Any]:
    """The same diary, `by` days later."""

    def later(day: str) -> str:
        return str(date.fromisoformat(day) + timedelta(by))

    entries = [entry | {"date": later(entry["date"])} for entry in diary["entries"]]
    sessions = [later(day) for day in diary["sessions"]]
    return diary | {"today": later(diary["today"]), "sessions": sessions, "entries": entries}


def without_dates(found: dict[str, Any]) -> dict[str, Any]:
    return found | {"change": found["change"] | {"last_session": None}}


def test_every_part_has_the_shape_that_was_promised() -> None:
    found = answer(a_diary())

    assert list(found) == [
        "coverage",
        "adherence",
        "change",
        "trend",
        "profile",
        "habits",
        "prompts",
        "text",
    ]
    assert {"status", "diff", "lo90", "hi90", "label"} <= found["change"].keys()
    assert {"status", "per_week", "lo95", "hi95", "shown"} <= found["trend"].keys()
    assert {"status", "effect", "lo95", "hi95", "p", "shown"} <= found["habits"]["stretch"].keys()
    assert found["profile"]["days"]["-3"].keys() == {"mean", "n"}
    assert (found["change"]["status"], found["trend"]["status"], found["profile"]["status"]) == ("ok",) * 3


def test_a_pattern_that_is_there_is_told_with_its_days_and_its_range() -> None:
    found = answer(a_diary())
    told = [sentence for sentence in found["text"] if "the day after stretching" in sentence]

    assert found["habits"]["stretch"]["shown"]
    assert len(told) == 1
    assert "points lower" in told[0]
    assert told[0].endswith("This is a pattern in your own notes, not proof that one caused the other.")


def test_a_habit_nearly_always_kept_says_so() -> None:
    assert (
        "Sleep within your plan: you nearly always do this, so your log cannot compare."
        in answer(a_diary())["text"]
    )


def test_a_short_diary_says_how_far_it_is() -> None:
    found = answer(a_diary(days=20, sessions=[]))

    assert (found["change"]["status"], found["trend"]["status"]) == ("insufficient", "insufficient")
    assert any("of 30 days" in sentence for sentence in found["text"])


def test_without_a_session_no_change_is_claimed() -> None:
    """However far apart the two weeks lie."""
    rows = [{"date": str(TODAY - timedelta(back)), "pain": 8 if back > 6 else 3} for back in range(14)]
    found = answer(a_diary(entries=rows, sessions=[]))
    said = [found["change"][name] for name in ("status", "diff", "lo90", "hi90", "label")]

    assert said == ["insufficient", None, None, None, None]
    assert (
        "Pain on average, no session yet:"
        " 8.0 in the week before (7 days), 3.0 in the last seven days (7 days)." in found["text"]
    )
    assert not any("points" in one or "range" in one for one in found["text"])


def test_two_days_after_a_session_it_is_too_soon() -> None:
    assert answer(a_diary(sessions=[str(TODAY - timedelta(2))]))["change"]["status"] == "too_soon"


def test_an_empty_diary_is_answered_too() -> None:
    found = answer({"today": str(TODAY), "plan": {}, "focus": None, "sessions": [], "entries": []})

    assert found["coverage"]["last_30"] == {"logged": 0, "of": 30, "filled_in_later": 0}
    assert found["change"]["diff"] is None


def test_heat_is_never_tested() -> None:
    plan = {"heat": {"field": "heat_min", "max": 20}}

    assert answer(a_diary(plan=plan, focus=None))["habits"] == {}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_entries_changes_nothing(seed: int) -> None:
    diary = a_diary(seed=seed)
    shuffled = deepcopy(diary)
    Random(seed).shuffle(shuffled["entries"])
    shuffled["sessions"].reverse()

    assert answer(shuffled) == answer(diary)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_rows_that_say_nothing_change_nothing(seed: int) -> None:
    diary = a_diary(seed=seed)
    blank = [{"date": str(TODAY - timedelta(back))} | dict.fromkeys(FIELDS) for back in range(-5, 120)]

    assert answer(diary | {"entries": diary["entries"] + blank}) == answer(diary)


@settings(max_examples=15, deadline=None)
@given(weeks=st.integers(-500, 500))
def test_a_diary_kept_weeks_later_says_the_same(weeks: int) -> None:
    diary = a_diary()

    assert without_dates(answer(moved(diary, by=7 * weeks))) == without_dates(answer(diary))


@settings(max_examples=15, deadline=None)
@given(days=st.integers(-3000, 3000))
def test_only_what_knows_weekends_minds_the_weekday(days: int) -> None:
    now, then = answer(a_diary()), answer(moved(a_diary(), by=days))

    assert then["coverage"] == now["coverage"]
    assert then["adherence"] == now["adherence"]
    assert then["trend"] == now["trend"]
    assert then["profile"] == now["profile"]
    assert then["prompts"] == now["prompts"]
    assert without_dates(then)["change"] == without_dates(now)["change"]


def numbers(most: float) -> st.SearchStrategy[Any]:
    return st.none() | st.integers(0, int(most)) | st.floats(0, most)


day = st.dates(TODAY - timedelta(130), TODAY + timedelta(5)).map(str)
entries = st.lists(
    st.fixed_dictionaries(
        {"date": day},
        optional={name: numbers(10) for name in FIELDS[:3]}
        | {name: numbers(300) for name in FIELDS[3:]}
        | {"late": st.booleans()},
    ),
    max_size=150,
)
diaries = st.fixed_dictionaries(
    {
        "today": st.just(str(TODAY)),
        "plan": st.just(PLAN | {"ice": {"field": "ice_min", "max": 20}}),
        "focus": st.sampled_from([None, *PLAN]),
        "sessions": st.lists(day, max_size=20),
        "entries": entries,
    }
)
"""Gappy, doubled, out of order, in the future, and never the same twice."""


@settings(max_examples=150, deadline=None)
@given(diary=diaries)
def test_no_diary_is_too_strange_and_nothing_is_ever_nan(diary: dict[str, Any]) -> None:
    json.dumps(answer(diary), allow_nan=False)


@settings(max_examples=30, deadline=None)
@given(level=st.integers(0, 10), kept=st.lists(st.integers(0, 300), min_size=90, max_size=90))
def test_a_diary_that_never_changes_is_answered(level: int, kept: list[int]) -> None:
    rows = [
        {"date": str(TODAY - timedelta(back)), "pain": level, "stretch_min": minutes}
        for back, minutes in enumerate(kept)
    ]
    found = answer(a_diary(entries=rows))

    json.dumps(found, allow_nan=False)
    assert not found["trend"]["shown"]
    assert not found["habits"]["stretch"]["shown"]


def test_ninety_days_take_less_than_ten_milliseconds() -> None:
    line = json.dumps(a_diary())
    times = []
    for _ in range(15):
        began = process_time()
        analysis(read_diary(line))
        times.append(process_time() - began)

    assert min(times) < 0.010


def test_a_bad_line_is_named_and_the_others_are_answered() -> None:
    answers, complaints = StringIO(), StringIO()
    good = json.dumps(a_diary(days=5))
    all_good = analyse_lines([good, "nonsense", "", good, "{}"], answers, complaints)

    assert not all_good
    told = [json.loads(answered) for answered in answers.getvalue().splitlines()]
    assert [one.get("error") for one in told] == [
        None,
        "this is not JSON",
        None,
        "today: must be a day as YYYY-MM-DD",
    ]
    assert complaints.getvalue().splitlines() == [
        "line 2: this is not JSON",
        "line 5: today: must be a day as YYYY-MM-DD",
    ]


@pytest.mark.parametrize("today", ["1900-01-01", "2200-12-31"])
@pytest.mark.parametrize("sessions", [[], ["1900-01-01"], ["1900-01-01", "2200-12-31"]])
def test_the_ends_of_the_calendar_are_answered(today: str, sessions: list[str]) -> None:
    assert answer(a_diary(today=today, sessions=sessions))["coverage"]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=5)
    | st.dates().map(str)
    | st.sampled_from(FIELDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec=None)), inner),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(
    said=st.fixed_dictionaries(
        {"today": st.dates().map(str) | anything},
        optional={
            "plan": anything | st.dictionaries(st.text(st.characters(codec=None)), st.just(PLAN["water"])),
            "focus": anything,
            "sessions": anything | st.lists(st.dates().map(str)),
            "entries": anything
            | st.lists(st.fixed_dictionaries({"date": st.dates().map(str), "pain": anything})),
        },
    )
)
def test_whatever_a_line_says_it_gets_one_line_of_text(said: dict[str, Any]) -> None:
    answers = StringIO()
    analyse_lines([json.dumps(said)], answers, StringIO())

    assert answers.getvalue().encode().count(b"\n") == 1


def test_each_answer_is_given_before_the_next_line_is_read() -> None:
    answers = StringIO()
    seen: list[int] = []

    def lines() -> Any:
        for _ in range(3):
            yield json.dumps(a_diary(days=3))
            seen.append(len(answers.getvalue().splitlines()))

    analyse_lines(lines(), answers, StringIO())

    assert seen == [1, 2, 3]


@pytest.mark.parametrize("pain_lower_by", [0, 3])
def test_the_brief_of_arithmetic_anyone_can_check(pain_lower_by: int) -> None:
    """Seven days at 6 before the session, seven now: the difference is theirs, to the digit."""
    session = TODAY - timedelta(10)
    rows = [{"date": str(session - timedelta(back)), "pain": 6} for back in range(1, 8)]
    rows += [{"date": str(TODAY - timedelta(back)), "pain": 6 - pain_lower_by} for back in range(7)]
    change = answer(a_diary(entries=rows, sessions=[str(session)]))["change"]

    assert change["diff"] == -pain_lower_by
    assert change["label"] == ("meaningfully_lower" if pain_lower_by else "no_clear_change")
