"""Claims by their subject: who reported a case is looked up when a department may call them."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("claim_store_subject", "claim_store", ["subject"])
