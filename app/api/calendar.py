"""A calendar that follows somebody's sessions."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from app.access.calendar_links import (
    calendar_link_of,
    make_calendar_link,
    note_fetched,
    revoke_calendar_link,
)
from app.api.strict_route import StrictJSONRoute
from app.deps import AppSettings, BrowserJustProved, CurrentAccount, Now, Read, Write
from app.errors import Busy, NoRoom
from app.models.calendar_link import CalendarLinkIn
from app.treatment.calendar import calendar_behind

router = APIRouter(tags=["sessions"], route_class=StrictJSONRoute)
feed = APIRouter(tags=["sessions"])


class CalendarOut(BaseModel):
    """The link in force. `url` is told once, when it is made: only a hash of it is stored."""

    made_at: datetime | None = None
    names: bool = False
    url: str | None = None


@router.get("/me/calendar")
async def read_calendar_link(account: CurrentAccount, read: Read) -> CalendarOut:
    """Whether a calendar follows my sessions; the secret address is shown once only."""
    link = await read(calendar_link_of, account.account_id)
    return CalendarOut(made_at=link.made_at, names=link.names) if link else CalendarOut()


@router.post("/me/calendar", status_code=201)
async def post_calendar_link(
    wanted: CalendarLinkIn, browser: BrowserJustProved, settings: AppSettings, write: Write, now: Now
) -> CalendarOut:
    """A new secret link for a calendar to follow; an earlier one leads nowhere from then on. Only shortly
    after showing who one is."""
    token = await write(make_calendar_link, browser.account_id, wanted, now)
    return CalendarOut(made_at=now, names=wanted.names, url=settings.calendar_url(token))


@router.delete("/me/calendar", status_code=204)
async def delete_calendar_link(account: CurrentAccount, write: Write, now: Now) -> None:
    """Revoke the address; calendars that follow it get nothing more."""
    await write(revoke_calendar_link, account.account_id, now)


@feed.head("/calendar/{token}.ics", include_in_schema=False)
@feed.get("/calendar/{token}.ics", response_class=Response)
async def read_calendar(
    token: Annotated[str, Path(max_length=100)], settings: AppSettings, read: Read, write: Write, now: Now
) -> Response:
    """The sessions behind a link, as iCalendar. Whoever has the link can read them."""
    host = urlsplit(settings.public_url).hostname or "aftercare"
    text = await read(calendar_behind, token, host, now)
    # Reading goes on where nothing can be written.
    with suppress(NoRoom, Busy):
        await write(note_fetched, token, now)
    return Response(text, media_type="text/calendar; charset=utf-8")
