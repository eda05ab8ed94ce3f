"""A therapist's notes about a patient: the private ones and those for the patient to read, kept apart."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.access.looks import SharedPatient
from app.deps import CurrentTherapist, InTransaction, Now, PatientInCare, Read, Write
from app.errors import Invalid, NotFound
from app.language import _, marked
from app.models.therapist_note import NoteIn, NoteVisibility, notes_by, remove_note, write_note
from app.web.filled_form import FilledForm, checked, refused
from app.web.page import render, see_other
from app.web.saved import Notice
from app.web.submitted import Submitted, text_in

router = APIRouter(include_in_schema=False)

DONE = {"saved": marked("Saved."), "removed": marked("Removed.")}
EMPTY = FilledForm({"text": "", "visibility": NoteVisibility.PRIVATE.value})


@router.get("/patients/{patient_id}/notes")  # noqa: FAST003 (PatientInCare takes it)
async def show_notes(
    request: Request,
    patient: PatientInCare,
    therapist: CurrentTherapist,
    read: Read,
    now: Now,
    done: Annotated[str, Query(max_length=16)] = "",
) -> Response:
    return await _shown(request, patient, therapist.zone, read, now, EMPTY, done)


@router.post("/patients/{patient_id}/notes")  # noqa: FAST003 (PatientInCare takes it)
async def post_note(
    request: Request,
    form: Submitted,
    patient: PatientInCare,
    therapist: CurrentTherapist,
    read: Read,
    write: Write,
    now: Now,
) -> Response:
    values = {"text": text_in(form, "text"), "visibility": text_in(form, "visibility")}
    try:
        said = checked(NoteIn, values)
    except Invalid as invalid:
        return await _shown(request, patient, therapist.zone, read, now, refused(values, invalid), "")
    await write(write_note, patient.therapist_id, patient.profile.id, said, now)
    return see_other(f"/patients/{patient.profile.id}/notes?done=saved")


@router.post("/patients/{patient_id}/notes/{note_id}/remove")  # noqa: FAST003 (PatientInCare takes it)
async def post_removal(note_id: UUID, patient: PatientInCare, write: Write) -> Response:
    with suppress(NotFound):
        await write(remove_note, patient.therapist_id, patient.profile.id, note_id)
    return see_other(f"/patients/{patient.profile.id}/notes?done=removed")


async def _shown(
    request: Request,
    patient: SharedPatient,
    zone: str,
    read: InTransaction,
    now: datetime,
    form: FilledForm,
    done: str,
) -> Response:
    notes = await read(notes_by, patient.therapist_id, patient.profile.id)
    return render(
        request,
        "notes.html",
        form.status,
        patient=patient.profile,
        scopes=patient.scopes,
        private=[note for note in notes if note.visibility is NoteVisibility.PRIVATE],
        shared=[note for note in notes if note.visibility is NoteVisibility.SHARED],
        form=form,
        notice=Notice(_(DONE[done])) if done in DONE else None,
        now=now,
        zone=zone,
    )
