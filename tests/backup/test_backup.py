"""Everything into one sealed file and back, between the two databases, and never by halves."""

from __future__ import annotations

import asyncio
import gzip
import os
import resource
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pyrage import decrypt, x25519
from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session
from sqlmodel import SQLModel

from app.access.looks import patient_in_care
from app.backup.daily import back_up_today, keep_backing_up
from app.backup.key import backup_key
from app.backup.make import make_backup
from app.backup.portable import as_line, kind_of, line_of
from app.backup.restore import restore_backup
from app.backup.sealed import new_key, read_sealed, write_sealed
from app.database import Database, make_engine
from app.errors import Conflict, Misconfigured
from app.logs import set_up_logs
from app.migrate import head_revision, migrate
from app.models.account import Account
from app.settings import Settings, open_secrets
from builders import NOON, a_consent, a_patient, a_therapist
from conftest import KINDS, settings_for
from postgres import database_of


@pytest.fixture
def home(furnished_url: str, tmp_path: Path) -> Settings:
    """A service with a row in every table."""
    return settings_for(furnished_url, tmp_path / "home")


@pytest.fixture
def backup(home: Settings, tmp_path: Path) -> Path:
    return made_of(home, tmp_path / "away" / "aftercare.backup")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """Another computer, where nothing is yet."""
    return _computer(tmp_path / "elsewhere", "")


@pytest.fixture(params=KINDS)
def elsewhere_on_either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Another computer, with either database."""
    if request.param == "sqlite":
        yield _computer(tmp_path / "elsewhere", "")
    else:
        with database_of(request.getfixturevalue("postgres")) as url:
            yield _computer(tmp_path / "elsewhere", url)


def _computer(folder: Path, database_url: str) -> Settings:
    settings = settings_for(database_url, folder)
    settings.data.mkdir(parents=True)
    return settings


def made_of(settings: Settings, file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    make_backup(settings, open_secrets(settings.data), file, NOON)
    return file


def everything_in(url: str) -> dict[str, list[bytes]]:
    """Every value of every row, in one order whatever the database."""
    engine = make_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(
                as_line([kind_of(column) for column in table.columns], row)
                for row in connection.execute(select(table))
            )
            for table in SQLModel.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_what_was_backed_up_is_what_is_put_back(
    home: Settings, backup: Path, elsewhere_on_either: Settings
) -> None:
    restore_backup(elsewhere_on_either, backup, backup_key(home), replace=False)
    assert everything_in(elsewhere_on_either.sqlalchemy_url) == everything_in(home.sqlalchemy_url)


def test_phones_stay_subscribed_because_the_push_key_comes_back_too(
    home: Settings, backup: Path, elsewhere: Settings
) -> None:
    restore_backup(elsewhere, backup, backup_key(home), replace=False)
    assert open_secrets(elsewhere.data) == open_secrets(home.data)


def test_what_a_killed_restore_left_goes_with_the_next(
    home: Settings, backup: Path, elsewhere: Settings
) -> None:
    left = elsewhere.data / ".restoring-killed"
    left.mkdir()
    (left / "aftercare.sqlite3").write_text("diaries")
    restore_backup(elsewhere, backup, backup_key(home), replace=False)
    assert not left.exists()


def test_people_can_be_added_after_a_restore(home: Settings, backup: Path) -> None:
    restore_backup(home, backup, backup_key(home), replace=True)
    database = Database(home.sqlalchemy_url)
    asyncio.run(database.write(a_look_at_somebody_new))
    database.close()


def a_look_at_somebody_new(db: Session) -> None:
    """A look is numbered by the database."""
    bea, ida = a_patient(db, "Bea"), a_therapist(db, "Ida")
    a_consent(db, ida.id, bea)
    patient_in_care(db, ida.id, bea.id, "api:days:read", NOON)


def test_a_backup_does_not_take_the_place_of_people_unasked(home: Settings, backup: Path) -> None:
    before = everything_in(home.sqlalchemy_url)
    with pytest.raises(Conflict, match="--replace"):
        restore_backup(home, backup, backup_key(home), replace=False)
    assert everything_in(home.sqlalchemy_url) == before


def test_a_backup_takes_the_place_of_people_when_asked(home: Settings, backup: Path) -> None:
    before = everything_in(home.sqlalchemy_url)
    engine = make_engine(home.sqlalchemy_url)
    with Session(engine) as db, db.begin():
        a_patient(db, "Bea")
    engine.dispose()
    restore_backup(home, backup, backup_key(home), replace=True)
    assert everything_in(home.sqlalchemy_url) == before


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside ours"])
def test_tables_of_something_else_are_left_alone(
    home: Settings, backup: Path, postgres: str, tmp_path: Path, replace: bool, beside: bool
) -> None:
    with database_of(postgres) as url:
        if beside:
            migrate(url)
        engine = make_engine(settings_for(url, tmp_path).sqlalchemy_url)
        with engine.begin() as connection:
            connection.execute(text("create table invoice (id integer)"))
        with pytest.raises(Conflict, match="not Aftercare's"):
            restore_backup(_computer(tmp_path / "shop", url), backup, backup_key(home), replace=replace)
        assert inspect(engine).has_table("invoice")
        engine.dispose()


def test_another_key_opens_nothing_and_changes_nothing(backup: Path, elsewhere: Settings) -> None:
    with pytest.raises(Misconfigured, match="another key"):
        restore_backup(elsewhere, backup, new_key(), replace=True)
    assert not (elsewhere.data / "secrets" / "key").exists()


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_file_cut_short_changes_nothing(home: Settings, backup: Path, kept: float) -> None:
    whole = backup.read_bytes()
    backup.write_bytes(whole[: int(len(whole) * kept)])
    before = everything_in(home.sqlalchemy_url)
    with pytest.raises(Misconfigured):
        restore_backup(home, backup, backup_key(home), replace=True)
    assert everything_in(home.sqlalchemy_url) == before


def test_one_changed_bit_is_noticed(home: Settings, backup: Path) -> None:
    whole = bytearray(backup.read_bytes())
    whole[len(whole) // 2] ^= 1
    backup.write_bytes(whole)
    with pytest.raises(Misconfigured):
        restore_backup(home, backup, backup_key(home), replace=True)


def test_a_backup_of_a_newer_version_is_refused(home: Settings, backup: Path, tmp_path: Path) -> None:
    lines = list(read_sealed(backup, backup_key(home)))
    newer = tmp_path / "newer.backup"
    write_sealed(newer, [lines[0].replace(b'"revision":"', b'"revision":"9'), *lines[1:]], backup_key(home))
    with pytest.raises(Misconfigured, match="newer version"):
        restore_backup(home, newer, backup_key(home), replace=True)


def test_a_backup_without_its_last_rows_is_refused(home: Settings, backup: Path, tmp_path: Path) -> None:
    lines = list(read_sealed(backup, backup_key(home)))
    shorter = tmp_path / "shorter.backup"
    write_sealed(shorter, [*lines[:-2], lines[-1]], backup_key(home))
    with pytest.raises(Misconfigured, match="no backup"):
        restore_backup(home, shorter, backup_key(home), replace=True)


def test_nothing_personal_can_be_read_without_the_key(backup: Path) -> None:
    sealed = backup.read_bytes()
    assert b"ana@" not in sealed
    assert backup.stat().st_mode & 0o077 == 0


def test_the_file_opens_with_the_tools_of_others(home: Settings, backup: Path) -> None:
    identity = x25519.Identity.from_str(backup_key(home).decode())
    assert b"ana@" in gzip.decompress(decrypt(backup.read_bytes(), [identity]))


@pytest.mark.parametrize("furnished_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("way", ["data", "away/../data", "linked", "linked-file", "data/leads-out"])
def test_a_backup_is_not_kept_beside_its_key(home: Settings, tmp_path: Path, way: str) -> None:
    """Whichever way leads there: in a roundabout way, over a link, or from a link that leads out."""
    home.data.mkdir(parents=True)
    beside = home.data.parent
    (beside / "away").mkdir()
    (beside / "linked").symlink_to(home.data)
    (beside / "linked-file").symlink_to(home.data / "aftercare.backup")
    (home.data / "leads-out").symlink_to(beside / "away" / "aftercare.backup")
    file = beside / way if way.startswith(("linked-", "data/")) else beside / way / "aftercare.backup"
    with pytest.raises(Misconfigured, match="data folder"):
        made_of(home, file)


@pytest.mark.parametrize("furnished_url", ["sqlite"], indirect=True)
def test_nor_where_the_data_folder_is_a_link(home: Settings, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    home.data.parent.mkdir(parents=True)
    home.data.symlink_to(real)
    with pytest.raises(Misconfigured, match="data folder"):
        made_of(home, real / "aftercare.backup")


def test_a_backup_that_fails_leaves_the_older_one(home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "kept.backup"
    write_sealed(file, [b"old\n"], backup_key(home))
    with pytest.raises(ZeroDivisionError):
        write_sealed(file, (b"%d\n" % (1 // number) for number in (1, 0)), backup_key(home))
    assert list(read_sealed(file, backup_key(home))) == [b"old\n"]
    assert list(tmp_path.glob("*.part")) == []


def test_a_backup_that_finds_no_room_says_so_and_leaves_the_older_one(tmp_path: Path) -> None:
    file, key = tmp_path / "aftercare.backup", new_key()
    write_sealed(file, [b"old\n"], key)
    allowed = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, allowed[1]))
    try:
        with pytest.raises(Misconfigured, match=f"cannot be written to {file}: File too large"):
            write_sealed(file, (os.urandom(1000) + b"\n" for _line in range(1000)), key)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, allowed)
    assert list(read_sealed(file, key)) == [b"old\n"]
    assert list(tmp_path.iterdir()) == [file]


def test_two_backups_into_one_file_do_not_write_into_one_another(tmp_path: Path) -> None:
    file, key = tmp_path / "aftercare.backup", new_key()

    def slower() -> Iterator[bytes]:
        yield b"slower\n"
        write_sealed(file, [b"quicker\n"], key)
        assert list(read_sealed(file, key)) == [b"quicker\n"]

    write_sealed(file, slower(), key)
    assert list(read_sealed(file, key)) == [b"slower\n"]
    assert [(path, path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [(file, 0o600)]


def test_a_backup_that_is_interrupted_ends_when_nobody_reads_any_more(tmp_path: Path) -> None:
    """What is read would be closed under the hands of whoever reads it, and SQLite does not survive that."""
    readers = []

    def lines() -> Iterator[bytes]:
        readers.append(threading.current_thread())
        time.sleep(0.2)
        signal.raise_signal(signal.SIGINT)
        for _line in range(1000):
            yield os.urandom(1000) + b"\n"

    with pytest.raises(KeyboardInterrupt):
        write_sealed(tmp_path / "aftercare.backup", lines(), new_key())
    assert [reader.is_alive() for reader in readers] == [False]
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_an_older_version_is_brought_up_to_date(
    home: Settings, backup: Path, elsewhere: Settings, tmp_path: Path
) -> None:
    """The first version kept accounts in the same table as this one."""
    about, *lines = read_sealed(backup, backup_key(home))
    heading = next(at for at, line in enumerate(lines) if b'"table":"account"' in line)
    accounts = [line for line in lines[heading + 1 : heading + 3] if line.startswith(b"[")]
    older = tmp_path / "older.backup"
    counts = line_of({"rows": {"account": len(accounts)}})
    first = about.replace(head_revision().encode(), b"0001")
    write_sealed(older, [first, lines[heading], *accounts, counts], backup_key(home))
    restore_backup(elsewhere, older, backup_key(home), replace=False)
    assert everything_in(elsewhere.sqlalchemy_url)["account"] == everything_in(home.sqlalchemy_url)["account"]


def test_the_database_is_not_replaced_under_a_running_service(tmp_path: Path, migrated_sqlite: Path) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "aftercare.sqlite3")
    settings = Settings(data=tmp_path)
    backup = made_of(settings, tmp_path.parent / f"{tmp_path.name}-away" / "aftercare.backup")
    database = Database(settings.sqlalchemy_url)
    asyncio.run(database.read(lambda db: db.scalar(select(Account.id))))
    with pytest.raises(Conflict, match="in use"):
        restore_backup(settings, backup, backup_key(settings), replace=True)
    database.close()


def test_a_backup_made_while_people_write_holds_one_moment(home: Settings, tmp_path: Path) -> None:
    """Patients are added two by two, so half a couple would be a torn moment."""
    database = Database(home.sqlalchemy_url)
    stop = threading.Event()

    def add_couples() -> None:
        couple = 0
        while not stop.is_set():
            couple += 1
            asyncio.run(database.write(a_couple, couple))

    adding = threading.Thread(target=add_couples)
    adding.start()
    try:
        backups = [made_of(home, tmp_path / "away" / f"{number}.backup") for number in range(5)]
    finally:
        stop.set()
        adding.join()
        database.close()
    held = [sum(b"couple-" in line for line in read_sealed(file, backup_key(home))) for file in backups]
    assert held == sorted(held)
    assert held[-1] > 0
    assert [number % 2 for number in held] == [0] * 5


def a_couple(db: Session, number: int) -> None:
    a_patient(db, f"couple-{number}-a")
    a_patient(db, f"couple-{number}-b")


def test_the_server_keeps_a_backup_a_day_and_gives_up_the_oldest(home: Settings, tmp_path: Path) -> None:
    folder, kept = tmp_path / "daily", home.model_copy(update={"backups_kept": 3})
    for day in range(5):
        back_up_today(kept, open_secrets(home.data), folder, NOON + timedelta(days=day))
    assert [file.name for file in sorted(folder.glob("*.backup"))] == [
        "aftercare-2026-03-20.backup",
        "aftercare-2026-03-21.backup",
        "aftercare-2026-03-22.backup",
    ]


def test_what_a_killed_server_left_of_a_backup_goes_with_the_next(home: Settings, tmp_path: Path) -> None:
    """A server that is killed at every backup would fill the disk."""
    (tmp_path / "daily").mkdir()
    (tmp_path / "daily" / "aftercare-2026-03-18.backup.x1y2.part").touch()
    back_up_today(home, open_secrets(home.data), tmp_path / "daily", NOON)
    assert list((tmp_path / "daily").glob("*.part")) == []


def test_a_folder_that_can_hold_no_backup_is_logged_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    settings = Settings(data=tmp_path, backup_folder=tmp_path / "file")
    set_up_logs(settings)
    trying = keep_backing_up(settings, open_secrets(tmp_path))
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(trying, 0.5))
    logged = capsys.readouterr().err
    assert "backup_failed" in logged
    assert f"{tmp_path / 'file'}: File exists" in logged


def test_of_two_servers_on_one_folder_one_backs_up(home: Settings, tmp_path: Path) -> None:
    made = [back_up_today(home, open_secrets(home.data), tmp_path / "daily", NOON) for _server in range(2)]
    assert [file is not None for file in made] == [True, False]


def test_a_drill_from_yesterdays_backup_serves_again(
    home: Settings, tmp_path: Path, elsewhere: Settings
) -> None:
    """What an operator does after a lost disk: a new computer, the newest backup, the key."""
    newest = back_up_today(home, open_secrets(home.data), tmp_path / "daily", NOON)
    assert newest is not None
    restore_backup(elsewhere, newest, backup_key(home), replace=False)
    database = Database(elsewhere.sqlalchemy_url)
    people = asyncio.run(database.read(lambda db: db.scalar(select(func.count()).select_from(Account))))
    database.close()
    assert people == 2
