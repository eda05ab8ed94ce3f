"""How everything that is exported leaves: piece by piece, so that five years need no more memory than a week.

An export is a function that answers the next piece of text for a place it reached before. Each piece is read
in a transaction of its own, which is also when consent is looked at again: what was revoked in the middle
stops in the middle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.access.looks import SharedPatient, scopes_in_force
from app.errors import FieldError, Invalid, NotFound
from app.language import _
from app.models.care import Scope
from app.models.daily_log import Day, days_between
from app.models.patient import PatientProfile, diary_began
from app.models.treatment_session import held_days
from app.reports.shared_days import in_scope

DAYS_A_PIECE = 100
WITHOUT_A_SESSION = 14
"""Days a report looks back while no session was held yet."""

Place = Any
"""Where an export has got to. None is the beginning."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The next text of an export, and where to go on; `after` is None at the end."""

    text: str
    after: Place


NextPiece = Callable[[Session, Place], Piece]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose report it is, what may be in it, and who reads it: a therapist, or None for the patient."""

    patient: PatientProfile
    scopes: frozenset[Scope]
    reader_id: UUID | None

    @classmethod
    def shared(cls, patient: SharedPatient) -> Subject:
        return cls(patient.profile, patient.scopes, patient.therapist_id)

    @classmethod
    def own(cls, patient: PatientProfile) -> Subject:
        return cls(patient, frozenset(Scope), None)

    def require_still_shared(self, db: Session, now: datetime) -> None:
        """Raises NotFound once the consent is gone or shows less than when the export began."""
        if self.reader_id is None:
            return
        if not self.scopes <= scopes_in_force(db, self.reader_id, self.patient, now):
            raise NotFound


@dataclass(frozen=True, slots=True)
class Period:
    """Days of a report, both ends included."""

    first: date
    last: date


ALL_DAYS = Period(date.min, date.max)


def period_of(db: Session, subject: Subject, first: date | None, last: date | None, now: datetime) -> Period:
    """The days asked for; by default from the last session until today, or the last fourteen days, as far
    back as the diary goes."""
    last = last or subject.patient.day_at(now)
    if first is None:
        held = held_days(db, subject.patient, subject.reader_id, date.min, last)
        first = held[-1] if held else last - min(timedelta(days=WITHOUT_A_SESSION - 1), last - date.min)
        first = min(max(first, diary_began(db, subject.patient)), last)
    if first > last:
        raise Invalid(FieldError("first", "order", _("Choose a first day that is not after the last.")))
    return Period(first, last)


def days_from(
    db: Session, subject: Subject, first: date, last: date, at_most: int = DAYS_A_PIECE
) -> tuple[list[Day], date | None]:
    """The next days in scope, and the day to go on from; None when there are no more."""
    logged = days_between(db, subject.patient.id, first, last, at_most + 1)
    more = logged[at_most].day if len(logged) > at_most else None
    return in_scope(logged[:at_most], subject.scopes), more
