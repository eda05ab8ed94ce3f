"""Nobody is waited for without end, and others are served meanwhile."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest

from app.connections import LimitedConnection
from app.settings import Settings
from running import ServedApp, free_port, served


class Impatient(LimitedConnection):
    """As patient as the real one, in a fraction of the time."""

    HEAD_WITHIN = 0.3
    BODY_WITHIN = 0.6


@pytest.fixture(scope="module")
def server(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    data = tmp_path_factory.mktemp("impatient")
    shutil.copy(migrated_sqlite, data / "aftercare.sqlite3")
    port = free_port()
    with served(Settings(data=data, port=port, public_url=f"http://localhost:{port}"), Impatient) as app:
        yield app


def dialled(server: ServedApp) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.app.state.settings.port), timeout=5)


def healthy(line: socket.socket) -> bool:
    """Whether the server says so; its answer may come in parts."""
    line.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    said = b""
    while part := line.recv(65536):
        said += part
        if said.endswith(b"}"):
            break
    return said.startswith(b"HTTP/1.1 200 ")


def answer_to(server: ServedApp, said: bytes) -> bytes:
    """What comes back until the server hangs up."""
    with dialled(server) as line:
        line.sendall(said)
        return b"".join(iter(lambda: line.recv(65536), b""))


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: "])
def test_who_never_ends_the_headers_is_hung_up_on(server: ServedApp, said: bytes) -> None:
    assert answer_to(server, said).startswith(b"HTTP/1.1 408 ")


def test_a_drip_of_headers_gains_no_time(server: ServedApp) -> None:
    began = time.monotonic()
    with dialled(server) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        line.settimeout(0.02)
        while not (said := dripped(line)):
            assert time.monotonic() < began + 10
    assert said.startswith(b"HTTP/1.1 408 ")


def dripped(line: socket.socket) -> bytes:
    """Says one more letter, and hears what is answered by then."""
    line.sendall(b"a")
    try:
        return line.recv(65536)
    except TimeoutError:
        return b""


def test_who_never_ends_the_body_is_hung_up_on(server: ServedApp) -> None:
    assert answer_to(server, post_of_json(100) + b"{") == b""


def post_of_json(length: int) -> bytes:
    lines = ("POST /api/sign-in HTTP/1.1", "Host: a", "Content-Type: application/json", "Connection: close")
    return "\r\n".join((*lines, f"Content-Length: {length}", "", "")).encode()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"GET /healthz HTTP/1.1\r\nX-Long: " + b"a" * 40_000, id="one endless header"),
        pytest.param(b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\n\r\n", id="a long address"),
        pytest.param(
            b"GET /healthz HTTP/1.1\r\n" + b"X-Many: aaaaaaaa\r\n" * 3_000 + b"\r\n", id="many headers"
        ),
    ],
)
def test_a_head_that_is_too_long_is_refused(server: ServedApp, said: bytes) -> None:
    assert answer_to(server, said).startswith(b"HTTP/1.1 431 ")


def test_a_long_body_in_one_piece_with_its_head_is_no_long_head(server: ServedApp) -> None:
    body = b'{"email": "ana@people.example", "password": "' + b"a" * 40_000 + b'"}'
    answer = answer_to(server, post_of_json(len(body)) + body)
    assert answer.startswith(b"HTTP/1.1 422 ")


def test_a_second_request_on_the_same_line_has_its_own_time(server: ServedApp) -> None:
    with httpx2.Client(base_url=server.url) as browser:
        for _turn in range(3):
            time.sleep(0.25)
            assert browser.get("/healthz").status_code == 200


@pytest.mark.parametrize("more", [b"\r\n", b"\r\n\r\n", b"\r\n" * 50])
def test_an_empty_line_after_an_answer_keeps_no_line_open(server: ServedApp, more: bytes) -> None:
    with dialled(server) as line:
        assert healthy(line)
        line.sendall(more)
        assert line.recv(65536).startswith(b"HTTP/1.1 408 ")
        assert line.recv(65536) == b""


def test_an_empty_line_before_the_next_request_does_it_no_harm(server: ServedApp) -> None:
    with dialled(server) as line:
        for said in (b"", b"\r\n"):
            line.sendall(said)
            assert healthy(line)


def test_many_slow_sockets_keep_nobody_else_waiting(server: ServedApp) -> None:
    with ExitStack() as slow:
        lines = [slow.enter_context(dialled(server)) for _line in range(100)]
        for line in lines:
            line.sendall(b"GET / HTTP/1.1\r\n")
        assert httpx2.get(f"{server.url}/healthz").status_code == 200
        assert [line.recv(12) for line in lines] == [b"HTTP/1.1 408"] * 100
