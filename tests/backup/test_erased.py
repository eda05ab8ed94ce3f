"""Whoever erased their account stays erased: also when an older backup is put back, and byte for byte."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, true, update
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from app.access.accounts import erase_account
from app.backup.erased import ERASED, erased_in, read_erased, write_erased
from app.backup.key import backup_key
from app.backup.make import make_backup
from app.backup.restore import restore_backup
from app.backup.since import ENDINGS
from app.database import make_engine
from app.doctor.access_log import access_log
from app.doctor.check import State
from app.models.account import Account
from app.models.care import CareRelationship, Scope
from app.settings import Settings, open_secrets
from builders import NOON, PASSWORD, a_logged_day, a_patient, a_row_in_every_table, rows_of_each_table
from conftest import settings_for
from running import running

LATER = NOON + timedelta(hours=1)
CANARY = "kestrel-7391"


@pytest.fixture
def home(furnished_url: str, tmp_path: Path) -> Settings:
    """A service with a row in every table, and a backup of it in another folder."""
    settings = settings_for(furnished_url, tmp_path / "home")
    (tmp_path / "away").mkdir()
    make_backup(settings, open_secrets(settings.data), tmp_path / "away" / "older.backup", NOON)
    return settings


def with_a_session(settings: Settings, fn, *args):
    engine = make_engine(settings.sqlalchemy_url)
    with Session(engine, expire_on_commit=False) as db, db.begin():
        found = fn(db, *args)
    engine.dispose()
    return found


def ana_in(db: Session) -> Account | None:
    return db.scalar(select(Account).where(col(Account.role) == "patient"))


def erase_ana(db: Session) -> None:
    ana = ana_in(db)
    assert ana is not None
    erase_account(db, ana.id, LATER)


def put_back(settings: Settings, tmp_path: Path) -> int:
    key = backup_key(settings)
    return restore_backup(settings, tmp_path / "away" / "older.backup", key, replace=True).erased_again


def test_a_backup_from_before_does_not_bring_an_erased_account_back(home: Settings, tmp_path: Path) -> None:
    with_a_session(home, erase_ana)
    assert put_back(home, tmp_path) == 1
    assert with_a_session(home, ana_in) is None
    assert LATER in with_a_session(home, erased_in).values()
    assert with_a_session(home, access_log).state is State.OK


def test_the_list_beside_the_backups_is_enough_when_everything_else_is_lost(
    home: Settings, tmp_path: Path
) -> None:
    with_a_session(home, erase_ana)
    key = backup_key(home)
    newer = tmp_path / "away" / "newer.backup"
    make_backup(home, open_secrets(home.data), newer, LATER)
    elsewhere = settings_for("", tmp_path / "elsewhere")
    elsewhere.data.mkdir(parents=True)
    contents = restore_backup(elsewhere, tmp_path / "away" / "older.backup", key, replace=False)
    assert (contents.erased_again, with_a_session(elsewhere, ana_in)) == (1, None)
    assert read_erased([elsewhere.data]) == read_erased([newer.parent])


def test_everybody_else_comes_back_whole(home: Settings, tmp_path: Path) -> None:
    before = with_a_session(home, rows_of_each_table)
    bea = with_a_session(home, a_patient, "Bea")
    with_a_session(home, erase_account, bea.id, LATER)
    assert put_back(home, tmp_path) == 0
    assert with_a_session(home, rows_of_each_table) == {**before, "erasure": before["erasure"] + 1}


def test_what_was_ended_since_stays_ended(home: Settings, tmp_path: Path) -> None:
    with_a_session(home, end_everything)
    put_back(home, tmp_path)
    assert with_a_session(home, what_is_open) == []


def end_everything(db: Session) -> None:
    for name, at in ENDINGS.items():
        db.execute(update(SQLModel.metadata.tables[name]).values({at: LATER}))


def what_is_open(db: Session) -> list[str]:
    """The tables with a consent, a browser, a token, a link or a code that still opens something."""
    tables = {name: SQLModel.metadata.tables[name].c[at] for name, at in ENDINGS.items()}
    return [name for name, at in tables.items() if db.scalar(select(func.count()).where(at.is_(None)))]


def test_a_consent_that_was_narrowed_since_stays_narrow(home: Settings, tmp_path: Path) -> None:
    with_a_session(home, share, [Scope.MEASURES, Scope.PLAN], NOON.date())
    put_back(home, tmp_path)
    assert with_a_session(home, shared) == ([Scope.MEASURES, Scope.PLAN], NOON.date())


def test_a_consent_that_was_widened_since_is_as_narrow_as_in_the_backup(
    furnished_url: str, tmp_path: Path
) -> None:
    settings = settings_for(furnished_url, tmp_path / "home")
    with_a_session(settings, share, [Scope.NOTES], NOON.date())
    (tmp_path / "away").mkdir()
    make_backup(settings, open_secrets(settings.data), tmp_path / "away" / "older.backup", NOON)
    with_a_session(settings, share, list(Scope), None)
    put_back(settings, tmp_path)
    assert with_a_session(settings, shared) == ([Scope.NOTES], NOON.date())


def share(db: Session, scopes: list[Scope], expires_on: date | None) -> None:
    consent(db).share(scopes, expires_on)


def shared(db: Session) -> tuple[list[Scope], date | None]:
    return consent(db).scopes, consent(db).expires_on


def consent(db: Session) -> CareRelationship:
    return db.scalars(select(CareRelationship).where(col(CareRelationship.accepted_at).is_not(None))).one()


def test_a_list_says_an_id_and_an_instant_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    bea_id = uuid4()
    write_erased([tmp_path], {bea_id: NOON})
    assert (tmp_path / ERASED).read_text() == f"{bea_id} 2026-03-18T12:00:00+00:00\n"
    assert (tmp_path / ERASED).stat().st_mode & 0o077 == 0


def test_a_damaged_line_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / ERASED).write_text(f"half a li\n{NOON.isoformat()}\n{'1' * 32} {NOON.isoformat()}\n")
    assert len(read_erased([tmp_path, tmp_path / "missing"])) == 1


OF_ANA = {
    "account": "name email",
    "carried_over": "record",
    "check_in": "request",
    "feedback": "comment",
    "home_care_plan": "note flare",
    "intake": "reason history pain_feels goals must_know",
    "named_activity": "name",
    "plan_answer": "comment",
    "push_subscription": "device_name",
    "personal_token": "name",
    "reminder": "text",
    "sign_in": "browser",
    "therapist_note": "text",
    "treatment_session": "findings done",
}
"""Where something stands that Ana wrote, or that was written about her."""


def fill_with_canaries(db: Session) -> UUID:
    """Ana with a row in every table, a month of long notes, each corrected, and a canary everywhere."""
    ana = a_row_in_every_table(db)
    for back in range(30):
        a_logged_day(db, ana, NOON.date() - timedelta(days=back), note=f"{CANARY} first. " + "Walked. " * 200)
        a_logged_day(db, ana, NOON.date() - timedelta(days=back), LATER, note=CANARY)
    for name, columns in OF_ANA.items():
        table = SQLModel.metadata.tables[name]
        hers = table.c.role == "patient" if name == "account" else true()
        db.execute(update(table).where(hers).values(dict.fromkeys(columns.split(), CANARY)))
    return ana.id


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_nothing_of_an_erased_account_is_left_in_any_file(tmp_path: Path, migrated_sqlite: Path) -> None:
    settings = Settings(data=tmp_path, public_url="http://testserver")
    shutil.copy(migrated_sqlite, tmp_path / "aftercare.sqlite3")
    ana_id = with_a_session(settings, fill_with_canaries)
    with running(settings) as app:
        phone = app.browser_of(ana_id)
        assert everything_in(tmp_path).count(CANARY.encode()) > 100
        assert phone.request("DELETE", "/api/me", json={"password": PASSWORD}).status_code == 204
        assert everything_in(tmp_path).count(CANARY.encode()) == 0
        assert str(ana_id) in (tmp_path / ERASED).read_text()
