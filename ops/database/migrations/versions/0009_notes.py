"""What connectors note for themselves: which call-backs they have seen, how each sensor is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table(
        "connector_notes",
        sa.Column("connector", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, comment="in the connector's own terms: an event, an order, a sensor"),
        sa.Column("value", JSONB, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("connector", "key"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("connector_notes")
