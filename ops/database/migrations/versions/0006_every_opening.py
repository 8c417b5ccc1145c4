"""Every opening of a clock has a line of its own, with its limit, what was used, and its calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them anew, empty; the rows that were there are folded again, since the fold version has changed."""
    op.execute("DELETE FROM clocks")
    op.drop_constraint("clocks_pkey", "clocks")
    op.add_column("clocks", sa.Column("opened_by", sa.BigInteger, nullable=False, comment="fact that opened it"))
    op.create_primary_key("clocks_pkey", "clocks", ["case_id", "clock", "party", "opened_by"])
    stated = "the limit as stated; null: it cannot be read"
    own = "the limit in µs of the clock's own time, extensions included"
    used = "µs of its own time used by the last fact"
    op.add_column("clocks", sa.Column("amount", sa.BigInteger, comment=stated))
    op.add_column(
        "clocks", sa.Column("unit", sa.Text, nullable=False, comment="of the amount; empty: it cannot be read")
    )
    op.add_column("clocks", sa.Column("limit_us", sa.BigInteger, comment=own))
    op.add_column("clocks", sa.Column("used_us", sa.BigInteger, nullable=False, comment=used))
    calendar = "name and version; empty: runs day and night"
    op.add_column("clocks", sa.Column("calendar", sa.Text, nullable=False, comment=calendar))
    basis = "on what the limit rests: condition and version, summons, promise"
    op.alter_column("clocks", "basis", comment=basis)
