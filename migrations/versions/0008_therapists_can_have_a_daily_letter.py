"""Therapists can have a daily letter, and plans written for tomorrow are found when they begin."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("news", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("again_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("state in ('sending', 'sent', 'nothing_new', 'failed')", name="digest_state"),
        sa.CheckConstraint("news >= 0", name="digest_news"),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("therapist_id", "day"),
    )
    with op.batch_alter_table("home_care_plan", schema=None) as batch_op:
        batch_op.create_index(
            "plans_to_arrange",
            ["effective_at"],
            unique=False,
            sqlite_where=sa.text("arranged_at is null and withdrawn_at is null"),
            postgresql_where=sa.text("arranged_at is null and withdrawn_at is null"),
        )

    op.add_column("therapist", sa.Column("digest_at", sa.Time(), nullable=True))


def downgrade() -> None:
    op.drop_column("therapist", "digest_at")

    with op.batch_alter_table("home_care_plan", schema=None) as batch_op:
        batch_op.drop_index(
            "plans_to_arrange",
            sqlite_where=sa.text("arranged_at is null and withdrawn_at is null"),
            postgresql_where=sa.text("arranged_at is null and withdrawn_at is null"),
        )

    op.drop_table("digest")
