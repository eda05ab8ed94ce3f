"""The diary as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.access.care import revoke
from app.access.looks import patient_in_care
from app.diary.spreadsheet import days_in
from app.errors import NotFound
from app.models.account import Account
from app.models.care import Scope
from app.models.patient import PatientProfile
from app.reports.as_csv import TEMPLATE, days_as_csv, entries_as_csv
from app.reports.exporting import ALL_DAYS, DAYS_A_PIECE, NextPiece, Subject
from builders import NOON, a_consent, a_logged_day

TODAY = NOON.date()
LEFT_SHOULDER = [{"region": "shoulder", "side": "left", "intensity": 6}]


def text_of(db: Session, export: NextPiece) -> str:
    piece = export(db, None)
    text = piece.text
    while piece.after is not None:
        piece = export(db, piece.after)
        text += piece.text
    return text


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def own_days(db: Session, ana: PatientProfile) -> str:
    return text_of(db, days_as_csv(Subject.own(ana), ALL_DAYS, NOON))


def test_there_is_a_row_for_each_logged_day_and_none_for_the_others(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, pain=3)
    a_logged_day(db, ana, TODAY - timedelta(days=5), pain=0)
    rows = rows_of(own_days(db, ana))
    assert [(row["day"], row["pain"], row["stiffness"]) for row in rows] == [
        ("2026-03-13", "0", ""),
        ("2026-03-18", "3", ""),
    ]


def test_a_left_shoulder_stays_left(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, pain_sites=LEFT_SHOULDER)
    assert rows_of(own_days(db, ana))[0]["pain_sites"] == "left shoulder 6"


def test_a_note_that_looks_like_a_formula_is_only_text(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, note='=HYPERLINK("http://x")')
    assert rows_of(own_days(db, ana))[0]["note"].startswith("'=")


def test_what_was_exported_can_be_read_again(db: Session, ana: PatientProfile) -> None:
    said = {
        "pain": 4, "sleep_hours": 7.5, "swelling": False, "bad_day": True, "note": "-5 is\ncold",
        "heat_minutes": 0, "pain_sites": LEFT_SHOULDER, "plan_items": {"-a": "done", "b": "hurts"},
    }  # fmt: skip
    a_logged_day(db, ana, TODAY, **said)
    assert [day.said for day in days_in(own_days(db, ana).encode())] == [said]


def test_a_long_diary_comes_in_pieces_without_a_seam(db: Session, ana: PatientProfile) -> None:
    days = [TODAY - timedelta(days=back) for back in range(DAYS_A_PIECE + 5)]
    for day in days:
        a_logged_day(db, ana, day, pain=3)
    assert [row["day"] for row in rows_of(own_days(db, ana))] == [str(day) for day in reversed(days)]


def test_every_entry_has_a_row_of_its_own(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, pain=3)
    a_logged_day(db, ana, TODAY, NOON + timedelta(minutes=1), pain=None, stiffness=2)
    rows = rows_of(text_of(db, entries_as_csv(ana)))
    assert {(row["pain"], row["stiffness"], row["cleared"]) for row in rows} == {
        ("3", "", ""),
        ("", "2", "pain"),
    }


def test_what_is_not_shared_has_no_column(db: Session, ana: PatientProfile, rui: Account) -> None:
    a_consent(db, rui.id, ana, (Scope.NOTES,))
    a_logged_day(db, ana, TODAY, pain=3, note="Slept badly.")
    subject = Subject.shared(patient_in_care(db, rui.id, ana.id, "api:report.csv:read", NOON))
    rows = rows_of(text_of(db, days_as_csv(subject, ALL_DAYS, NOON)))
    assert list(rows[0]) == ["day", "note", "late", "first_logged_at", "updated_at"]


def test_an_export_stops_when_the_consent_is_revoked(db: Session, ana: PatientProfile, rui: Account) -> None:
    relationship_id = a_consent(db, rui.id, ana)
    for back in range(DAYS_A_PIECE + 1):
        a_logged_day(db, ana, TODAY - timedelta(days=back), pain=3)
    subject = Subject.shared(patient_in_care(db, rui.id, ana.id, "api:report.csv:read", NOON))
    export = days_as_csv(subject, ALL_DAYS, NOON)
    begun = export(db, None)
    revoke(db, ana.id, relationship_id, NOON)
    with pytest.raises(NotFound):
        export(db, begun.after)


def test_the_template_can_be_brought_in_as_it_is() -> None:
    assert days_in(TEMPLATE.encode()) == []
