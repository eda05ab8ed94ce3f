"""Access for programs: the personal tokens of an account."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response

from app.access.personal_tokens import NewToken, make_token, revoke_once, tokens_of
from app.access.sign_ins import SignedIn
from app.deps import CurrentAccount, InTransaction, JustProved, Now, Read, Write
from app.errors import AftercareError
from app.models.personal_token import PersonalTokenIn
from app.web.filled_form import FilledForm, checked, refused
from app.web.page import frame_of, render, see_other
from app.web.submitted import Submitted, text_in, texts_in

router = APIRouter(include_in_schema=False)

SUGGESTED = {"name": "", "scopes": ["read"], "expires_on": ""}


@router.get("/account/tokens")
async def show_tokens(request: Request, account: CurrentAccount, read: Read, now: Now) -> Response:
    return await _shown(request, account, read, now, FilledForm(SUGGESTED))


@router.post("/account/tokens")
async def make_one(
    request: Request, form: Submitted, account: JustProved, read: Read, write: Write, now: Now
) -> Response:
    """The answer itself shows the new token: an address that showed it again would keep it."""
    values = {"name": text_in(form, "name"), "scopes": texts_in(form, "scopes")}
    day = text_in(form, "expires_on")
    try:
        wanted = checked(PersonalTokenIn, {**values, "expires_on": day or None})
        made = await write(make_token, account.account_id, wanted, now)
    except AftercareError as error:
        kept = {**values, "expires_on": day}
        return await _shown(request, account, read, now, refused(kept, error))
    return await _shown(request, account, read, now, FilledForm(SUGGESTED), made)


@router.post("/account/tokens/{token_id}/revoke")
async def revoke_one(token_id: UUID, account: CurrentAccount, write: Write, now: Now) -> Response:
    """It counts from the next request of that program on."""
    await write(revoke_once, account.account_id, token_id, now)
    return see_other("/account/tokens#made")


async def _shown(
    request: Request,
    account: SignedIn,
    read: InTransaction,
    now: Now,
    form: FilledForm,
    made: NewToken | None = None,
) -> Response:
    return render(
        request,
        "tokens.html",
        form.status,
        frame=frame_of(account.role),
        account=account,
        form=form,
        made=made,
        tokens=await read(tokens_of, account.account_id, now),
    )
