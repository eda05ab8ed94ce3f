"""A load client: connections speaking HTTP/1.1, each sending again as soon as it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import uvloop

from benchmarks.results import Round

SECONDS_TO_ANSWER = 60
"""How long a round waits for the answers to what it has sent."""
_LENGTH, _CHUNKED = b"content-length: ", b"transfer-encoding: chunked"


def load(port: int, pid: int, requests: Callable[[], bytes], seconds: float, connections: int) -> Round:
    """Load the server on `port` (process `pid`) for so many seconds; `requests` makes the next request."""
    return uvloop.run(_load(port, pid, requests, seconds, connections))


async def _load(
    port: int, pid: int, requests: Callable[[], bytes], seconds: float, connections: int
) -> Round:
    loop = asyncio.get_running_loop()
    clients = [_Client(requests) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
    cpu, began = _cpu_of(pid), time.perf_counter()
    for client in clients:
        client.begin()
    await asyncio.sleep(seconds)
    # Whatever was sent is waited for: half of a slow page is work too, and would count for those that ended.
    finished = [client.finish() for client in clients]
    _answered, unanswered = await asyncio.wait(finished, timeout=SECONDS_TO_ANSWER)
    took, used = time.perf_counter() - began, _cpu_of(pid) - cpu
    for client in clients:
        client.stop()
    latencies = sorted(latency for client in clients for latency in client.latencies)
    answers = max(len(latencies), 1)
    return Round(
        per_second=len(latencies) / took,
        cpu_us=used / answers * 1e6,
        p50_ms=_at(latencies, 0.5),
        p99_ms=_at(latencies, 0.99),
        failures=sum(client.failed for client in clients) + len(unanswered),
    )


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0


def _cpu_of(pid: int) -> float:
    """User and system time of a process so far, in seconds (clock ticks are 10 ms)."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


class _Client(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, notes how long it took, sends again until told to
    finish."""

    def __init__(self, requests: Callable[[], bytes]) -> None:
        self._requests = requests
        self._received = b""
        self._finished: asyncio.Future[None] | None = None
        self._stopped = False
        self.latencies: list[float] = []
        self.failed = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def begin(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests())

    def finish(self) -> asyncio.Future[None]:
        """Done when what was sent is answered; nothing more is sent."""
        self._finished = asyncio.get_running_loop().create_future()
        if self._transport.is_closing():
            self._finished.set_result(None)
        return self._finished

    def stop(self) -> None:
        self._stopped = True
        self._transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        # A server closes a connection on which nothing is asked any more.
        is_over = self._stopped or (self._finished is not None and self._finished.done())
        self.failed += not is_over
        if self._finished and not is_over:
            self._finished.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_whole():
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        self.failed += not self._received.startswith(b"HTTP/1.1 200")
        self._received = b""
        if self._finished:
            self._finished.set_result(None)
        else:
            self.begin()

    def _is_whole(self) -> bool:
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return False
        if _CHUNKED in head.lower():
            return body.endswith(b"0\r\n\r\n")
        after = head.lower().partition(_LENGTH)[2]
        return len(body) >= int(after.partition(b"\r\n")[0])
