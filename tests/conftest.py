"""What tests may ask for: a migrated database of either kind, people in it, and the running app."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.clock import utc_now
from app.database import Database, make_engine
from app.migrate import migrate
from app.models.account import Account
from app.models.patient import PatientProfile
from app.settings import Settings
from builders import a_patient, a_row_in_every_table, a_therapist
from emptied import emptier_of
from postgres import database_of, name_of, postgres_server
from running import AppInside, running

KINDS = ("sqlite", "postgresql")


# Looking for garbage among everything that was imported and collected took a quarter of the tests' time.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


LONG = (
    "test_log.py",
    "test_offline.py",
    "test_accessibility.py",
    "test_turning_reminders_on.py",
    "test_taps.py",
    "test_outbox.py",
    "test_patient_pages.py",
    "test_app_open.py",
    "test_a_reminder_reaches_firefox.py",
    "test_service_worker.py",
    "test_leaving.py",
    "test_fuzzed.py",
    "test_benchmarks.py",
    "test_every_writing_door.py",
    "test_days_of_reminders.py",
    "test_doors.py",
    "test_killed.py",
    "test_backup.py",
    "test_cli.py",
    "test_matrix.py",
    "test_bad_input.py",
    "test_bad_push_services.py",
    "test_worker.py",
)
"""The files that take longest, the longest first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first: what fails in a second is not waited for behind the browsers.

    Among several processes the browsers first, so that each process starts them once, and long files first:
    one that begins last would be waited for by all others.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=_place)
    else:
        items.sort(key=lambda item: "browser" in item.path.parts)


def _place(item: pytest.Item) -> tuple[bool, int]:
    name = item.path.name
    return "browser" not in item.path.parts, LONG.index(name) if name in LONG else len(LONG)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The maintenance database of a running PostgreSQL server."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite3"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgresql(postgres: str) -> Iterator[str]:
    """A migrated PostgreSQL database, to be used as a template."""
    with database_of(postgres) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def furnished_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with a row in every table, to be copied."""
    file = Path(shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("furnished")))
    _furnish(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def furnished_postgresql(postgres: str, migrated_postgresql: str) -> Iterator[str]:
    """A PostgreSQL database with a row in every table, to be used as a template."""
    with database_of(postgres, name_of(migrated_postgresql)) as url:
        _furnish(url)
        yield url


def _furnish(url: str) -> None:
    engine = make_engine(url)
    with Session(engine) as db, db.begin():
        a_row_in_every_table(db)
    engine.dispose()


@contextmanager
def migrated_copy(request: pytest.FixtureRequest, folder: Path, original: str = "migrated") -> Iterator[str]:
    """A copy of an original of the kind the fixture was asked for: empty, or `furnished`."""
    found = request.getfixturevalue(f"{original}_{request.param}")
    if request.param == "sqlite":
        yield f"sqlite:///{shutil.copy(found, folder / 'aftercare.sqlite3')}"
    else:
        with database_of(request.getfixturevalue("postgres"), name_of(found)) as url:
            yield url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of this test's own."""
    with migrated_copy(request, tmp_path) as url:
        yield url


@pytest.fixture(params=KINDS)
def furnished_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own with a row in every table."""
    with migrated_copy(request, tmp_path, "furnished") as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database of this test's own."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session", params=KINDS)
def shared_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database that stays empty, because nobody commits in it."""
    with migrated_copy(request, tmp_path_factory.mktemp("shared")) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_engine(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """For all tests that roll back: a new engine would have to write every statement anew."""
    file = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("rolled_back"))
    yield from _disposed(make_engine(f"sqlite:///{file}"))


@pytest.fixture(scope="session")
def postgresql_engine(postgres: str, migrated_postgresql: str) -> Iterator[Engine]:
    with database_of(postgres, name_of(migrated_postgresql)) as url:
        yield from _disposed(make_engine(url))


def _disposed(engine: Engine) -> Iterator[Engine]:
    yield engine
    engine.dispose()


@pytest.fixture(params=KINDS)
def db(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session in one transaction that is rolled back after the test."""
    with Session(request.getfixturevalue(f"{request.param}_engine"), expire_on_commit=False) as session:
        yield session


@pytest.fixture
def ana(db: Session) -> PatientProfile:
    return a_patient(db)


@pytest.fixture
def rui(db: Session) -> Account:
    """A therapist who treats nobody yet."""
    return a_therapist(db)


def settings_for(database_url: str, folder: Path) -> Settings:
    return Settings(data=folder / "data", database_url=database_url, public_url="http://testserver")


Lasting = tuple[AppInside, Callable[[], None]]
"""An app for the whole run, and what empties its database."""


@pytest.fixture(scope="session")
def sqlite_app(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    folder = tmp_path_factory.mktemp("lasting")
    yield from _lasting(f"sqlite:///{shutil.copy(migrated_sqlite, folder)}", folder)


@pytest.fixture(scope="session")
def postgresql_app(
    postgres: str, migrated_postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lasting]:
    with database_of(postgres, name_of(migrated_postgresql)) as url:
        yield from _lasting(url, tmp_path_factory.mktemp("lasting"))


def _lasting(url: str, folder: Path) -> Iterator[Lasting]:
    with running(settings_for(url, folder)) as app:
        yield app, emptier_of(url)


@pytest.fixture(params=KINDS)
def running_app(request: pytest.FixtureRequest) -> AppInside:
    """The app on an empty database: what earlier tests left is gone."""
    app, empty = request.getfixturevalue(f"{request.param}_app")
    empty()
    return app.anew()


@pytest.fixture(scope="module", params=KINDS)
def standing_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppInside]:
    """The app for a whole module of tests that leave no trace, or do not mind the traces of others."""
    folder = tmp_path_factory.mktemp("standing")
    with migrated_copy(request, folder) as url, running(settings_for(url, folder)) as app:
        yield app


@pytest.fixture(scope="module")
def anas_phone(standing_app: AppInside) -> TestClient:
    """Ana, a patient, signed in at the standing app."""
    return standing_app.browser_of(standing_app.write(a_patient, now=utc_now()).id)


@pytest.fixture(scope="module")
def ruis_desk(standing_app: AppInside) -> TestClient:
    """Rui, a therapist who treats nobody yet, signed in at the standing app."""
    return standing_app.browser_of(standing_app.write(a_therapist, now=utc_now()).id)


@pytest.fixture
def nothing_is_stored(
    standing_app: AppInside, anas_phone: TestClient, ruis_desk: TestClient
) -> Iterator[None]:
    """Fails the test when any table of the standing app holds more or fewer rows after it.

    Except for looks: a therapist who is let near a patient, or is not, is on record.
    """
    on_record = {"access_log": 0, "access_chain": 0}
    before = standing_app.stored()
    yield
    assert {**standing_app.stored(), **on_record} == {**before, **on_record}


@pytest.fixture
def client(running_app: AppInside) -> TestClient:
    """A browser where nobody is signed in."""
    return running_app.nobody
