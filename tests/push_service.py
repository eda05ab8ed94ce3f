"""A push service that is stricter than the real ones: it refuses what they would let pass.

It runs in a thread of its own. Every message is checked (VAPID, headers, size, one record) and
decrypted; what is wrong lands in `violations` and is answered with 400. Each device can be given a
script of answers, one for each message to come; after them it answers 201.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

P256 = ec.SECP256R1()
DAY = 24 * 60 * 60


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


class ViolationError(Exception):
    """A message that a push service may refuse."""


def insist(holds: bool, rule: str) -> None:
    if not holds:
        raise ViolationError(rule)


@dataclass(frozen=True)
class Answer:
    """What the service does with a message it understood."""

    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    misbehaviour: str = ""


ACCEPT = Answer()
GONE = Answer(410)
HANG = Answer(misbehaviour="hang")
DRIP = Answer(misbehaviour="drip")
HUGE = Answer(misbehaviour="huge")
RESET = Answer(misbehaviour="reset")
JUNK = Answer(misbehaviour="junk")
SILENT = Answer(misbehaviour="silent")
"""Takes the message, and never says so."""


def too_many(retry_after: str) -> Answer:
    return Answer(429, {"Retry-After": retry_after})


def redirect(location: str) -> Answer:
    return Answer(302, {"Location": location})


@dataclass
class Device:
    """A browser with its keys, as a push service and a page see it."""

    name: str
    endpoint: str
    private_key: ec.EllipticCurvePrivateKey
    auth: bytes
    script: deque[Answer] = field(default_factory=deque)

    @property
    def p256dh(self) -> bytes:
        return self.private_key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    @property
    def subscription(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives a page."""
        keys = {"p256dh": b64(self.p256dh), "auth": b64(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}


@dataclass(frozen=True)
class Received:
    """One message, after all checks and decrypted."""

    device: str
    endpoint: str
    headers: dict[str, str]
    claims: dict[str, Any]
    plaintext: bytes
    size: int
    at: float

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.plaintext)  # type: ignore[no-any-return]

    @property
    def notification(self) -> dict[str, Any]:
        return self.json["notification"]  # type: ignore[no-any-return]


class PushService:
    """The service on a loopback port. `public_key`, once set, is the only application server key taken.

    `usual` is the answer to every device that has no script of its own, or has come to its end.
    """

    def __init__(self) -> None:
        self.messages: list[Received] = []
        self.violations: list[str] = []
        self.connections = 0
        self.public_key: bytes | None = None
        self.usual = ACCEPT
        self.port = 0
        self._devices: dict[str, Device] = {}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    def device(self, name: str, *script: Answer) -> Device:
        path = f"/push/{b64(os.urandom(12))}"
        device = Device(
            name, self.origin + path, ec.generate_private_key(P256), os.urandom(16), deque(script)
        )
        self._devices[path] = device
        return device

    def received_by(self, device: Device) -> list[Received]:
        return [message for message in self.messages if message.endpoint == device.endpoint]

    def wait_until(self, holds: Callable[[PushService], bool], seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not holds(self):
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self.messages)} messages, violations: {self.violations}")
            time.sleep(0.01)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer_one(head, reader, writer)
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer_one(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request, _, rest = head.decode("latin-1").partition("\r\n")
        lines = (line.partition(":") for line in rest.splitlines() if line)
        headers = {name.strip().lower(): text.strip() for name, _, text in lines}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        answer = self._judge(request, headers, body)
        await _misbehave(answer, writer) if answer.misbehaviour else _write(answer, writer)
        await writer.drain()

    def _judge(self, request: str, headers: dict[str, str], body: bytes) -> Answer:
        method, path, _version = request.split(" ")
        device = self._devices.get(path)
        if device is None:
            self.violations.append(f"unknown path {path}")
            return Answer(404)
        try:
            insist(method == "POST", "POST it")
            received = self._checked(device, headers, body)
        except (ViolationError, InvalidSignature, InvalidTag, ValueError, KeyError) as error:
            self.violations.append(repr(error))
            return Answer(400)
        answer = device.script.popleft() if device.script else self.usual
        if 200 <= answer.status < 300 and answer.misbehaviour in ("", "silent"):
            self.messages.append(received)
        return answer

    def _checked(self, device: Device, headers: dict[str, str], body: bytes) -> Received:
        claims = check_vapid(headers["authorization"], self.origin, self.public_key)
        check_headers(headers)
        insist(len(body) <= 4096, "a body is 4,096 bytes at most")
        return Received(
            device=device.name,
            endpoint=device.endpoint,
            headers=headers,
            claims=claims,
            plaintext=decrypted(device, body),
            size=len(body),
            at=time.monotonic(),
        )


def check_vapid(authorization: str, origin: str, public_key: bytes | None) -> dict[str, Any]:
    """RFC 8292: a token signed by the key it names, for this origin, for a day at most."""
    scheme, _, rest = authorization.partition(" ")
    parameters = dict(part.strip().split("=", 1) for part in rest.split(","))
    insist(scheme.lower() == "vapid" and set(parameters) == {"t", "k"}, "Authorization: vapid t=, k=")
    key = unb64(parameters["k"])
    insist(public_key in (None, key), "signed with the key the browser subscribed with")
    header, claims, signature = parameters["t"].split(".")
    raw = unb64(signature)
    insist(len(raw) == 64, "an ES256 signature has 64 bytes")
    ec.EllipticCurvePublicKey.from_encoded_point(P256, key).verify(
        encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])),
        f"{header}.{claims}".encode(),
        ec.ECDSA(hashes.SHA256()),
    )
    insist(json.loads(unb64(header)) == {"typ": "JWT", "alg": "ES256"}, "an ES256 token")
    return check_claims(json.loads(unb64(claims)), origin)


def check_claims(claims: dict[str, Any], origin: str) -> dict[str, Any]:
    insist(claims["aud"] == origin, "aud is this origin")
    insist(time.time() < claims["exp"] <= time.time() + DAY, "exp lies within 24 hours")
    insist(str(claims["sub"]).startswith(("mailto:", "https:")), "sub is a contact")
    return claims


def check_headers(headers: dict[str, str]) -> None:
    insist(headers["content-encoding"] == "aes128gcm", "Content-Encoding")
    insist(headers["content-type"] == "application/octet-stream", "Content-Type")
    insist(headers["ttl"].isdigit() and 0 < int(headers["ttl"]) <= DAY, "TTL in seconds, a day at most")
    insist(headers["urgency"] in ("very-low", "low", "normal", "high"), "Urgency")
    insist(len(unb64(headers["topic"])) <= 24 and len(headers["topic"]) <= 32, "Topic")
    insist("cookie" not in headers, "no cookies")


def decrypted(device: Device, body: bytes) -> bytes:
    """RFC 8188 and 8291, written from the texts, for exactly one record."""
    salt, (record_size, key_length) = body[:16], struct.unpack("!LB", body[16:21])
    insist(key_length == 65, "the sender's key has 65 bytes")
    sender, sealed = body[21:86], body[86:]
    insist(18 <= len(sealed) <= record_size, "a single record")
    shared = device.private_key.exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(P256, sender)
    )
    info = b"WebPush: info\0" + device.p256dh + sender
    secret = HKDF(hashes.SHA256(), 32, device.auth, info).derive(shared)
    key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
    padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
    insist(padded.endswith(b"\2"), "the last record ends with 2")
    return padded[:-1]


def _write(answer: Answer, writer: asyncio.StreamWriter) -> None:
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    lines = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    writer.write(f"HTTP/1.1 {answer.status} X\r\n{lines}\r\n".encode() + answer.body)


async def _misbehave(answer: Answer, writer: asyncio.StreamWriter) -> None:
    match answer.misbehaviour:
        case "hang" | "silent":
            await asyncio.sleep(3600)
        case "drip":
            for byte in b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n" * 100:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
        case "huge":
            writer.write(b"HTTP/1.1 500 X\r\nContent-Length: 100000000\r\n\r\n")
            for _block in range(100):
                writer.write(b"x" * 1_000_000)
                await writer.drain()
        case "reset":
            writer.transport.abort()
        case _:
            writer.write(os.urandom(4000))
            writer.close()


@contextmanager
def push_service() -> Iterator[PushService]:
    """The service, running until the block ends."""
    service = PushService()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="push-service", daemon=True)
    thread.start()
    listening = asyncio.start_server(service.serve, "127.0.0.1", 0, backlog=1024)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result()
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
