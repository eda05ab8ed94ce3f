"""Every benchmark runs and tells what it must. How fast anything is, only an idle machine can say."""

from __future__ import annotations

import json

import pytest

from benchmarks import growth
from benchmarks.__main__ import NAMES, main
from benchmarks.analyse import analyse
from benchmarks.due_scan import due_scan
from benchmarks.over_http import REQUESTS, Effort, over_http
from benchmarks.peers import filled
from benchmarks.push import push_dispatch
from benchmarks.results import Result, in_words

BRIEFLY = Effort(seconds=0.1, rounds=1, connections=2, crowd=4, patients=4)


def tells_what_it_must(result: Result) -> bool:
    sides = [result["floor"], result["ours"]]
    measured = all(side["per_second"] > 0 and side["failures"] == 0 for side in sides)
    return measured and result["ratio"] > 0 and result["name"] in in_words(result)


@pytest.fixture(scope="module")
def requests() -> dict[str, Result]:
    return {result["name"]: result for result in over_http(list(REQUESTS), BRIEFLY, "")}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_is_compared_with_the_floor(requests: dict[str, Result], name: str) -> None:
    assert tells_what_it_must(requests[name])


def test_saving_is_compared_with_the_tutorial_and_tried_by_a_crowd(requests: dict[str, Result]) -> None:
    assert requests["save_entry"]["tutorial"]["failures"] == 0
    assert requests["save_entry"]["crowd"]["failures"] == 0


def test_finding_what_is_due_is_compared_with_the_bare_statement() -> None:
    assert tells_what_it_must(due_scan(2_000, 1))


def test_sending_is_compared_with_bare_cryptography_and_the_naive_loop() -> None:
    result = push_dispatch(32, 1, "")
    assert tells_what_it_must(result)
    assert result["naive"]["per_second"] > 0


def test_analysing_is_compared_with_taking_means() -> None:
    assert tells_what_it_must(analyse(0.05, 1))


def test_the_suite_has_the_names_of_its_promises() -> None:
    assert sorted(NAMES) == sorted(
        [
            "save_entry",
            "read_month",
            "today_page",
            "brief_page",
            "patient_list",
            "sync_500",
            "due_scan",
            "push_dispatch",
            "analyse",
            "take_out",
        ]
    )


def test_saving_is_compared_on_postgresql_too(postgres: str) -> None:
    (result,) = over_http(["save_entry"], BRIEFLY, postgres)
    assert tells_what_it_must(result)


def test_the_command_line_prints_one_json_object(capsys: pytest.CaptureFixture[str], postgres: str) -> None:
    main(["due_scan", "--json", "--rounds", "1", "--reminders", "1000", "--database", postgres])
    (line,) = capsys.readouterr().out.splitlines()
    assert tells_what_it_must(json.loads(line))


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_growth_is_measured(capsys: pytest.CaptureFixture[str], database: str) -> None:
    growth.main(["--patients", "20", "--days", "5", "--times", "1", "--database", database])
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["what"] for one in told] == ["brief", "patient_list", "due_scan", "save"]
    assert min(one["cold_ms"] for one in told) > 0


def test_a_peer_is_asked_with_fresh_values_each_time() -> None:
    asked = {"id": "{uuid}", "pain": "{score}", "said": ["on {day}", 7]}
    first, second = filled(asked), filled(asked)
    assert first["id"] != second["id"]
    assert isinstance(first["pain"], int)
    assert "{" not in first["said"][0]
