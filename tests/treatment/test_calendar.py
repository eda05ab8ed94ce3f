"""Sessions in a calendar: RFC 5545, titles that tell nothing, and a link that can be made useless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.access.accounts import erase_account
from app.access.calendar_links import make_calendar_link, revoke_calendar_link
from app.access.care import revoke
from app.errors import NotFound
from app.models.account import Account
from app.models.calendar_link import CalendarLinkIn
from app.models.patient import PatientProfile
from app.treatment.calendar import Appointment, calendar_behind, escaped, folded, written
from builders import NOON, a_consent, a_session

FRIDAY = datetime(2026, 3, 20, 16, 0, tzinfo=UTC)
ONE = Appointment(UUID(int=1), FRIDAY, 50, False, None)


def calendar_of(db: Session, account_id: UUID, *, names: bool = False) -> str:
    token = make_calendar_link(db, account_id, CalendarLinkIn(names=names), NOON)
    return calendar_behind(db, token, "aftercare.example", NOON)


def test_a_session_is_an_event_in_utc_with_an_id_of_its_own() -> None:
    assert written([ONE], "aftercare.example", NOON).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Aftercare//Sessions//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Sessions",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "BEGIN:VEVENT",
        "UID:00000000-0000-0000-0000-000000000001@aftercare.example",
        "DTSTAMP:20260318T120000Z",
        "DTSTART:20260320T160000Z",
        "DTEND:20260320T165000Z",
        "SUMMARY:Session",
        "STATUS:CONFIRMED",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_a_cancelled_session_says_so_that_calendars_take_it_out() -> None:
    cancelled = Appointment(UUID(int=1), FRIDAY, 50, True, None)
    assert "STATUS:CANCELLED" in written([cancelled], "aftercare.example", NOON)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a,b;c", r"a\,b\;c"),
        ("back\\slash", r"back\\slash"),
        ("two\r\nlines\n", r"two\nlines\n"),
        ("a\rb", "ab"),
    ],
)
def test_text_is_escaped(text: str, value: str) -> None:
    assert escaped(text) == value


@pytest.mark.parametrize("line", ["x" * 75, "x" * 76, "SUMMARY:" + "é" * 100, "治" * 80, "a" + "🙂" * 60])
def test_a_long_line_is_folded_between_characters(line: str) -> None:
    parts = folded(line).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert all(part.startswith(" ") for part in parts[1:])
    assert "".join([parts[0], *(part[1:] for part in parts[1:])]) == line


def test_a_held_session_stands_when_it_was_held(db: Session, ana: PatientProfile, rui: Account) -> None:
    an_hour_late = NOON + timedelta(minutes=50 + 60)
    a_session(db, ana.id, rui.id, NOON, held_at=an_hour_late)
    assert f"DTSTART:{NOON + timedelta(hours=1):%Y%m%dT%H%M%SZ}" in calendar_of(db, ana.id)
    assert f"DTEND:{an_hour_late:%Y%m%dT%H%M%SZ}" in calendar_of(db, ana.id)


def test_nobody_is_named_unless_the_patient_chose_it(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_session(db, ana.id, rui.id, FRIDAY)
    assert "Rui" not in calendar_of(db, ana.id)
    assert "SUMMARY:Session with Rui" in calendar_of(db, ana.id, names=True)


def test_who_gave_a_session_is_named_also_when_they_have_no_account_any_more(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    a_session(db, ana.id, rui.id, FRIDAY)
    erase_account(db, rui.id, NOON)
    assert "SUMMARY:Session with Rui" in calendar_of(db, ana.id, names=True)


def test_a_therapists_calendar_never_names_a_patient(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_consent(db, rui.id, ana)
    a_session(db, ana.id, rui.id, FRIDAY)
    calendar = calendar_of(db, rui.id, names=True)
    assert "DTSTART:20260320T160000Z" in calendar
    assert "Ana" not in calendar


def test_after_revocation_a_therapists_calendar_tells_nothing_of_that_patient(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    consent = a_consent(db, rui.id, ana)
    a_session(db, ana.id, rui.id, FRIDAY)
    revoke(db, ana.id, consent, NOON)
    assert "BEGIN:VEVENT" not in calendar_of(db, rui.id)


def test_a_newer_link_and_revoking_make_a_link_useless(db: Session, ana: PatientProfile) -> None:
    first = make_calendar_link(db, ana.id, CalendarLinkIn(), NOON)
    second = make_calendar_link(db, ana.id, CalendarLinkIn(), NOON + timedelta(hours=1))
    with pytest.raises(NotFound):
        calendar_behind(db, first, "aftercare.example", NOON)
    assert calendar_behind(db, second, "aftercare.example", NOON)
    revoke_calendar_link(db, ana.id, NOON)
    with pytest.raises(NotFound):
        calendar_behind(db, second, "aftercare.example", NOON)
