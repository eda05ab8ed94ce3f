"""Signing up, in and out, the same through both doors."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypedDict
from uuid import UUID

from fastapi import Depends, Request, Response
from sqlalchemy.orm import Session

from app.access.accounts import Me, erase_account, me, sign_up
from app.access.browsers import browser_named
from app.access.code_app import has_code_app
from app.access.password_links import behind_link, make_password_link, set_password
from app.access.passwords import HASH_OF_NOBODY, hash_password, is_password, require_good_password
from app.access.proofs import behind_ticket, ticket_for, use_code_if_needed
from app.access.sign_ins import (
    SignedIn,
    count_attempt,
    end_sign_in,
    forget_attempts,
    note_refused_sign_in,
    password_hash_of,
    start_sign_in,
    subjects_of_attempt,
)
from app.backup.erased import erased_in, folders_of, write_erased
from app.deps import LEAVE_COOKIE, AppSecrets, AppSettings, Now, Read, Write, cookie_name
from app.errors import Busy, CodeNeeded, FieldError, Invalid, NotSignedIn
from app.language import _, spoken
from app.letters.account_change import Changed, tell_of_change
from app.letters.way_back import send_way_back
from app.models.account import Role, SignIn, SignInWith, SignUp
from app.models.password_link import PasswordLink
from app.models.patient import patient_profile
from app.reminders.arrange import ensure_check_in
from app.reminders.own_devices import forget_devices_of, forget_every_browser

Device = Literal["own", "shared"]
SHARED_COOKIE = "aftercare-shared"
"""Says to the scripts of a page that nothing may be kept on this device."""


class _CookieScope(TypedDict):
    """Where a cookie goes; it has to be the same when it is set and when it is taken away."""

    path: str
    secure: bool
    httponly: bool
    samesite: Literal["lax"]


@dataclass(frozen=True, slots=True)
class FrontDesk:
    """Knows one request: which browser it comes from, and how to sign it in and out."""

    request: Request
    settings: AppSettings
    secrets: AppSecrets
    read: Read
    write: Write
    now: Now

    async def sign_up(self, person: SignUp, response: Response) -> Me:
        """Make the account and sign this browser in; raises Conflict when the e-mail address is taken."""
        require_good_password(person.password, person.name, person.email)
        await self.count_attempt(person.email)
        # Before it is looked whether the address is taken, so that asking for one costs as much either way.
        password_hash = await hash_password(person.password)
        token, account = await self.write(_join, person, password_hash, self.browser, self.now)
        return self._signed_in(token, account, response)

    async def sign_in(self, credentials: SignInWith, response: Response, device: Device = "own") -> Me:
        """Sign this browser in; the answer is the same for an unknown account and a wrong password."""
        subjects = await self.count_attempt(credentials.email)
        found = await self.read(password_hash_of, credentials.email)
        account_id, password_hash = found if found else (None, None)
        if not await is_password(credentials.password, password_hash) or account_id is None:
            await self.write(note_refused_sign_in, account_id, self.browser, self.now)
            raise NotSignedIn(_("E-mail address and password do not match. Check both and try again."))
        try:
            return await self.enter_with_code(account_id, credentials.code, subjects, response, device)
        except CodeNeeded as needed:
            needed.ticket = ticket_for(self.secrets.key, account_id, str(password_hash), self.now)
            raise

    async def sign_in_with_ticket(self, ticket: str, code: str, response: Response, device: Device) -> Me:
        """The second step, for whoever wrote the right password less than five minutes ago."""
        found = await self.read(behind_ticket, self.secrets.key, ticket, self.now)
        if found is None:
            raise NotSignedIn(_("That took too long. Sign in again."))
        account_id, email = found
        subjects = await self.count_attempt(email)
        return await self.enter_with_code(account_id, code, subjects, response, device)

    async def enter_with_code(
        self, account_id: UUID, code: str | None, subjects: list[str], response: Response, device: Device
    ) -> Me:
        """Sign in whoever knows the password; raises CodeNeeded when they sign in with codes too."""
        key, browser = self.secrets.key, self.browser
        try:
            token, account = await self.write(
                _enter_with_code, key, account_id, code, subjects, browser, self.now
            )
        except NotSignedIn:
            if code:
                await self.write(note_refused_sign_in, account_id, browser, self.now)
            raise
        return self._signed_in(token, account, response, device)

    async def enter(self, account_id: UUID, response: Response, device: Device) -> Me:
        """Sign in whoever showed a passkey."""
        token, account = await self.write(_enter, account_id, self.browser, self.now, self.now)
        return self._signed_in(token, account, response, device)

    async def send_way_back(self, email: str) -> None:
        """Send a link for a new password. Nobody can tell by waiting whether there is such an account."""
        await self.count_attempt(f"way-back:{email}")
        database = self.request.app.state.database
        self.post_later(send_way_back(database, self.settings, email, self.now))

    def tell_of_change(self, changed: Changed, address: str, locale: str) -> None:
        """Write to the person whose account it is."""
        self.post_later(tell_of_change(changed, address, locale, self.settings, self.now))

    def post_later(self, posting: Coroutine[None, None, None]) -> None:
        """After this answer, if there is a mail server at all."""
        if not self.settings.sends_mail:
            posting.close()
            return
        under_way = asyncio.create_task(posting)
        _under_way.add(under_way)
        under_way.add_done_callback(_under_way.discard)

    async def choose_password(self, token: str, password: str, response: Response) -> bool:
        """Set the password that this link opens and end every sign-in there was.

        Answers whether this browser is signed in: not where a code has to come with the password.
        """
        person = await self.read(behind_link, token, self.now)
        require_good_password(password, person.name, person.email)
        password_hash = await hash_password(password)
        entered = await self.write(_re_enter, token, password_hash, self.browser, self.now)
        self.tell_of_change(Changed.PASSWORD, person.email, spoken().tag)
        if entered:
            self._signed_in(*entered, response)
        return entered is not None

    async def sign_out(self, account_id: UUID, sign_in_id: UUID, response: Response) -> None:
        """End this sign-in and have the browser forget everything it keeps for us."""
        await self.write(end_browser, account_id, sign_in_id, self.now)
        self._forget_browser(response)

    async def erase(self, account: SignedIn, password: str, response: Response) -> None:
        """Erase the account of whoever knows its password, and have the browser forget it too."""
        await self.count_attempt(account.email)
        found = await self.read(password_hash_of, account.email)
        if not await is_password(password, found[1] if found else None):
            raise Invalid(FieldError("password", "wrong", _("This is not your password.")))
        await self.write(erase_account, account.account_id, self.now)
        await self._leave_no_trace()
        self._forget_browser(response)

    async def _leave_no_trace(self) -> None:
        """Neither in the log of the database nor in a backup that is put back. The account itself is gone:
        a list that cannot be written now is written with the next backup, and a log that somebody still
        reads is emptied when the service stops."""
        lists = folders_of(self.settings)
        await asyncio.to_thread(write_erased, lists, await self.read(erased_in))
        with suppress(Busy):
            await self.request.app.state.database.empty_log()

    async def count_attempt(self, email: str) -> list[str]:
        address = self.request.client.host if self.request.client else ""
        subjects = subjects_of_attempt(self.secrets.key, email, address)
        if self.settings.limits_rates:
            await self.write(count_attempt, subjects, self.now)
        return subjects

    def _forget_browser(self, response: Response) -> None:
        response.delete_cookie(cookie_name(self.settings), **self._cookie_scope())
        self._forget_hints(response)
        response.headers["clear-site-data"] = '"cache", "storage"'

    @property
    def browser(self) -> str:
        """What its owner recognises it by."""
        return browser_named(self.request.headers.get("user-agent", ""))

    def _signed_in(self, token: str, account: Me, response: Response, device: Device = "own") -> Me:
        """On a shared device the cookies go with the browser, and scripts see that it is shared."""
        longest = SignIn.LIMITS[Role(account.role)].lasts
        lasts = int(longest.total_seconds()) if device == "own" else None
        response.set_cookie(cookie_name(self.settings), token, max_age=lasts, **self._cookie_scope())
        self._forget_hints(response)
        if device == "shared":
            secure = self.settings.served_over_https
            response.set_cookie(SHARED_COOKIE, "yes", secure=secure, samesite="lax")
        return account

    def _forget_hints(self, response: Response) -> None:
        """What pages and server tell each other by cookies: a shared device, a sign-out without a network."""
        for name in {SHARED_COOKIE, LEAVE_COOKIE} & self.request.cookies.keys():
            response.delete_cookie(name, **self._cookie_scope())

    def _cookie_scope(self) -> _CookieScope:
        return {"path": "/", "secure": self.settings.served_over_https, "httponly": True, "samesite": "lax"}


Desk = Annotated[FrontDesk, Depends()]
_under_way: set[asyncio.Task[None]] = set()
"""Letters being sent: the loop itself would forget them."""


def end_browser(db: Session, account_id: UUID, sign_in_id: UUID, now: datetime) -> None:
    """End a sign-in, and with it the reminders of that browser; raises NotFound."""
    end_sign_in(db, account_id, sign_in_id, now)
    forget_devices_of(db, sign_in_id, now)


CHECK_IN_AT = "20:00"
"""When a new patient's evening check-in is suggested; they can move it or switch it off."""


def make_account(db: Session, person: SignUp, password_hash: str, now: datetime) -> UUID:
    """A new account and what everybody begins with; raises Conflict when the address is taken."""
    account = sign_up(db, person, password_hash, now)
    if account.role == Role.PATIENT:
        ensure_check_in(db, patient_profile(db, account.id), CHECK_IN_AT, now)
    return account.id


def make_account_for(db: Session, person: SignUp, now: datetime) -> str:
    """An account whose password nobody knows; answers the token with which its owner chooses one."""
    account_id = make_account(db, person, HASH_OF_NOBODY, now)
    return make_password_link(db, account_id, PasswordLink.BY_OPERATOR_LASTS, now)


def _join(db: Session, person: SignUp, password_hash: str, browser: str, now: datetime) -> tuple[str, Me]:
    account_id = make_account(db, person, password_hash, now)
    return start_sign_in(db, account_id, browser, now), me(db, account_id)


def _enter_with_code(
    db: Session,
    key: bytes,
    account_id: UUID,
    code: str | None,
    subjects: list[str],
    browser: str,
    now: datetime,
) -> tuple[str, Me]:
    used = use_code_if_needed(db, key, account_id, code, now)
    forget_attempts(db, subjects, now)
    return _enter(db, account_id, browser, now, now if used else None)


def _enter(
    db: Session, account_id: UUID, browser: str, now: datetime, second_factor_at: datetime | None
) -> tuple[str, Me]:
    return start_sign_in(db, account_id, browser, now, second_factor_at), me(db, account_id)


def _re_enter(
    db: Session, token: str, password_hash: str, browser: str, now: datetime
) -> tuple[str, Me] | None:
    account_id = set_password(db, token, password_hash, now)
    forget_every_browser(db, account_id, now)
    return None if has_code_app(db, account_id) else _enter(db, account_id, browser, now, None)
