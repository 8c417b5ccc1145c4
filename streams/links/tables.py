"""Tables of links: what it must know across partitions, and the claims that Kafka has not acknowledged yet.

All but the waiting claims can be thrown away and folded again. Times are UTC µs as integers: nobody but links reads
them. A row belongs to the partition of its subject (a suspicion to that of the later case).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

_ID = Text
"""Ids are texts here: they are only ever compared, mostly with lists of them."""


def _partition() -> Column[int]:
    return Column("partition", Integer, nullable=False)


cases = Table(
    "links_cases",
    metadata,
    Column("case_id", _ID, primary_key=True),
    _partition(),
    Column("cell", BigInteger, comment="where it is, as streams/links/near.py numbers cells; null without a place"),
    Column("reported_at", BigInteger, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("state", LargeBinary, nullable=False, comment="msgpack of what is known"),
    Index("links_cases_near", "cell", "reported_at", postgresql_where=sql("cell IS NOT NULL")),
    Index("links_cases_open", "partition", postgresql_where=sql("open")),
)

groups = Table(
    "links_groups",
    metadata,
    Column("group_id", _ID, primary_key=True),
    _partition(),
    Column("state", LargeBinary, nullable=False, comment="msgpack of what is known"),
)

joins = Table(
    "links_joins",
    metadata,
    Column("group_id", _ID, primary_key=True),
    Column("case_id", _ID, primary_key=True),
    _partition(),
    Column("state", LargeBinary, nullable=False, comment="msgpack of what is known"),
)

suspicions = Table(
    "links_suspicions",
    metadata,
    Column("later", _ID, primary_key=True),
    Column("earlier", _ID, primary_key=True),
    _partition(),
    Column("state", LargeBinary, nullable=False, comment="msgpack of what is known"),
    Index("links_suspicions_earlier", "earlier"),
)

contributions = Table(
    "links_contributions",
    metadata,
    Column("fact_id", _ID, primary_key=True),
    _partition(),
    Column("person", Text, nullable=False, comment="opaque reference of the vault"),
    Column("state", LargeBinary, nullable=False, comment="msgpack of what is known"),
    Index("links_contributions_person", "person"),
)

accounts = Table(
    "links_accounts",
    metadata,
    Column("account_id", _ID, primary_key=True),
    _partition(),
    Column("holder", Text, nullable=False, comment="opaque reference of the vault"),
    Column("state", LargeBinary, nullable=False, comment="msgpack of what is known"),
    Index("links_accounts_holder", "holder"),
)

claims = Table(
    "links_claims",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _partition(),
    Column("subject", _ID, nullable=False),
    Column("value", LargeBinary, nullable=False, comment="the bytes of the claim"),
    Index("links_claims_partition", "partition", "id"),
)

partitions = Table(
    "links_partitions",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False, comment="offset of the next fact to work on"),
    Column("swept_at", BigInteger, nullable=False, comment="regime changes until then have been told"),
    Column("topic_id", Text, nullable=False, comment="Kafka's id of the facts topic that was worked on"),
    Column("fold_version", Text, nullable=False, comment="digest of schemas, core and links; another one means refold"),
    Column("broken", JSONB, nullable=False, server_default=sql("'{}'"), comment="subject to reason"),
)
