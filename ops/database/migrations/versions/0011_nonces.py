"""Nonces of signed messages that connectors have met."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table(
        "connector_nonces",
        sa.Column("connector", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False, comment="SHA-256 of the body that came with it first"),
        sa.Column("met_at", sa.BigInteger, nullable=False, comment="UTC microseconds of the connector's clock"),
        sa.Column("taken", sa.Boolean, nullable=False, comment="what came with it is in Kafka"),
        sa.PrimaryKeyConstraint("connector", "nonce"),
    )
    op.create_index("connector_nonces_met_at", "connector_nonces", ["connector", "met_at"])


def downgrade() -> None:
    """Remove it."""
    op.drop_table("connector_nonces")
