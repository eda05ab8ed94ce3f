"""HTTP/1.1 to push services: one request, a short answer, and the connection kept for the next one.

A push endpoint is a stranger's address, so nothing is followed, little of an answer is read, and the address
is checked where a connection starts. A general client spends as long on a message as encrypting it does; this
one knows a single kind of request.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from app.reminders.endpoint_guard import EndpointGuard

CONNECT_SECONDS = 5
LONGEST_ANSWER = 8192
"""In bytes, head and all. Whoever says more loses the connection."""
ANSWER_WAIT_SECONDS = 1
"""How long the rest of an answer may take after its head."""
IDLE_SECONDS = 15
NAME_LASTS_SECONDS = 60

Address = tuple[Any, ...]
"""Family, kind, protocol, canonical name and address, as `getaddrinfo` gives them."""
Resolve = Callable[[str, int], Awaitable[list[Address]]]


class AddressRefused(OSError):
    """The name of a push service led to an address that is none of the public internet."""


class Answer(NamedTuple):
    """What a push service said, as far as anybody wants to know."""

    status: int
    retry_after: str | None


class Connections:
    """Open connections by site (scheme, host and port), each used by one message at a time."""

    def __init__(self, guard: EndpointGuard, resolve: Resolve | None = None) -> None:
        self._guard = guard
        self._names = _Names(resolve or _resolve)
        self._secured = ssl.create_default_context()
        self._kept: defaultdict[str, list[_Connection]] = defaultdict(list)
        self._tidying: asyncio.TimerHandle | None = None

    async def ask(self, site: str, request: bytes, seconds: float) -> Answer:
        """Raises OSError, of which TimeoutError is one, when there is no answer within so many seconds."""
        connection = None
        try:
            async with asyncio.timeout(seconds):
                connection = self._free(site) or await self._connect(site)
                return await connection.ask(request)
        finally:
            if connection is not None:
                self._keep(site, connection)

    def close(self) -> None:
        if self._tidying:
            self._tidying.cancel()
        for kept in self._kept.values():
            for connection in kept:
                connection.abort()
        self._kept.clear()

    def _free(self, site: str) -> _Connection | None:
        kept = self._kept[site]
        while kept:
            # The one used last is the one whose other end has most likely not been closed.
            connection = kept.pop()
            if connection.is_free:
                return connection
        return None

    def _keep(self, site: str, connection: _Connection) -> None:
        if not connection.is_free:
            connection.abort()
            return
        connection.free_since = time.monotonic()
        self._kept[site].append(connection)
        if self._tidying is None:
            self._tidy_later()

    def _tidy_later(self) -> None:
        self._tidying = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._tidy)

    def _tidy(self) -> None:
        """Close what nobody used for a while."""
        self._tidying, long_ago = None, time.monotonic() - IDLE_SECONDS
        for site, kept in self._kept.items():
            for connection in kept:
                if connection.free_since <= long_ago:
                    connection.abort()
            self._kept[site] = [connection for connection in kept if connection.is_free]
        if any(self._kept.values()):
            self._tidy_later()

    async def _connect(self, site: str) -> _Connection:
        url = urlsplit(site)
        host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
        async with asyncio.timeout(CONNECT_SECONDS):
            connected = await self._connected_socket(host, port)
            is_secured = url.scheme == "https"
            try:
                _transport, connection = await asyncio.get_running_loop().create_connection(
                    _Connection,
                    sock=connected,
                    ssl=self._secured if is_secured else None,
                    server_hostname=host.rstrip(".") if is_secured else None,
                )
            except BaseException:
                connected.close()
                raise
        return connection

    async def _connected_socket(self, host: str, port: int) -> socket.socket:
        """To the first address that answers."""
        failed: OSError = AddressRefused("a name without an address")
        for address in await self._names.addresses(host, port):
            try:
                return await self._connected_to(address)
            except OSError as error:
                failed = error
        raise failed

    async def _connected_to(self, found: Address) -> socket.socket:
        """The one place a connection can start: here the address is final, whatever its name said."""
        family, kind, protocol, _name, address = found
        if not self._guard.allows_address(str(address[0]), int(address[1])):
            raise AddressRefused("not an address of the public internet")
        connecting = socket.socket(family, kind, protocol)
        connecting.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connecting, address)
        except BaseException:
            connecting.close()
            raise
        return connecting


class _Names:
    """The addresses of names, looked up once a minute."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._known: dict[tuple[str, int], tuple[float, asyncio.Future[list[Address]]]] = {}

    async def addresses(self, host: str, port: int) -> list[Address]:
        now = time.monotonic()
        since, looking_up = self._known.get((host, port), (now, None))
        if looking_up is None or now - since > NAME_LASTS_SECONDS or _has_failed(looking_up):
            looking_up = asyncio.ensure_future(self._resolve(host, port))
            self._known[host, port] = now, looking_up
        # Several may wait for it; one that is given up must not take it from the others.
        return await asyncio.shield(looking_up)


def _has_failed(looking_up: asyncio.Future[list[Address]]) -> bool:
    return looking_up.done() and (looking_up.cancelled() or looking_up.exception() is not None)


async def _resolve(host: str, port: int) -> list[Address]:
    return await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)


class _Connection(asyncio.Protocol):
    """One connection, and what has come in of the answer to the one request on its way."""

    def __init__(self) -> None:
        self.free_since = 0.0
        self._parser = HttpResponseParser(self)
        self._answer: asyncio.Future[Answer] | None = None
        self._hurry: asyncio.TimerHandle | None = None
        self._is_open = True
        self._begin()

    def _begin(self) -> None:
        self._status = self._received = 0
        self._retry_after: str | None = None
        self._is_whole = self._can_be_kept = False

    @property
    def is_free(self) -> bool:
        return self._is_open and self._answer is None

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        self._begin()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def abort(self) -> None:
        self._is_open = False
        if self._hurry:
            self._hurry.cancel()
        self._transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._is_open = False
        self._end(error)

    def data_received(self, data: bytes) -> None:
        if self._answer is None:
            # Nobody asked.
            self.abort()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.abort()
            self._end(None)
            return
        self._judge()

    def _judge(self) -> None:
        """Whether what has come in is enough."""
        if self._is_whole:
            self._is_open = self._is_open and self._can_be_kept
            self._end(None)
        elif self._received > LONGEST_ANSWER:
            self.abort()
            self._end(None)
        elif self._status and self._hurry is None:
            self._hurry = asyncio.get_running_loop().call_later(ANSWER_WAIT_SECONDS, self.abort)

    def _end(self, error: Exception | None) -> None:
        """Answer whoever waits: with the status if it came, and as a lost connection otherwise."""
        waiting, self._answer = self._answer, None
        if self._hurry:
            self._hurry.cancel()
            self._hurry = None
        if waiting is None or waiting.done():
            return
        if self._status:
            waiting.set_result(Answer(self._status, self._retry_after))
        else:
            waiting.set_exception(error if isinstance(error, OSError) else ConnectionResetError("no answer"))

    def on_message_begin(self) -> None:
        # More than one answer to one request.
        self._can_be_kept = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"retry-after":
            self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        # Anything below 200 only announces the answer.
        if not self._is_whole and (status := self._parser.get_status_code()) >= 200:
            self._status, self._can_be_kept = status, self._parser.should_keep_alive()

    def on_message_complete(self) -> None:
        self._is_whole = self._status > 0
