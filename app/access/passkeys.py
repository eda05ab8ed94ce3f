"""Passkeys: added, listed, removed, and what they sign.

Host and origin come from the public address, never from a request. A challenge is taken out of the table
before its answer is looked at, so that no answer counts twice.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.proofs import doubt_without_second_factor
from app.errors import Conflict, NotFound, Refused
from app.language import _
from app.models.access_log import note
from app.models.account import Account
from app.models.passkey import ChallengeFor, Passkey, PasskeyAnswer, PasskeyChallenge, PasskeyIn

if TYPE_CHECKING:
    from webauthn.registration.verify_registration_response import VerifiedRegistration

CHALLENGE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are for: the host they belong to, and the origin of its pages."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as its owner sees it in the list."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownPasskey:
    """What is needed to check a signature, and whose it is."""

    id: UUID
    account_id: UUID
    public_key: bytes
    sign_count: int


def passkeys_of(db: Session, account_id: UUID) -> list[PasskeyRow]:
    mine = select(Passkey).where(col(Passkey.account_id) == account_id).order_by(col(Passkey.created_at))
    return [PasskeyRow(one.id, one.name, one.created_at, one.last_used_at) for one in db.scalars(mine)]


def new_challenge(db: Session, purpose: ChallengeFor, account_id: UUID | None, now: datetime) -> bytes:
    """What a passkey has to sign for this purpose; those too old are swept away."""
    db.execute(delete(PasskeyChallenge).where(col(PasskeyChallenge.expires_at) <= now))
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    expires_at = now + PasskeyChallenge.LASTS
    db.add(
        PasskeyChallenge(challenge=challenge, account_id=account_id, purpose=purpose, expires_at=expires_at)
    )
    return challenge


def take_challenge(
    db: Session, client_data: str, purpose: ChallengeFor, account_id: UUID | None, now: datetime
) -> bytes:
    """The challenge that was answered, and from now on no other answer to it; raises Refused."""
    challenge = _challenge_in(client_data)
    taken = delete(PasskeyChallenge).where(
        col(PasskeyChallenge.challenge) == challenge,
        col(PasskeyChallenge.purpose) == purpose,
        col(PasskeyChallenge.account_id) == account_id
        if account_id
        else col(PasskeyChallenge.account_id).is_(None),
        col(PasskeyChallenge.expires_at) > now,
    )
    if not db.execute(taken).rowcount:  # type: ignore[attr-defined]
        raise _not_taken()
    return challenge


def options_to_register(db: Session, account_id: UUID, site: Site, challenge: bytes) -> dict[str, Any]:
    """What the browser asks a device for: a key that finds its account by itself and checks who holds it."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    account = db.get_one(Account, account_id)
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Aftercare",
        user_id=account.id.bytes,
        user_name=account.email,
        user_display_name=account.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(db, account_id),
    )
    told: dict[str, Any] = json.loads(options_to_json(options))
    return told


def options_to_sign(db: Session, account_id: UUID | None, site: Site, challenge: bytes) -> dict[str, Any]:
    """What the browser asks a device to sign; with any passkey of this site when nobody is signed in yet."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=_descriptors(db, account_id) if account_id else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    told: dict[str, Any] = json.loads(options_to_json(options))
    return told


def checked_registration(made: PasskeyIn, site: Site, challenge: bytes) -> VerifiedRegistration:
    """Raises Refused unless this key is for this site and this challenge, and its holder was verified."""
    from webauthn import verify_registration_response

    credential = _credential(made.id, clientDataJSON=made.client_data, attestationObject=made.attestation)
    try:
        return verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except Exception:
        # What is not signed as it should be, and what cannot be read at all, fails in a dozen ways.
        raise _not_taken() from None


def checked_signature(answer: PasskeyAnswer, passkey: KnownPasskey, site: Site, challenge: bytes) -> int:
    """How often the device says it has signed; raises Refused unless the signature holds in every way."""
    from webauthn import verify_authentication_response

    if answer.user_handle is not None and _bytes_of(answer.user_handle) != passkey.account_id.bytes:
        raise _not_taken()
    credential = _credential(
        answer.id,
        clientDataJSON=answer.client_data,
        authenticatorData=answer.authenticator_data,
        signature=answer.signature,
    )
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception:
        raise _not_taken() from None
    return verified.new_sign_count


def add_passkey(
    db: Session, account_id: UUID, name: str, verified: VerifiedRegistration, now: datetime
) -> PasskeyRow:
    """Raises Conflict when there are many, or when this one is here already."""
    mine = select(func.count()).select_from(Passkey).where(col(Passkey.account_id) == account_id)
    if (db.scalar(mine) or 0) >= Passkey.AT_MOST:
        raise Conflict(
            _("There are %(num)s passkeys already. Remove one that is not used.", num=Passkey.AT_MOST)
        )
    if passkey_with(db, verified.credential_id):
        raise Conflict(_("This passkey is here already."))
    passkey = Passkey(
        account_id=account_id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=name,
        created_at=now,
    )
    db.add(passkey)
    db.flush()
    note(db, account_id, "account:passkey:added", name, account_id, now)
    return PasskeyRow(passkey.id, passkey.name, passkey.created_at, None)


def remove_passkey(db: Session, account_id: UUID, passkey_id: UUID) -> None:
    """Raises NotFound for one that is not there, or not theirs."""
    passkey = db.get(Passkey, passkey_id)
    if passkey is None or passkey.account_id != account_id:
        raise NotFound
    db.delete(passkey)
    db.flush()
    doubt_without_second_factor(db, account_id)


def passkey_with(db: Session, credential_id: bytes) -> KnownPasskey | None:
    found = db.scalar(select(Passkey).where(col(Passkey.credential_id) == credential_id))
    return KnownPasskey(found.id, found.account_id, found.public_key, found.sign_count) if found else None


def known_passkey(db: Session, credential_id: str, account_id: UUID | None) -> KnownPasskey:
    """The passkey that a browser names; raises Refused for one that is not known, or not of this account."""
    passkey = passkey_with(db, _bytes_of(credential_id))
    if passkey is None or (account_id and passkey.account_id != account_id):
        raise Refused(_("This passkey is not known here. Sign in another way."))
    return passkey


def owner_of(db: Session, credential_id: str) -> UUID | None:
    """Whose passkey a browser named, whether or not it signed as it should."""
    try:
        return known_passkey(db, credential_id, None).account_id
    except Refused:
        return None


def note_signed(db: Session, passkey: KnownPasskey, sign_count: int, now: datetime) -> None:
    """Raises Refused when the device counted backwards, as a copy would; those that do not count say 0."""
    counted = or_(
        col(Passkey.sign_count) < sign_count,
        and_(col(Passkey.sign_count) == 0, sign_count == 0),  # type: ignore[arg-type]
    )
    signed = update(Passkey).where(col(Passkey.id) == passkey.id, counted)
    if not db.execute(signed.values(sign_count=sign_count, last_used_at=now)).rowcount:  # type: ignore[attr-defined]
        raise _not_taken()


def _not_taken() -> Refused:
    return Refused(_("This passkey was not taken. Try again, or sign in another way."))


def _challenge_in(client_data: str) -> bytes:
    try:
        said = json.loads(_bytes_of(client_data))["challenge"]
        return _bytes_of(said)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _not_taken() from None


def _descriptors(db: Session, account_id: UUID) -> list[Any]:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    mine = select(col(Passkey.credential_id)).where(col(Passkey.account_id) == account_id)
    return [PublicKeyCredentialDescriptor(id=credential_id) for credential_id in db.scalars(mine)]


def _credential(credential_id: str, **response: str) -> dict[str, Any]:
    """As the library reads it: what a browser calls a PublicKeyCredential."""
    return {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}


def _bytes_of(text: str) -> bytes:
    """Raises Refused for what is no base64url."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, TypeError):
        raise _not_taken() from None
