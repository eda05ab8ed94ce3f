"""Exports leave piece by piece: three years need no more memory than one, and can be cut in the middle."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.models.account import Role
from app.models.patient import PatientProfile
from app.moving_in.arrive import bring_takeout
from app.moving_in.shape import read_takeout
from app.reports.as_csv import days_as_csv, entries_as_csv
from app.reports.as_fhir import as_fhir
from app.reports.exporting import ALL_DAYS, NextPiece, Subject
from app.reports.takeout import takeout
from builders import NOON, a_patient, an_entry

EXPORTS: dict[str, Callable[[PatientProfile], NextPiece]] = {
    "json": lambda patient: takeout(patient.id, Role.PATIENT, NOON),
    "csv of days": lambda patient: days_as_csv(Subject.own(patient), ALL_DAYS, NOON),
    "csv of entries": entries_as_csv,
    "fhir": lambda patient: as_fhir(Subject.own(patient), ALL_DAYS, False, NOON),
}


def diary_of(db: Session, name: str, years: int) -> PatientProfile:
    """Somebody who logged pain, stiffness and a note twice a day for so many years."""
    patient = a_patient(db, name)
    said = {"pain": 4, "stiffness": 3, "note": "Sat for long, walked a little, slept well enough."}
    entries = [
        {
            **an_entry(NOON.date() - timedelta(days=back), set=said),
            "received_at": (NOON - timedelta(minutes=minute)).isoformat(),
        }
        for back in range(years * 365)
        for minute in range(2)
    ]
    document = {"format": "aftercare-takeout", "version": 1, "entries": entries}
    bring_takeout(db, patient.id, Role.PATIENT, read_takeout(document, Role.PATIENT), NOON, preview=False)
    return patient


def pieces_of(db: Session, export: NextPiece) -> Iterator[str]:
    piece = export(db, None)
    yield piece.text
    while piece.after is not None:
        db.expire_all()
        piece = export(db, piece.after)
        yield piece.text


def peaks_of(db: Session, export: NextPiece) -> list[int]:
    """The most memory held at once until each of its pieces has left."""
    tracemalloc.start()
    peaks = [tracemalloc.get_traced_memory()[1] for _piece in pieces_of(db, export)]
    tracemalloc.stop()
    return peaks


@pytest.mark.parametrize("kind", EXPORTS)
def test_three_years_need_no_more_memory_than_one(db: Session, kind: str) -> None:
    """The most is needed before a third has left; what was kept of each piece would add up."""
    peaks = peaks_of(db, EXPORTS[kind](diary_of(db, "Ana", 3)))
    assert len(peaks) > 4
    assert peaks[-1] < 1.1 * peaks[len(peaks) // 3]
