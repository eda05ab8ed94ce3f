"""Looks, sign-ins and consents are chained for each account, and only ever added.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

AT_ONCE = 5_000
INSTANT = sqlmodel.sql.sqltypes.UTCDateTime()
BEFORE = sa.table(
    "access_log_before",
    sa.column("id", sa.Integer()),
    sa.column("patient_id", sa.Uuid()),
    sa.column("account_id", sa.Uuid()),
    sa.column("who", sa.Text()),
    sa.column("what", sa.Text()),
    sa.column("at", INSTANT),
)
LOG = sa.table(
    "access_log",
    sa.column("account_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("by_id", sa.Uuid()),
    sa.column("who", sa.Text()),
    sa.column("what", sa.Text()),
    sa.column("at", INSTANT),
    sa.column("digest", sa.Text()),
)
CHAIN = sa.table(
    "access_chain",
    sa.column("account_id", sa.Uuid()),
    sa.column("length", sa.Integer()),
    sa.column("digest", sa.Text()),
)

GONE = (
    "exists (select 1 from erasure where erasure.account_id = old.account_id)"
    " and not exists (select 1 from account where account.id = old.account_id)"
)
"""Records go with the account they are about, once its erasure is listed."""
GUARDED = {
    "access_log_is_not_changed": ("update", "access_log", None),
    "access_log_is_kept": ("delete", "access_log", GONE),
    "access_chain_only_grows": (
        "update",
        "access_chain",
        "new.account_id = old.account_id and new.length >= old.length",
    ),
    "access_chain_is_kept": ("delete", "access_chain", GONE),
    "erasure_is_not_changed": ("update", "erasure", None),
    "erasure_is_kept": ("delete", "erasure", None),
}
"""By the name of its trigger: what may happen to the rows of a table only under a condition, or never."""
REFUSAL = "This record is only ever added to."


def upgrade() -> None:
    op.execute("create table access_log_before as select * from access_log")
    op.drop_table("access_log")
    op.create_table(
        "access_log",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.CheckConstraint("number >= 1", name="access_log_counts_from_one"),
        sa.PrimaryKeyConstraint("account_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "access_chain",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    _chain_what_there_was(op.get_bind())
    op.create_index("looks_by_whom", "access_log", ["by_id", "account_id", "at"])
    op.drop_table("access_log_before")
    _guard()


def downgrade() -> None:
    """What the older tables cannot hold goes: who signed in, what was shared, what was refused."""
    _unguard()
    op.execute(
        "create table access_log_before as select access_log.* from access_log"
        " join patient on patient.id = access_log.account_id"
        " where what not like 'account\\:%' and what not like 'care\\:%' and what not like '%\\:refused'"
    )
    op.drop_index("looks_by_whom", "access_log")
    op.drop_table("access_log")
    op.drop_table("access_chain")
    op.create_table(
        "access_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("who", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("what", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute(
        "insert into access_log (patient_id, account_id, who, what, at)"
        " select kept.account_id, account.id, kept.who, kept.what, kept.at"
        " from access_log_before kept left join account on account.id = kept.by_id"
        " order by kept.at, kept.account_id, kept.number"
    )
    op.create_index("ix_access_log_patient_id", "access_log", ["patient_id"])
    op.drop_table("access_log_before")


def _chain_what_there_was(connection: sa.Connection) -> None:
    """Read by patient in the order it was written; the chain ends are written last."""
    looks = sa.select(BEFORE).order_by(BEFORE.c.patient_id, BEFORE.c.id)
    rows = connection.execute(looks, execution_options={"yield_per": AT_ONCE})
    ends: list[dict[str, Any]] = []
    chained = _chained(rows.mappings(), ends)
    while several := list(islice(chained, AT_ONCE)):
        connection.execute(sa.insert(LOG), several)
    if ends:
        connection.execute(sa.insert(CHAIN), ends)


def _chained(rows: Any, ends: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for patient_id, looks in groupby(rows, key=lambda row: row["patient_id"]):
        digest, number = "", 0
        for number, look in enumerate(looks, 1):
            record = {name: look[name] for name in ("who", "what", "at")}
            record |= {"account_id": patient_id, "number": number, "by_id": look["account_id"]}
            digest = _digest(digest, record)
            yield {**record, "digest": digest}
        ends.append({"account_id": patient_id, "length": number, "digest": digest})


def _digest(before: str, record: dict[str, Any]) -> str:
    """As `app.models.access_log.digest_of` was when this was written."""
    instant = record["at"].astimezone(UTC).isoformat(timespec="microseconds")
    by_id = record["by_id"] and str(record["by_id"])
    whose, number, who, what = (record[name] for name in ("account_id", "number", "who", "what"))
    said = [before, str(whose), number, instant, by_id, who, what]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _guard() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, (change, table, allowed) in GUARDED.items():
            when = f" when not ({allowed})" if allowed else ""
            refusal = f"select raise(abort, '{REFUSAL}')"
            op.execute(f"create trigger {name} before {change} on {table}{when} begin {refusal}; end")
        return
    op.execute(
        "create or replace function only_ever_added_to() returns trigger language plpgsql as"
        f" $$ begin raise exception '{REFUSAL}' using errcode = 'restrict_violation'; end $$"
    )
    for name, (change, table, allowed) in GUARDED.items():
        _guard_on_postgresql(name, change, table, allowed)
    for table in ("access_log", "access_chain", "erasure"):
        op.execute(
            f"create trigger {table}_is_not_emptied before truncate on {table}"
            " for each statement execute function only_ever_added_to()"
        )


def _guard_on_postgresql(name: str, change: str, table: str, allowed: str | None) -> None:
    """A condition of a trigger must not look at other tables there, so the function does."""
    refuse = f"raise exception '{REFUSAL}' using errcode = 'restrict_violation';"
    check = f"if not ({allowed}) then {refuse} end if;" if allowed else refuse
    row = "new" if change == "update" else "old"
    op.execute(
        f"create or replace function {name}() returns trigger language plpgsql as"
        f" $$ begin {check} return {row}; end $$"
    )
    op.execute(f"create trigger {name} before {change} on {table} for each row execute function {name}()")


def _unguard() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, (_change, table, _allowed) in GUARDED.items():
        op.execute(f"drop trigger {name} on {table}" if on_postgresql else f"drop trigger {name}")
        if on_postgresql:
            op.execute(f"drop function {name}()")
    if on_postgresql:
        for table in ("access_log", "access_chain", "erasure"):
            op.execute(f"drop trigger {table}_is_not_emptied on {table}")
        op.execute("drop function only_ever_added_to()")
