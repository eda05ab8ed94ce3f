"""The patient's reminders: arranging them, putting one off, pausing them all."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from app.api.strict_route import StrictJSONRoute
from app.deps import CurrentPatient, Now, Read, Write
from app.models.reminder import PauseUntil, ReminderChange, ReminderIn, Snooze
from app.reminders.arrange import arrange, change_reminder, pause, remove_reminder, snooze
from app.reminders.own_reminders import OwnReminder, paused_until_of, reminders_of

router = APIRouter(tags=["reminders"], route_class=StrictJSONRoute)


class Reminders(BaseModel):
    """All reminders of a patient. `paused_until` is None while they are not paused."""

    reminders: list[OwnReminder]
    paused_until: datetime | None
    next_cursor: None = None


class Paused(BaseModel):
    """Until when nothing is sent; None when reminders go on."""

    paused_until: datetime | None


@router.get("/reminders")
async def list_reminders(patient: CurrentPatient, read: Read, now: Now) -> Reminders:
    """Each with the next three instants at which it can really arrive."""
    paused_until = await read(paused_until_of, patient.id)
    in_force = paused_until if paused_until and paused_until > now else None
    return Reminders(reminders=await read(reminders_of, patient, now), paused_until=in_force)


@router.post("/reminders", status_code=201)
async def create_reminder(
    wanted: ReminderIn, request: Request, patient: CurrentPatient, write: Write, now: Now
) -> OwnReminder:
    """Arrange a reminder, and learn when it comes next."""
    reminder = await write(arrange, patient, wanted, now)
    request.app.state.worker.wake()
    return reminder


@router.post("/reminders/pause")
async def pause_reminders(sent: PauseUntil, patient: CurrentPatient, write: Write, now: Now) -> Paused:
    """Send nothing until then; null goes on at once."""
    return Paused(paused_until=await write(pause, patient, sent.until, now))


@router.patch("/reminders/{reminder_id}")
async def patch_reminder(
    reminder_id: UUID,
    change: ReminderChange,
    request: Request,
    patient: CurrentPatient,
    write: Write,
    now: Now,
) -> OwnReminder:
    """Change a reminder; what is absent stays."""
    reminder = await write(change_reminder, patient, reminder_id, change, now)
    request.app.state.worker.wake()
    return reminder


@router.delete("/reminders/{reminder_id}", status_code=204)
async def delete_reminder(reminder_id: UUID, patient: CurrentPatient, write: Write, now: Now) -> None:
    """What it did before stays in the ledger."""
    await write(remove_reminder, patient, reminder_id, now)


@router.post("/reminders/{reminder_id}/snooze")
async def snooze_reminder(
    reminder_id: UUID, sent: Snooze, request: Request, patient: CurrentPatient, write: Write, now: Now
) -> OwnReminder:
    """Once more in so many minutes, today and outside quiet hours."""
    reminder = await write(snooze, patient, reminder_id, sent.minutes, now)
    request.app.state.worker.wake()
    return reminder
