"""A record takes no other one's place: SQLite's "insert or replace" is refused where rows are only added.

Replacing deletes without asking the triggers that guard deleting. PostgreSQL knows no such statement.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

THERE_ALREADY = {
    "access_log": "account_id = new.account_id and number = new.number",
    "access_chain": "account_id = new.account_id and (new.length, new.digest) <> (1, '')",
    "erasure": "account_id = new.account_id",
}
"""By the table: what a new row may not meet. The next number of a chain is taken by an insert of (1, '')
that turns into an update; a replacement with just that leaves a chain shorter than its records, which
`doctor` sees."""
REFUSAL = "This record is only ever added to."


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, there in THERE_ALREADY.items():
        when = f"exists (select 1 from {table} where {there})"  # noqa: S608 - names of our own
        op.execute(
            f"create trigger {table}_is_not_replaced before insert on {table} when {when}"
            f" begin select raise(abort, '{REFUSAL}'); end"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in THERE_ALREADY:
        op.execute(f"drop trigger {table}_is_not_replaced")
