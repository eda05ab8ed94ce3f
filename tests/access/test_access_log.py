"""The access log: what is on record, that nothing of it can be changed unseen, and what the doctor says."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlmodel import col

from app.access.accounts import change_email, change_password, erase_account
from app.access.calendar_links import make_calendar_link, note_fetched, revoke_calendar_link
from app.access.care import change_share, revoke
from app.access.looks import looks_at, note_refusal, patient_in_care
from app.access.password_links import make_password_link, set_password
from app.access.personal_tokens import revoke_token
from app.access.sign_ins import end_every_sign_in, note_refused_sign_in
from app.database import Database
from app.doctor.access_log import access_log, examine_looks
from app.doctor.check import State
from app.errors import NotFound
from app.models.access_log import NOBODY, AccessChain, AccessLog, note
from app.models.account import Account
from app.models.calendar_link import CalendarLinkIn
from app.models.care import Scope, ShareChange
from app.models.erasure import Erasure
from app.models.patient import PatientProfile
from app.models.practice import Practice
from builders import (
    NOON,
    a_consent,
    a_patient,
    a_practice,
    a_row_in_every_table,
    a_sign_in,
    a_therapist,
    a_token,
)

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def recorded(db: Session) -> PatientProfile:
    """Ana, with five looks on record after what is there of everybody."""
    ana = a_row_in_every_table(db)
    rui = db.query(Account).filter_by(role="therapist").one()
    for minute in range(5):
        patient_in_care(db, rui.id, ana.id, "api:days:read", NOON + timedelta(minutes=minute))
    return ana


def tags(db: Session, account_id: UUID) -> list[str]:
    """What is on record, in the order in which it happened."""
    return [look.what for look in reversed(looks_at(db, account_id))]


def by_hand(db: Session, statement: str, **values: object) -> None:
    """What somebody with the whole database in hand can do: first the triggers go."""
    on_postgresql = db.get_bind().dialect.name == "postgresql"
    for table, names in TRIGGERS.items():
        for name in names:
            db.execute(text(f"drop trigger {name} on {table}" if on_postgresql else f"drop trigger {name}"))
    db.execute(text(statement), values)
    db.expire_all()


TRIGGERS = {
    "access_log": ("access_log_is_not_changed", "access_log_is_kept"),
    "access_chain": ("access_chain_only_grows", "access_chain_is_kept"),
}


def test_consent_is_on_record_from_beginning_to_end(db, ana, rui):
    relationship_id = a_consent(db, rui.id, ana)
    until = ShareChange(scopes=[Scope.PLAN], expires_on=NOON.date())
    change_share(db, ana, relationship_id, until, NOON)
    revoke(db, ana.id, relationship_id, NOON)
    revoke(db, ana.id, relationship_id, LATER)
    assert tags(db, ana.id) == [
        "care:measures+notes+plan:given",
        "care:plan@2026-03-18:changed",
        "care:consent:ended",
    ]


def test_a_therapist_who_ends_the_care_is_on_record(db, ana, rui):
    revoke(db, rui.id, a_consent(db, rui.id, ana), NOON)
    assert tags(db, ana.id)[-1] == "care:consent:left"


def test_sign_ins_are_on_record_whether_they_began_ended_or_failed(db, ana):
    a_sign_in(db, ana.id)
    note_refused_sign_in(db, ana.id, "Chrome on Windows", NOON)
    end_every_sign_in(db, ana.id, NOON)
    assert [(look.what, look.who) for look in reversed(looks_at(db, ana.id))] == [
        ("account:sign_in:started", "Firefox on Android"),
        ("account:sign_in:refused", "Chrome on Windows"),
        ("account:sign_in:ended", "Firefox on Android"),
    ]


def test_a_sign_in_with_an_unknown_address_is_nobodys(db):
    note_refused_sign_in(db, None, "Chrome on Windows", NOON)
    assert tags(db, NOBODY) == ["account:sign_in:refused"]


def test_a_new_password_is_on_record_and_so_is_what_it_ends(db, ana):
    a_token(db, ana.id)
    make_calendar_link(db, ana.id, CalendarLinkIn(), NOON)
    set_password(db, make_password_link(db, ana.id, timedelta(hours=1), NOON), "hash", NOON)
    assert tags(db, ana.id)[2:] == [
        "account:password:changed",
        "account:token:revoked",
        "account:calendar:revoked",
    ]


def test_tokens_are_on_record_by_name_from_beginning_to_end(db, ana):
    revoke_token(db, ana.id, a_token(db, ana.id).id, NOON)
    assert [(look.what, look.who) for look in reversed(looks_at(db, ana.id))] == [
        ("account:token:made", "Spreadsheet"),
        ("account:token:revoked", "Spreadsheet"),
    ]


def test_a_calendar_link_is_on_record_and_once_a_day_that_it_was_followed(db, ana):
    token = make_calendar_link(db, ana.id, CalendarLinkIn(), NOON)
    for hours in (0, 6, 25):
        note_fetched(db, token, NOON + timedelta(hours=hours))
    revoke_calendar_link(db, ana.id, LATER)
    revoke_calendar_link(db, ana.id, LATER)
    made, fetched, revoked = (f"account:calendar:{action}" for action in ("made", "fetched", "revoked"))
    assert tags(db, ana.id) == [made, fetched, fetched, revoked]


def test_who_is_refused_is_named_only_when_a_therapist(db, ana, rui):
    bea = a_patient(db, "Bea")
    note_refusal(db, rui.id, ana.id, "api:days:refused", NOON)
    note_refusal(db, bea.id, ana.id, "web:brief:refused", NOON)
    assert [(look.who, look.what) for look in looks_at(db, ana.id)] == [
        ("", "web:brief:refused"),
        ("Rui", "api:days:refused"),
    ]


def test_nothing_is_on_record_about_a_patient_who_is_not_there(db, rui):
    nobody_id = uuid4()
    note_refusal(db, rui.id, nobody_id, "api:days:refused", NOON)
    assert tags(db, nobody_id) == []


def test_without_the_plan_scope_a_look_at_the_plan_is_none(db, ana, rui):
    a_consent(db, rui.id, ana, (Scope.MEASURES, Scope.NOTES))
    with pytest.raises(NotFound):
        patient_in_care(db, rui.id, ana.id, "api:plan:read", NOON)
    assert tags(db, ana.id) == ["care:measures+notes:given"]


def test_a_chain_that_nobody_touched_is_in_order(db: Session, recorded: PatientProfile) -> None:
    assert access_log(db).state is State.OK


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(update(AccessLog).values(who="Vera"), id="a record is changed"),
        pytest.param(delete(AccessLog), id="records are deleted"),
        pytest.param(update(AccessChain).values(length=1), id="a chain is cut"),
        pytest.param(delete(AccessChain), id="a chain is forgotten"),
        pytest.param(update(Erasure).values(erased_at=NOON), id="an erasure is changed"),
        pytest.param(delete(Erasure), id="an erasure is forgotten"),
    ],
)
def test_the_database_itself_refuses_what_only_adding_may_do(db, recorded, change):
    with pytest.raises(DBAPIError, match="only ever added to"), db.begin_nested():
        db.execute(change)
    assert access_log(db).state is State.OK


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.parametrize("table", ["access_log", "access_chain", "erasure"])
def test_no_row_takes_the_place_of_another(db: Session, recorded: PatientProfile, table: str) -> None:
    with pytest.raises(DBAPIError, match="only ever added to"), db.begin_nested():
        db.execute(text(f"insert or replace into {table} select * from {table}"))  # noqa: S608
    assert access_log(db).state is State.OK


def test_an_erasure_that_is_listed_does_not_free_the_records_of_somebody_who_is_there(db, recorded):
    db.add(Erasure(account_id=recorded.id, erased_at=NOON))
    db.flush()
    with pytest.raises(DBAPIError, match="only ever added to"), db.begin_nested():
        db.execute(delete(AccessLog).where(col(AccessLog.account_id) == recorded.id))


@pytest.mark.parametrize(
    ("number", "done"),
    [
        pytest.param(3, "update access_log set who = 'Vera' where number = 3", id="changed"),
        pytest.param(3, "update access_log set by_id = null where number = 3", id="by nobody"),
        pytest.param(3, "delete from access_log where number = 3", id="taken out"),
        pytest.param(1, "delete from access_log", id="all taken out"),
        pytest.param(
            10,
            "delete from access_log where number = (select max(number) from access_log)",
            id="last one gone",
        ),
    ],
)
def test_what_somebody_does_by_hand_shows_at_the_first_broken_link(db, recorded, number, done):
    by_hand(db, done)
    found = access_log(db)
    assert found.state is State.MEND
    assert f"the chain of account {recorded.id} breaks at record {number}:" in str(found)


def test_what_the_doctor_says_names_nobody(db, recorded):
    by_hand(db, "update access_log set who = 'Vera'")
    assert {name for name in ("Vera", "Rui", "Ana", "@") if name in str(access_log(db))} == set()


def test_erasing_takes_the_whole_chain_and_leaves_the_others_whole(db, recorded):
    erase_account(db, recorded.id, LATER)
    assert tags(db, recorded.id) == []
    assert access_log(db).state is State.OK


def test_the_looks_of_a_therapist_who_left_stay_with_the_patient(db, ana, rui):
    a_consent(db, rui.id, ana)
    patient_in_care(db, rui.id, ana.id, "api:days:read", NOON)
    erase_account(db, rui.id, LATER)
    assert (looks_at(db, ana.id)[0].who, access_log(db).state) == ("Rui", State.OK)


async def test_many_who_write_at_once_make_one_chain(database: Database) -> None:
    ana = await database.write(a_patient)
    therapists = [await database.write(a_therapist, f"Rui{number}") for number in range(4)]
    noting = [
        database.write(note, ana.id, "api:days:read", rui.name, rui.id, NOON)
        for rui in therapists
        for _turn in range(25)
    ]
    await asyncio.gather(*noting)
    found = await database.read(examine_looks)
    assert str(found).endswith("100 records in 1 chains, none changed or missing.")


def test_a_practice_goes_with_the_last_who_belonged_to_it(db, rui):
    vera = a_therapist(db, "Vera")
    a_practice(db, rui.id, vera.id)
    erase_account(db, rui.id, LATER)
    assert db.query(Practice).count() == 1
    erase_account(db, vera.id, LATER)
    assert db.query(Practice).count() == 0


def test_how_somebody_signs_in_is_on_record_when_it_changes(db, ana):
    change_email(db, ana.id, "ana.new@people.example", NOON)
    change_password(db, ana.id, "hash", NOON)
    assert tags(db, ana.id) == ["account:email:changed", "account:password:changed"]
