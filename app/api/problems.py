"""Errors as RFC 9457 problem+json. They name the field and the fix and never repeat the input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Response
from pydantic import BaseModel

from app.errors import AftercareError, Busy, FieldError, Invalid, TooMany
from app.language import _, marked


class FieldProblem(BaseModel):
    """What is wrong with one field, for programs (`code`) and for people (`message`)."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """What every error of the API looks like."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem]


ERROR_ANSWERS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "Refused; nothing was stored.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""What `document` says of errors; it holds `Problem` among its schemas once."""


_CODES = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "wrong_content_type",
    500: "error",
}
_DETAILS = {
    404: marked("There is nothing here for you."),
    405: marked("This cannot be done here. The header Allow names what can."),
}
"""In place of what the framework says by itself."""


def problem(error: AftercareError) -> Response:
    errors = error.errors if isinstance(error, Invalid) else ()
    answer = _answer(error.status, error.title, error.message, error.code, errors)
    if isinstance(error, TooMany | Busy):
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


def http_problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The problem for an error of HTTP itself, such as an unknown path."""
    said = _(_DETAILS[status]) if status in _DETAILS else detail
    answer = _answer(status, HTTPStatus(status).phrase, said, _CODES.get(status, "http_error"))
    answer.headers.update(headers or {})
    return answer


def _answer(status: int, title: str, detail: str, code: str, errors: tuple[FieldError, ...] = ()) -> Response:
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": [{"field": e.field, "code": e.code, "message": e.message} for e in errors],
    }
    return Response(json.dumps(body), status, media_type="application/problem+json")
