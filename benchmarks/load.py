"""A load client: connections speaking HTTP/1.1, each sending again as soon as it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import uvloop

from benchmarks.results import Round

LONGER_AT_MOST = 600
"""Tenths of a second that a round goes on until there are as many answers as connections."""
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
    for _more in range(LONGER_AT_MOST):
        if sum(len(client.latencies) for client in clients) >= connections:
            break
        await asyncio.sleep(0.1)
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
        failures=sum(client.failed for client in clients),
    )


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000 if ordered else 0.0


def _cpu_of(pid: int) -> float:
    """User and system time of a process so far, in seconds (clock ticks are 10 ms)."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


class _Client(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, notes how long it took, sends again."""

    def __init__(self, requests: Callable[[], bytes]) -> None:
        self._requests = requests
        self._received = b""
        self._stopped = False
        self.latencies: list[float] = []
        self.failed = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def begin(self) -> None:
        self._sent_at = time.perf_counter()
        self._transport.write(self._requests())

    def stop(self) -> None:
        self._stopped = True
        self._transport.abort()

    def connection_lost(self, _error: Exception | None) -> None:
        self.failed += not self._stopped

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_whole() or self._stopped:
            return
        self.latencies.append(time.perf_counter() - self._sent_at)
        self.failed += not self._received.startswith(b"HTTP/1.1 200")
        self._received = b""
        self.begin()

    def _is_whole(self) -> bool:
        head, blank, body = self._received.partition(b"\r\n\r\n")
        if not blank:
            return False
        if _CHUNKED in head.lower():
            return body.endswith(b"0\r\n\r\n")
        after = head.lower().partition(_LENGTH)[2]
        return len(body) >= int(after.partition(b"\r\n")[0])
