"""Sessions in one's own calendar: the secret link, made and revoked."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.access.calendar_links import calendar_link_of, make_calendar_link, revoke_calendar_link
from app.access.sign_ins import SignedIn
from app.deps import AppSettings, CurrentAccount, InTransaction, JustProved, Now, Read, Write
from app.models.account import Role
from app.models.calendar_link import CalendarLinkIn
from app.web.page import frame_of, render, see_other
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)


@router.get("/account/calendar")
async def show_calendar(request: Request, account: CurrentAccount, read: Read) -> Response:
    return await _shown(request, account, read)


@router.post("/account/calendar")
async def make_link(
    request: Request,
    form: Submitted,
    account: JustProved,
    settings: AppSettings,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    """The answer itself shows the link: an address that showed it again would keep it."""
    wanted = CalendarLinkIn(names=text_in(form, "names") == "yes")
    token = await write(make_calendar_link, account.account_id, wanted, now)
    return await _shown(request, account, read, settings.calendar_url(token))


@router.post("/account/calendar/revoke")
async def revoke_link(account: CurrentAccount, write: Write, now: Now) -> Response:
    await write(revoke_calendar_link, account.account_id, now)
    return see_other("/account/calendar")


async def _shown(request: Request, account: SignedIn, read: InTransaction, made: str = "") -> Response:
    is_therapist = account.role is Role.THERAPIST
    return render(
        request,
        "calendar.html",
        frame=frame_of(account.role),
        account=account,
        is_therapist=is_therapist,
        link=await read(calendar_link_of, account.account_id),
        made=made,
    )
