"""Clocks of cases and parties, and what blocks the closing of a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them; the rows that are there are folded again, since the fold version has changed."""
    blocks = "what blocks its closing, as of its last fact; empty: nothing; null: it has ended"
    op.add_column("cases", sa.Column("blocks", sa.Text, comment=blocks))
    op.create_table(
        "clocks",
        sa.Column("case_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("clock", sa.Text, nullable=False, comment="disposal, closure, report_in, acceptance …"),
        sa.Column("party", sa.Text, nullable=False, comment="empty: of the case"),
        sa.Column(
            "verdict", sa.Text, nullable=False, comment="as of the last fact: running, paused, met, overdue, exempt …"
        ),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("closed_at", TIME),
        sa.Column("yellow_at", TIME, comment="80 % of the limit used"),
        sa.Column("due_at", TIME, comment="end of the limit; null: nobody can say"),
        sa.Column("overdue_at", TIME),
        sa.Column("basis", sa.Text, nullable=False, comment="on what the limit rests"),
        sa.Column("trouble", sa.Text, nullable=False, comment="why the limit cannot be read; empty: it can"),
        sa.PrimaryKeyConstraint("case_id", "clock", "party"),
    )
    op.create_index("clocks_running", "clocks", ["due_at"], postgresql_where=sa.text("closed_at IS NULL"))
