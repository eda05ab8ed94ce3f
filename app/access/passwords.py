"""Which passwords may be chosen, and Argon2id to keep them.

It runs one at a time for each core: forty sign-ins at once must not need forty times the memory.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from app.access.breached import is_breached
from app.errors import FieldError, Invalid
from app.language import _

_argon2id = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
_one_per_core = ThreadPoolExecutor(max_workers=os.cpu_count() or 1, thread_name_prefix="argon2")
# Of a password nobody knows. Checked against for unknown accounts, at the same cost as any other.
HASH_OF_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$GZUluZqjaX9rz4aTbLSLaA$/2cbfk8LunxcJUUUc+yydUA5VLFf28sUSnK0575AuD4"
)

PRODUCT = "aftercare"
SHORTEST_WORD = 4
"""Shorter names are part of too many words that have nothing to do with them."""


def require_good_password(password: str, name: str, email: str) -> None:
    """Raises Invalid for a password that guessers try first: leaked ones, and what is known of the person."""
    if any(word in password.casefold() for word in _known_of(name, email)):
        raise Invalid(
            FieldError(
                "password", "guessable", _("Leave your name, your e-mail address and Aftercare out of it.")
            )
        )
    if is_breached(password):
        raise Invalid(
            FieldError("password", "breached", _("This password is on lists of leaked ones. Choose another."))
        )


def _known_of(name: str, email: str) -> Iterator[str]:
    yield PRODUCT
    yield email.casefold()
    for word in re.split(r"[\W_]+", f"{name} {email.partition('@')[0]}".casefold()):
        if len(word) >= SHORTEST_WORD:
            yield word


def hash_password_now(password: str) -> str:
    return _argon2id.hash(password)


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_one_per_core, _argon2id.hash, password)


async def is_password(password: str, password_hash: str | None) -> bool:
    """Whether the password fits. Takes as long for an unknown account (None) as for a known one."""
    return await asyncio.get_running_loop().run_in_executor(_one_per_core, _fits, password, password_hash)


def _fits(password: str, password_hash: str | None) -> bool:
    try:
        fits = _argon2id.verify(password, password_hash or HASH_OF_NOBODY)
    except (PwdlibError, ValueError):
        return False
    return fits and password_hash is not None
