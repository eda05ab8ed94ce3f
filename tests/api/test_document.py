"""The OpenAPI document is the one that is kept, names every operation, and its examples are taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from app.api.answers import ANSWERS
from app.api.document import OPEN
from app.api.examples import EXAMPLES
from running import AppInside
from test_doors import DOORS, For

KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"
A_WHOLE_FILE = "bring_in"
"""Read as a whole, and not by the framework."""

pytestmark = pytest.mark.parametrize("standing_app", ["sqlite"], indirect=True, scope="module")


def operations(app: AppInside) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each operation by its id, with its door."""
    paths = app.app.openapi()["paths"]
    return {
        said["operationId"]: (f"{method.upper()} {path}", said)
        for path, methods in paths.items()
        for method, said in methods.items()
    }


def test_the_document_kept_is_the_one_served(standing_app: AppInside) -> None:
    is_kept = json.loads(KEPT.read_text()) == json.loads(json.dumps(standing_app.app.openapi()))
    assert is_kept, "Write docs/openapi.json anew: python -m app openapi > docs/openapi.json"


def test_every_reference_leads_to_something_said_in_the_document(standing_app: AppInside) -> None:
    """Programs that are made from it, and those that check it, stop at one that leads nowhere."""
    document = standing_app.app.openapi()
    asked = {said["$ref"] for said in objects_in(document) if "$ref" in said}
    assert [one for one in sorted(asked) if not found_at(document, one)] == []
    assert "#/components/schemas/Problem" in asked


def objects_in(said: Any) -> Iterator[dict[str, Any]]:
    """Every object within, the outermost first."""
    if isinstance(said, dict):
        yield said
    for part in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        yield from objects_in(part)


def found_at(document: dict[str, Any], reference: str) -> bool:
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found.get(name, {})
    return bool(found)


def test_every_operation_has_a_name_of_its_own(standing_app: AppInside) -> None:
    paths = standing_app.app.openapi()["paths"]
    assert len(operations(standing_app)) == sum(len(methods) for methods in paths.values())


def test_the_document_says_which_operations_are_for_anybody(standing_app: AppInside) -> None:
    told = {name for name, (_door, said) in operations(standing_app).items() if said.get("security") == []}
    doors = {name for name, (door, _said) in operations(standing_app).items() if DOORS[door] is For.ANYBODY}
    assert told == OPEN == doors


def test_every_operation_says_what_it_does(standing_app: AppInside) -> None:
    unsaid = [name for name, (_door, said) in operations(standing_app).items() if not said.get("description")]
    assert unsaid == []


def test_every_shape_says_what_it_means(standing_app: AppInside) -> None:
    shapes = standing_app.app.openapi()["components"]["schemas"]
    unsaid = [name for name, said in shapes.items() if not any(map(is_told, [said, *said.get("anyOf", ())]))]
    assert unsaid == []


def is_told(shape: dict[str, Any]) -> bool:
    return bool(shape.get("description"))


def test_every_body_has_an_example_in_each_of_its_types(standing_app: AppInside) -> None:
    bodies = {
        name: said["requestBody"]["content"]
        for name, (_door, said) in operations(standing_app).items()
        if "requestBody" in said
    }
    assert set(bodies) == set(EXAMPLES)
    assert [name for name, types in bodies.items() for one in types.values() if "example" not in one] == []


def test_the_central_operations_show_what_they_answer(standing_app: AppInside) -> None:
    shown = {
        name
        for name, (_door, said) in operations(standing_app).items()
        for status, answer in said["responses"].items()
        if status.startswith("2") and "example" in answer.get("content", {}).get("application/json", {})
    }
    assert shown == set(ANSWERS)


def route_of(app: AppInside, name: str) -> APIRoute:
    routes = (one.route for one in iter_route_contexts(app.app.routes))
    return next(
        one for one in routes if isinstance(one, APIRoute) and one.name == name and one.include_in_schema
    )


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_shown_has_the_shape_its_operation_gives(standing_app: AppInside, name: str) -> None:
    shape: TypeAdapter[Any] = TypeAdapter(route_of(standing_app, name).response_model)
    answer = shape.validate_json(json.dumps(ANSWERS[name]))
    assert shape.dump_python(answer, mode="json") == ANSWERS[name]


def test_the_file_shown_can_be_brought_in(standing_app: AppInside, anas_phone: TestClient) -> None:
    in_types = operations(standing_app)[A_WHOLE_FILE][1]["requestBody"]["content"]
    sheet, plain = in_types["text/csv"]["example"], {"content-type": "text/csv"}
    looked = anas_phone.post("/api/me/import?preview=true", json=EXAMPLES[A_WHOLE_FILE])
    read = anas_phone.post("/api/me/import?preview=true", content=sheet, headers=plain)
    assert (looked.json()["days"], read.json()["days"]) == (1, 1)


@pytest.mark.parametrize("name", sorted(set(EXAMPLES) - {A_WHOLE_FILE}))
def test_an_example_has_the_shape_its_operation_takes(standing_app: AppInside, name: str) -> None:
    route = route_of(standing_app, name)
    assert route.body_field is not None
    TypeAdapter(route.body_field.field_info.annotation).validate_json(json.dumps(EXAMPLES[name]))
