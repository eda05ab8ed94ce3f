"""Assembles the service: both doors, what stands in front of them, and what runs behind."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial

import structlog
from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from app import api, web
from app.api.document import document, operation_id
from app.api.problems import http_problem, problem
from app.backup.daily import keep_backing_up
from app.database import Database
from app.errors import AftercareError, Invalid, NotFound, ProofNeeded
from app.guard import Compressed, Guard, require_same_origin, security_headers
from app.language import _
from app.letters.daily_worker import DigestWorker
from app.logs import set_up_logs
from app.models.field_types import field_errors
from app.reminders.prune import keep_pruning
from app.reminders.worker import ReminderWorker
from app.settings import Settings, open_secrets, read_settings
from app.web.errors import error_page

log = structlog.get_logger()


def create_app(settings: Settings | None = None) -> FastAPI:
    """The service with these settings (by default those of the environment), its database not yet open."""
    settings = settings or read_settings()
    set_up_logs(settings)
    app = FastAPI(
        title="Aftercare",
        description="The diary and reminder service between two treatment sessions. Not a medical device.",
        version="0.1.0",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json" if settings.shows_docs else None,
        dependencies=[Depends(require_same_origin)],
        lifespan=_running,
        # The framework would redirect to whatever the Host header says.
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.secrets = open_secrets(settings.data)
    web.add_most_asked_to(app)
    api.add_to(app)
    web.add_to(app)
    app.add_middleware(Compressed)
    app.add_middleware(Guard, settings=settings)
    app.state.messages = None
    if settings.metrics:
        _measure(app)
    _translate_errors(app)
    app.state.addresses = cache(partial(_addresses, app))
    app.openapi = partial(document, app)  # type: ignore[method-assign]
    return app


def _measure(app: FastAPI) -> None:
    # Imported only where somebody watches: it would be a tenth of a start without anybody to read it.
    from app.api.metrics import measure

    measure(app)


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    """Open the database and send reminders for as long as the service runs."""
    settings: Settings = app.state.settings
    database = Database(settings.sqlalchemy_url, settings.sqlalchemy_replica_url)
    worker = ReminderWorker(database, settings, app.state.secrets, messages=app.state.messages)
    app.state.database, app.state.worker = database, worker
    await worker.beat()
    sending = asyncio.create_task(worker.run())
    backing_up = asyncio.create_task(keep_backing_up(settings, app.state.secrets))
    posting = asyncio.create_task(DigestWorker(database, settings, app.state.secrets).run())
    pruning = asyncio.create_task(keep_pruning(database, settings.deliveries_kept))
    log.info("service.started", version=app.version, database=settings.database_kind, at=settings.public_url)
    try:
        yield
    finally:
        backing_up.cancel()
        pruning.cancel()
        worker.stop()
        posting.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        await asyncio.to_thread(database.close)
        log.info("service.stopped")


def _translate_errors(app: FastAPI) -> None:
    app.add_exception_handler(AftercareError, _answer_known)
    app.add_exception_handler(RequestValidationError, _answer_validation)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(Exception, _answer_unknown)


async def _answer_known(request: Request, error: Exception) -> Response:
    assert isinstance(error, AftercareError)  # noqa: S101 - registered for nothing else
    is_link = isinstance(error, ProofNeeded) and request.headers.get("sec-fetch-mode") == "navigate"
    return await error_page(request, error) if is_link or not _is_api(request) else problem(error)


async def _answer_validation(request: Request, error: Exception) -> Response:
    """A path with an id that is no id, or of no page, leads nowhere; anything else names the fields."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    found = [{**e, "loc": tuple(e["loc"][1:])} for e in error.errors()]
    wrong_in_path = {e["type"] for e in error.errors() if e["loc"][0] == "path"}
    is_nowhere = "uuid_parsing" in wrong_in_path or (wrong_in_path and not _is_api(request))
    return await _answer_known(request, NotFound() if is_nowhere else Invalid(*field_errors(found)))


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    if error.status_code == 405:
        error = HTTPException(405, error.detail, {"Allow": ", ".join(_methods_at(request))})
    if _is_api(request):
        return http_problem(error.status_code, str(error.detail), error.headers)
    return await error_page(request, error)


def _methods_at(request: Request) -> list[str]:
    """All methods of this path; the framework would name those of the first route alone."""
    asked = request.url.path
    here = [address for address in request.app.state.addresses() if address.pattern.match(asked)]
    # An address that is written out is never one with an id in it, though it looks like one.
    written_out = [address for address in here if address.path == asked]
    return sorted({method for address in written_out or here for method in address.methods})


@dataclass(frozen=True, slots=True)
class _Address:
    path: str
    pattern: re.Pattern[str]
    methods: Collection[str]


def _addresses(app: FastAPI) -> list[_Address]:
    """Of every route. Reading them takes a third of a second, so they are read when first asked for."""
    return [
        _Address(str(route.path), compile_path(str(route.path))[0], route.methods or ())
        for route in iter_route_contexts(app.routes)
        if getattr(route, "path", None)
    ]


async def _answer_unknown(request: Request, error: Exception) -> Response:
    """A fault of ours. This answer is made outside the guard, so it brings the headers itself."""
    route = request.scope.get("route")
    log.error("unexpected_error", method=request.method, route=getattr(route, "path", None), error=error)
    if _is_api(request):
        answer = http_problem(500, _("Something went wrong on our side. Nothing was stored."))
    else:
        answer = await error_page(request, HTTPException(500))
    answer.headers.update({**security_headers(request.app.state.settings), "cache-control": "no-store"})
    return answer


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/calendar/"))
