"""What an intake remembers: digests of what callers told, their files, its feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

UUID = sa.Uuid(as_uuid=False)
TOLD = "digest of what it was made from, where its sender chose its key"


def upgrade() -> None:
    """Add a column without values, and tables, empty."""
    op.add_column("claim_store", sa.Column("told", sa.LargeBinary, comment=TOLD))
    op.create_table(
        "intake_files",
        sa.Column("intake", sa.Text, nullable=False, comment="its system"),
        sa.Column("caller", sa.Text, nullable=False, comment="name of the key"),
        sa.Column("sha256", sa.Text, nullable=False, comment="digest by which the caller names it"),
        sa.Column("ref", sa.Text, nullable=False, comment="reference in the vault"),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment="salted digest, as in claims"),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("intake", "caller", "sha256"),
    )
    op.create_table(
        "intake_cases",
        sa.Column("intake", sa.Text, nullable=False, comment="its system"),
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False, comment="fact that this row shows"),
        sa.Column("hidden", sa.Boolean, nullable=False, comment="restricted, or gone"),
        sa.Column("number", sa.Text, comment="speakable number, once it is filed"),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("lead", sa.Text, comment="organisation that has it"),
        sa.Column("due_at", sa.BigInteger, comment="UTC microseconds"),
        sa.PrimaryKeyConstraint("intake", "case_id"),
    )
    op.create_index("intake_cases_number", "intake_cases", ["intake", "number"])


def downgrade() -> None:
    """Remove them."""
    for table in ("intake_cases", "intake_files"):
        op.drop_table(table)
    op.drop_column("claim_store", "told")
