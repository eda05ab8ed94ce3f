"""What therapists write about a patient: for themselves, or for the patient to read."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.strict_json import StrictJSONRoute
from app.deps import CurrentPatient, Now, PatientInCare, Read, Write
from app.models.therapist_note import NoteAbout, NoteIn, notes_by, notes_shared_with, remove_note, write_note

router = APIRouter(tags=["notes"], route_class=StrictJSONRoute)


class Notes(BaseModel):
    notes: list[NoteAbout]
    next_cursor: None = None


@router.get("/patients/{patient_id}/notes")  # noqa: FAST003 (PatientInCare takes it)
async def list_notes(patient: PatientInCare, read: Read) -> Notes:
    """Your own notes about this patient, newest first. Other therapists have theirs."""
    return Notes(notes=await read(notes_by, patient.therapist_id, patient.profile.id))


@router.post("/patients/{patient_id}/notes", status_code=201)  # noqa: FAST003 (PatientInCare takes it)
async def create_note(said: NoteIn, patient: PatientInCare, write: Write, now: Now) -> NoteAbout:
    """A private note stays with you; a shared one the patient can read."""
    return await write(write_note, patient.therapist_id, patient.profile.id, said, now)


@router.delete("/patients/{patient_id}/notes/{note_id}", status_code=204)  # noqa: FAST003
async def delete_note(note_id: UUID, patient: PatientInCare, write: Write) -> None:
    """Delete a note of mine."""
    await write(remove_note, patient.therapist_id, patient.profile.id, note_id)


@router.get("/notes")
async def list_notes_for_me(patient: CurrentPatient, read: Read) -> Notes:
    """What your therapists wrote for you to read, newest first."""
    return Notes(notes=await read(notes_shared_with, patient.id))
