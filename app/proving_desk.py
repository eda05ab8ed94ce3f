"""Showing who one is with more than a password, and once more before what matters, through both doors."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.orm import Session

from app.access.accounts import Me, change_email, change_password
from app.access.calendar_links import revoke_calendar_link
from app.access.code_app import add_code_app, has_code_app, remove_code_app, use_code
from app.access.passkeys import (
    PasskeyRow,
    Site,
    add_passkey,
    checked_registration,
    checked_signature,
    known_passkey,
    new_challenge,
    note_signed,
    options_to_register,
    options_to_sign,
    owner_of,
    remove_passkey,
    take_challenge,
)
from app.access.passwords import hash_password, is_password, require_good_password
from app.access.personal_tokens import revoke_all_tokens
from app.access.proofs import doubt_without_second_factor, note_proof
from app.access.sign_ins import (
    SignedIn,
    end_every_sign_in,
    forget_attempts,
    note_refused_proof,
    note_refused_sign_in,
    password_hash_of,
)
from app.access.tokens import new_token
from app.deps import AppSecrets, AppSettings, EnteringBrowser, Now, Read, SignedInBrowser, Write
from app.errors import FieldError, Invalid, NotFound, Refused
from app.front_desk import Desk, Device
from app.language import _
from app.letters.account_change import Changed, send
from app.models.access_log import note
from app.models.field_types import Email
from app.models.passkey import ChallengeFor, PasskeyAnswer, PasskeyIn
from app.reminders.letter import link_to_confirm
from app.reminders.mailbox import Asked, follow_address
from app.reminders.own_devices import forget_every_browser
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class ProvingDesk:
    """Knows one request, as the front desk does."""

    desk: Desk
    settings: AppSettings
    secrets: AppSecrets
    read: Read
    write: Write
    now: Now

    async def options_to_sign_in(self) -> dict[str, Any]:
        """What any passkey of this site is asked to sign."""
        site = _site(self.settings)
        # Nobody's attempt, because nobody knows yet whose it is: only the address is counted.
        await self.desk.count_attempt(f"passkey:{new_token()}")
        return await self.write(_ask_to_sign, ChallengeFor.SIGN_IN, None, site, self.now)

    async def sign_in(self, answer: PasskeyAnswer, response: Response, device: Device) -> Me:
        """Sign this browser in; raises Refused unless a passkey of this site signed the challenge."""
        account_id = await self._signed(answer, ChallengeFor.SIGN_IN, None)
        return await self.desk.enter(account_id, response, device)

    async def options_to_prove(self, browser: SignedInBrowser) -> dict[str, Any]:
        site = _site(self.settings)
        return await self.write(_ask_to_sign, ChallengeFor.PROVE, browser.account_id, site, self.now)

    async def prove_by_passkey(self, browser: SignedInBrowser, answer: PasskeyAnswer) -> None:
        await self._signed(answer, ChallengeFor.PROVE, browser.account_id)
        await self.write(note_proof, browser.sign_in_id, self.now, with_second_factor=True)

    async def prove_by_password(self, entering: EnteringBrowser, password: str) -> None:
        """Raises Invalid for another password."""
        subjects = await self.desk.count_attempt(entering.account.email)
        found = await self.read(password_hash_of, entering.account.email)
        if not await is_password(password, found[1] if found else None):
            await self._note_refused(entering.browser.account_id)
            raise Invalid(FieldError("password", "wrong", _("This is not your password.")))
        await self.write(_note_password, entering.browser, subjects, self.now)

    async def prove_by_code(self, entering: EnteringBrowser, code: str) -> None:
        """Raises Invalid for a code that does not fit, or was used."""
        subjects = await self.desk.count_attempt(entering.account.email)
        try:
            await self.write(_note_code, self.secrets.key, entering.browser, code, subjects, self.now)
        except Invalid:
            await self._note_refused(entering.browser.account_id)
            raise

    async def options_to_register(self, browser: SignedInBrowser) -> dict[str, Any]:
        return await self.write(_ask_to_register, browser.account_id, _site(self.settings), self.now)

    async def register(self, entering: EnteringBrowser, made: PasskeyIn) -> PasskeyRow:
        """Add a passkey; it proves who uses this browser as well. Raises Refused, or Conflict."""
        site, account_id = _site(self.settings), entering.account.account_id
        challenge = await self.write(
            take_challenge, made.client_data, ChallengeFor.REGISTER, account_id, self.now
        )
        verified = await asyncio.to_thread(checked_registration, made, site, challenge)
        added = await self.write(_add_passkey, entering.browser, made.name, verified, self.now)
        self._tell(entering, Changed.WAYS)
        return added

    async def remove_passkey(self, entering: EnteringBrowser, passkey_id: UUID) -> None:
        """Raises NotFound for one that is not there, or not theirs."""
        await self.write(_remove_passkey, entering.browser, passkey_id, self.now)
        self._tell(entering, Changed.WAYS)

    async def add_codes(self, entering: EnteringBrowser, sealed: str, code: str) -> list[str]:
        """Sign in with codes from now on; answers the recovery codes. Raises Invalid, or Conflict."""
        recovery_codes = await self.write(
            _add_codes, self.secrets.key, entering.browser, sealed, code, self.now
        )
        self._tell(entering, Changed.WAYS)
        return recovery_codes

    async def remove_codes(self, entering: EnteringBrowser) -> None:
        await self.write(_remove_codes, entering.browser, self.now)
        self._tell(entering, Changed.WAYS)

    async def change_password(self, entering: EnteringBrowser, password: str) -> None:
        """Every other browser is signed out, and tokens and the calendar link end.

        Raises Invalid for a password that guessers try first.
        """
        account, browser = entering.account, entering.browser
        require_good_password(password, account.name, account.email)
        password_hash = await hash_password(password)
        await self.write(_change_password, browser, password_hash, self.now)
        self._tell(entering, Changed.PASSWORD)

    async def change_email(self, entering: EnteringBrowser, email: Email) -> bool:
        """Sign in with this address from now on; raises Conflict when somebody else does.

        Answers whether reminders by e-mail go on there once a link that was sent is opened.
        """
        asked = await self.write(_change_email, entering.account, email, self.secrets.key, self.now)
        self._tell(entering, Changed.EMAIL)
        if asked is None or not self.settings.sends_mail:
            return False
        self.desk.post_later(send(link_to_confirm(asked, self.settings, self.now), self.settings))
        return True

    def _tell(self, entering: EnteringBrowser, changed: Changed) -> None:
        """At the address that was theirs when they asked."""
        self.desk.tell_of_change(changed, entering.account.email, entering.account.locale)

    async def _signed(self, answer: PasskeyAnswer, purpose: ChallengeFor, account_id: UUID | None) -> UUID:
        """Whose passkey signed; the challenge is used up whether it did or not."""
        site = _site(self.settings)
        challenge = await self.write(take_challenge, answer.client_data, purpose, account_id, self.now)
        try:
            passkey = await self.read(known_passkey, answer.id, account_id)
            count = await asyncio.to_thread(checked_signature, answer, passkey, site, challenge)
            await self.write(note_signed, passkey, count, self.now)
        except Refused:
            # Without a challenge, of which so many are given out, nothing is noted.
            await self._note_refused(account_id, answer.id)
            raise
        return passkey.account_id

    async def _note_refused(self, account_id: UUID | None, credential_id: str = "") -> None:
        """That of an account which could not prove itself, or which could not sign in with this passkey."""
        browser, now = self.desk.browser, self.now
        if account_id:
            await self.write(note_refused_proof, account_id, browser, now)
        else:
            owner = await self.read(owner_of, credential_id)
            await self.write(note_refused_sign_in, owner, browser, now)


Proving = Annotated[ProvingDesk, Depends()]


def _site(settings: Settings) -> Site:
    """Raises NotFound where browsers know no passkeys."""
    if not settings.takes_passkeys:
        raise NotFound(_("Passkeys need https here. Sign in another way."))
    return Site(settings.public_host, settings.public_origin)


def _ask_to_sign(
    db: Session, purpose: ChallengeFor, account_id: UUID | None, site: Site, now: datetime
) -> dict[str, Any]:
    return options_to_sign(db, account_id, site, new_challenge(db, purpose, account_id, now))


def _ask_to_register(db: Session, account_id: UUID, site: Site, now: datetime) -> dict[str, Any]:
    challenge = new_challenge(db, ChallengeFor.REGISTER, account_id, now)
    return options_to_register(db, account_id, site, challenge)


def _note_password(db: Session, browser: SignedInBrowser, subjects: list[str], now: datetime) -> None:
    forget_attempts(db, subjects, now)
    note_proof(db, browser.sign_in_id, now, with_second_factor=False)


def _note_code(
    db: Session, key: bytes, browser: SignedInBrowser, code: str, subjects: list[str], now: datetime
) -> None:
    if not (has_code_app(db, browser.account_id) and use_code(db, key, browser.account_id, code, now)):
        raise Invalid(
            FieldError(
                "code", "wrong", _("This code does not match, or was used already. Wait for the next one.")
            )
        )
    forget_attempts(db, subjects, now)
    note_proof(db, browser.sign_in_id, now, with_second_factor=True)


def _add_passkey(
    db: Session, browser: SignedInBrowser, name: str, verified: Any, now: datetime
) -> PasskeyRow:
    added = add_passkey(db, browser.account_id, name, verified, now)
    note_proof(db, browser.sign_in_id, now, with_second_factor=True)
    return added


def _add_codes(
    db: Session, key: bytes, browser: SignedInBrowser, sealed: str, code: str, now: datetime
) -> list[str]:
    recovery_codes = add_code_app(db, key, browser.account_id, sealed, code, now)
    note_proof(db, browser.sign_in_id, now, with_second_factor=True)
    note(db, browser.account_id, "account:codes:added", "", browser.account_id, now)
    return recovery_codes


def _remove_passkey(db: Session, browser: SignedInBrowser, passkey_id: UUID, now: datetime) -> None:
    remove_passkey(db, browser.account_id, passkey_id)
    note(db, browser.account_id, "account:passkey:removed", "", browser.account_id, now)


def _remove_codes(db: Session, browser: SignedInBrowser, now: datetime) -> None:
    remove_code_app(db, browser.account_id)
    note(db, browser.account_id, "account:codes:removed", "", browser.account_id, now)
    doubt_without_second_factor(db, browser.account_id)


def _change_email(db: Session, account: SignedIn, email: Email, key: bytes, now: datetime) -> Asked | None:
    change_email(db, account.account_id, email, now)
    return follow_address(db, account.account_id, account.email, key, now)


def _change_password(db: Session, browser: SignedInBrowser, password_hash: str, now: datetime) -> None:
    change_password(db, browser.account_id, password_hash, now)
    end_every_sign_in(db, browser.account_id, now, but=browser.sign_in_id)
    revoke_all_tokens(db, browser.account_id, now)
    revoke_calendar_link(db, browser.account_id, now)
    forget_every_browser(db, browser.account_id, now, but=browser.sign_in_id)
