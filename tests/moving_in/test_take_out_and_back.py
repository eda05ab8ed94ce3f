"""What is taken out comes back as it was: into an empty account, and into the one it came from."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from app.access.accounts import ProfileIn, change_me, erase_account
from app.access.care import relationships_of
from app.access.looks import SharedPatient
from app.errors import Invalid
from app.models.account import Account, Role
from app.models.care import Scope
from app.models.patient import PatientProfile
from app.models.reminder import Reminder
from app.models.therapist import Therapist
from app.moving_in.arrive import MovedIn, TakenBack, bring_takeout
from app.moving_in.shape import SHAPES, read_takeout
from app.reminders.arrange import ensure_check_in
from app.reports.exporting import NextPiece
from app.reports.nouns import OF_PATIENTS, OF_THERAPISTS
from app.reports.takeout import NOTED, takeout
from app.treatment.seen import Caller, sessions_of
from builders import (
    NOON,
    a_logged_day,
    a_note,
    a_patient,
    a_reminder,
    a_row_in_every_table,
    a_therapist,
    a_treated_session,
    an_entry,
)

TODAY = NOON.date()
OF_THE_ACCOUNT = ("account", "made_at")
"""What belongs to the account itself: its e-mail address, and when the take-out was made."""

TAKEN_OUT = {
    "account": "account",
    "patient": "profile",
    "therapist": "profile",
    "log_entry": "entries",
    "daily_log": "days",
    "care_relationship": "relationships",
    "access_log": "looks",
    "sign_in": "sign_ins",
    "push_subscription": "devices",
    "personal_token": "tokens",
    "therapist_note": "notes",
    "brief_read": "readings",
    "digest": "letters",
    "practice": "practices",
    "practice_membership": "practices",
    "delivery": "deliveries",
    "carried_over": "looks",
    **{noun.table.name: noun.name for noun in (*OF_PATIENTS, *OF_THERAPISTS)},
}
"""In which part of the take-out a table is."""

OF_THERAPISTS_ONLY = {*(noun.name for noun in OF_THERAPISTS), "letters", "practices"}

LEFT_OUT = {
    "calendar_link": "hashes of links that open this server only",
    "access_chain": "where the chain of looks ends on this server",
    "sign_in_attempt": "keyed hashes nobody can read, deleted after a quarter of an hour",
    "password_link": "hashes of links that end within a day",
    "passkey": "keys that open this server only; they are listed under How you sign in",
    "passkey_challenge": "random bytes that end within minutes",
    "code_app": "a sealed secret that opens this server only",
    "recovery_code": "keyed hashes nobody can read",
    "worker_beat": "about a process of the server",
    "zone_data": "about the server's time zone database",
    "erasure": "ids of accounts that are gone",
}

COLUMNS = {
    "account": "email role created_at name zone locale | id password_hash",
    "patient": "day_starts_at quiet_from quiet_until reminders_paused_until reminders_a_day"
    " | id last_logged_at last_answered_at",
    "therapist": "practice licence certifications digest_at | id",
    "log_entry": "day id recorded_at received_at source late content | patient_id ordered_at",
    "care_relationship": "invited_at accepted_at revoked_at shares_measures shares_notes shares_plan"
    " expires_on therapist_id patient_id | id code_hash invitation_expires_at",
    "access_log": "who what at | account_id number by_id digest",
    "sign_in": "browser created_at last_seen_at expires_at ended_at | id account_id token_hash proved_at"
    " second_factor_at",
    "push_subscription": "device_name detail created_at last_accepted_at last_shown_at last_seen_at"
    " forgotten_at | id account_id endpoint p256dh auth strikes failing_since disabled_at server_key"
    " sign_in_id",
    "delivery": "kind day slot state reason planned_at sent_at shown_at opened_at acted_at undone_at action"
    " | id account_id reminder_id subscription_id counts_for put_off http_status attempts valid_until"
    " claimed_at lease_until entry_id",
    "personal_token": "name scopes created_at expires_on last_used_at revoked_at | id account_id token_hash",
    "therapist_note": "text written_at therapist_id | id patient_id visibility",
    "brief_read": "who read_at taken_back_at | id patient_id therapist_id",
    "practice": "name | id founded_at closed_at",
    "practice_membership": "joined_at ended_at | id practice_id therapist_id invited_by code_hash invited_at"
    " invitation_expires_at ended_by",
    "digest": "day state news at | therapist_id tries again_at",
}
"""Columns that are told and, after the bar, those that are not: numbers, keys and this server's workings."""


def text_of(db: Session, export: NextPiece) -> str:
    pieces, after = [], None
    while True:
        piece = export(db, after)
        pieces.append(piece.text)
        after = piece.after
        if after is None:
            return "".join(pieces)


def taken_out(db: Session, account_id: UUID, role: Role = Role.PATIENT) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text_of(db, takeout(account_id, role, NOON)))
    return document


def brought_in(db: Session, account_id: UUID, document: Any, role: Role = Role.PATIENT) -> MovedIn:
    return bring_takeout(db, account_id, role, read_takeout(document, role), NOON, preview=False)


def of_the_person(document: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in document.items() if name not in OF_THE_ACCOUNT}


@pytest.fixture
def everything(db: Session) -> PatientProfile:
    """Ana with a row in every table and some days of diary."""
    ana = a_row_in_every_table(db)
    a_note(db, therapist_of(db), ana.id, "shared")
    for back in range(1, 6):
        a_logged_day(
            db,
            ana,
            TODAY - timedelta(days=back),
            pain=back,
            pain_sites=[{"region": "shoulder", "side": "left"}],
        )
    change_me(db, ana.id, ProfileIn(zone="America/Lima", quiet_from="22:00", reminders_a_day=2), NOON)
    return ana


def therapist_of(db: Session) -> UUID:
    return db.scalars(select(col(Therapist.id))).one()


def test_a_fresh_account_says_the_same_after_it_took_everything_in(
    db: Session, everything: PatientProfile
) -> None:
    document = taken_out(db, everything.id)
    bea = a_patient(db, "Bea")
    ensure_check_in(db, bea, "20:00", NOON)
    brought_in(db, bea.id, document)
    assert of_the_person(taken_out(db, bea.id)) == of_the_person(document)


def test_an_erased_account_says_the_same_after_it_came_back(db: Session, everything: PatientProfile) -> None:
    document = taken_out(db, everything.id)
    erase_account(db, everything.id, NOON)
    again = a_patient(db)
    brought_in(db, again.id, document)
    assert of_the_person(taken_out(db, again.id)) == of_the_person(document)


def test_bringing_it_into_the_same_account_changes_nothing(db: Session, everything: PatientProfile) -> None:
    document = taken_out(db, everything.id)
    moved_in = brought_in(db, everything.id, document)
    assert {name: part.stored for name, part in moved_in.parts.items() if part.stored} == {}
    assert taken_out(db, everything.id) == document


def test_bringing_it_in_twice_is_once(db: Session, everything: PatientProfile) -> None:
    document = taken_out(db, everything.id)
    bea = a_patient(db, "Bea")
    brought_in(db, bea.id, document)
    again = brought_in(db, bea.id, document)
    assert {name: part.stored for name, part in again.parts.items() if part.stored} == {}


def test_what_a_therapist_keeps_private_does_not_leave(db: Session, everything: PatientProfile) -> None:
    told = json.dumps(taken_out(db, everything.id))
    assert "Left side tighter" not in told


def test_a_left_shoulder_comes_back_left(db: Session, everything: PatientProfile) -> None:
    document = taken_out(db, everything.id)
    bea = a_patient(db, "Bea")
    brought_in(db, bea.id, document)
    sites = [site for day in taken_out(db, bea.id)["days"] for site in day.get("pain_sites", [])]
    assert {(site["region"], site["side"]) for site in sites} == {("shoulder", "left")}


def test_consent_that_comes_back_opens_nothing(db: Session, everything: PatientProfile) -> None:
    bea = a_patient(db, "Bea")
    brought_in(db, bea.id, taken_out(db, everything.id))
    assert relationships_of(db, bea.id) == []


def test_a_session_that_comes_back_opens_to_no_other_therapist(
    db: Session, everything: PatientProfile
) -> None:
    bea, sofia = a_patient(db, "Bea"), a_therapist(db, "Sofia")
    brought_in(db, bea.id, taken_out(db, everything.id))
    shared = SharedPatient(bea, frozenset(Scope), sofia.id)
    assert sessions_of(db, Caller.therapist_of(shared)).sessions == []


def test_a_preview_counts_and_stores_nothing(db: Session, everything: PatientProfile) -> None:
    document = read_takeout(taken_out(db, everything.id), Role.PATIENT)
    bea = a_patient(db, "Bea")
    with pytest.raises(TakenBack) as looked, db.begin_nested():
        bring_takeout(db, bea.id, Role.PATIENT, document, NOON, preview=True)
    assert looked.value.found.parts["entries"].stored == 6
    assert taken_out(db, bea.id)["entries"] == []


def test_an_entry_id_that_says_something_else_here_is_refused(db: Session, ana: PatientProfile) -> None:
    a_logged_day(db, ana, TODAY, pain=3)
    document = taken_out(db, ana.id)
    document["entries"][0]["set"]["pain"] = 9
    with pytest.raises(Invalid) as refused:
        brought_in(db, ana.id, document)
    assert refused.value.errors[0].field == "entries.0.id"


def test_the_reminders_that_come_back_are_planned(db: Session, ana: PatientProfile) -> None:
    a_reminder(db, ana.id, "07:15")
    bea = a_patient(db, "Bea")
    brought_in(db, bea.id, taken_out(db, ana.id))
    due = db.scalars(select(col(Reminder.due_at)).where(col(Reminder.patient_id) == bea.id)).all()
    assert due == [NOON]


def test_steps_on_their_way_follow_the_clock_that_comes_back(
    db: Session, ana: PatientProfile, rui: Account
) -> None:
    held = a_treated_session(db, ana.id, rui.id)
    document = taken_out(db, ana.id)
    document["profile"]["zone"] = "America/New_York"
    brought_in(db, ana.id, document)
    asked = select(Reminder).where(col(Reminder.session_id) == held.id, col(Reminder.step) == "compare")
    assert db.scalars(asked).one().due_at == datetime(2026, 3, 21, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("part", "record", "field"),
    [
        pytest.param("reminders", {"kind": "aftercare"}, "reminders.0.kind", id="arranged by nobody"),
        pytest.param("feedback", {"session_id": 7}, "feedback.0.session_id", id="of no session"),
        pytest.param("looks", {"who": ["x"] * 21}, "looks.0", id="a record that cannot be one"),
        pytest.param("looks", {"Who": "x"}, "looks.0", id="a name that cannot be one"),
        pytest.param(
            "entries", {"received_at": "1970-01-01T00:00:00Z"}, "entries.0.received_at", id="too old"
        ),
    ],
)
def test_what_no_take_out_can_hold_is_refused(
    db: Session, everything: PatientProfile, part: str, record: dict[str, Any], field: str
) -> None:
    document = taken_out(db, everything.id)
    document[part][0] |= record
    bea = a_patient(db, "Bea")
    with pytest.raises(Invalid) as refused:
        brought_in(db, bea.id, document)
    assert refused.value.errors[0].field == field


def test_a_take_out_of_a_therapist_comes_back(db: Session, everything: PatientProfile) -> None:
    rui = therapist_of(db)
    document = taken_out(db, rui, Role.THERAPIST)
    eva = a_therapist(db, "Eva")
    brought_in(db, eva.id, document, Role.THERAPIST)
    assert of_the_person(taken_out(db, eva.id, Role.THERAPIST)) == of_the_person(document)


def test_a_patients_take_out_is_not_a_therapists(db: Session, everything: PatientProfile) -> None:
    with pytest.raises(Invalid):
        read_takeout(taken_out(db, everything.id), Role.THERAPIST)


def test_every_table_is_in_the_take_out_or_left_out_for_a_reason() -> None:
    assert {table.name for table in SQLModel.metadata.sorted_tables} == {*TAKEN_OUT, *LEFT_OUT}


@pytest.mark.parametrize("table", sorted(COLUMNS))
def test_somebody_decided_about_every_column(table: str) -> None:
    decided = COLUMNS[table].replace("|", " ").split()
    assert sorted(SQLModel.metadata.tables[table].c.keys()) == sorted(decided)


def test_columns_are_decided_about_wherever_a_noun_does_not_tell_them_all() -> None:
    told_whole = {noun.table.name for noun in (*OF_PATIENTS, *OF_THERAPISTS)} | {"daily_log", "carried_over"}
    assert {*TAKEN_OUT} - told_whole == {*COLUMNS}


def test_every_part_of_the_take_out_holds_something(db: Session, everything: PatientProfile) -> None:
    document = taken_out(db, everything.id)
    assert [part for part in {*TAKEN_OUT.values()} - OF_THERAPISTS_ONLY if not document[part]] == []


@pytest.mark.parametrize("noun", [*OF_PATIENTS, *OF_THERAPISTS], ids=lambda noun: noun.name)
def test_whatever_is_told_of_a_noun_can_come_back(noun: Any) -> None:
    assert set(SHAPES[noun.name].model_fields) == set(noun.told)


def test_there_is_a_shape_for_each_record_that_is_only_kept() -> None:
    assert [listed.name for listed in NOTED if not listed.same_by] == []


def test_five_years_come_back_day_by_day(db: Session) -> None:
    ana, bea = a_patient(db), a_patient(db, "Bea")
    entries = [
        {**an_entry(TODAY - timedelta(days=back), set={"pain": back % 11}), "received_at": NOON.isoformat()}
        for back in range(5 * 365)
    ]
    document = {"format": "aftercare-takeout", "version": 1, "entries": entries}
    assert brought_in(db, ana.id, document).days == 5 * 365
    brought_in(db, bea.id, taken_out(db, ana.id))
    assert taken_out(db, bea.id)["days"] == taken_out(db, ana.id)["days"]
