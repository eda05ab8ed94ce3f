"""What the forms of the Reminders page do."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from app.access.accounts import ProfileIn
from app.deps import AppSettings, CurrentAccount, CurrentPatient, Now, Read, Write
from app.errors import AftercareError, Conflict, Invalid, NotFound, TooMany
from app.language import _
from app.models.reminder import ReminderChange
from app.reminders.arrange import arrange_once, change_reminder, pause, remove_once, take_back_removing
from app.reminders.ledger import order_test, order_test_in_patience
from app.reminders.own_devices import let_go, show_detail
from app.reminders.own_reminders import reminders_of
from app.treatment.own_clock import change_settings
from app.web.filled_form import checked
from app.web.page import see_other
from app.web.reminder_choices import advice, change_in, limits_in, until_in, wanted_in
from app.web.reminders_page import reminders_page
from app.web.saved import NOT_SAVED, Notice
from app.web.submitted import Submitted, id_in, text_in

router = APIRouter(include_in_schema=False)


class Desk:
    """Who sent a form, and how to answer it."""

    def __init__(
        self,
        request: Request,
        account: CurrentAccount,
        patient: CurrentPatient,
        read: Read,
        write: Write,
        now: Now,
    ) -> None:
        self.request, self.patient = request, patient
        self.read, self.write, self.now = read, write, now
        self._sign_in_id = account.sign_in_id

    def done(self, what: str, opened: UUID | None = None, about: UUID | None = None) -> Response:
        """Show the page anew, and have the worker look at what has changed. Undo takes back `about`."""
        self.request.app.state.worker.wake()
        more = f"&open={opened}#said" if opened else f"&about={about}" if about else ""
        return see_other(f"/reminders?done={what}{more}")

    async def refused(self, error: AftercareError, opened: UUID | None = None) -> Response:
        """The page with what to change."""
        notice = Notice(_(NOT_SAVED, why=advice(error)), tone="heed")
        return await reminders_page(
            self.request,
            self._sign_in_id,
            self.patient,
            self.read,
            self.now,
            notice,
            str(opened or ""),
            status=error.status,
        )


TheDesk = Annotated[Desk, Depends()]


@router.post("/reminders/add")
async def post_add(desk: TheDesk, form: Submitted) -> Response:
    try:
        reminder = await desk.write(arrange_once, desk.patient, id_in(form, "id"), wanted_in(form), desk.now)
    except (Invalid, Conflict) as error:
        return await desk.refused(error)
    return desk.done("added", reminder.id)


@router.post("/reminders/{reminder_id}/change")
async def post_change(reminder_id: UUID, desk: TheDesk, form: Submitted) -> Response:
    """Times left empty are taken away."""
    own = await desk.read(reminders_of, desk.patient, desk.now)
    if all(reminder.id != reminder_id for reminder in own):
        raise NotFound
    try:
        change = checked(ReminderChange, change_in(form))
        await desk.write(change_reminder, desk.patient, reminder_id, change, desk.now)
    except Invalid as invalid:
        return await desk.refused(invalid, reminder_id)
    return desk.done("saved")


@router.post("/reminders/{reminder_id}/switch")
async def post_switch(reminder_id: UUID, desk: TheDesk, form: Submitted) -> Response:
    """Switching on what has stopped for want of answers says that it should go on."""
    change = ReminderChange(on=text_in(form, "on") == "yes")
    await desk.write(change_reminder, desk.patient, reminder_id, change, desk.now)
    return desk.done("saved")


@router.post("/reminders/{reminder_id}/remove")
async def post_remove(reminder_id: UUID, desk: TheDesk) -> Response:
    was_on = await desk.write(remove_once, desk.patient, reminder_id, desk.now)
    return desk.done("removed" if was_on else "removed-off", about=reminder_id)


@router.post("/reminders/{reminder_id}/back")
async def post_back(reminder_id: UUID, desk: TheDesk, form: Submitted) -> Response:
    try:
        on = text_in(form, "on") == "yes"
        await desk.write(take_back_removing, desk.patient, reminder_id, on, desk.now)
    except Conflict as error:
        return await desk.refused(error)
    return desk.done("back")


@router.post("/reminders/limits")
async def post_limits(desk: TheDesk, form: Submitted) -> Response:
    """Quiet hours, and how many a day at most."""
    try:
        await desk.write(change_settings, desk.patient.id, checked(ProfileIn, limits_in(form)), desk.now)
    except Invalid as invalid:
        return await desk.refused(invalid)
    return desk.done("saved")


@router.post("/reminders/pause")
async def post_pause(desk: TheDesk, form: Submitted) -> Response:
    try:
        until = until_in(form, desk.patient, desk.now)
        await desk.write(pause, desk.patient, until, desk.now)
    except Invalid as invalid:
        return await desk.refused(invalid)
    return desk.done("paused")


@router.post("/reminders/resume")
async def post_resume(desk: TheDesk) -> Response:
    await desk.write(pause, desk.patient, None, desk.now)
    return desk.done("resumed")


@router.post("/reminders/test")
async def post_test(desk: TheDesk, settings: AppSettings) -> Response:
    order = order_test_in_patience if settings.limits_rates else order_test
    try:
        deliveries = await desk.write(order, desk.patient, desk.now)
    except TooMany as enough:
        return await desk.refused(enough)
    return desk.done("tested" if deliveries else "nowhere")


@router.post("/reminders/devices/{subscription_id}/detail")
async def post_detail(subscription_id: UUID, desk: TheDesk, form: Submitted) -> Response:
    wanted = text_in(form, "detail") == "yes"
    await desk.write(show_detail, desk.patient.id, subscription_id, wanted)
    return desk.done("saved")


@router.post("/reminders/devices/{subscription_id}/off")
async def post_off(subscription_id: UUID, desk: TheDesk) -> Response:
    await desk.write(let_go, desk.patient.id, subscription_id, desk.now)
    return desk.done("off")
