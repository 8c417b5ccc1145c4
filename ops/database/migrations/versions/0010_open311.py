"""What an Open311 endpoint answers from, and what was ordered from other councils."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UUID = sa.Uuid(as_uuid=False)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them, empty."""
    for make in (_registers, _requests, _updates, _posts, _orders):
        make()


def _registers() -> None:
    op.create_table(
        "open311_registers",
        sa.Column("endpoint", sa.Text, nullable=False, comment="name of the connector"),
        sa.Column("answered", sa.BigInteger, nullable=False, comment="UTC seconds up to which all was told"),
        sa.PrimaryKeyConstraint("endpoint"),
    )


def _requests() -> None:
    op.create_table(
        "open311_requests",
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("service_request_id", UUID, nullable=False, comment="id of the case"),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False, comment="order in lists"),
        sa.Column("seq", sa.BigInteger, nullable=False, comment="fact that this row shows"),
        sa.Column("hidden", sa.Boolean, nullable=False, comment="restricted, gone, or of no service"),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("jurisdiction", sa.Text, nullable=False),
        sa.Column("service_code", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False, comment="as in updates"),
        sa.Column("note", sa.Text, nullable=False, comment="sentence of the table of statuses"),
        sa.Column("agency", sa.Text),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False, comment="whole seconds, that of its last update"),
        sa.Column("expected_at", TIME, comment="end of the limit of the case"),
        sa.Column("address", sa.Text),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
        sa.PrimaryKeyConstraint("endpoint", "service_request_id"),
    )
    op.create_index("open311_requests_order", "open311_requests", ["endpoint", "requested_at", "number"])


def _updates() -> None:
    op.create_table(
        "open311_updates",
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("update_id", sa.Text, nullable=False, comment="id of the case and number of its fact"),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("service_request_id", UUID, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recorded", sa.BigInteger, nullable=False, comment="UTC seconds, behind what was told before"),
        sa.PrimaryKeyConstraint("endpoint", "update_id"),
    )
    op.create_index("open311_updates_order", "open311_updates", ["endpoint", "recorded", "number"])


def _posts() -> None:
    op.create_table(
        "open311_posts",
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, comment="digest of what makes two posts the same"),
        sa.Column("part", sa.Integer, nullable=False, comment="so many times the same was meant anew"),
        sa.Column("number", sa.Text, nullable=False, comment="number in claims"),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("service_request_id", UUID, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("taken", sa.Boolean, nullable=False, comment="Kafka has acknowledged its claims"),
        sa.PrimaryKeyConstraint("endpoint", "caller", "key", "part"),
        sa.UniqueConstraint("endpoint", "token", name="open311_posts_token"),
    )
    op.create_index("open311_posts_request", "open311_posts", ["endpoint", "service_request_id"])


def _orders() -> None:
    op.create_table(
        "open311_orders",
        sa.Column("council", sa.Text, nullable=False, comment="name of the connector"),
        sa.Column("key", sa.Text, nullable=False, comment="key of the delivery"),
        sa.Column("token", sa.Text, comment="given in the place of a number"),
        sa.Column("service_request_id", sa.Text, comment="number of the council; null until its token tells it"),
        sa.Column("ordered_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("council", "key"),
    )
    op.create_index("open311_orders_number", "open311_orders", ["council", "service_request_id"])
