"""A script: 300 sockets that say next to nothing to a running server, and how everybody else fares meanwhile.

    python tests/faults/slow_sockets.py http://127.0.0.1:8000

Prints when the last of them was hung up on (35 s at most) and the slowest answer of /healthz (500 ms at
most); the exit status is 1 when either was worse.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from urllib.parse import urlsplit

import httpx2

SOCKETS = 300
HUNG_UP_WITHIN = 35.0
HEALTHY_WITHIN = 0.5
HALF_SAID = (
    b"",
    b"GET / HTTP/1.1\r\nX-Slow: ",
    b"POST /api/sign-in HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
)
BEGINS_NOTHING = b"\r\n"
"""Said by those who were answered: an empty line between two requests."""


def main(address: str) -> bool:
    host, port = urlsplit(address).hostname or "127.0.0.1", urlsplit(address).port or 80
    lines = {socket.create_connection((host, port)) for _line in range(SOCKETS)}
    for number, line in enumerate(lines):
        line.sendall(HALF_SAID[number % len(HALF_SAID)])
    began, slowest = time.monotonic(), 0.0
    with httpx2.Client(base_url=address) as healthy:
        while lines and time.monotonic() - began < 2 * HUNG_UP_WITHIN:
            asked = time.monotonic()
            healthy.get("/healthz").raise_for_status()
            slowest = max(slowest, time.monotonic() - asked)
            heard, _, _ = select.select(lines, [], [], 0.2)
            lines -= {line for line in heard if not _still_open(line)}
    took = time.monotonic() - began
    print(f"{SOCKETS - len(lines)} of {SOCKETS} were hung up on after {took:.1f} s")
    print(f"/healthz answered within {slowest * 1000:.0f} ms")
    return not lines and took <= HUNG_UP_WITHIN and slowest <= HEALTHY_WITHIN


def _still_open(line: socket.socket) -> bool:
    try:
        heard = line.recv(4096)
        if heard.startswith(b"HTTP/1.1 200 "):
            line.sendall(BEGINS_NOTHING)
        return heard != b""
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1]))
