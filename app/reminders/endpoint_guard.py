"""Which push endpoints and which network addresses Aftercare may ever send to.

An endpoint is an address a browser hands us and our server then connects to, so it is checked when a
device subscribes, again before every send, and once more on the address of the actual socket.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from app.errors import FieldError, Invalid
from app.language import _

HOSTS = ("fcm.googleapis.com", "android.googleapis.com", "jmt17.google.com")
"""Push services reached exactly here or at a name under it."""

PARENT_HOSTS = ("push.services.mozilla.com", "notify.windows.com", "push.apple.com")
"""Push services reached only at names under these."""

LONGEST_ENDPOINT = 1024
NAT64 = IPv6Network("64:ff9b::/96")
_PLAIN_URL = re.compile(
    r"([A-Za-z]+://[A-Za-z0-9:@!$&'()*+,;=._~%\[\]-]+)([/?][A-Za-z0-9:/?@!$&'()*+,;=._~%\[\]-]*)?", re.ASCII
)
"""A site, and what comes behind it; nothing that two readers could understand differently."""
_PLAIN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class EndpointGuard:
    """The rule for endpoints. `extra_hosts` are the operator's "host:port" pairs, empty in production."""

    extra_hosts: frozenset[str] = frozenset()

    def allows(self, endpoint: str) -> bool:
        """Whether `endpoint` is a well-formed address at a push service we know."""
        plain = _PLAIN_URL.fullmatch(endpoint) if len(endpoint) <= LONGEST_ENDPOINT else None
        return plain is not None and self._allows_site(plain[1])

    def require(self, endpoint: str) -> None:
        """Raise Invalid unless the endpoint is allowed."""
        if not self.allows(endpoint):
            raise Invalid(
                FieldError("endpoint", "endpoint", _("This is not an address of a push service known here."))
            )

    def allows_address(self, address: str, port: int) -> bool:
        """Whether a socket may connect there: global addresses, and loopback where the operator said so."""
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if all(_is_global(one) for one in _unwrapped(found)):
            return True
        return found.is_loopback and port in self._loopback_ports()

    # There are a handful of push services, and each of very many messages asks.
    @lru_cache(maxsize=256)  # noqa: B019 - a guard lives as long as its process
    def _allows_site(self, site: str) -> bool:
        url = _split(site)
        if url is None:
            return False
        return self._is_extra(url) or (url.scheme == "https" and _port(url) == 443 and _is_known(url))

    def _is_extra(self, url: SplitResult) -> bool:
        """Plain http is for the loopback only."""
        host = url.hostname or ""
        if (
            f"{host}:{_port(url)}" not in self.extra_hosts
            and f"[{host}]:{_port(url)}" not in self.extra_hosts
        ):
            return False
        return url.scheme == "https" or is_loopback_name(host)

    def _loopback_ports(self) -> set[int]:
        pairs = (extra.rpartition(":") for extra in self.extra_hosts)
        return {int(port) for host, _, port in pairs if port.isdigit() and is_loopback_name(host.strip("[]"))}


def guard_for(extra_hosts: Iterable[str], *, is_production: bool) -> EndpointGuard:
    """The guard in force; the operator's own push services are for development and demo only."""
    return EndpointGuard(frozenset() if is_production else frozenset(host.lower() for host in extra_hosts))


def require_keys(p256dh: str, auth: str) -> None:
    """Raise Invalid unless `p256dh` is a point on P-256 (65 bytes) and `auth` is 16 bytes, base64url."""
    errors = []
    if not _is_point(_decoded(p256dh)):
        errors.append(FieldError("keys.p256dh", "key", _("This is not a public key on the P-256 curve.")))
    if len(_decoded(auth) or b"") != 16:
        errors.append(FieldError("keys.auth", "key", _("This is not a secret of 16 bytes.")))
    if errors:
        raise Invalid(*errors)


def fingerprint_of(public_key: str) -> str:
    """A short name of an application server key, which is given as base64url."""
    return hashlib.sha256(public_key.rstrip("=").encode()).hexdigest()[:32]


def origin_of(endpoint: str) -> str:
    """Scheme, host and port of an allowed endpoint: the push service a message goes to."""
    plain = _PLAIN_URL.fullmatch(endpoint)
    return plain[1].lower().removesuffix(":443") if plain else ""


def target_of(endpoint: str) -> str:
    """What an allowed endpoint asks of its push service: path and query."""
    plain = _PLAIN_URL.fullmatch(endpoint)
    behind = (plain and plain[2]) or "/"
    return behind if behind.startswith("/") else f"/{behind}"


def is_loopback_name(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _split(site: str) -> SplitResult | None:
    """The parts of a site that every reader reads alike; None for anything ambiguous."""
    try:
        url = urlsplit(site)
        port = url.port
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or "@" in url.netloc or port == 0:
        return None
    return url if url.hostname and not url.netloc.endswith(":") else None


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _is_known(url: SplitResult) -> bool:
    host = url.hostname or ""
    if not _PLAIN_NAME.fullmatch(host):
        return False
    return host in HOSTS or host.endswith(tuple(f".{known}" for known in HOSTS + PARENT_HOSTS))


def _unwrapped(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """The address, and every IPv4 address it carries inside: mapped, NAT64, 6to4, Teredo."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    carried: list[IPv4Address | IPv6Address] = [address, *(address.teredo or ())]
    if address in NAT64:
        carried.append(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour:
        carried.append(address.sixtofour)
    return carried


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and (
        address.is_site_local or (address.is_reserved and address not in NAT64)
    ):
        return False
    return address.is_global and not address.is_multicast


def _decoded(text: str) -> bytes | None:
    """Base64url, with or without padding; None when it is anything else."""
    if not re.fullmatch(r"[A-Za-z0-9_-]*={0,2}", text, re.ASCII):
        return None
    bare = text.rstrip("=")
    try:
        return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except binascii.Error:
        return None


def _is_point(raw: bytes | None) -> bool:
    if raw is None or len(raw) != 65:
        return False
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        return False
    return True
