"""What therapists write about a patient: for themselves, or for the patient to read."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app.api.strict_route import StrictJSONRoute
from app.deps import CurrentPatient, Now, PatientInCare, Read, Write
from app.models.therapist_note import (
    NOTES_PER_PAGE,
    NoteAbout,
    NoteIn,
    notes_by,
    notes_shared_with,
    remove_note,
    write_note,
)

router = APIRouter(tags=["notes"], route_class=StrictJSONRoute)


Cursor = Annotated[UUID | None, Query(description="`next_cursor` of the page before.")]


class Notes(BaseModel):
    """`next_cursor` is the id of the last note when there are more."""

    notes: list[NoteAbout]
    next_cursor: UUID | None = None

    @classmethod
    def page_of(cls, found: list[NoteAbout]) -> Notes:
        shown, more = found[:NOTES_PER_PAGE], len(found) > NOTES_PER_PAGE
        return cls(notes=shown, next_cursor=shown[-1].id if more else None)


@router.get("/patients/{patient_id}/notes")  # noqa: FAST003 (PatientInCare takes it)
async def list_notes(patient: PatientInCare, read: Read, cursor: Cursor = None) -> Notes:
    """Your own notes about this patient, newest first. Other therapists have theirs."""
    about = patient.therapist_id, patient.profile.id
    return Notes.page_of(await read(notes_by, *about, NOTES_PER_PAGE + 1, cursor))


@router.post("/patients/{patient_id}/notes", status_code=201)  # noqa: FAST003 (PatientInCare takes it)
async def create_note(said: NoteIn, patient: PatientInCare, write: Write, now: Now) -> NoteAbout:
    """A private note stays with you; a shared one the patient can read."""
    return await write(write_note, patient.therapist_id, patient.profile.id, said, now)


@router.delete("/patients/{patient_id}/notes/{note_id}", status_code=204)  # noqa: FAST003
async def delete_note(note_id: UUID, patient: PatientInCare, write: Write) -> None:
    """Delete a note of mine."""
    await write(remove_note, patient.therapist_id, patient.profile.id, note_id)


@router.get("/notes")
async def list_notes_for_me(patient: CurrentPatient, read: Read, cursor: Cursor = None) -> Notes:
    """What your therapists wrote for you to read, newest first."""
    return Notes.page_of(await read(notes_shared_with, patient.id, NOTES_PER_PAGE + 1, cursor))
