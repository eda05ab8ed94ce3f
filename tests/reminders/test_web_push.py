from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.clock import utc_now
from app.reminders.endpoint_guard import EndpointGuard
from app.reminders.verdict import Outcome, Verdict, outcome_of
from app.reminders.web_push import Envelope, PushSender, VapidKey
from push_service import (
    DRIP,
    HANG,
    HUGE,
    JUNK,
    RESET,
    Answer,
    Device,
    PushService,
    push_service,
    redirect,
    too_many,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as running:
        running.public_key = VapidKey(PEM, "mailto:rui@practice.example").public_key
        yield running


async def to_the_loopback(_host: str, port: int) -> list[Any]:
    """Resolves every name to the loopback, as a hostile or broken name server would."""
    return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]


def envelope_to(device: Device, attempt: int = 1) -> Envelope:
    keys = device.subscription["keys"]
    return Envelope(
        endpoint=device.endpoint,
        p256dh=keys["p256dh"],
        auth=keys["auth"],
        plaintext=b'{"web_push": 8030}',
        ttl=5400,
        topic="t" * 32,
        attempt=attempt,
    )


async def sealed_and_sent(sender: PushSender, envelope: Envelope) -> Outcome:
    sealed = sender.seal(envelope)
    return sealed if isinstance(sealed, Outcome) else await sender.send(sealed, utc_now())


def send(service: PushService, *envelopes: Envelope, **sender: Any) -> list[Outcome]:
    """Send all at once with one sender and give back the outcomes in order."""

    async def together() -> list[Outcome]:
        vapid = VapidKey(PEM, "mailto:rui@practice.example")
        guard = EndpointGuard(frozenset({service.host}))
        async with PushSender(vapid, guard, **sender) as open_sender:
            return await asyncio.gather(*(sealed_and_sent(open_sender, one) for one in envelopes))

    return asyncio.run(together())


def send_to(service: PushService, *script: Answer) -> Outcome:
    return send(service, envelope_to(service.device("Ana's phone", *script)))[0]


def test_a_message_passes_every_check_and_can_be_read_by_its_device(service: PushService) -> None:
    outcome = send_to(service)
    assert service.violations == []
    assert service.messages[0].json == {"web_push": 8030}
    assert outcome == Outcome(Verdict.ACCEPTED, None, 201)


def test_the_validity_travels_as_ttl(service: PushService) -> None:
    send_to(service)
    assert service.messages[0].headers["ttl"] == "5400"
    assert service.messages[0].headers["urgency"] == "high"
    assert service.messages[0].headers["topic"] == "t" * 32


def test_one_connection_carries_one_message_after_another(service: PushService) -> None:
    device = service.device("Ana's phone")

    async def in_turn() -> None:
        vapid = VapidKey(PEM, "mailto:rui@practice.example")
        async with PushSender(vapid, EndpointGuard(frozenset({service.host}))) as sender:
            await sealed_and_sent(sender, envelope_to(device))
            await sealed_and_sent(sender, envelope_to(device))

    asyncio.run(in_turn())
    assert len(service.messages) == 2
    assert service.connections == 1


def test_too_many_waits_the_seconds_it_was_told(service: PushService) -> None:
    assert send_to(service, too_many("120")) == Outcome(
        Verdict.RETRY, "too_many", 429, timedelta(seconds=120)
    )


def test_too_many_waits_until_the_date_it_was_told(service: PushService) -> None:
    outcome = send_to(service, too_many(format_datetime(utc_now() + timedelta(minutes=5), usegmt=True)))
    assert timedelta(minutes=4) < outcome.wait <= timedelta(minutes=5)


def test_an_origin_that_had_too_much_is_left_alone(service: PushService) -> None:
    first, second = service.device("Ana's phone", too_many("120")), service.device("Rui's phone")

    async def in_turn() -> Outcome:
        vapid = VapidKey(PEM, "mailto:rui@practice.example")
        async with PushSender(vapid, EndpointGuard(frozenset({service.host}))) as sender:
            await sealed_and_sent(sender, envelope_to(first))
            return await sealed_and_sent(sender, envelope_to(second))

    assert asyncio.run(in_turn()).reason == "push_service_resting"
    assert service.messages == []


def test_a_redirect_is_never_followed(service: PushService) -> None:
    inside = service.device("inside")
    outcome = send_to(service, redirect(inside.endpoint))
    assert outcome == Outcome(Verdict.FAILED, "redirected", 302)
    assert service.received_by(inside) == []


def test_a_device_the_service_no_longer_knows_is_gone(service: PushService) -> None:
    assert send_to(service, Answer(410)) == Outcome(Verdict.GONE, "gone", 410)


def test_a_refused_signature_is_tried_once_more_with_a_fresh_one(service: PushService) -> None:
    assert send_to(service, Answer(403)).verdict is Verdict.ACCEPTED


def test_a_signature_refused_twice_fails(service: PushService) -> None:
    assert send_to(service, Answer(401), Answer(401)) == Outcome(Verdict.FAILED, "vapid_refused", 401)


def test_a_connection_reset_is_tried_again_later(service: PushService) -> None:
    outcome = send_to(service, RESET)
    assert (outcome.verdict, outcome.reason) == (Verdict.RETRY, "unreachable")


def test_junk_instead_of_an_answer_is_tried_again_later(service: PushService) -> None:
    assert send_to(service, JUNK).verdict is Verdict.RETRY


def test_only_a_little_of_a_huge_answer_is_read(service: PushService) -> None:
    assert send_to(service, HUGE).reason == "unavailable"


def test_hanging_and_dripping_devices_delay_nobody_else(service: PushService) -> None:
    devices = [service.device("a", HANG), service.device("b", DRIP), service.device("c")]
    outcomes = send(service, *(envelope_to(device) for device in devices), seconds=1)
    assert [outcome.reason for outcome in outcomes] == ["timeout", "timeout", None]
    assert [message.device for message in service.messages] == ["c"]


def test_a_known_name_that_leads_to_a_private_address_is_refused(service: PushService) -> None:
    device = service.device("Ana's phone")
    rebound = replace(envelope_to(device), endpoint="https://fcm.googleapis.com/fcm/send/abc")
    assert send(service, rebound, resolve=to_the_loopback)[0].reason == "address_refused"
    assert service.connections == 0


def test_an_endpoint_stored_long_ago_is_checked_again(service: PushService) -> None:
    private = replace(envelope_to(service.device("x")), endpoint="http://127.0.0.1:1/x")
    assert send(service, private) == [Outcome(Verdict.FAILED, "endpoint_refused")]


def test_unusable_keys_fail_without_a_connection(service: PushService) -> None:
    damaged = replace(envelope_to(service.device("x")), p256dh="AAAA")
    assert send(service, damaged)[0].reason == "unusable_keys"
    assert service.connections == 0


@pytest.mark.parametrize(
    ("status", "verdict", "reason"),
    [
        (200, Verdict.ACCEPTED, None),
        (202, Verdict.ACCEPTED, None),
        (301, Verdict.FAILED, "redirected"),
        (400, Verdict.FAILED, "rejected"),
        (404, Verdict.GONE, "gone"),
        (406, Verdict.RETRY, "too_many"),
        (408, Verdict.RETRY, "unavailable"),
        (413, Verdict.FAILED, "rejected"),
        (425, Verdict.RETRY, "unavailable"),
        (500, Verdict.RETRY, "unavailable"),
        (503, Verdict.RETRY, "unavailable"),
    ],
)
def test_every_status_has_its_meaning(status: int, verdict: Verdict, reason: str | None) -> None:
    outcome = outcome_of(status, None, 1, NOON)
    assert (outcome.verdict, outcome.reason) == (verdict, reason)


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 5), (2, 30), (3, 120), (4, 600), (9, 600)])
def test_waits_grow_with_every_attempt(attempt: int, seconds: int) -> None:
    wait = outcome_of(503, None, attempt, NOON).wait.total_seconds()
    assert 0.8 * seconds <= wait <= 1.2 * seconds


@pytest.mark.parametrize("junk", ["soon", "", "-5", "1e9999", "٣", "99 Nov 99", "9" * 400])
def test_a_retry_after_nobody_can_read_falls_back(junk: str) -> None:
    assert timedelta(seconds=1) <= outcome_of(429, junk, 1, NOON).wait <= timedelta(hours=24)


def test_a_signed_header_is_used_for_hours() -> None:
    vapid = VapidKey(PEM, "mailto:rui@practice.example")
    first = vapid.header("https://fcm.googleapis.com", NOON)
    assert vapid.header("https://fcm.googleapis.com", NOON + timedelta(hours=10)) == first
    assert vapid.header("https://fcm.googleapis.com", NOON + timedelta(hours=11, minutes=1)) != first


def test_every_push_service_gets_a_header_of_its_own() -> None:
    vapid = VapidKey(PEM, "mailto:rui@practice.example")
    ours = vapid.header("https://fcm.googleapis.com", NOON)
    assert vapid.header("https://web.push.apple.com", NOON) != ours


def test_a_clock_set_back_gets_a_new_header() -> None:
    vapid = VapidKey(PEM, "mailto:rui@practice.example")
    first = vapid.header("https://fcm.googleapis.com", NOON)
    assert vapid.header("https://fcm.googleapis.com", NOON - timedelta(days=1)) != first


def test_the_public_key_is_the_one_browsers_subscribe_with() -> None:
    assert len(VapidKey(PEM, "mailto:rui@practice.example").public_key) == 65


def test_the_strict_service_notices_a_foreign_key(service: PushService) -> None:
    service.public_key = os.urandom(65)
    assert send_to(service).reason == "rejected"
