"""Tables of the connectors: what one must remember so that sending, resending and importing again change nothing."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
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
    Column("told", LargeBinary, comment="digest of what it was made from, where its sender chose its key"),
    Column("stored_at", _TIME, nullable=False, server_default=func.now()),
    Index("claim_store_order", "connector", "number"),
    Index("claim_store_subject", "subject"),
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

connector_states = Table(
    "connector_states",
    metadata,
    Column("department", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("org", Text, nullable=False),
    Column("wanted", Text, nullable=False, server_default="running", comment="running or paused: the wish"),
    Column("restarts", Integer, nullable=False, server_default=text("0"), comment="so often was a restart asked for"),
    Column("state", Text, nullable=False, comment="running, paused, failed or stopped"),
    Column("detail", Text, nullable=False, server_default="", comment="one sentence: why it is so"),
    Column("born_at", _TIME, nullable=False, comment="when it last started"),
    Column("heartbeat_at", _TIME, nullable=False, comment="when it last said that it is there"),
    Column("breaker", Text, nullable=False, server_default="closed", comment="closed, open or half-open"),
)

feed_positions = Table(
    "feed_positions",
    metadata,
    Column("department", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False, comment="number of the last item; the next one has the next number"),
)

connector_subjects = Table(
    "connector_subjects",
    metadata,
    Column("department", Text, primary_key=True),
    Column("subject_id", _UUID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", Text, comment="that people speak, from its card"),
    Column("their_number", Text, comment="the department's own number of it, from its receipts"),
    Column("seq", BigInteger, nullable=False, comment="of the last item about it"),
    Index("connector_subjects_number", "department", "number"),
    Index("connector_subjects_their_number", "department", "their_number"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True, comment="order of a case's steps"),
    Column("destination", Text, nullable=False, comment="the department"),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", _UUID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("n", BigInteger, nullable=False, comment="item of the feed that it comes from"),
    Column("step", Text, nullable=False),
    Column("key", _UUID, nullable=False, unique=True, comment="idempotency key, the same at every attempt"),
    Column("body", JSONB, nullable=False, comment="references in it are opened at the moment of delivery"),
    Column("state", Text, nullable=False, server_default="intent"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("conflicts", Integer, nullable=False, server_default=text("0")),
    Column("doubt", Boolean, nullable=False, server_default=text("false")),
    Column("in_flight", Boolean, nullable=False, server_default=text("false")),
    Column("why", Text, nullable=False, server_default="", comment="code of the last failure"),
    Column("detail", Text, nullable=False, server_default="", comment="one sentence without personal content"),
    Column("made_at", _TIME, nullable=False, comment="when the obligation arose; of a timed one: when it will"),
    Column("next_at", _TIME, nullable=False, comment="not to be tried before"),
    Column("done_at", _TIME, comment="when the other side acknowledged it, or it was called off"),
    Column(
        "timed",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="not owed before its time, and outside of the order of its case",
    ),
    Column("unless", Text, comment="what calls it off while it has not been done"),
)
Index("deliveries_step", deliveries.c.destination, deliveries.c.subject_id, deliveries.c.step, unique=True)
Index(
    "deliveries_due",
    deliveries.c.destination,
    deliveries.c.id,
    postgresql_where=text("state IN ('intent', 'attempted')"),
)
Index(
    "deliveries_unless",
    deliveries.c.destination,
    deliveries.c.subject_id,
    deliveries.c.unless,
    postgresql_where=text("unless IS NOT NULL AND state IN ('intent', 'attempted', 'parked')"),
)
Index(
    "deliveries_held",
    deliveries.c.destination,
    deliveries.c.subject_id,
    deliveries.c.id,
    postgresql_where=text("state IN ('intent', 'attempted', 'parked', 'dead')"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("delivery", BigInteger, primary_key=True),
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("attempt", Integer, nullable=False),
    Column("at", _TIME, nullable=False),
    Column("outcome", Text, nullable=False, comment="acknowledged, confirmed, data, conflict, busy, down, broken"),
    Column("detail", Text, nullable=False, server_default=""),
)

delivery_replays = Table(
    "delivery_replays",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _TIME, nullable=False, server_default=func.now()),
    Column("who", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("what", JSONB, nullable=False, comment="one delivery, one case, or a time range"),
    Column("again", Boolean, nullable=False, comment="true: under new keys, so the other side does it once more"),
    Column("deliveries", Integer, nullable=False, comment="how many are tried again"),
)

connector_nonces = Table(
    "connector_nonces",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("digest", Text, nullable=False, comment="SHA-256 of the body that came with it first"),
    Column("met_at", BigInteger, nullable=False, comment="UTC microseconds of the connector's clock"),
    Column("taken", Boolean, nullable=False, comment="what came with it is in Kafka"),
    Index("connector_nonces_met_at", "connector", "met_at"),
)

connector_notes = Table(
    "connector_notes",
    metadata,
    Column("connector", Text, primary_key=True),
    Column("key", Text, primary_key=True, comment="in the connector's own terms: an event, an order, a sensor"),
    Column("value", JSONB, nullable=False),
    Column("at", _TIME, nullable=False, server_default=func.now()),
)
