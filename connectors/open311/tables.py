"""What an Open311 endpoint answers from: built from its feed alone, apart from everything else that the hub knows."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData()

_UUID = Uuid(as_uuid=False)
_TIME = DateTime(timezone=True)

registers = Table(
    "open311_registers",
    metadata,
    Column("endpoint", Text, primary_key=True, comment="name of the connector"),
    Column("answered", BigInteger, nullable=False, comment="UTC seconds up to which all was told"),
)

requests = Table(
    "open311_requests",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("service_request_id", _UUID, primary_key=True, comment="id of the case"),
    Column("number", BigInteger, Identity(always=True), nullable=False, comment="order in lists"),
    Column("seq", BigInteger, nullable=False, comment="fact that this row shows"),
    Column("hidden", Boolean, nullable=False, comment="restricted, gone, or of no service"),
    Column("stage", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("service_code", Text, nullable=False),
    Column("status", Text, nullable=False, comment="as in updates"),
    Column("note", Text, nullable=False, comment="sentence of the table of statuses"),
    Column("agency", Text),
    Column("requested_at", _TIME, nullable=False),
    Column("updated_at", _TIME, nullable=False, comment="whole seconds, that of its last update"),
    Column("expected_at", _TIME, comment="end of the limit of the case"),
    Column("address", Text),
    Column("longitude", Float),
    Column("latitude", Float),
    Index("open311_requests_order", "endpoint", "requested_at", "number"),
)

updates = Table(
    "open311_updates",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("update_id", Text, primary_key=True, comment="id of the case and number of its fact"),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("service_request_id", _UUID, nullable=False),
    Column("status", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded", BigInteger, nullable=False, comment="UTC seconds, behind what was told before"),
    Index("open311_updates_order", "endpoint", "recorded", "number"),
)

posts = Table(
    "open311_posts",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True, comment="digest of what makes two posts the same"),
    Column("part", Integer, primary_key=True, comment="so many times the same was meant anew"),
    Column("number", Text, nullable=False, comment="number in claims"),
    Column("token", Text, nullable=False),
    Column("service_request_id", _UUID, nullable=False),
    Column("received_at", _TIME, nullable=False),
    Column("taken", Boolean, nullable=False, comment="Kafka has acknowledged its claims"),
    UniqueConstraint("endpoint", "token", name="open311_posts_token"),
    Index("open311_posts_request", "endpoint", "service_request_id"),
)

orders = Table(
    "open311_orders",
    metadata,
    Column("council", Text, primary_key=True, comment="name of the connector"),
    Column("key", Text, primary_key=True, comment="key of the delivery"),
    Column("token", Text, comment="given in the place of a number"),
    Column("service_request_id", Text, comment="number of the council; null until its token tells it"),
    Column("ordered_at", _TIME, nullable=False),
    Index("open311_orders_number", "council", "service_request_id"),
)
