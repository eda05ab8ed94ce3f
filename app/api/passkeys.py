"""Passkeys: signing in with one, adding and removing them, and showing with one who is here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.access.accounts import Me
from app.access.passkeys import PasskeyRow, passkeys_of
from app.api.strict_route import StrictJSONRoute
from app.deps import Entering, EnteringJustProved, Read
from app.models.passkey import PasskeyAnswer, PasskeyIn, SignInWithPasskey
from app.proving_desk import Proving

router = APIRouter(tags=["people"], route_class=StrictJSONRoute)


class Passkeys(BaseModel):
    """The passkeys of an account."""

    passkeys: list[PasskeyRow]


class Options(BaseModel):
    """`publicKey` of what a browser hands to `navigator.credentials`, its bytes in base64url."""

    public_key: dict[str, Any]


@router.post("/passkeys/options")
async def options_to_sign_in(desk: Proving) -> Options:
    """What a passkey has to sign within five minutes to sign in."""
    return Options(public_key=await desk.options_to_sign_in())


@router.post("/passkeys/sign-in")
async def sign_in_with_passkey(answer: SignInWithPasskey, desk: Proving, response: Response) -> Me:
    """Sign in with what a passkey answered to the options; sets the cookie."""
    return await desk.sign_in(answer, response, "shared" if answer.shared else "own")


@router.get("/me/passkeys")
async def list_passkeys(entering: Entering, read: Read) -> Passkeys:
    """My passkeys, without what they sign with."""
    return Passkeys(passkeys=await read(passkeys_of, entering.account.account_id))


@router.post("/me/passkeys/options")
async def options_to_register(entering: EnteringJustProved, desk: Proving) -> Options:
    """What a new passkey is asked for. Only shortly after showing who one is."""
    return Options(public_key=await desk.options_to_register(entering.browser))


@router.post("/me/passkeys", status_code=201)
async def add_one_passkey(made: PasskeyIn, entering: EnteringJustProved, desk: Proving) -> PasskeyRow:
    """Keep a new passkey: what the browser made of the options."""
    return await desk.register(entering, made)


@router.delete("/me/passkeys/{passkey_id}", status_code=204)
async def remove_one_passkey(passkey_id: UUID, entering: EnteringJustProved, desk: Proving) -> None:
    """Remove a passkey; it opens this account no more."""
    await desk.remove_passkey(entering, passkey_id)


@router.post("/me/proof/options")
async def options_to_prove(entering: Entering, desk: Proving) -> Options:
    """What one of my passkeys has to sign to show that it is me."""
    return Options(public_key=await desk.options_to_prove(entering.browser))


@router.post("/me/proof", status_code=204)
async def prove_by_passkey(answer: PasskeyAnswer, entering: Entering, desk: Proving) -> None:
    """Opens for five minutes what asks for a recent proof."""
    await desk.prove_by_passkey(entering.browser, answer)
