"""Migrations go up, down and up again with people in the tables, and the models agree with them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Uuid, column, inspect, select, table, text
from sqlalchemy.orm import Session

from app.database import make_engine
from app.errors import Misconfigured
from app.migrate import head_revision, migrate, migration_config
from app.models.account import Account
from builders import a_practice, a_template, a_therapist, rows_of_each_table

GOES_BY_ERASING = ("access_chain", "access_log")
"""Nothing else takes these away, not even deleting whom they are about."""


@pytest.fixture
def engine(furnished_url: str) -> Iterator[Engine]:
    """A migrated database with at least one row in every table."""
    engine = make_engine(furnished_url)
    yield engine
    engine.dispose()


def test_every_table_has_a_row_to_migrate(engine: Engine) -> None:
    with Session(engine) as db:
        assert [table for table, rows in rows_of_each_table(db).items() if rows == 0] == []


def test_the_models_say_what_the_migrations_built(furnished_url: str) -> None:
    command.check(migration_config(furnished_url))


def test_migrating_what_is_up_to_date_changes_nothing(engine: Engine, furnished_url: str) -> None:
    with Session(engine) as db:
        before = rows_of_each_table(db)
    migrate(furnished_url)
    with Session(engine) as db:
        assert rows_of_each_table(db) == before


def test_all_migrations_can_be_taken_back(engine: Engine, furnished_url: str) -> None:
    command.downgrade(migration_config(furnished_url), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]


def test_migrations_go_up_again_after_they_were_taken_back(engine: Engine, furnished_url: str) -> None:
    command.downgrade(migration_config(furnished_url), "base")
    migrate(furnished_url)
    command.check(migration_config(furnished_url))


def test_the_newest_migration_taken_back_and_applied_again_builds_the_same(
    engine: Engine, furnished_url: str
) -> None:
    command.downgrade(migration_config(furnished_url), "-1")
    migrate(furnished_url)
    command.check(migration_config(furnished_url))


def test_without_practices_their_templates_go_to_who_was_there_longest(
    engine: Engine, furnished_url: str
) -> None:
    with Session(engine) as db, db.begin():
        founder = a_therapist(db, "Vera")
        a_practice(db, founder.id, a_therapist(db, "Eva").id)
        template_id = a_template(db, founder.id, shared=True).id
        founder_id = founder.id
    command.downgrade(migration_config(furnished_url), "0008")
    owner = select(column("therapist_id", Uuid)).select_from(table("aftercare_template", column("id", Uuid)))
    with engine.connect() as connection:
        assert connection.scalar(owner.where(column("id", Uuid) == template_id)) == founder_id


def test_what_belongs_to_an_account_goes_with_it(engine: Engine) -> None:
    with Session(engine) as db, db.begin():
        db.query(Account).delete()
    with Session(engine) as db:
        left = {table for table, rows in rows_of_each_table(db).items() if rows > 0}
    assert left == {*GOES_BY_ERASING, "erasure", "practice", "sign_in_attempt", "worker_beat", "zone_data"}


def test_tables_of_a_newer_version_are_left_as_they_are(engine: Engine, furnished_url: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(Misconfigured, match="newer version"):
        migrate(furnished_url)


def test_there_is_one_newest_migration() -> None:
    script = ScriptDirectory.from_config(migration_config(""))
    assert script.get_heads() == [head_revision()]


def test_migrations_are_numbered_in_their_order() -> None:
    """By which a server tells newer tables from older ones."""
    newest_first = [
        one.revision for one in ScriptDirectory.from_config(migration_config("")).walk_revisions()
    ]
    assert newest_first == [f"{number:04}" for number in range(len(newest_first), 0, -1)]
