"""What a push message costs at least, and what it costs without any care."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from py_vapid import Vapid02
from pywebpush import webpush

from benchmarks.crowd import a_phone

P256 = ec.SECP256R1()
MESSAGE = b"x" * 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """Messages per second, the processor time of one in seconds, and how long some took in milliseconds."""

    per_second: float
    cpu: float
    p50_ms: float = 0
    p99_ms: float = 0


def encrypt_only(messages: int) -> Measured:
    """The floor: a key pair, ECDH, three HKDF and AES-GCM for each message, and nothing else."""
    receiver = _point(ec.generate_private_key(P256))
    secret, began, cpu = os.urandom(16), time.perf_counter(), time.process_time()
    for _message in range(messages):
        _encrypt(receiver, secret)
    return _measured(messages, began, cpu)


def naive_loop(site: str, messages: int) -> Measured:
    """`pywebpush.webpush()` for one message after the other, the key given by its file as its manual does."""
    vapid = Vapid02()
    vapid.generate_keys()
    phones = [_subscription(site) for _message in range(messages)]
    with tempfile.NamedTemporaryFile() as file:
        file.write(vapid.private_pem())
        file.flush()
        began, cpu = time.perf_counter(), time.process_time()
        for phone in phones:
            claims = {"sub": "mailto:operator@practice.example"}
            webpush(phone, MESSAGE, vapid_private_key=file.name, vapid_claims=claims, ttl=3600)
        return _measured(messages, began, cpu)


def _subscription(site: str) -> dict[str, Any]:
    endpoint, p256dh, auth = a_phone(f"{site}/push/{os.urandom(60).hex()}")
    return {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}


def _measured(messages: int, began: float, cpu: float) -> Measured:
    took, used = time.perf_counter() - began, time.process_time() - cpu
    return Measured(messages / took, used / messages)


def _encrypt(receiver: bytes, secret: bytes) -> bytes:
    sender, salt = ec.generate_private_key(P256), os.urandom(16)
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(P256, receiver))
    material = _derived(32, secret, b"WebPush: info\0" + receiver + _point(sender), shared)
    key = _derived(16, salt, b"Content-Encoding: aes128gcm\0", material)
    nonce = _derived(12, salt, b"Content-Encoding: nonce\0", material)
    return AESGCM(key).encrypt(nonce, MESSAGE + b"\2", None)


def _derived(length: int, salt: bytes, info: bytes, material: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(material)


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
