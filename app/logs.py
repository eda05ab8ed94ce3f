"""Structured logs: ids and verbs, nothing personal.

An exception is logged as its type and where it was raised; its text may quote what people wrote.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

from app.settings import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


def set_up_logs(settings: Settings) -> None:
    """JSON lines in production, readable lines elsewhere; both on standard error, libraries' lines too."""
    render: Any = (
        structlog.processors.JSONRenderer()
        if settings.is_production
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    said: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_exception_text,
    ]
    structlog.configure(
        processors=[*said, render],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(_without_traceback)
    _hear_libraries([structlog.stdlib.ExtraAdder(["error", "logger"]), *said], render)


def name_request(wanted: str) -> str:
    """Put an id on every line that is logged while one request is answered.

    `wanted` is the id a proxy in front of us gave it; anything that does not look like one is replaced.
    """
    request_id = wanted if _REQUEST_ID.fullmatch(wanted) else secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=request_id)
    return request_id


class _ToStandardError(logging.Handler):
    """Looks up standard error for each line, so that it may be captured at any time."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.PrintLogger(sys.stderr).msg(self.format(record))


def _hear_libraries(said: list[Any], render: Any) -> None:
    """Lines of uvicorn, asyncio and whatever else is imported come out as ours do."""
    handler = _ToStandardError()
    handler.addFilter(_without_traceback)
    without_own = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=said, processors=[without_own, render])
    )
    root = logging.getLogger()
    root.handlers = [*(known for known in root.handlers if not isinstance(known, _ToStandardError)), handler]


_TRACEBACK = re.compile(r"^Traceback \(.*?^(?P<type>[A-Za-z_][\w.]*)", re.MULTILINE | re.DOTALL)
"""As text in a message, which is how a failed start is told. The first unindented line names the type."""


def _without_traceback(record: logging.LogRecord) -> bool:
    """The traceback a library would print ends in the exception's text, and what it says after its first
    line quotes the exception too. The exception itself is kept for `_without_exception_text`."""
    message = record.getMessage()
    if found := _TRACEBACK.search(message):
        message = f"{message[: found.start()].strip()} {found['type']} was raised".strip()
    record.msg, record.args = message.partition("\n")[0], ()
    if record.exc_info:
        record.__dict__["error"] = record.exc_info[1]
    record.__dict__["logger"] = record.name
    record.exc_info = record.exc_text = None
    return True


def _without_exception_text(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    error = event.pop("error", None)
    if isinstance(error, BaseException):
        last = traceback.extract_tb(error.__traceback__)[-1:]
        event["error"] = type(error).__qualname__
        event["raised_at"] = ", ".join(f"{frame.filename}:{frame.lineno}" for frame in last)
    return event
