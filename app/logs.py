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
    """JSON lines in production, readable lines elsewhere; both on standard error."""
    render: Any = (
        structlog.processors.JSONRenderer()
        if settings.is_production
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_exception_text,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )

    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(_drop_traceback)


def name_request(wanted: str) -> str:
    """Put an id on every line that is logged while one request is answered.

    `wanted` is the id a proxy in front of us gave it; anything that does not look like one is replaced.
    """
    request_id = wanted if _REQUEST_ID.fullmatch(wanted) else secrets.token_hex(8)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=request_id)
    return request_id


def _drop_traceback(record: logging.LogRecord) -> bool:
    """The traceback a library would print ends in the exception's text."""
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
