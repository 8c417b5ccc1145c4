"""The whole closure loop in the views: what only some cases have, three-cross, summonses, links, other subjects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UUID = sa.Uuid(as_uuid=False)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them; the rows that are there are folded again, since the fold version has changed."""
    _cases()
    _three_cross()
    _bonds()
    _subjects()


def _cases() -> None:
    op.alter_column(
        "cases",
        "upstream_status",
        comment="own word of the system that opened the case",
        existing_comment="the source's own word",
    )
    op.add_column("cases", sa.Column("reporting_org", sa.Text, comment="organisation that the report came from"))
    op.add_column(
        "cases",
        sa.Column(
            "restricted", sa.Boolean, server_default=sa.text("false"), nullable=False, comment="only some may see it"
        ),
    )
    op.add_column(
        "cases", sa.Column("centre", sa.Text, comment="organisation that files and dispatches here; null: not known")
    )
    op.add_column("cases", sa.Column("condition", sa.Text, comment="filing condition: scheme, version, code"))
    op.add_column(
        "cases",
        sa.Column("more", JSONB, comment="what only some cases have; names of streams/views/more.py, times in UTC µs"),
    )
    op.add_column("parties", sa.Column("returned_at", TIME))
    op.add_column("parties", sa.Column("gone_at", TIME, comment="transferred or released"))
    op.add_column("parties", sa.Column("yellow_at", TIME, comment="80 % of its own limit used"))
    op.add_column("parties", sa.Column("due_at", TIME, comment="end of its own limit"))
    op.add_column(
        "parties",
        sa.Column(
            "seq", sa.BigInteger, server_default=sa.text("0"), nullable=False, comment="fact that made it a party"
        ),
    )


def _three_cross() -> None:
    unknown = "null: the reference cannot tell"
    op.create_table(
        "three_cross",
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("region", sa.Boolean, comment=unknown),
        sa.Column("department", sa.Boolean, comment=unknown),
        sa.Column("authority", sa.Boolean, comment=unknown),
        sa.Column("rule", sa.Text, nullable=False, comment="name and version of the rule that says so"),
        sa.Column("reference", sa.BigInteger, nullable=False, comment="version of the reference that counted"),
        sa.Column(
            "why", JSONB, nullable=False, comment="for each part a sentence and the facts (seq) that it rests on"
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index(
        "three_cross_any", "three_cross", ["case_id"], postgresql_where=sa.text("region OR department OR authority")
    )


def _bonds() -> None:
    op.create_table(
        "summons",
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("org", sa.Text, nullable=False),
        sa.Column("called_at", TIME, comment="null: it reported in without having been called"),
        sa.Column("due_at", TIME, comment="null: by the city's rule"),
        sa.Column("reported_in_at", TIME),
        sa.PrimaryKeyConstraint("case_id", "org"),
    )
    op.create_index("summons_org", "summons", ["org"], postgresql_where=sa.text("reported_in_at IS NULL"))
    op.create_table(
        "case_links",
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("other", UUID, nullable=False),
        sa.Column(
            "kind", sa.Text, nullable=False, comment="related … follow_up, suspected, dismissed, merged, absorbed"
        ),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("case_id", "other", "kind"),
    )
    op.create_index("case_links_other", "case_links", ["other"])
    op.create_table(
        "group_members",
        sa.Column("group_id", UUID, nullable=False),
        sa.Column("case_id", UUID, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "case_id"),
    )
    op.create_index("group_members_case_id", "group_members", ["case_id"])


def _subjects() -> None:
    op.create_table(
        "subjects",
        sa.Column("subject_id", UUID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="group, account, worker or household"),
        sa.Column("opened_at", TIME, comment="when its first fact happened"),
        sa.Column("last_fact", sa.Text, nullable=False, comment="name of its last fact that is no refusal"),
        sa.Column("refused", sa.Integer, nullable=False, comment="refused claims"),
        sa.Column("seq", sa.BigInteger, nullable=False, comment="number of the last fact"),
        sa.Column("last_recorded_at", TIME, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("first_offset", sa.BigInteger, nullable=False, comment="offset of its first fact in facts"),
        sa.Column("last_offset", sa.BigInteger, nullable=False, comment="offset of its last fact in facts"),
        sa.Column("state", sa.LargeBinary, nullable=False, comment="msgpack of the folded state"),
        sa.PrimaryKeyConstraint("subject_id"),
    )
    op.create_index("subjects_kind", "subjects", ["kind"])
    op.create_index("subjects_partition", "subjects", ["partition"])
