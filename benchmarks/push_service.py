"""A push service that takes everything: `python -m benchmarks.push_service LATENCY [CERTIFICATE]`.

It does as little as possible, so that what is measured is the sender. It prints its port. The latency is in
seconds; with a certificate (a PEM file that holds its key too) it speaks TLS.
"""

from __future__ import annotations

import asyncio
import ssl
import sys

import uvloop

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
_LENGTH = b"content-length: "


class Connection(asyncio.Protocol):
    """Answers every whole request on one connection, after the latency."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        length = int(head.lower().partition(_LENGTH)[2].partition(b"\r\n")[0] or 0)
        if not blank or len(body) < length:
            return
        self._received = body[length:]
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, CREATED)
        else:
            self._transport.write(CREATED)


async def serve(latency: float, certificate: str) -> None:
    loop = asyncio.get_running_loop()
    secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if certificate else None
    if secured:
        secured.load_cert_chain(certificate)
    server = await loop.create_server(lambda: Connection(latency), "127.0.0.1", 0, backlog=1024, ssl=secured)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(float(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
