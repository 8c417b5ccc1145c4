"""Links: what it must know across partitions, and the claims that wait to be sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KNOWN = "msgpack of what is known"
PERSON = "opaque reference of the vault"


def upgrade() -> None:
    """Add them; they are folded from the facts."""
    _cases_and_groups()
    _points()
    _work()


def _partition() -> sa.Column[int]:
    return sa.Column("partition", sa.Integer, nullable=False)


def _state() -> sa.Column[bytes]:
    return sa.Column("state", sa.LargeBinary, nullable=False, comment=KNOWN)


def _cases_and_groups() -> None:
    op.create_table(
        "links_cases",
        sa.Column("case_id", sa.Text, nullable=False),
        _partition(),
        sa.Column(
            "cell", sa.BigInteger, comment="where it is, as streams/links/near.py numbers cells; null without a place"
        ),
        sa.Column("reported_at", sa.BigInteger, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        _state(),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index(
        "links_cases_near", "links_cases", ["cell", "reported_at"], postgresql_where=sa.text("cell IS NOT NULL")
    )
    op.create_index("links_cases_open", "links_cases", ["partition"], postgresql_where=sa.text("open"))
    op.create_table(
        "links_groups",
        sa.Column("group_id", sa.Text, nullable=False),
        _partition(),
        _state(),
        sa.PrimaryKeyConstraint("group_id"),
    )
    op.create_table(
        "links_joins",
        sa.Column("group_id", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        _partition(),
        _state(),
        sa.PrimaryKeyConstraint("group_id", "case_id"),
    )
    op.create_table(
        "links_suspicions",
        sa.Column("later", sa.Text, nullable=False),
        sa.Column("earlier", sa.Text, nullable=False),
        _partition(),
        _state(),
        sa.PrimaryKeyConstraint("later", "earlier"),
    )
    op.create_index("links_suspicions_earlier", "links_suspicions", ["earlier"])


def _points() -> None:
    op.create_table(
        "links_contributions",
        sa.Column("fact_id", sa.Text, nullable=False),
        _partition(),
        sa.Column("person", sa.Text, nullable=False, comment=PERSON),
        _state(),
        sa.PrimaryKeyConstraint("fact_id"),
    )
    op.create_index("links_contributions_person", "links_contributions", ["person"])
    op.create_table(
        "links_accounts",
        sa.Column("account_id", sa.Text, nullable=False),
        _partition(),
        sa.Column("holder", sa.Text, nullable=False, comment=PERSON),
        _state(),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.create_index("links_accounts_holder", "links_accounts", ["holder"])


def _work() -> None:
    op.create_table(
        "links_claims",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _partition(),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False, comment="the bytes of the claim"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("links_claims_partition", "links_claims", ["partition", "id"])
    op.create_table(
        "links_partitions",
        sa.Column("partition", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False, comment="offset of the next fact to work on"),
        sa.Column("swept_at", sa.BigInteger, nullable=False, comment="regime changes until then have been told"),
        sa.Column("topic_id", sa.Text, nullable=False, comment="Kafka's id of the facts topic that was worked on"),
        sa.Column(
            "fold_version",
            sa.Text,
            nullable=False,
            comment="digest of schemas, core and links; another one means refold",
        ),
        sa.Column("broken", JSONB, server_default=sa.text("'{}'"), nullable=False, comment="subject to reason"),
        sa.PrimaryKeyConstraint("partition"),
    )
