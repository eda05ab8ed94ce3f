"""The HTTP contract as a page, made of the OpenAPI document and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from app.deps import AppSettings
from app.errors import NotFound
from app.web.page import render

router = APIRouter(include_in_schema=False)

METHODS = ("get", "post", "put", "patch", "delete")
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One parameter, or one member of a body. `kind` says what it may be."""

    name: str
    kind: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked of the API."""

    method: str
    path: str
    summary: str
    description: str
    parameters: list[Part]
    body: list[Part]
    answers: list[tuple[str, str]]

    @property
    def id(self) -> str:
        return f"{self.method}{self.path}".replace("/", "-").replace("{", "").replace("}", "").lower()


@router.get("/api/docs")
async def show_docs(request: Request, settings: AppSettings) -> Response:
    if not settings.shows_docs:
        raise NotFound
    document = request.app.openapi()
    return render(request, "api_docs.html", about=document["info"], groups=operations_by_tag(document))


def operations_by_tag(document: Schema) -> dict[str, list[Operation]]:
    """Every operation of the document under its first tag, in the document's order."""
    groups: defaultdict[str, list[Operation]] = defaultdict(list)
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                tag = (methods[method].get("tags") or ["other"])[0]
                groups[tag].append(_operation(document, method, path, methods[method]))
    return dict(groups)


def _operation(document: Schema, method: str, path: str, said: Schema) -> Operation:
    content = said.get("requestBody", {}).get("content", {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        description=said.get("description", ""),
        parameters=[_parameter(document, one) for one in said.get("parameters", [])],
        body=[part for shape in content.values() for part in _members(document, shape["schema"])],
        answers=[(status, _answer(document, one)) for status, one in said["responses"].items()],
    )


def _parameter(document: Schema, said: Schema) -> Part:
    kind = f"{kind_in_words(document, said.get('schema', {}))} in the {said['in']}"
    return Part(said["name"], kind, said.get("required", False), said.get("description", ""))


def _members(document: Schema, schema: Schema) -> Iterator[Part]:
    shape = _resolved(document, schema)
    required = shape.get("required", [])
    for name, member in shape.get("properties", {}).items():
        kind = kind_in_words(document, member)
        yield Part(name, kind, name in required, member.get("description", ""))


def _answer(document: Schema, said: Schema) -> str:
    for media_type, shape in said.get("content", {}).items():
        if media_type == "application/json":
            return kind_in_words(document, shape.get("schema", {}))
    return str(said.get("description", ""))


def kind_in_words(document: Schema, schema: Schema) -> str:
    """What a value may be: "list of Day", "“left” or “right”", "whole number 0 to 10", "text or null"."""
    if "$ref" in schema:
        return _referred(document, schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(kind_in_words(document, one) for one in schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(f"“{value}”" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {kind_in_words(document, schema.get('items', {}))}"
    kind = _KINDS.get(schema.get("format", "")) or _KINDS.get(schema.get("type", ""), "anything")
    return kind + _limits(schema)


def _referred(document: Schema, schema: Schema) -> str:
    shape = _resolved(document, schema)
    return kind_in_words(document, shape) if "enum" in shape else str(schema["$ref"]).rpartition("/")[2]


def _resolved(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _limits(schema: Schema) -> str:
    match schema:
        case {"minimum": low, "maximum": high}:
            return f" {low:g} to {high:g}"
        case {"minLength": low, "maxLength": high}:
            return f" of {low} to {high} characters"
        case {"maxLength": high}:
            return f" of at most {high} characters"
    return ""


_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "null": "null",
    "date": "day YYYY-MM-DD",
    "date-time": "instant",
    "uuid": "UUID",
}
