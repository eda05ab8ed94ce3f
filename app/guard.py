"""What stands in front of both doors: same-origin, security headers, a limit on bodies."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import brotli
from fastapi import HTTPException, Request
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Refused
from app.language import _, preferred_language, speak, weighed
from app.logs import name_request
from app.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_AT_MOST = 64 * 1024
IMPORT_AT_MOST = 5 * 1024 * 1024
IMPORTS = frozenset({"/api/me/import", "/my-data/import"})
"""Where people bring in what they took out."""
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types default"
)


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers every answer carries."""
    headers = {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if settings.served_over_https:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


class Guard:
    """Adds the security headers and the id of the request to every answer, and stops reading a body that is
    too long.

    An answer that says nothing about caching is not stored anywhere. The language is the one the browser
    asks for, until it is known who is asking.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = [(k.encode(), v.encode()) for k, v in security_headers(settings).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        speak(preferred_language(_header(scope, b"accept-language")))
        request_id = name_request(_header(scope, b"x-request-id")).encode()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = message["headers"]
                added = [*self._headers, *_no_store(told), *_challenge(message["status"])]
                message["headers"] = [*told, *added, (b"x-request-id", request_id)]
            await send(message)

        await self._app(scope, _Limited(receive, _at_most(scope)), send_with_headers)


def _at_most(scope: Scope) -> int:
    return IMPORT_AT_MOST if scope["path"] in IMPORTS else BODY_AT_MOST


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


WORTH_COMPRESSING = 512
"""Bytes of a body. What is shorter travels in one packet anyway."""
ASKED_BY_TODAY = frozenset({"/api/today", "/api/plan"})


class Compressed:
    """Compresses pages, the worker, and what Today asks for: a month of days and a plan are long.

    The API's other answers are short and asked for most: left as they are. Nothing that a stranger can choose
    (an address, a header) is repeated in those two, so their length tells nobody what is in them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._for(scope)(scope, receive, send)

    def _for(self, scope: Scope) -> ASGIApp:
        if not _is_long(scope):
            return self._app
        accepted = _header(scope, b"accept-encoding")
        if takes("br", accepted):
            return _WithBrotli(self._app)
        if takes("gzip", accepted):
            return GZipResponder(self._app, WORTH_COMPRESSING)
        return IdentityResponder(self._app, WORTH_COMPRESSING)


def takes(encoding: str, accept_encoding: str) -> bool:
    """Whether a browser that sends this header reads `encoding`."""
    return any(weight > 0 and name.lower() == encoding for weight, name in weighed(accept_encoding))


class _WithBrotli(IdentityResponder):
    """One answer. A page takes as long as with gzip at its best and is a thirteenth smaller."""

    content_encoding = "br"

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, WORTH_COMPRESSING)
        # A window of 64 KB holds any page; the usual one would take megabytes for each.
        self._compressor = brotli.Compressor(quality=5, lgwin=16)

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        begun: bytes = self._compressor.process(body)
        ended: bytes = self._compressor.flush() if more_body else self._compressor.finish()
        return begun + ended


def _is_long(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    # The files of pages come compressed: web/assets.py.
    return scope["path"] in ASKED_BY_TODAY or not scope["path"].startswith(("/api/", "/static/"))


class _Limited:
    """A `receive` that refuses to go on once too many bytes have come."""

    __slots__ = ("_at_most", "_receive", "_received")

    def __init__(self, receive: Receive, at_most: int) -> None:
        self._receive = receive
        self._at_most = at_most
        self._received = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._at_most:
            raise HTTPException(413, _("Send at most %(num)s KB at once.", num=self._at_most // 1024))
        return message


def _no_store(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    says_so = any(name == b"cache-control" for name, _value in headers)
    return [] if says_so else [(b"cache-control", b"no-store")]


def _challenge(status: int) -> list[tuple[bytes, bytes]]:
    """How a program says who it is. Basic would make a browser open a box for a password."""
    return [(b"www-authenticate", b'Bearer realm="Aftercare"')] if status == 401 else []


async def require_same_origin(request: Request) -> None:
    """Refuse what another site makes a browser send. A script sends neither header."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site == "same-origin" or (site is None and (origin is None or _is_ours(origin, request))):
        return
    raise Refused(_("This request came from another site. Open Aftercare itself and try again."))


def _is_ours(origin: str, request: Request) -> bool:
    settings: Settings = request.app.state.settings
    if origin == settings.public_url.rstrip("/"):
        return True
    # Behind no proxy and under any local name, as while trying it out on the home network.
    return not settings.is_production and urlsplit(origin).netloc == request.headers.get("host")
