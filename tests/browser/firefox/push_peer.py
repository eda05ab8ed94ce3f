"""The push service that a real Firefox talks to in tests: its WebSocket protocol and its endpoints.

One port of the loopback serves both: `/ws` is where Firefox registers and receives, `/wpush/…` is where
the app sends. Messages are checked as strictly as in `push_service` before they are passed on.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import WSMessage, web

from push_service import ViolationError, b64, check_headers, check_vapid


@dataclass
class PushPeer:
    """What happened: channels registered, messages passed on, acknowledgements, and violations."""

    port: int = 0
    channels: list[str] = field(default_factory=list)
    passed_on: list[dict[str, str]] = field(default_factory=list)
    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    _browser: web.WebSocketResponse | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=("push-notification",))
        await socket.prepare(request)
        self._browser = socket
        async for frame in socket:
            await self._answer(socket, frame)
        return socket

    async def take(self, request: web.Request) -> web.Response:
        """One message from the app, as RFC 8030 and 8292 want it."""
        headers = {name.lower(): text for name, text in request.headers.items()}
        body = await request.read()
        try:
            check_vapid(headers["authorization"], f"http://{self.host}", None)
            check_headers(headers)
        except (ViolationError, KeyError, ValueError) as error:
            self.violations.append(repr(error))
            return web.Response(status=400)
        if self._browser is None or request.match_info["channel"] not in self.channels:
            return web.Response(status=410)
        self.passed_on.append(headers)
        await self._browser.send_json(_notification(request.match_info["channel"], body))
        return web.Response(status=201)

    async def _answer(self, socket: web.WebSocketResponse, frame: WSMessage) -> None:
        said = json.loads(frame.data)
        match said.get("messageType"):
            case None:
                await socket.send_str("{}")
            case "hello":
                hello = {"status": 200, "uaid": uuid4().hex, "use_webpush": True, "broadcasts": {}}
                await socket.send_json({"messageType": "hello", **hello})
            case "register":
                await socket.send_json(self._register(said["channelID"]))
            case "unregister":
                await socket.send_json({**said, "status": 200})
            case "ack":
                self.acknowledged.extend(said["updates"])

    def _register(self, channel: str) -> dict[str, Any]:
        self.channels.append(channel)
        endpoint = f"http://{self.host}/wpush/{channel}"
        return {"messageType": "register", "channelID": channel, "status": 200, "pushEndpoint": endpoint}


def _notification(channel: str, body: bytes) -> dict[str, Any]:
    return {
        "messageType": "notification",
        "channelID": channel,
        "version": uuid4().hex,
        "data": b64(body),
        "headers": {"encoding": "aes128gcm"},
    }


@contextmanager
def push_peer() -> Iterator[PushPeer]:
    """The service in a thread of its own, until the block ends."""
    peer, loop = PushPeer(), asyncio.new_event_loop()
    app = web.Application()
    app.add_routes([web.get("/ws", peer.talk), web.post("/wpush/{channel}", peer.take)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    thread = threading.Thread(target=loop.run_forever, name="push-peer", daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(_listen(runner), loop).result()
    peer.port = runner.addresses[0][1]
    try:
        yield peer
    finally:
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(runner: web.AppRunner) -> None:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
