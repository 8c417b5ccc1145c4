"""Deliveries that are not owed before their time, and may be called off."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MADE = "when the obligation arose"
_DONE = "when the other side acknowledged it"


def upgrade() -> None:
    """Add the columns; what is there is not timed."""
    op.add_column(
        "deliveries",
        sa.Column(
            "timed",
            sa.Boolean,
            server_default=sa.text("false"),
            nullable=False,
            comment="not owed before its time, and outside of the order of its case",
        ),
    )
    op.add_column(
        "deliveries",
        sa.Column("unless", sa.Text, nullable=True, comment="what calls it off while it has not been done"),
    )
    op.create_index(
        "deliveries_unless",
        "deliveries",
        ["destination", "subject_id", "unless"],
        postgresql_where=sa.text("unless IS NOT NULL AND state IN ('intent', 'attempted', 'parked')"),
    )
    op.alter_column("deliveries", "made_at", comment=f"{_MADE}; of a timed one: when it will", existing_comment=_MADE)
    op.alter_column("deliveries", "done_at", comment=f"{_DONE}, or it was called off", existing_comment=_DONE)


def downgrade() -> None:
    """Remove them."""
    op.alter_column("deliveries", "done_at", comment=_DONE, existing_comment=f"{_DONE}, or it was called off")
    op.alter_column("deliveries", "made_at", comment=_MADE, existing_comment=f"{_MADE}; of a timed one: when it will")
    op.drop_index("deliveries_unless", "deliveries")
    op.drop_column("deliveries", "unless")
    op.drop_column("deliveries", "timed")
