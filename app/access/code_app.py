"""Setting up an app that shows codes, using its codes and the ones on paper, and giving it up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.errors import Conflict, FieldError, Invalid
from app.language import _
from app.models.account import Account
from app.models.code_app import CodeApp, RecoveryCode

STEP_SECONDS = 30
STEPS_EITHER_SIDE = 1
"""Clocks of phones are off, and typing takes a moment."""
RECOVERY_BYTES = 10
ISSUER = "Aftercare"
"""Under which the app lists its codes."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """What an app needs to know. `sealed` is the secret as it is kept, to come back with the first code."""

    secret: str
    link: str
    sealed: str


def new_pairing(key: bytes, account_id: UUID, email: str) -> Pairing:
    """A secret that no app knows yet; nothing is stored before a first code came."""
    import pyotp

    secret = pyotp.random_base32()
    return _pairing(key, account_id, email, secret)


def pairing_again(key: bytes, account_id: UUID, email: str, sealed: str) -> Pairing:
    """The pairing a form brought back; raises Conflict when it is none of ours."""
    return _pairing(key, account_id, email, _opened(key, account_id, sealed))


def add_code_app(
    db: Session, key: bytes, account_id: UUID, sealed: str, code: str, now: datetime
) -> list[str]:
    """Keep the secret once its app showed a right code; answers the recovery codes, shown only now.

    Raises Invalid for another code. An app that was there before counts no more, nor do its recovery codes.
    """
    step = _step_of(_opened(key, account_id, sealed), code, now)
    if step is None:
        raise Invalid(
            FieldError("code", "wrong", _("This code does not match. Write the one the app shows now."))
        )
    # Each replaces what the one before it added, so those of one person come one after the other.
    db.get_one(Account, account_id, with_for_update={"key_share": True})
    remove_code_app(db, account_id)
    db.add(CodeApp(account_id=account_id, sealed_secret=sealed, last_step=step, added_at=now))
    db.flush()
    return _new_recovery_codes(db, key, account_id)


def remove_code_app(db: Session, account_id: UUID) -> None:
    db.execute(delete(CodeApp).where(col(CodeApp.account_id) == account_id))
    db.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))


def has_code_app(db: Session, account_id: UUID) -> bool:
    return db.get(CodeApp, account_id) is not None


def recovery_codes_left(db: Session, account_id: UUID) -> int:
    mine = col(RecoveryCode.account_id) == account_id, col(RecoveryCode.used_at).is_(None)
    return db.scalar(select(func.count()).select_from(RecoveryCode).where(*mine)) or 0


def use_code(db: Session, key: bytes, account_id: UUID, code: str, now: datetime) -> bool:
    """Whether this is a code of the app, or one on paper, that was not used before. Now it is."""
    typed = _as_typed(code)
    if re.fullmatch(r"[0-9]{6}", typed):
        return _use_code_of_app(db, key, account_id, typed, now)
    return _use_recovery_code(db, key, account_id, typed, now)


def _as_typed(code: str) -> str:
    """Without the spaces and hyphens people put in, and with the digits of any script as 0 to 9."""
    return "".join(str(unicodedata.decimal(one, one)) for one in re.sub(r"[\s\u200e\u200f-]", "", code))


def _use_code_of_app(db: Session, key: bytes, account_id: UUID, code: str, now: datetime) -> bool:
    app = db.get(CodeApp, account_id)
    step = _step_of(_opened(key, account_id, app.sealed_secret), code, now) if app else None
    if step is None:
        return False
    # Of two browsers with the same code at once one comes first, and the other is late.
    newer = update(CodeApp).where(col(CodeApp.account_id) == account_id, col(CodeApp.last_step) < step)
    return bool(db.execute(newer.values(last_step=step)).rowcount)  # type: ignore[attr-defined]


def _use_recovery_code(db: Session, key: bytes, account_id: UUID, code: str, now: datetime) -> bool:
    unused = (
        col(RecoveryCode.account_id) == account_id,
        col(RecoveryCode.code_hash) == _hash_of(key, account_id, code),
        col(RecoveryCode.used_at).is_(None),
    )
    return bool(db.execute(update(RecoveryCode).where(*unused).values(used_at=now)).rowcount)  # type: ignore[attr-defined]


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute that this is the code of, when it is near enough to now."""
    import pyotp

    codes = pyotp.TOTP(secret, interval=STEP_SECONDS)
    this_step = int(now.timestamp()) // STEP_SECONDS
    near = range(this_step + STEPS_EITHER_SIDE, this_step - STEPS_EITHER_SIDE - 1, -1)
    typed = _as_typed(code).encode("utf-8", "surrogatepass")
    fits = (step for step in near if hmac.compare_digest(codes.generate_otp(step).encode(), typed))
    return next(fits, None)


def _new_recovery_codes(db: Session, key: bytes, account_id: UUID) -> list[str]:
    codes = [_new_recovery_code() for _code in range(RecoveryCode.GIVEN)]
    plain = (code.replace("-", "") for code in codes)
    db.add_all(RecoveryCode(account_id=account_id, code_hash=_hash_of(key, account_id, one)) for one in plain)
    db.flush()
    return codes


def _new_recovery_code() -> str:
    """80 random bits in letters that are hard to mix up, such as `abcd-efgh-ijkl-mnop`."""
    letters = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _hash_of(key: bytes, account_id: UUID, code: str) -> str:
    said = f"recovery:{account_id}:{code.lower()}".encode("utf-8", "surrogatepass")
    return hmac.new(key, said, hashlib.sha256).hexdigest()


def _pairing(key: bytes, account_id: UUID, email: str, secret: str) -> Pairing:
    import pyotp

    link = pyotp.TOTP(secret, interval=STEP_SECONDS, name=email, issuer=ISSUER).provisioning_uri()
    return Pairing(secret, link, _sealed(key, account_id, secret))


def _sealed(key: bytes, account_id: UUID, secret: str) -> str:
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(_sealing_key(key)).encrypt(nonce, secret.encode(), account_id.bytes)
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def _opened(key: bytes, account_id: UUID, sealed: str) -> str:
    """Raises Conflict for what was sealed for another account, with another key, or never."""
    try:
        raw = base64.urlsafe_b64decode(sealed)
        return AESGCM(_sealing_key(key)).decrypt(raw[:12], raw[12:], account_id.bytes).decode()
    except (ValueError, InvalidTag):
        raise Conflict(_("This no longer fits the app on your phone. Set it up anew.")) from None


def _sealing_key(key: bytes) -> bytes:
    """Of the key in the data folder, for this use only."""
    return hmac.new(key, b"code-app", hashlib.sha256).digest()
