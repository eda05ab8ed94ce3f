"""Encrypt, sign and send one push message, and say what became of it.

With `push_connection` the only module that knows pywebpush and HTTP. What pywebpush encrypts with is used
directly; sending is our own, because a push endpoint is a stranger's address.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from app.reminders.endpoint_guard import EndpointGuard, fingerprint_of, origin_of, target_of
from app.reminders.push_connection import AddressRefused, Answer, Connections, Resolve
from app.reminders.push_origin import PushOrigin
from app.reminders.verdict import RESTING, Outcome, Verdict, back_off, outcome_of

TOKEN_LASTS = timedelta(hours=12)
RENEWED_AT = timedelta(hours=1)
TOTAL_SECONDS = 15
_P256 = ec.SECP256R1()


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message and where it goes. `ttl` is in seconds; `attempt` counts from 1.

    `server_key` is the fingerprint of the key the device subscribed with, None when nobody knows.
    """

    endpoint: str
    p256dh: str
    auth: str
    plaintext: bytes
    ttl: int
    topic: str
    attempt: int
    server_key: str | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message encrypted for its device."""

    envelope: Envelope
    body: bytes


class VapidKey:
    """Aftercare's identity towards push services; one signed header per origin is used for hours."""

    def __init__(self, private_pem: bytes, contact: str) -> None:
        self._vapid = Vapid02.from_pem(private_pem)
        self._contact = contact
        self._headers: dict[str, tuple[str, datetime]] = {}

    @property
    def public_key(self) -> bytes:
        """The application server key browsers subscribe with: 65 bytes, uncompressed."""
        point: bytes = self._vapid.public_key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return point

    @property
    def public_key_text(self) -> str:
        """The same in base64url without padding."""
        return base64.urlsafe_b64encode(self.public_key).rstrip(b"=").decode()

    @cached_property
    def fingerprint(self) -> str:
        """What devices remember of the key they subscribed with."""
        return fingerprint_of(self.public_key_text)

    def header(self, origin: str, now: datetime) -> str:
        header, expires = self._headers.get(origin, ("", now))
        if expires - now >= RENEWED_AT and expires - now <= TOKEN_LASTS:
            return header
        return self.renew(origin, now)

    def renew(self, origin: str, now: datetime) -> str:
        expires = now + TOKEN_LASTS
        claims = {"aud": origin, "sub": self._contact, "exp": int(expires.timestamp())}
        header: str = self._vapid.sign(claims)["Authorization"]
        self._headers[origin] = (header, expires)
        return header


class PushSender:
    """Sends envelopes over connections it keeps. Open it with `async with`."""

    def __init__(
        self,
        vapid: VapidKey,
        guard: EndpointGuard,
        *,
        resolve: Resolve | None = None,
        seconds: float = TOTAL_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._vapid = vapid
        self._guard = guard
        self._resolve = resolve
        self._seconds = seconds
        self._monotonic = monotonic
        self._origins: dict[str, PushOrigin] = {}

    async def __aenter__(self) -> PushSender:
        self._connections = Connections(self._guard, self._resolve)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._connections.close()

    def seal(self, envelope: Envelope) -> Sealed | Outcome:
        """Encrypt the message for its device; an outcome when it can go nowhere.

        Takes a tenth of a millisecond and waits for nothing, so many are best sealed one after the other.
        """
        if not self._guard.allows(envelope.endpoint):
            return Outcome(Verdict.FAILED, "endpoint_refused")
        if envelope.server_key not in (None, self._vapid.fingerprint):
            return Outcome(Verdict.FAILED, "needs_resubscribe")
        try:
            return Sealed(envelope, _encrypted(envelope))
        except (http_ece.ECEException, ValueError):
            return Outcome(Verdict.FAILED, "unusable_keys")

    async def send(self, message: Sealed, now: datetime) -> Outcome:
        """Never raises for what a push service does; every ending is an Outcome."""
        name = origin_of(message.envelope.endpoint)
        origin = self._origins.get(name) or self._origins.setdefault(name, PushOrigin(name, self._monotonic))
        if not await origin.turn():
            return Outcome(Verdict.RETRY, RESTING, wait=timedelta(seconds=origin.rest_left))
        outcome, set_off = None, self._monotonic()
        try:
            outcome = await self._post(message, name, now)
        finally:
            origin.land(outcome, self._monotonic() - set_off)
        return outcome

    async def _post(self, message: Sealed, origin: str, now: datetime) -> Outcome:
        attempt = message.envelope.attempt
        try:
            answer = await self._exchange(message, origin, self._vapid.header(origin, now))
            if answer.status in (401, 403):
                answer = await self._exchange(message, origin, self._vapid.renew(origin, now))
        except (OSError, ValueError) as error:
            return _outcome_of_error(error, attempt)
        return outcome_of(answer.status, answer.retry_after, attempt, now)

    async def _exchange(self, message: Sealed, origin: str, authorization: str) -> Answer:
        envelope = message.envelope
        head = (
            f"POST {target_of(envelope.endpoint)} HTTP/1.1\r\n"
            f"Host: {origin.partition('://')[2]}\r\n"
            "User-Agent: aftercare\r\n"
            f"Authorization: {authorization}\r\n"
            "Content-Encoding: aes128gcm\r\n"
            "Content-Type: application/octet-stream\r\n"
            f"TTL: {envelope.ttl}\r\n"
            "Urgency: high\r\n"
            f"Topic: {envelope.topic}\r\n"
            f"Content-Length: {len(message.body)}\r\n\r\n"
        )
        return await self._connections.ask(origin, head.encode() + message.body, self._seconds)


def _outcome_of_error(error: Exception, attempt: int) -> Outcome:
    if isinstance(error, AddressRefused):
        return Outcome(Verdict.FAILED, "address_refused")
    reason = "timeout" if isinstance(error, TimeoutError) else "unreachable"
    return Outcome(Verdict.RETRY, reason, wait=back_off(attempt))


def _encrypted(envelope: Envelope) -> bytes:
    """RFC 8291, with a key pair made for this one message."""
    body: bytes = http_ece.encrypt(
        envelope.plaintext,
        private_key=ec.generate_private_key(_P256),
        dh=_decoded(envelope.p256dh),
        auth_secret=_decoded(envelope.auth),
    )
    return body


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
