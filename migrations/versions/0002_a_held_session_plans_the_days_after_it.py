"""A held session plans the days after it; intake, check-in and feedback are kept."""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = "'check_in', 'water', 'stretch', 'exercise', 'sleep', 'custom'"
SESSION_CHECKS = {
    "treatment_session_held_or_not": "held_at is null or cancelled_at is null",
    "treatment_session_visibility": "visibility in ('private', 'shared')",
}


def upgrade() -> None:
    _say_before_and_after()
    _plan_aftercare()
    with op.batch_alter_table("treatment_session") as batch_op:
        batch_op.add_column(sa.Column("regions", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("findings", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("done", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("visibility", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True)
        )
        batch_op.add_column(sa.Column("written_by", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            "treatment_session_written_by_fkey", "account", ["written_by"], ["id"], ondelete="SET NULL"
        )
        for name, condition in SESSION_CHECKS.items():
            batch_op.create_check_constraint(name, condition)
    with op.batch_alter_table("reminder") as batch_op:
        batch_op.add_column(sa.Column("session_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("step", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True))
        batch_op.add_column(sa.Column("step_number", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("on_day", sa.Date(), nullable=True))
        batch_op.create_index(
            "aftercare_days",
            ["patient_id", "on_day"],
            unique=False,
            sqlite_where=sa.text("on_day is not null"),
            postgresql_where=sa.text("on_day is not null"),
        )
        batch_op.create_index("one_reminder_per_step", ["session_id", "step_number"], unique=True)
        batch_op.create_foreign_key(
            "reminder_session_id_fkey", "treatment_session", ["session_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.drop_constraint("reminder_kind", type_="check")
        batch_op.create_check_constraint("reminder_kind", f"kind in ({KINDS}, 'aftercare')")
        batch_op.create_check_constraint(
            "reminder_has_its_reason", "(kind = 'aftercare') = (session_id is not null)"
        )


def _say_before_and_after() -> None:
    op.create_table(
        "intake",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("history", sa.Text(), nullable=True),
        sa.Column("pain_feels", sa.Text(), nullable=True),
        sa.Column("goals", sa.Text(), nullable=True),
        sa.Column("must_know", sa.Text(), nullable=True),
        sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("patient_id"),
    )
    op.create_table(
        "named_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_named_activity_patient_id", "named_activity", ["patient_id"], unique=False)
    op.create_table(
        "check_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("pain_sites", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("overall_change", sa.Integer(), nullable=True),
        sa.Column("safety_items", sa.JSON(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("overall_change between 1 and 7", name="check_in_overall_change"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["session_id"], ["treatment_session.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id"),
    )
    op.create_index("check_ins_of_patient", "check_in", ["patient_id", "answered_at"], unique=False)
    op.create_index(
        "one_check_in_for_the_next",
        "check_in",
        ["patient_id"],
        unique=True,
        sqlite_where=sa.text("session_id is null"),
        postgresql_where=sa.text("session_id is null"),
    )
    op.create_table(
        "activity_score",
        sa.Column("check_in_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint("score between 0 and 10", name="activity_score_range"),
        sa.ForeignKeyConstraint(["activity_id"], ["named_activity.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["check_in_id"], ["check_in.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("check_in_id", "activity_id"),
    )
    op.create_index("ix_activity_score_activity_id", "activity_score", ["activity_id"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("pressure", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.Column("soreness", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("something_wrong_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("given_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("updated_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("pressure in ('too_light', 'right', 'too_strong')", name="feedback_pressure"),
        sa.CheckConstraint("soreness between 0 and 10", name="feedback_soreness"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["session_id"], ["treatment_session.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("ix_feedback_patient_id", "feedback", ["patient_id"], unique=False)


def _plan_aftercare() -> None:
    op.create_table(
        "aftercare_template",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("retired_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapist.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_aftercare_template_therapist_id", "aftercare_template", ["therapist_id"], unique=False
    )
    op.create_table(
        "aftercare_template_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["template_id"], ["aftercare_template.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("template_id", "version", name="one_template_version"),
    )
    op.create_index(
        "ix_aftercare_template_version_template_id",
        "aftercare_template_version",
        ["template_id"],
        unique=False,
    )
    op.create_table(
        "aftercare_sequence",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("template_version_id", sa.Uuid(), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ended_because", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=True),
        sa.CheckConstraint(
            "ended_because in ('something_wrong', 'next_session', 'not_held')",
            name="aftercare_ended_because",
        ),
        sa.CheckConstraint(
            "(ended_at is null) = (ended_because is null)", name="aftercare_ended_for_a_reason"
        ),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["session_id"], ["treatment_session.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["template_version_id"], ["aftercare_template_version.id"], ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("session_id"),
    )
    op.create_index("ix_aftercare_sequence_patient_id", "aftercare_sequence", ["patient_id"], unique=False)
    op.create_index(
        "ix_aftercare_sequence_template_version_id",
        "aftercare_sequence",
        ["template_version_id"],
        unique=False,
    )


def downgrade() -> None:
    op.execute("delete from delivery where kind = 'aftercare'")
    op.execute("delete from reminder where kind = 'aftercare'")
    with op.batch_alter_table("reminder") as batch_op:
        batch_op.drop_index("one_reminder_per_step")
        batch_op.drop_index(
            "aftercare_days",
            sqlite_where=sa.text("on_day is not null"),
            postgresql_where=sa.text("on_day is not null"),
        )
        batch_op.drop_constraint("reminder_has_its_reason", type_="check")
        batch_op.drop_constraint("reminder_kind", type_="check")
        batch_op.create_check_constraint("reminder_kind", f"kind in ({KINDS})")
        for column in ("on_day", "step_number", "step", "session_id"):
            batch_op.drop_column(column)
    with op.batch_alter_table("treatment_session") as batch_op:
        for name in SESSION_CHECKS:
            batch_op.drop_constraint(name, type_="check")
        for column in ("written_by", "visibility", "done", "findings", "regions"):
            batch_op.drop_column(column)
    for table in (
        "aftercare_sequence",
        "activity_score",
        "feedback",
        "check_in",
        "aftercare_template_version",
        "named_activity",
        "intake",
        "aftercare_template",
    ):
        op.drop_table(table)
