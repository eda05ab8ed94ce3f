"""Pages for what went wrong: what happened, what was kept, and where to go from here."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response
from starlette.exceptions import HTTPException

from app.errors import (
    AftercareError,
    Busy,
    Invalid,
    NotSignedIn,
    ProofNeeded,
    SecondFactorNeeded,
    TooMany,
)
from app.guard import SAFE_METHODS
from app.language import _, marked
from app.web.filled_form import refused
from app.web.next_page import with_next
from app.web.page import render, see_other


@dataclass(frozen=True, slots=True)
class Trouble:
    """A heading and what to do about it."""

    heading: str
    advice: str


async def error_page(request: Request, error: AftercareError | HTTPException) -> Response:
    """The page for `error`. Somebody who is not signed in, or not surely enough, is led to that and back."""
    if isinstance(error, NotSignedIn):
        return see_other(with_next("/sign-in", _asked_for(request)))
    if isinstance(error, ProofNeeded):
        return see_other(with_next("/prove", _back_to(request)))
    if isinstance(error, SecondFactorNeeded):
        return see_other(with_next("/prove", _asked_for(request)))
    status, said = _status_and_words(error)
    trouble = _TROUBLES.get(status) or (_TROUBLES[500] if status >= 500 else _TROUBLES[400])
    if trouble is _NOWHERE and request.method not in SAFE_METHODS:
        trouble = _GONE
    page = render(
        request, "error.html", status, trouble=Trouble(_(trouble.heading), _(trouble.advice)), said=said
    )
    if isinstance(error, HTTPException):
        page.headers.update(error.headers or {})
    if isinstance(error, TooMany | Busy):
        page.headers["Retry-After"] = str(error.retry_after)
    return page


def _asked_for(request: Request) -> str:
    """The page to come back to. What was posted is not posted again, so that leads home."""
    if request.method not in SAFE_METHODS:
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _back_to(request: Request) -> str:
    """Where the form or the link was that asked for a proof."""
    if request.url.path.startswith("/api/me/takeout"):
        return "/my-data#take-out"
    if request.url.path in ("/account/tokens", "/account/calendar"):
        return request.url.path
    return _asked_for(request) or "/account/security"


def _status_and_words(error: AftercareError | HTTPException) -> tuple[int, list[str]]:
    """Messages of our own are shown; those of the framework are not meant for people."""
    if isinstance(error, HTTPException):
        return error.status_code, []
    if isinstance(error, Invalid):
        return error.status, list(refused({}, error).errors.values())
    return error.status, [error.message]


_UNREADABLE = Trouble(
    marked("This could not be read"), marked("Nothing was saved. Go back, reload the page and try again.")
)
_NOWHERE = Trouble(
    marked("There is no page here"), marked("The link may be old, or it may be for somebody else.")
)
_GONE = Trouble(
    marked("This is no longer here"),
    marked("Nothing was saved. It may have been removed, or is not shared with you any more."),
)
_TROUBLES = {
    400: _UNREADABLE,
    403: Trouble(marked("This is not open to you"), marked("Nothing was changed.")),
    404: _NOWHERE,
    405: _NOWHERE,
    409: Trouble(
        marked("This no longer fits"), marked("Something changed in the meantime. Nothing was saved.")
    ),
    413: Trouble(marked("This is too large"), marked("Nothing was saved. Send less at once and try again.")),
    415: _UNREADABLE,
    422: Trouble(
        marked("Something needs a second look"), marked("Nothing was saved. Go back and change it.")
    ),
    429: Trouble(
        marked("Too many tries"), marked("This protects your account. Wait a few minutes, then try again.")
    ),
    500: Trouble(
        marked("Something went wrong on our side"), marked("Nothing was saved. Try again in a moment.")
    ),
    503: Trouble(marked("Busy just now"), marked("Nothing was saved. Try again in a moment.")),
}
