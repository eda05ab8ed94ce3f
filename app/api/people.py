"""Accounts, sign-ins, and what a person sees of themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from app.access.accounts import Me, ProfileIn, me
from app.access.looks import looks_at
from app.access.personal_tokens import (
    NewToken,
    TokenRow,
    make_token,
    revoke_all_tokens,
    revoke_token,
    tokens_of,
)
from app.access.sign_ins import SignInRow, sign_ins_of
from app.api.strict_route import StrictJSONRoute
from app.deps import (
    BrowserJustProved,
    CurrentAccount,
    CurrentBrowser,
    CurrentPatient,
    CurrentTherapist,
    Entering,
    Now,
    Read,
    Write,
)
from app.front_desk import Desk, end_browser
from app.models.account import EraseMe, SignInWith, SignUp
from app.models.personal_token import PersonalTokenIn
from app.models.therapist import ProfileChange, TherapistProfile, change_profile
from app.treatment.own_clock import change_settings

router = APIRouter(tags=["people"], route_class=StrictJSONRoute)


class SignIns(BaseModel):
    """The browsers where an account is signed in."""

    sign_ins: list[SignInRow]


class Tokens(BaseModel):
    """The tokens of an account that are in force; what they open with is never shown again."""

    tokens: list[TokenRow]


class LookOut(BaseModel):
    """One record of the access log. `who` is a name as it was then, or the browser of a sign-in; `what` is a
    tag such as `api:days:read`."""

    at: datetime
    who: str
    what: str


class Looks(BaseModel):
    """A page of the access log, newest first. `next_cursor` is the number of the last when there are more."""

    looks: list[LookOut]
    next_cursor: int | None


@router.post("/accounts", status_code=201)
async def create_account(person: SignUp, desk: Desk, response: Response) -> Me:
    """Make an account and sign this browser in."""
    return await desk.sign_up(person, response)


@router.post("/sign-in")
async def sign_in(credentials: SignInWith, desk: Desk, response: Response) -> Me:
    """Sign in with a password, and with `code` where the account has codes; sets the cookie."""
    return await desk.sign_in(credentials, response)


@router.delete("/sign-in", status_code=204)
async def sign_out(entering: Entering, desk: Desk, response: Response) -> None:
    """End this sign-in; the browser is told to forget everything it kept."""
    await desk.sign_out(entering.browser.account_id, entering.browser.sign_in_id, response)


@router.get("/me")
async def read_me(account: CurrentAccount, read: Read) -> Me:
    """Who I am, and how my days and quiet hours run."""
    return await read(me, account.account_id)


@router.patch("/me")
async def change_my_profile(
    change: ProfileIn, request: Request, account: CurrentAccount, write: Write, now: Now
) -> Me:
    """Change my name, zone, language, day or quiet hours; what is absent stays."""
    mine = await write(change_settings, account.account_id, change, now)
    request.app.state.worker.wake()
    return mine


@router.delete("/me", status_code=204)
async def erase_me(
    erase: EraseMe, account: CurrentAccount, _browser: CurrentBrowser, desk: Desk, response: Response
) -> None:
    """Erase this account and everything it has, for good. Not with a token."""
    await desk.erase(account, erase.password, response)


@router.get("/me/sign-ins")
async def list_sign_ins(browser: CurrentBrowser, read: Read, now: Now) -> SignIns:
    """The browsers where this account is signed in."""
    return SignIns(sign_ins=await read(sign_ins_of, browser.account_id, browser.sign_in_id, now))


@router.delete("/me/sign-ins/{sign_in_id}", status_code=204)
async def end_one_sign_in(sign_in_id: UUID, browser: CurrentBrowser, write: Write, now: Now) -> None:
    """Sign out one browser; it has to sign in again."""
    await write(end_browser, browser.account_id, sign_in_id, now)


@router.get("/me/tokens")
async def list_tokens(browser: CurrentBrowser, read: Read, now: Now) -> Tokens:
    """The personal tokens in force; the tokens themselves were shown once, when they were made."""
    return Tokens(tokens=await read(tokens_of, browser.account_id, now))


@router.post("/me/tokens", status_code=201)
async def make_one_token(
    wanted: PersonalTokenIn, browser: BrowserJustProved, write: Write, now: Now
) -> NewToken:
    """A token for a program of one's own, to be sent as `Authorization: Bearer …`. It is shown only here, and
    made only shortly after showing who one is."""
    return await write(make_token, browser.account_id, wanted, now)


@router.delete("/me/tokens", status_code=204)
async def revoke_every_token(browser: CurrentBrowser, write: Write, now: Now) -> None:
    """Revoke all tokens; programs that use them are refused from the next request."""
    await write(revoke_all_tokens, browser.account_id, now)


@router.delete("/me/tokens/{token_id}", status_code=204)
async def revoke_one_token(token_id: UUID, browser: CurrentBrowser, write: Write, now: Now) -> None:
    """Revoke a token; the program that uses it is refused from its next request."""
    await write(revoke_token, browser.account_id, token_id, now)


@router.get("/me/access-log")
async def list_looks(
    patient: CurrentPatient, read: Read, cursor: Annotated[int | None, Query(ge=1, lt=2**31)] = None
) -> Looks:
    """Every look somebody took at my data or was refused, every sign-in and every consent, newest first.

    `what` is `source:subject:action`. `who` is a name of then; of a sign-in, the browser.
    """
    looks = await read(looks_at, patient.id, cursor, PAGE + 1)
    shown = [LookOut(at=look.at, who=look.who, what=look.what) for look in looks[:PAGE]]
    return Looks(looks=shown, next_cursor=looks[PAGE - 1].number if len(looks) > PAGE else None)


@router.get("/therapist")
async def read_my_practice(therapist: CurrentTherapist) -> TherapistProfile:
    """My profile as a therapist, as patients see it in an invitation."""
    return therapist


@router.patch("/therapist")
async def change_my_practice(
    change: ProfileChange, therapist: CurrentTherapist, write: Write
) -> TherapistProfile:
    """Change my profile as a therapist; what is absent stays."""
    return await write(change_profile, therapist.id, change)


PAGE = 200
