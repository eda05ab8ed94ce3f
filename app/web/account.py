"""My account: who I am, where my clock runs, and where I am signed in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.accounts import Me, ProfileIn, me
from app.access.sign_ins import SignedIn, sign_ins_of
from app.deps import CurrentAccount, InTransaction, Now, Read, Write
from app.errors import Invalid
from app.front_desk import end_browser
from app.language import LANGUAGES, language_of
from app.treatment.own_clock import change_settings
from app.web.filled_form import FilledForm, checked, refused
from app.web.page import frame_of, render, see_other
from app.web.submitted import Submitted, text_in
from app.web.zones import zone_groups

router = APIRouter(include_in_schema=False)


@router.get("/account")
async def show_account(
    request: Request, account: CurrentAccount, read: Read, now: Now, saved: Annotated[str, Query()] = ""
) -> Response:
    form = FilledForm(_values(await read(me, account.account_id)))
    return await _shown(request, account, read, now, form, bool(saved))


@router.post("/account")
async def change_account(
    request: Request, form: Submitted, account: CurrentAccount, read: Read, write: Write, now: Now
) -> Response:
    values = {
        name: text_in(form, name) for name in ("name", "zone", "locale", "day_starts_at") if name in form
    }
    try:
        await write(change_settings, account.account_id, checked(ProfileIn, values), now)
    except Invalid as invalid:
        kept = {**_values(await read(me, account.account_id)), **values}
        return await _shown(request, account, read, now, refused(kept, invalid), False)
    request.app.state.worker.wake()
    return see_other("/account?saved=yes")


@router.post("/account/sign-ins/{sign_in_id}/end")
async def end_one(sign_in_id: UUID, account: CurrentAccount, write: Write, now: Now) -> Response:
    """Sign another browser out; it counts from its next request on."""
    await write(end_browser, account.account_id, sign_in_id, now)
    return see_other("/account#sign-ins")


async def _shown(
    request: Request, account: SignedIn, read: InTransaction, now: Now, form: FilledForm, saved: bool
) -> Response:
    return render(
        request,
        "account.html",
        form.status,
        frame=frame_of(account.role),
        account=account,
        form=form,
        saved=saved,
        zones=zone_groups(),
        languages=LANGUAGES.values(),
        sign_ins=await read(sign_ins_of, account.account_id, account.sign_in_id, now),
    )


def _values(person: Me) -> dict[str, str]:
    return {
        "name": person.name,
        "zone": person.zone,
        "locale": language_of(person.locale).tag,
        "day_starts_at": person.day_starts_at or "",
    }
