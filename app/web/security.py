"""How I sign in: passkeys, codes from an app, the password and the e-mail address."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.code_app import Pairing, has_code_app, new_pairing, pairing_again, recovery_codes_left
from app.access.passkeys import passkeys_of
from app.deps import (
    AppSecrets,
    Entering,
    EnteringBrowser,
    EnteringJustProved,
    InTransaction,
    Read,
    lacks_second_factor,
)
from app.errors import AftercareError
from app.language import _, marked
from app.models.account import NewEmail
from app.models.password_link import NewPassword
from app.proving_desk import Proving
from app.web.filled_form import FilledForm, checked, refused
from app.web.invitations import qr_code
from app.web.next_page import NextPage, home_of, own_path
from app.web.page import frame_of, render, see_other
from app.web.saved import Notice
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)

DONE = {
    "passkey": marked("Your passkey is saved. Sign in with it from now on."),
    "removed": marked("Removed. It opens nothing any more."),
    "password": marked(
        "Your new password is saved. Other browsers are signed out, and tokens of programs and your calendar"
        " link open nothing any more."
    ),
    "email": marked("Your new address is saved. Sign in with it from now on."),
    "email-link": marked(
        "Your new address is saved. Sign in with it from now on. To go on with reminders by e-mail, open the"
        " link that was sent there."
    ),
}


@router.get("/account/security")
async def show_security(
    request: Request,
    entering: Entering,
    read: Read,
    next_page: NextPage = "",
    done: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    notice = Notice(_(DONE[done])) if done in DONE else None
    return await _shown(request, entering, read, FilledForm(), notice, next_page)


@router.post("/account/security/passkeys/{passkey_id}/remove")
async def remove_one(passkey_id: UUID, entering: EnteringJustProved, desk: Proving) -> Response:
    await desk.remove_passkey(entering, passkey_id)
    return see_other("/account/security?done=removed")


@router.post("/account/security/password")
async def change_password(
    request: Request, form: Submitted, entering: EnteringJustProved, desk: Proving, read: Read
) -> Response:
    values = {"password": str(form.get("password", ""))}
    try:
        await desk.change_password(entering, checked(NewPassword, values).password)
    except AftercareError as error:
        return await _shown(request, entering, read, refused(values, error, "password"))
    return see_other("/account/security?done=password")


@router.post("/account/security/email")
async def change_email(
    request: Request, form: Submitted, entering: EnteringJustProved, desk: Proving, read: Read
) -> Response:
    values = {"email": text_in(form, "email")}
    try:
        has_link = await desk.change_email(entering, checked(NewEmail, values).email)
    except AftercareError as error:
        return await _shown(request, entering, read, refused(values, error, "email"))
    return see_other(f"/account/security?done={'email-link' if has_link else 'email'}")


@router.get("/account/security/codes")
async def show_codes(
    request: Request, entering: EnteringJustProved, secrets: AppSecrets, next_page: NextPage = ""
) -> Response:
    """A secret for an app, as a picture and in letters. Nothing is kept until the app shows a right code."""
    account = entering.account
    pairing = new_pairing(secrets.key, account.account_id, account.email)
    return _to_pair(request, entering, pairing, FilledForm(), next_page)


@router.post("/account/security/codes")
async def add_codes(
    request: Request, form: Submitted, entering: EnteringJustProved, desk: Proving, secrets: AppSecrets
) -> Response:
    """The answer itself shows the recovery codes: an address that showed them again would keep them."""
    account, sealed, next_page = entering.account, text_in(form, "sealed"), text_in(form, "next")
    pairing = pairing_again(secrets.key, account.account_id, account.email, sealed)
    try:
        recovery_codes = await desk.add_codes(entering, sealed, text_in(form, "code"))
    except AftercareError as error:
        return _to_pair(request, entering, pairing, refused({"code": ""}, error, "code"), next_page)
    onwards = own_path(next_page) or home_of(account.role)
    return render(
        request,
        "recovery_codes.html",
        frame=frame_of(entering.account.role),
        recovery_codes=recovery_codes,
        onwards=onwards,
    )


@router.post("/account/security/codes/remove")
async def remove_codes(entering: EnteringJustProved, desk: Proving) -> Response:
    await desk.remove_codes(entering)
    return see_other("/account/security?done=removed")


def _to_pair(
    request: Request, entering: EnteringBrowser, pairing: Pairing, form: FilledForm, next_page: str
) -> Response:
    return render(
        request,
        "codes.html",
        form.status,
        frame=frame_of(entering.account.role),
        pairing=pairing,
        qr=qr_code(pairing.link),
        form=form,
        next_page=own_path(next_page),
    )


async def _shown(
    request: Request,
    entering: EnteringBrowser,
    read: InTransaction,
    form: FilledForm,
    notice: Notice | None = None,
    next_page: str = "",
) -> Response:
    account = entering.account
    settings = request.app.state.settings
    return render(
        request,
        "security.html",
        form.status,
        frame=frame_of(entering.account.role),
        account=account,
        form=form,
        notice=notice,
        next_page=own_path(next_page),
        home=home_of(account.role),
        is_needed=lacks_second_factor(account, settings),
        takes_passkeys=settings.takes_passkeys,
        passkeys=await read(passkeys_of, account.account_id),
        has_codes=await read(has_code_app, account.account_id),
        codes_left=await read(recovery_codes_left, account.account_id),
    )
