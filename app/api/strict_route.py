"""Routes whose JSON body is read strictly."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.types import Receive, Scope

from app.errors import Invalid, Malformed
from app.language import _
from app.models.field_types import InputShape, field_errors
from app.strict_json import parse, well_formed


class StrictJSONRoute(APIRoute):
    """A route whose JSON body is read by `parse`, or refused as a whole."""

    def read_json(self, body: bytes) -> Any:
        return parse(body)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            _require_json(request)
            strict = _StrictRequest(request.scope, request.receive, self.read_json)
            if self.body_field is None:
                await _require_nothing_said(strict)
            return await handle(strict)

        return handle_strictly


class _Nothing(InputShape):
    """What is said to a route that asks for nothing."""


async def _require_nothing_said(request: Request) -> None:
    if await request.body():
        try:
            _Nothing.model_validate(await request.json())
        except ValidationError as error:
            raise Invalid(*field_errors(error.errors())) from None


def _require_json(request: Request) -> None:
    """A body must say that it is JSON; browsers let other sites send anything else."""
    headers = request.headers
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if has_body and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, _("Send JSON, with the content type application/json."))


class WellFormedJSONRoute(StrictJSONRoute):
    """A route that judges the parts of its body one by one, so that one of them never spoils the others."""

    def read_json(self, body: bytes) -> Any:
        return well_formed(body)


class _StrictRequest(Request):
    def __init__(self, scope: Scope, receive: Receive, read_json: Callable[[bytes], Any]) -> None:
        super().__init__(scope, receive)
        self._read_json = read_json

    async def json(self) -> Any:
        try:
            return self._read_json(await self.body())
        except Malformed as malformed:
            # FastAPI would put words of its own in the place of any other error.
            raise HTTPException(malformed.status, malformed.message) from None
