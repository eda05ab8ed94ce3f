"""Colleagues share a practice and its templates, and patients can stop a plan."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_OF_THERAPIST = ("therapist_id", "invited_by", "ended_by")


def upgrade() -> None:
    op.create_table(
        "practice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("founded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "practice_membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("practice_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("invited_by", sa.Uuid(), nullable=True),
        sa.Column("code_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("invited_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("invitation_expires_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("joined_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(therapist_id is null) = (joined_at is null)", name="practice_joined_by_somebody"
        ),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["invited_by"], ["therapist.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["ended_by"], ["therapist.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    for column in ("practice_id", *_OF_THERAPIST):
        op.create_index(f"ix_practice_membership_{column}", "practice_membership", [column])
    op.create_index(
        "one_practice_at_a_time",
        "practice_membership",
        ["therapist_id"],
        unique=True,
        sqlite_where=sa.text("joined_at is not null and ended_at is null"),
        postgresql_where=sa.text("joined_at is not null and ended_at is null"),
    )

    with op.batch_alter_table("aftercare_template", schema=None) as batch_op:
        batch_op.add_column(sa.Column("practice_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("retired_by", sa.Uuid(), nullable=True))
        batch_op.alter_column("therapist_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_index("ix_aftercare_template_practice_id", ["practice_id"])
        batch_op.create_index("ix_aftercare_template_retired_by", ["retired_by"])
        batch_op.create_foreign_key(
            "aftercare_template_practice_id_fkey", "practice", ["practice_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_foreign_key(
            "aftercare_template_retired_by_fkey", "therapist", ["retired_by"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_check_constraint(
            "aftercare_template_has_one_owner", "(therapist_id is null) <> (practice_id is null)"
        )

    with op.batch_alter_table("aftercare_template_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("written_by", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_aftercare_template_version_written_by", ["written_by"])
        batch_op.create_foreign_key(
            "aftercare_template_version_written_by_fkey",
            "therapist",
            ["written_by"],
            ["id"],
            ondelete="SET NULL",
        )
    op.execute(
        "UPDATE aftercare_template_version SET written_by ="
        " (SELECT therapist_id FROM aftercare_template WHERE id = template_id)"
    )

    op.add_column(
        "home_care_plan", sa.Column("stopped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True)
    )
    op.add_column("home_care_plan", sa.Column("stopped_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("home_care_plan", "stopped_on")
    op.drop_column("home_care_plan", "stopped_at")

    with op.batch_alter_table("aftercare_template_version", schema=None) as batch_op:
        batch_op.drop_constraint("aftercare_template_version_written_by_fkey", type_="foreignkey")
        batch_op.drop_index("ix_aftercare_template_version_written_by")
        batch_op.drop_column("written_by")

    # Before practices every template had one therapist: those of a practice go to who is there longest.
    op.execute(
        "UPDATE aftercare_template SET therapist_id = (SELECT m.therapist_id FROM practice_membership m"
        " WHERE m.practice_id = aftercare_template.practice_id AND m.joined_at IS NOT NULL"
        " AND m.ended_at IS NULL ORDER BY m.joined_at, m.id LIMIT 1), practice_id = NULL"
        " WHERE practice_id IS NOT NULL"
    )
    with op.batch_alter_table("aftercare_template", schema=None) as batch_op:
        batch_op.drop_constraint("aftercare_template_has_one_owner", type_="check")
        batch_op.drop_constraint("aftercare_template_practice_id_fkey", type_="foreignkey")
        batch_op.drop_constraint("aftercare_template_retired_by_fkey", type_="foreignkey")
        batch_op.drop_index("ix_aftercare_template_practice_id")
        batch_op.drop_index("ix_aftercare_template_retired_by")
        batch_op.drop_column("practice_id")
        batch_op.drop_column("retired_by")
        batch_op.alter_column("therapist_id", existing_type=sa.Uuid(), nullable=False)

    op.drop_table("practice_membership")
    op.drop_table("practice")
