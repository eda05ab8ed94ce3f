"""How long a connection may take. Without a limit a few hundred idle sockets would be an outage."""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol


class LimitedConnection(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, but nobody is waited for without end.

    In seconds: `HEAD_WITHIN` from the first moment to the end of the headers, `BODY_WITHIN` from there to the
    end of the body, `READ_WITHIN` for an answer the other side does not take. `HEAD_AT_MOST` is in bytes.
    """

    HEAD_WITHIN: ClassVar[float] = 10
    BODY_WITHIN: ClassVar[float] = 30
    READ_WITHIN: ClassVar[float] = 60
    HEAD_AT_MOST: ClassVar[int] = 32 * 1024

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._hearing: TimerHandle | None = None
        self._telling: TimerHandle | None = None
        self._head = 0
        self._in_head = True
        self._turned_away = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._hear_within(self.HEAD_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        self._hear_within(None)
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._head += len(data) if self._in_head else 0
        super().data_received(data)
        self._hear_what_began()
        if self._in_head and self._head > self.HEAD_AT_MOST:
            self._turn_away(431)

    def _hear_what_began(self) -> None:
        """An empty line between two requests begins none, but ends the wait for the next one without it."""
        if self._hearing is None and (self.cycle is None or self.cycle.response_complete):
            self._in_head = True
            self._hear_within(self.HEAD_WITHIN)

    def on_message_begin(self) -> None:
        self._in_head = True
        self._hear_within(self.HEAD_WITHIN)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._head = False, 0
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.HEAD_AT_MOST:
            self._turn_away(431)
            return
        self._hear_within(self.BODY_WITHIN)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._turned_away:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._hear_within(None)
        if not self._turned_away:
            super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._telling = self.loop.call_later(self.READ_WITHIN, self.transport.abort)

    def resume_writing(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        super().resume_writing()

    def _hear_within(self, seconds: float | None) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
        self._hearing = None if seconds is None else self.loop.call_later(seconds, self._heard_too_little)

    def _heard_too_little(self) -> None:
        if self._in_head:
            self._turn_away(408)
        else:
            self.transport.abort()

    def _turn_away(self, status: int) -> None:
        self._turned_away = True
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()
