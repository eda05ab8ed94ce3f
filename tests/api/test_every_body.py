"""What holds for the body of every route of the API, those of tomorrow included."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx2 import Response
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.models.patient import patient_profile
from builders import a_consent
from running import AppInside

Doors = list[tuple[str, str]]
People = list[TestClient]
Seen = dict[str, set[tuple[int, str]]]

CANARY = "kestrel-7391"
PROBLEM = "application/problem+json"
NAMES = {"day": "2026-03-18", "code": "A" * 43}

pytestmark = pytest.mark.usefixtures("nothing_is_stored")


@pytest.fixture(scope="module")
def operations(standing_app: AppInside, people: People) -> dict[tuple[str, str], Any]:
    """By method and path, every operation of the API, about Ana in Rui's care and ids of nothing else."""
    paths: dict[str, Any] = standing_app.nobody.get("/api/openapi.json").json()["paths"]
    names = NAMES | {"patient_id": standing_app.write(put_in_care, *people)}
    return {
        (method.upper(), path.format_map(_Ids(names))): operation
        for path, methods in paths.items()
        for method, operation in methods.items()
        if path.startswith("/api/")
    }


@pytest.fixture(scope="module")
def doors_with_a_body(operations: dict[tuple[str, str], Any]) -> Doors:
    found = [door for door, operation in operations.items() if "requestBody" in operation]
    assert len(found) >= 10
    return found


@pytest.fixture(scope="module")
def doors_without(operations: dict[tuple[str, str], Any]) -> Doors:
    return [door for door, operation in operations.items() if "requestBody" not in operation]


def put_in_care(db: Session, anas_phone: TestClient, ruis_desk: TestClient) -> str:
    ana, rui = (UUID(person.get("/api/me").json()["id"]) for person in (anas_phone, ruis_desk))
    a_consent(db, rui, patient_profile(db, ana), now=utc_now())
    return str(ana)


class _Ids(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return str(uuid4())


def refusals(doors: Doors, people: People, body: str, content_type: str = "application/json") -> Seen:
    """What each door answered: the status and media type that each person saw there."""
    headers = {"content-type": content_type}
    seen: Seen = {}
    for method, path in doors:
        answers = [person.request(method, path, content=body, headers=headers) for person in people]
        seen[f"{method} {path}"] = {_kind(answer) for answer in answers}
    return seen


def _kind(answer: Response) -> tuple[int, str]:
    assert CANARY not in answer.text
    return answer.status_code, answer.headers["content-type"]


def other_than(seen: Seen, *statuses: int) -> Seen:
    """Doors where nobody was refused with one of `statuses`, or somebody was not told by a problem.

    A person whom a door is not for may be told so first.
    """
    expected = {(status, PROBLEM) for status in statuses}
    allowed = expected | {(403, PROBLEM), (404, PROBLEM)}
    return {door: kinds for door, kinds in seen.items() if not kinds & expected or kinds - allowed}


@pytest.fixture(scope="module")
def people(anas_phone: TestClient, ruis_desk: TestClient) -> People:
    return [anas_phone, ruis_desk]


def test_no_body_may_say_a_key_twice(doors_with_a_body: Doors, people: People) -> None:
    seen = refusals(doors_with_a_body, people, f'{{"{CANARY}": 1, "{CANARY}": 2}}')
    assert other_than(seen, 400) == {}


def test_no_body_may_hold_a_number_that_is_not_finite(doors_with_a_body: Doors, people: People) -> None:
    seen = refusals(doors_with_a_body, people, '{"value": NaN}')
    assert other_than(seen, 400) == {}


def test_no_body_may_be_nested_without_end(doors_with_a_body: Doors, people: People) -> None:
    seen = refusals(doors_with_a_body, people, "[" * 30_000)
    assert other_than(seen, 400) == {}


def test_no_body_may_be_larger_than_the_limit(doors_with_a_body: Doors, people: People) -> None:
    limited = [(method, path) for method, path in doors_with_a_body if path != "/api/me/import"]
    seen = refusals(limited, people, f'{{"{CANARY}": "{"x" * 100_000}"}}')
    assert other_than(seen, 413) == {}


def test_no_body_may_have_a_field_that_is_not_known(doors_with_a_body: Doors, people: People) -> None:
    seen = refusals(doors_with_a_body, people, f'{{"{CANARY}": 1}}')
    assert other_than(seen, 422) == {}


def test_who_reads_no_body_refuses_one_that_says_something(doors_without: Doors, people: People) -> None:
    that_change = [(method, path) for method, path in doors_without if method != "GET"]
    seen = refusals(that_change, people, f'{{"{CANARY}": 1}}')
    assert other_than(seen, 422) == {}


def test_no_body_may_be_a_list(doors_with_a_body: Doors, people: People) -> None:
    seen = refusals(doors_with_a_body, people, f'["{CANARY}"]')
    assert other_than(seen, 422) == {}


def test_no_body_may_come_under_another_name(doors_with_a_body: Doors, people: People) -> None:
    seen = refusals(doors_with_a_body, people, "{}", content_type="text/plain")
    assert other_than(seen, 415, 422) == {}
