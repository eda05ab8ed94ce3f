"""Exports leave piece by piece: three years need no more memory than one, and can be cut in the middle."""

from __future__ import annotations

import gc
import json
import os
import signal
import tracemalloc
from bisect import bisect
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import accumulate
from typing import NamedTuple

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


class Piece(NamedTuple):
    """What one piece of an export came to: its characters, and the bytes held at most and after it."""

    characters: int
    held: int
    kept: int


def weights_of(db: Session, export: NextPiece) -> list[Piece]:
    """Each piece with its memory, garbage left out: when it is collected is chance."""
    weights = []
    tracemalloc.start()
    for text in pieces_of(db, export):
        held = tracemalloc.get_traced_memory()[1]
        gc.collect()
        weights.append(Piece(len(text), held, tracemalloc.get_traced_memory()[0]))
        tracemalloc.reset_peak()
    tracemalloc.stop()
    return weights


def with_no_other_thread(weigh: Callable[[], list[Piece]]) -> list[Piece]:
    """In a fork, where the threads of apps that other tests left standing keep nothing meanwhile."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(300)
            os.write(writing, json.dumps(weigh()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as said:
        weights = [Piece(*one) for one in json.load(said)]
    os.waitpid(child, 0)
    return weights


@pytest.mark.parametrize("kind", EXPORTS)
def test_three_years_need_no_more_memory_than_one(db: Session, kind: str) -> None:
    """Of the second half nothing is kept, and no piece of it needs more than those of the first."""
    export = EXPORTS[kind](diary_of(db, "Ana", 3))
    length = sum(len(text) for text in pieces_of(db, export))  # the caches of statements are warm after it
    weights = with_no_other_thread(lambda: weights_of(db, export))
    sent = list(accumulate(piece.characters for piece in weights))
    assert sent[-1] == length
    half = bisect(sent, sent[-1] / 2) + 1
    first, second = weights[:half], weights[half:]
    assert len(second) > 1
    assert max(piece.kept for piece in second) - first[-1].kept < 0.1 * (sent[-1] - sent[half - 1])
    assert max(piece.held for piece in second) < 1.1 * max(piece.held for piece in first)
