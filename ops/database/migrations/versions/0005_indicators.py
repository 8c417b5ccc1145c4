"""What indicators ask of the clocks of cases: when a limit cannot end before, how often it was extended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them; the rows that are there are folded again, since the fold version has changed."""
    not_before = sa.Column("not_before", TIME, comment="where due_at is not known: the limit does not end before")
    often = "how often it was extended 延期"
    op.add_column("clocks", not_before)
    op.add_column("clocks", sa.Column("extensions", sa.Integer, nullable=False, server_default="0", comment=often))
    op.create_index("clocks_due", "clocks", ["clock", "due_at"])
