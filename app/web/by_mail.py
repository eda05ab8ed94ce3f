"""Turning reminders by e-mail on and off: a form of the Reminders page, and the page behind the link."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks, Request, Response

from app.deps import AppSecrets, AppSettings, CurrentPatient, Now, Write
from app.errors import Conflict, TooMany
from app.language import _
from app.letters.account_change import send
from app.reminders.letter import link_to_confirm
from app.reminders.mailbox import ask_mailbox, close_mailbox, confirm_mailbox
from app.web.page import render, see_other

router = APIRouter(include_in_schema=False)


@router.post("/reminders/by-mail")
async def post_by_mail(
    patient: CurrentPatient,
    settings: AppSettings,
    secrets: AppSecrets,
    write: Write,
    now: Now,
    afterwards: BackgroundTasks,
) -> Response:
    """Send the link. Asked again at once, the one on its way counts."""
    if not settings.sends_mail:
        raise Conflict(_("This server sends no e-mail."))
    try:
        asked = await write(ask_mailbox, patient.id, secrets.key, now)
    except TooMany:
        return see_other("/reminders?done=link#said")
    afterwards.add_task(send, link_to_confirm(asked, settings, now), settings)
    answer = see_other("/reminders?done=link#said")
    answer.background = afterwards
    return answer


@router.post("/reminders/by-mail/off")
async def post_off(patient: CurrentPatient, write: Write, now: Now) -> Response:
    await write(close_mailbox, patient.id, now)
    return see_other("/reminders?done=no-mail#said")


@router.get("/reminders/by-mail/{token}")
async def show_confirm(request: Request, token: str, patient: CurrentPatient) -> Response:
    """Looking at it changes nothing: some mailboxes open every link by themselves."""
    return render(request, "by_mail.html", token=token)


@router.post("/reminders/by-mail/{token}")
async def post_confirm(
    token: str, patient: CurrentPatient, secrets: AppSecrets, write: Write, now: Now
) -> Response:
    await write(confirm_mailbox, patient.id, token, secrets.key, now)
    return see_other("/reminders?done=by-mail#said")
