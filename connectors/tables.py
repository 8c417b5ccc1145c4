"""Tables of the connectors: what one must remember so that sending, resending and importing again change nothing."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

_UUID = Uuid(as_uuid=False)
_TIME = DateTime(timezone=True)

claim_store = Table(
    "claim_store",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("claim_id", _UUID, primary_key=True),
    Column("number", BigInteger, Identity(always=True), nullable=False, comment="order of storing, hence of resending"),
    Column("subject", _UUID, nullable=False, comment="key of the Kafka record"),
    Column("value", LargeBinary, nullable=False, comment="the very bytes that are sent, and sent again"),
    Column("stored_at", _TIME, nullable=False, server_default=func.now()),
    Index("claim_store_order", "connector", "number"),
)

positions = Table(
    "positions",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("position", JSONB, nullable=False, comment="how far the source has been read, in the source's own terms"),
    Column(
        "acknowledged",
        BigInteger,
        nullable=False,
        server_default=text("0"),
        comment="Kafka has acknowledged stored claims up to this number; a mark on each would double the writing",
    ),
    Column("updated_at", _TIME, nullable=False, server_default=func.now()),
)

connector_dead_letters = Table(
    "connector_dead_letters",
    metadata,
    Column(
        "id",
        _UUID,
        primary_key=True,
        server_default=func.gen_random_uuid(),
        comment="derived from connector and position where possible, so that importing again adds none",
    ),
    Column("connector", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="code of the reason"),
    Column("detail", Text, nullable=False, comment="one sentence without personal content"),
    Column("position", JSONB, nullable=False, comment="where in the source"),
    Column("sealed", LargeBinary, nullable=False, comment="the original bytes, sealed for the vault"),
    Column("at", _TIME, nullable=False, server_default=func.now()),
    Index("connector_dead_letters_at", "connector", "at"),
)
