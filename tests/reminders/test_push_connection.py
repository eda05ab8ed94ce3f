"""What a push service can say, byte by byte, and what that means for the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.reminders.endpoint_guard import EndpointGuard
from app.reminders.push_connection import Answer, Connections

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
REQUEST = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"

Ask = Callable[[], Awaitable[Answer]]


async def answering(
    pieces: tuple[bytes, ...], told: Callable[[Ask], Awaitable[Any]], seconds: float = 5
) -> tuple[Any, int]:
    """What `told` made of a service that says these pieces to each request, and how often it was called."""
    called: list[asyncio.StreamWriter] = []
    has_said_all = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                for piece in pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0.02)
                if not pieces[-1]:
                    writer.close()
                has_said_all.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        connections = Connections(EndpointGuard(frozenset({host})))

        async def ask_once_all_is_said() -> Answer:
            """What comes behind an answer is on its way before anything else is asked."""
            has_said_all.clear()
            answer = await connections.ask(f"http://{host}", REQUEST, seconds)
            await has_said_all.wait()
            return answer

        try:
            made = await told(ask_once_all_is_said)
            return made, len(called)
        finally:
            connections.close()
            for writer in called:
                writer.close()


async def once(ask: Ask) -> Answer:
    return await ask()


async def twice(ask: Ask) -> list[Answer]:
    first = await ask()
    await asyncio.sleep(0.05)
    return [first, await ask()]


@pytest.mark.parametrize(
    ("pieces", "connections"),
    [
        pytest.param((CREATED,), 1, id="at once"),
        pytest.param((b"HTTP/1.1 201 Created\r\nContent-Le", b"ngth: 2\r\n\r\n{", b"}"), 1, id="in pieces"),
        pytest.param(
            (b"HTTP/1.1 201 C\r\nTransfer-Encoding: chunked\r\n\r\n", b"0\r\n\r\n"), 1, id="chunked"
        ),
        pytest.param((b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", CREATED), 1, id="announced"),
        pytest.param(
            (b"HTTP/1.1 201 C\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",), 2, id="with goodbye"
        ),
        pytest.param((b"HTTP/1.1 201 Created\r\n\r\nand", b""), 2, id="until it closes"),
        pytest.param((CREATED, b""), 2, id="closed while idle"),
        pytest.param((CREATED + CREATED,), 2, id="two answers to one request"),
        pytest.param((CREATED, CREATED), 2, id="an answer nobody asked for"),
        pytest.param(
            (b"HTTP/1.1 201 C\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 20_000,), 2, id="too long"
        ),
    ],
)
def test_an_answer_is_understood_and_the_connection_kept_where_it_can_be(
    pieces: tuple[bytes, ...], connections: int
) -> None:
    assert asyncio.run(answering(pieces, twice)) == ([Answer(201, None)] * 2, connections)


def test_the_wait_that_was_asked_for_is_heard() -> None:
    busy = b"HTTP/1.1 429 Too Many\r\nRETRY-AFTER: 120\r\nContent-Length: 0\r\n\r\n"
    assert asyncio.run(answering((busy,), once))[0] == Answer(429, "120")


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((b"\x16\x03\x01 this is no HTTP\r\n\r\n",), id="junk"),
        pytest.param(
            (b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",), id="other protocol"
        ),
        pytest.param((b"HTTP/1.1 201 Created\r\nX-Long: " + b"x" * 20_000,), id="a head without an end"),
        pytest.param((b"HTTP/1.1 201 Created\r\n", b""), id="half an answer"),
    ],
)
def test_what_is_no_answer_is_a_lost_connection(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(ConnectionError):
        asyncio.run(answering(pieces, once))


def test_an_answer_that_never_ends_counts_by_its_status() -> None:
    head = b"HTTP/1.1 503 Busy\r\nContent-Length: 10\r\n\r\n"
    assert asyncio.run(answering((head,), once))[0] == Answer(503, None)


def test_silence_is_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(answering((b"\r\n",), once, seconds=0.1))
