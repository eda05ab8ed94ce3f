"""Lines in a compressed file sealed with age (https://age-encryption.org): it opens whole or not at all.

Whoever has the key can open such a file without this program too: `age -d -i KEY FILE | gunzip`.
"""

from __future__ import annotations

import gzip
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import BinaryIO

from pyrage import DecryptError, IdentityError, decrypt_io, encrypt_io, x25519

from app.errors import Misconfigured


def new_key() -> bytes:
    return str(x25519.Identity.generate()).encode()


def identity_in(key: bytes) -> x25519.Identity:
    """Raises Misconfigured unless this is a key of age."""
    try:
        return x25519.Identity.from_str(key.decode().strip())
    except (IdentityError, ValueError):
        raise Misconfigured("The backup key must be one line that begins with AGE-SECRET-KEY-1.") from None


def write_sealed(file: Path, lines: Iterable[bytes], key: bytes) -> None:
    """The file appears under its name when it is whole and on disk; an older one stays until then.

    Raises Misconfigured when it cannot be written there.
    """
    recipient = identity_in(key).to_public()
    with _named(file):
        # Of its own, because two that are made at once would write into one another.
        descriptor, part = tempfile.mkstemp(dir=file.parent, prefix=f"{file.name}.", suffix=".part")
    try:
        with _named(file), open(descriptor, "wb") as sealed:
            # What fails while it is written must not be taken for a failure of what is read.
            with _flowing(lambda sink: _seal(lines, recipient, sink)) as whole, _named(file):
                shutil.copyfileobj(whole, sealed)
            sealed.flush()
            os.fsync(sealed.fileno())
            os.replace(part, file)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def read_sealed(file: Path, key: bytes) -> Iterator[bytes]:
    """The lines of the file; raises Misconfigured when it cannot be read, for another key, and for damage.

    Damage may show only at the end, so read it all before believing any of it.
    """
    identity = identity_in(key)
    try:
        with (
            _opened(file) as sealed,
            _flowing(lambda sink: decrypt_io(sealed, sink, [identity])) as plain,
            gzip.open(plain, "rb") as lines,
        ):
            yield from lines
    except (DecryptError, EOFError, OSError, zlib.error) as error:
        raise Misconfigured(_why(error)) from None


def _opened(file: Path) -> BinaryIO:
    try:
        return open(file, "rb")
    except OSError as error:
        raise Misconfigured(f"The backup cannot be read from {file}: {error.strerror}.") from None


def _why(error: Exception) -> str:
    if "No matching keys" in str(error):
        return "This backup was sealed with another key: name its file with --key. Nothing was changed."
    return "This is no whole backup: it is damaged or cut short. Nothing was changed."


@contextmanager
def _named(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Misconfigured(f"The backup cannot be written to {file}: {error.strerror}.") from error


def _seal(lines: Iterable[bytes], recipient: x25519.Recipient, sink: BinaryIO) -> None:
    with _flowing(lambda plain: _pack(lines, plain)) as plain:
        encrypt_io(plain, sink, [recipient])


def _pack(lines: Iterable[bytes], sink: BinaryIO) -> None:
    with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6, mtime=0) as packed:
        for line in lines:
            packed.write(line)


@contextmanager
def _flowing(produce: Callable[[BinaryIO], None]) -> Iterator[BinaryIO]:
    """What `produce` writes in a thread of its own, to be read as it comes: a whole clinic fits no memory."""
    receiving, sending = os.pipe()
    failed: list[Exception] = []

    def run() -> None:
        try:
            with open(sending, "wb") as sink:
                produce(sink)
        except Exception as error:
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        with open(receiving, "rb") as source:
            yield source
    except (EOFError, OSError, zlib.error):
        # It ended too early, and the reason lies where it came from.
        thread.join()
        if not failed:
            raise
    finally:
        # Whoever goes on may close what is read there.
        thread.join()
    if failed:
        raise failed[0]
