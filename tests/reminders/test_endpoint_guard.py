from __future__ import annotations

import base64
import os

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.errors import Invalid
from app.reminders.endpoint_guard import EndpointGuard, guard_for, origin_of, require_keys

EXTRA = EndpointGuard(frozenset({"127.0.0.1:9001", "push.example.org:8443", "localhost:9002", "[::1]:9003"}))


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def a_point() -> bytes:
    return (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc:def",
        "https://fcm.googleapis.com:443/wp/abc",
        "https://android.googleapis.com/gcm/send/abc",
        "https://jmt17.google.com/fcm/send/abc",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
        "https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%3d%3d",
        "https://web.push.apple.com/QGuQyavXutnMH",
    ],
)
def test_a_push_service_of_a_browser_is_allowed(endpoint: str) -> None:
    assert EndpointGuard().allows(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "fcm.googleapis.com/x",
        "http://fcm.googleapis.com/x",
        "ftp://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com:0/x",
        "https://fcm.googleapis.com:/x",
        "https://fcm.googleapis.com:x/x",
        "https://fcm.googleapis.com:99999/x",
        "https://ana@fcm.googleapis.com/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://fcm.googleapis.com\\@127.0.0.1/x",
        "https://fcm.googleapis.com#@127.0.0.1/x",
        "https://fcm.googleapis.com./x",
        "https://fcm.googleapis.com.example.org/x",
        "https://evilfcm.googleapis.com.example.org/x",
        "https://notfcm-googleapis.com/x",
        "https://xfcm.googleapis.com/x",
        "https://xpush.apple.com/x",
        "https://push.apple.com/x",
        "https://notify.windows.com/x",
        "https://fcm.googleap\u0131s.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://localhost/x",
        "https://169.254.169.254/latest",
        "https://fcm.googleapis.com/\r\nHost: example.org",
        "https:///x",
        "https://fcm.googleapis.com/" + "x" * 1024,
    ],
)
def test_anything_else_is_refused(endpoint: str) -> None:
    assert not EndpointGuard().allows(endpoint)


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://127.0.0.1:9001/x",
        "https://push.example.org:8443/x",
        "http://localhost:9002/x",
        "http://[::1]:9003/x",
    ],
)
def test_the_operators_own_push_service_is_allowed(endpoint: str) -> None:
    assert EXTRA.allows(endpoint)


@pytest.mark.parametrize(
    "endpoint", ["http://push.example.org:8443/x", "http://127.0.0.1:9009/x", "http://127.0.0.1/x"]
)
def test_the_operators_list_opens_nothing_else(endpoint: str) -> None:
    assert not EXTRA.allows(endpoint)


def test_the_operators_list_is_ignored_in_production() -> None:
    guard = guard_for(["127.0.0.1:9001"], is_production=True)
    assert not guard.allows("http://127.0.0.1:9001/x")
    assert not guard.allows_address("127.0.0.1", 9001)


@pytest.mark.parametrize(
    "address", ["142.250.1.95", "2a00:1450:4001::5f", "::ffff:142.250.1.95", "64:ff9b::8efa:15f"]
)
def test_a_global_address_may_be_connected_to(address: str) -> None:
    assert EndpointGuard().allows_address(address, 443)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::127.0.0.1",
        "fe80::1%eth0",
        "fec0::1",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "not an address",
    ],
)
def test_a_private_address_is_never_connected_to(address: str) -> None:
    assert not EndpointGuard().allows_address(address, 443)


def test_the_loopback_is_open_only_at_the_operators_port() -> None:
    assert EXTRA.allows_address("127.0.0.1", 9001)
    assert not EXTRA.allows_address("127.0.0.1", 5432)
    assert not EXTRA.allows_address("10.0.0.1", 9001)


def test_keys_of_a_browser_are_accepted() -> None:
    require_keys(b64(a_point()), b64(os.urandom(16)))


@pytest.mark.parametrize(
    "p256dh",
    [
        pytest.param("", id="nothing"),
        pytest.param("!!!", id="not base64url"),
        pytest.param("A", id="half a byte"),
        pytest.param(b64(a_point()[:-1]), id="a byte short"),
        pytest.param(b64(a_point() + b"\0"), id="a byte long"),
        pytest.param(b64(b"\4" + bytes(64)), id="not on the curve"),
        pytest.param(b64(b"\2" + bytes(64)), id="not a whole point"),
    ],
)
def test_a_damaged_public_key_is_refused(p256dh: str) -> None:
    with pytest.raises(Invalid):
        require_keys(p256dh, b64(os.urandom(16)))


@pytest.mark.parametrize("auth", ["", "A", "*" * 22, b64(bytes(15)), b64(bytes(17))])
def test_a_secret_of_the_wrong_size_is_refused(auth: str) -> None:
    with pytest.raises(Invalid):
        require_keys(b64(a_point()), auth)


def test_the_origin_leaves_out_the_usual_port() -> None:
    assert origin_of("https://FCM.googleapis.com:443/x/y") == "https://fcm.googleapis.com"
    assert origin_of("http://127.0.0.1:9001/x") == "http://127.0.0.1:9001"
