"""Showing once more that it is me, before what matters; or with a second factor, before patients' data."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.access.proofs import SecondFactors, second_factors
from app.deps import AppSettings, Entering, EnteringBrowser, Read, lacks_second_factor
from app.errors import AftercareError
from app.proving_desk import Proving
from app.settings import Settings
from app.web.filled_form import FilledForm, refused
from app.web.next_page import NextPage, home_of, own_path, with_next
from app.web.page import frame_of, render, see_other
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)


@router.get("/prove")
async def show_prove(
    request: Request, entering: Entering, settings: AppSettings, read: Read, next_page: NextPage = ""
) -> Response:
    factors = await read(second_factors, entering.account.account_id)
    if lacks_second_factor(entering.account, settings) and not factors.any:
        return see_other(with_next("/account/security", next_page))
    return _shown(request, entering, settings, factors, FilledForm(), next_page)


@router.post("/prove")
async def prove(
    request: Request, form: Submitted, entering: Entering, desk: Proving, settings: AppSettings, read: Read
) -> Response:
    """By the code that was written, else by the password."""
    next_page, code = text_in(form, "next"), text_in(form, "code")
    try:
        if code:
            await desk.prove_by_code(entering, code)
        else:
            await desk.prove_by_password(entering, str(form.get("password", "")))
    except AftercareError as error:
        factors = await read(second_factors, entering.account.account_id)
        wrong = refused({"code": "", "password": ""}, error, "code" if code else "password")
        return _shown(request, entering, settings, factors, wrong, next_page)
    return see_other(own_path(next_page) or home_of(entering.account.role))


def _shown(
    request: Request,
    entering: EnteringBrowser,
    settings: Settings,
    factors: SecondFactors,
    form: FilledForm,
    next_page: str,
) -> Response:
    account = entering.account
    return render(
        request,
        "prove.html",
        form.status,
        frame=frame_of(account.role),
        account=account,
        form=form,
        next_page=own_path(next_page) or home_of(account.role),
        asks_for_password=not lacks_second_factor(account, settings),
        asks_for_code=factors.codes,
        asks_for_passkey=factors.passkeys and settings.takes_passkeys,
    )
