"""Somebody's sessions as a calendar fetches them: iCalendar (RFC 5545), with titles that tell nothing.

A calendar lies with whoever keeps it, so a session is called just that; a patient can choose to have the
therapist named, and a patient is never named in a therapist's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.calendar_links import Follower, follower_of
from app.access.looks import patients_in_care
from app.language import _, language_of, speaking
from app.models.account import Account, Role
from app.models.treatment_session import TreatmentSession

TOLD_BACK = timedelta(days=90)
TOLD_AHEAD = timedelta(days=400)
SESSIONS_AT_MOST = 1000
LINE_AT_MOST = 75
"""Bytes of a line; what is longer goes on in the next one, behind a blank."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A session as a calendar holds it; `with_whom` is None where nobody is named."""

    id: UUID
    starts_at: datetime
    minutes: int
    is_cancelled: bool
    with_whom: str | None


def calendar_behind(db: Session, token: str, host: str, now: datetime) -> str:
    """The calendar behind a link; raises NotFound when it leads nowhere."""
    follower = follower_of(db, token)
    of_role = _of_patient if follower.role == Role.PATIENT else _of_therapist
    with speaking(language_of(follower.locale)):
        return written(of_role(db, follower, now), host, now)


def written(appointments: Sequence[Appointment], host: str, now: datetime) -> str:
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Aftercare//Sessions//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(_('Sessions'))}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]
    events = [line for one in appointments for line in _event(one, host, now)]
    return "".join(f"{folded(line)}\r\n" for line in [*head, *events, "END:VCALENDAR"])


def escaped(text: str) -> str:
    """Text as a value may hold it."""
    return re.sub(r"([\\;,])", r"\\\1", text).replace("\r\n", "\n").replace("\n", r"\n").replace("\r", "")


def folded(line: str) -> str:
    """A line in parts of 75 bytes at most, none of which ends within a character."""
    parts: list[str] = []
    left = line
    while left:
        room = LINE_AT_MOST - bool(parts)
        part = left.encode()[:room].decode(errors="ignore")
        parts.append(part)
        left = left[len(part) :]
    return "\r\n ".join(parts)


def _event(one: Appointment, host: str, now: datetime) -> Iterator[str]:
    title = _("Session with %(name)s", name=one.with_whom) if one.with_whom else _("Session")
    yield "BEGIN:VEVENT"
    yield f"UID:{one.id}@{host}"
    yield f"DTSTAMP:{_instant(now)}"
    yield f"DTSTART:{_instant(one.starts_at)}"
    yield f"DTEND:{_instant(one.starts_at + timedelta(minutes=one.minutes))}"
    yield f"SUMMARY:{escaped(title)}"
    yield f"STATUS:{'CANCELLED' if one.is_cancelled else 'CONFIRMED'}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _of_patient(db: Session, follower: Follower, now: datetime) -> list[Appointment]:
    rows = db.execute(
        select(TreatmentSession, func.coalesce(col(Account.name), col(TreatmentSession.therapist_name)))
        .outerjoin(Account, col(Account.id) == col(TreatmentSession.therapist_id))
        .where(col(TreatmentSession.patient_id) == follower.account_id, _is_near(now))
        .order_by(col(TreatmentSession.starts_at))
        .limit(SESSIONS_AT_MOST)
    )
    return [_appointment(one, name if follower.names else None) for one, name in rows]


def _of_therapist(db: Session, follower: Follower, now: datetime) -> list[Appointment]:
    """Of patients who share with this therapist today; of the others nothing is told any more."""
    shared = [one.profile.id for one in patients_in_care(db, follower.account_id, now)]
    sessions = db.scalars(
        select(TreatmentSession)
        .where(
            col(TreatmentSession.therapist_id) == follower.account_id,
            col(TreatmentSession.patient_id).in_(shared),
            _is_near(now),
        )
        .order_by(col(TreatmentSession.starts_at))
        .limit(SESSIONS_AT_MOST)
    )
    return [_appointment(one, None) for one in sessions]


def _is_near(now: datetime) -> ColumnElement[bool]:
    return col(TreatmentSession.starts_at).between(now - TOLD_BACK, now + TOLD_AHEAD)


def _appointment(one: TreatmentSession, with_whom: str | None) -> Appointment:
    return Appointment(one.id, one.begins_at, one.minutes, one.cancelled_at is not None, with_whom)
