"""What a therapist writes about a patient: for themselves, or for the patient to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Index, Select, and_, or_, select
from sqlalchemy.orm import Session
from sqlmodel import Field, SQLModel, col

from app.errors import NotFound
from app.models.account import Account
from app.models.field_types import InputShape, NoteText

NOTES_PER_PAGE = 200


class NoteVisibility(StrEnum):
    """Private stays with its writer; shared is for the patient too. No other therapist sees either."""

    PRIVATE = "private"
    SHARED = "shared"


class NoteIn(InputShape):
    """A note of at most 2000 characters about a patient, and whether the patient reads it."""

    text: NoteText
    visibility: NoteVisibility


class TherapistNote(SQLModel, table=True):
    """A note of one therapist about one patient. What was said once stays said: it has no second version."""

    __tablename__ = "therapist_note"
    __table_args__ = (
        CheckConstraint("visibility in ('private', 'shared')", name="therapist_note_visibility"),
        CheckConstraint("length(text) <= 2000", name="therapist_note_text"),
        Index("therapist_notes_about", "patient_id", "therapist_id", "written_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    patient_id: UUID = Field(foreign_key="patient.id", ondelete="CASCADE")
    therapist_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE", index=True)
    text: str
    visibility: str = Field(max_length=16)
    written_at: datetime


@dataclass(frozen=True, slots=True)
class NoteAbout:
    """A therapist's note as a door may hold it."""

    id: UUID
    text: str
    visibility: NoteVisibility
    written_at: datetime
    written_by: str


def notes_by(
    db: Session,
    therapist_id: UUID,
    patient_id: UUID,
    at_most: int = NOTES_PER_PAGE,
    after: UUID | None = None,
) -> list[NoteAbout]:
    """A therapist's own notes about a patient, newest first, continued after the note `after`."""
    own = _written().where(col(TherapistNote.therapist_id) == therapist_id)
    return _notes(db, own, patient_id, at_most, after)


def notes_shared_with(
    db: Session, patient_id: UUID, at_most: int = NOTES_PER_PAGE, after: UUID | None = None
) -> list[NoteAbout]:
    """What therapists wrote for this patient to read, newest first, continued after the note `after`."""
    shared = col(TherapistNote.visibility) == NoteVisibility.SHARED.value
    return _notes(db, _written().where(shared), patient_id, at_most, after)


def write_note(db: Session, therapist_id: UUID, patient_id: UUID, said: NoteIn, now: datetime) -> NoteAbout:
    note = TherapistNote(
        patient_id=patient_id,
        therapist_id=therapist_id,
        text=said.text,
        visibility=said.visibility.value,
        written_at=now,
    )
    db.add(note)
    db.flush()
    return _note(note, db.get_one(Account, therapist_id).name)


def remove_note(db: Session, therapist_id: UUID, patient_id: UUID, note_id: UUID) -> None:
    """Take a note of one's own away; raises NotFound for anybody else's."""
    note = db.get(TherapistNote, note_id)
    if note is None or (note.therapist_id, note.patient_id) != (therapist_id, patient_id):
        raise NotFound
    db.delete(note)
    db.flush()


def _written() -> Select[TherapistNote, str]:
    return select(TherapistNote, col(Account.name)).join(
        Account, col(Account.id) == col(TherapistNote.therapist_id)
    )


def _notes(
    db: Session, notes: Select[TherapistNote, str], patient_id: UUID, at_most: int, after: UUID | None
) -> list[NoteAbout]:
    newest_first = col(TherapistNote.written_at).desc(), col(TherapistNote.id)
    last = db.get(TherapistNote, after) if after else None
    if last is not None and last.patient_id == patient_id:
        written_at, note_id = col(TherapistNote.written_at), col(TherapistNote.id)
        same_instant = and_(written_at == last.written_at, note_id > last.id)
        notes = notes.where(or_(written_at < last.written_at, same_instant))
    about = notes.where(col(TherapistNote.patient_id) == patient_id).order_by(*newest_first).limit(at_most)
    return [_note(note, written_by) for note, written_by in db.execute(about)]


def _note(note: TherapistNote, written_by: str) -> NoteAbout:
    return NoteAbout(note.id, note.text, NoteVisibility(note.visibility), note.written_at, written_by)
