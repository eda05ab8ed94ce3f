"""Plans come in versions and get answers, reminders know what they exist for, therapists write notes."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "home_care_plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("effective", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("effective_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("note", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("flare", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("withdrawn_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("arranged_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("effective in ('now', 'tomorrow')", name="home_care_plan_effective"),
        sa.CheckConstraint("length(flare) <= 2000", name="home_care_plan_flare"),
        sa.CheckConstraint("length(note) <= 2000", name="home_care_plan_note"),
        sa.CheckConstraint("version >= 1", name="home_care_plan_version"),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("patient_id", "version", name="one_plan_per_version"),
    )
    with op.batch_alter_table("home_care_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_home_care_plan_author_id"), ["author_id"], unique=False)

    op.create_table(
        "therapist_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("visibility", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("visibility in ('private', 'shared')", name="therapist_note_visibility"),
        sa.CheckConstraint("length(text) <= 2000", name="therapist_note_text"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["therapist_id"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("therapist_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_therapist_note_therapist_id"), ["therapist_id"], unique=False)
        batch_op.create_index(
            "therapist_notes_about", ["patient_id", "therapist_id", "written_at"], unique=False
        )

    op.create_table(
        "plan_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("answer in ('ok', 'too_much', 'hurts', 'no_time')", name="plan_answer_answer"),
        sa.CheckConstraint("length(comment) <= 500", name="plan_answer_comment"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["plan_id"], ["home_care_plan.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "item_id", name="one_answer_per_plan_item"),
    )
    with op.batch_alter_table("plan_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_answer_patient_id"), ["patient_id"], unique=False)

    # Added one by one: rebuilding the table on SQLite would lose its partial index.
    op.add_column(
        "reminder", sa.Column("plan_item", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True)
    )
    op.add_column("reminder", sa.Column("plan_author_id", sa.Uuid(), nullable=True))
    op.add_column("reminder", sa.Column("target", sa.Float(), nullable=True))
    op.add_column("reminder", sa.Column("removed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("reminder", "removed_at")
    op.drop_column("reminder", "target")
    op.drop_column("reminder", "plan_author_id")
    op.drop_column("reminder", "plan_item")
    with op.batch_alter_table("plan_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_answer_patient_id"))

    op.drop_table("plan_answer")
    with op.batch_alter_table("therapist_note", schema=None) as batch_op:
        batch_op.drop_index("therapist_notes_about")
        batch_op.drop_index(batch_op.f("ix_therapist_note_therapist_id"))

    op.drop_table("therapist_note")
    with op.batch_alter_table("home_care_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_home_care_plan_author_id"))

    op.drop_table("home_care_plan")
