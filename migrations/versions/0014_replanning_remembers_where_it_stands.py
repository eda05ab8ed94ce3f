"""Planning all reminders anew remembers where it stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("zone_data") as table:
        table.add_column(sa.Column("reached", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("zone_data") as table:
        table.drop_column("reached")
