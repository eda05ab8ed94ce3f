"""Makes the filter anew: `python -m app.access.breached.build LIST…`, each list with one password a line."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from app.access.breached import BITS, FILTER, bits_of
from app.models.account import PASSWORD_AT_LEAST


def filter_of(passwords: Iterable[str]) -> bytes:
    bits = bytearray(BITS // 8)
    for password in passwords:
        for bit in bits_of(password):
            bits[bit >> 3] |= 1 << (bit & 7)
    return bytes(bits)


def passwords_in(lists: Iterable[Path]) -> set[str]:
    """Those long enough to be chosen at all; capital letters make no difference."""
    lines = (line for file in lists for line in file.read_text("utf-8", "replace").splitlines())
    return {line.casefold() for line in lines if len(line) >= PASSWORD_AT_LEAST}


if __name__ == "__main__":
    FILTER.write_bytes(filter_of(passwords_in(map(Path, sys.argv[1:]))))
