"""Whether a password is among those that leaked and are tried first.

`passwords.bloom` is a Bloom filter: it never misses a password it was made of, and takes about one in
eight thousand others for one of them. `sources.md` beside it says what it was made of and how.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FILTER = Path(__file__).with_name("passwords.bloom")
BITS = 2**21
PROBES = 13


def is_breached(password: str) -> bool:
    """Capital letters make no difference: whoever guesses tries them too."""
    bits = _filter()
    return all(bits[bit >> 3] >> (bit & 7) & 1 for bit in bits_of(password))


def bits_of(password: str) -> list[int]:
    """The bits that are set when this password is in the filter; 13 of two million."""
    digest = hashlib.sha256(password.casefold().encode("utf-8", "surrogatepass")).digest()
    first, step = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big") | 1
    return [(first + probe * step) % BITS for probe in range(PROBES)]


@cache
def _filter() -> bytes:
    return FILTER.read_bytes()
