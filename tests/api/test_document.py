"""The OpenAPI document is the one that is kept, names every operation, and its examples are taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter

from app.api.document import OPEN
from app.api.examples import EXAMPLES
from running import AppInside
from test_doors import DOORS, For

KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"
MADE_BY_BROWSERS = {"add_one_passkey", "prove_by_passkey", "sign_in_with_passkey"}
"""Bodies that only an authenticator can make."""
A_WHOLE_FILE = {"bring_in"}

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


def test_every_operation_has_a_name_of_its_own(standing_app: AppInside) -> None:
    paths = standing_app.app.openapi()["paths"]
    assert len(operations(standing_app)) == sum(len(methods) for methods in paths.values())


def test_the_document_says_which_operations_are_for_anybody(standing_app: AppInside) -> None:
    told = {name for name, (_door, said) in operations(standing_app).items() if said.get("security") == []}
    doors = {name for name, (door, _said) in operations(standing_app).items() if DOORS[door] is For.ANYBODY}
    assert told == OPEN == doors


def test_every_body_has_an_example(standing_app: AppInside) -> None:
    with_body = {name for name, (_door, said) in operations(standing_app).items() if "requestBody" in said}
    assert with_body - MADE_BY_BROWSERS - A_WHOLE_FILE == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_the_shape_its_operation_takes(standing_app: AppInside, name: str) -> None:
    routes = (one.route for one in iter_route_contexts(standing_app.app.routes))
    route = next(
        one for one in routes if isinstance(one, APIRoute) and one.name == name and one.include_in_schema
    )
    assert route.body_field is not None
    TypeAdapter(route.body_field.field_info.annotation).validate_json(json.dumps(EXAMPLES[name]))
