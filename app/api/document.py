"""The OpenAPI document: what FastAPI knows, with names for operations, who may call, and examples."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from app.api.answers import ANSWERS
from app.api.examples import EXAMPLES
from app.api.problems import Problem

OPEN = frozenset(
    {
        "healthz",
        "readyz",
        "create_account",
        "sign_in",
        "read_key",
        "post_event",
        "options_to_sign_in",
        "sign_in_with_passkey",
        "read_invitation",
        "read_calendar",
    }
)
"""Operations for anybody; all others need one of the two ways to say who is calling."""
SCHEMES = {
    "signInCookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-aftercare",
        "description": "Set by signing in. Over plain http, as on localhost, it is called aftercare. "
        "A browser that changes something must be on the same site.",
    },
    "personalToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "From POST /api/me/tokens, for programs. Its scopes are read and write.",
    },
}
METHODS = ("get", "put", "post", "patch", "delete")


def operation_id(route: APIRoute) -> str:
    """The name of the function behind it: clients made from the document call it so."""
    return route.name


def document(app: FastAPI) -> dict[str, Any]:
    """Made when first asked for."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        made["components"]["schemas"] |= _schemas_of_problems()
        made["components"]["securitySchemes"] = SCHEMES
        made["security"] = [{name: []} for name in SCHEMES]
        for operation in _operations(made):
            _complete(operation)
        app.openapi_schema = made
    return app.openapi_schema


def _schemas_of_problems() -> dict[str, Any]:
    _named, together = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    schemas: dict[str, Any] = together["$defs"]
    return schemas


def _operations(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [path[method] for path in made["paths"].values() for method in METHODS if method in path]


def _complete(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    if name in OPEN:
        operation["security"] = []
    if name in ANSWERS:
        said = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        said["content"]["application/json"]["example"] = ANSWERS[name]
    if name in EXAMPLES:
        operation["requestBody"]["content"]["application/json"]["example"] = EXAMPLES[name]
