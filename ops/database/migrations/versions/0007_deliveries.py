"""Connectors that run: their states, how far they have read their feeds, what they owe to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them, empty."""
    for make in (
        _connector_states,
        _feed_positions,
        _connector_subjects,
        _deliveries,
        _delivery_attempts,
        _delivery_replays,
    ):
        make()


def _connector_states() -> None:
    op.create_table(
        "connector_states",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("org", sa.Text, nullable=False),
        sa.Column("wanted", sa.Text, server_default="running", nullable=False, comment="running or paused: the wish"),
        sa.Column(
            "restarts",
            sa.Integer,
            server_default=sa.text("0"),
            nullable=False,
            comment="so often was a restart asked for",
        ),
        sa.Column("state", sa.Text, nullable=False, comment="running, paused, failed or stopped"),
        sa.Column("detail", sa.Text, server_default="", nullable=False, comment="one sentence: why it is so"),
        sa.Column("born_at", sa.DateTime(timezone=True), nullable=False, comment="when it last started"),
        sa.Column(
            "heartbeat_at", sa.DateTime(timezone=True), nullable=False, comment="when it last said that it is there"
        ),
        sa.Column("breaker", sa.Text, server_default="closed", nullable=False, comment="closed, open or half-open"),
        sa.PrimaryKeyConstraint("department"),
    )


def _feed_positions() -> None:
    op.create_table(
        "feed_positions",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column(
            "n", sa.BigInteger, nullable=False, comment="number of the last item; the next one has the next number"
        ),
        sa.PrimaryKeyConstraint("department", "partition"),
    )


def _connector_subjects() -> None:
    op.create_table(
        "connector_subjects",
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=True, comment="that people speak, from its card"),
        sa.Column(
            "their_number", sa.Text, nullable=True, comment="the department's own number of it, from its receipts"
        ),
        sa.Column("seq", sa.BigInteger, nullable=False, comment="of the last item about it"),
        sa.PrimaryKeyConstraint("department", "subject_id"),
    )
    op.create_index("connector_subjects_number", "connector_subjects", ["department", "number"], unique=False)
    op.create_index(
        "connector_subjects_their_number", "connector_subjects", ["department", "their_number"], unique=False
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False, comment="order of a case's steps"),
        sa.Column("destination", sa.Text, nullable=False, comment="the department"),
        sa.Column("subject_kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False, comment="item of the feed that it comes from"),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("key", sa.Uuid(as_uuid=False), nullable=False, comment="idempotency key, the same at every attempt"),
        sa.Column("body", JSONB, nullable=False, comment="references in it are opened at the moment of delivery"),
        sa.Column("state", sa.Text, server_default="intent", nullable=False),
        sa.Column("attempts", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("failures", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("conflicts", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("doubt", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("in_flight", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("why", sa.Text, server_default="", nullable=False, comment="code of the last failure"),
        sa.Column(
            "detail", sa.Text, server_default="", nullable=False, comment="one sentence without personal content"
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when the obligation arose"),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False, comment="not to be tried before"),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True, comment="when the other side acknowledged it"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index(
        "deliveries_due",
        "deliveries",
        ["destination", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('intent', 'attempted')"),
    )
    op.create_index(
        "deliveries_held",
        "deliveries",
        ["destination", "subject_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('intent', 'attempted', 'parked', 'dead')"),
    )
    op.create_index("deliveries_step", "deliveries", ["destination", "subject_id", "step"], unique=True)


def _delivery_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("delivery", sa.BigInteger, nullable=False),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome", sa.Text, nullable=False, comment="acknowledged, confirmed, data, conflict, busy, down, broken"
        ),
        sa.Column("detail", sa.Text, server_default="", nullable=False),
        sa.PrimaryKeyConstraint("delivery", "number"),
    )


def _delivery_replays() -> None:
    op.create_table(
        "delivery_replays",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("what", JSONB, nullable=False, comment="one delivery, one case, or a time range"),
        sa.Column(
            "again", sa.Boolean, nullable=False, comment="true: under new keys, so the other side does it once more"
        ),
        sa.Column("deliveries", sa.Integer, nullable=False, comment="how many are tried again"),
        sa.PrimaryKeyConstraint("id"),
    )
