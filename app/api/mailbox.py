"""Reminders by e-mail, for patients whose phone takes no push messages."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks
from pydantic import BaseModel

from app.api.strict_route import StrictJSONRoute
from app.deps import AppSecrets, AppSettings, CurrentPatient, Now, Read, Write
from app.errors import Conflict
from app.language import _
from app.letters.account_change import send
from app.reminders.letter import link_to_confirm
from app.reminders.mailbox import Mailbox, ask_mailbox, close_mailbox, mailbox_of

router = APIRouter(prefix="/reminders/mailbox", tags=["reminders"], route_class=StrictJSONRoute)


class MailboxOut(BaseModel):
    """`state` is "waiting" until the link that was sent to the address was opened."""

    address: str
    state: str

    @classmethod
    def of(cls, mailbox: Mailbox) -> MailboxOut:
        return cls(address=mailbox.address, state=mailbox.state.value)


@router.get("")
async def read_mailbox(patient: CurrentPatient, read: Read) -> MailboxOut:
    """The mailbox that reminders go to where no browser can be reached, if there is one."""
    return MailboxOut.of(await read(mailbox_of, patient.id))


@router.post("", status_code=202)
async def post_mailbox(
    patient: CurrentPatient,
    settings: AppSettings,
    secrets: AppSecrets,
    read: Read,
    write: Write,
    now: Now,
    afterwards: BackgroundTasks,
) -> MailboxOut:
    """Send a link to your e-mail address. Whoever opens it there turns letters on, for times when no phone
    of yours takes reminders."""
    if not settings.sends_mail:
        raise Conflict(_("This server sends no e-mail."))
    asked = await write(ask_mailbox, patient.id, secrets.key, now)
    afterwards.add_task(send, link_to_confirm(asked, settings, now), settings)
    return MailboxOut.of(await read(mailbox_of, patient.id))


@router.delete("", status_code=204)
async def delete_mailbox(patient: CurrentPatient, write: Write, now: Now) -> None:
    """No letter comes any more."""
    await write(close_mailbox, patient.id, now)
