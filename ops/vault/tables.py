"""Tables of the vault. No column holds anything personal in clear: content is encrypted, numbers are keyed digests."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
)

metadata = MetaData()

_UUID = Uuid(as_uuid=False)
_TIME = DateTime(timezone=True)

vault_master = Table(
    "vault_master",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("fingerprint", LargeBinary, nullable=False, comment="recognises the master key"),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    CheckConstraint("id = 1", name="vault_master_one_row"),
)

vault_keys = Table(
    "vault_keys",
    metadata,
    Column("key_id", _UUID, primary_key=True, comment="the person, or the entry that has a key of its own"),
    Column("wrapped", LargeBinary, comment="the key under the master key; null once erased"),
    Column("created_at", _TIME, nullable=False, server_default=func.now()),
    Column("erased_at", _TIME),
    CheckConstraint("(wrapped IS NULL) = (erased_at IS NOT NULL)", name="vault_keys_erased"),
)

vault_entries = Table(
    "vault_entries",
    metadata,
    Column("ref", _UUID, primary_key=True),
    Column("key_id", _UUID, ForeignKey(vault_keys.c.key_id, name="vault_entries_key"), nullable=False),
    Column("kind", Text, nullable=False, comment="text, file, contact or number"),
    Column("media_type", Text),
    Column("size", BigInteger, nullable=False, comment="bytes of the content"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of salt and content, as in the reference"),
    Column("sealed", LargeBinary, comment="salt and content, encrypted; null once erased alone"),
    Column("put_at", _TIME, nullable=False, server_default=func.now()),
    Index("vault_entries_key_id", "key_id"),
)

vault_lookups = Table(
    "vault_lookups",
    metadata,
    Column("lookup", LargeBinary, primary_key=True, comment="keyed digest of a source number or an identity"),
    Column(
        "ref",
        _UUID,
        ForeignKey(vault_entries.c.ref, name="vault_lookups_entry", deferrable=True, initially="DEFERRED"),
        nullable=False,
        unique=True,
    ),
)

vault_key_pairs = Table(
    "vault_key_pairs",
    metadata,
    Column("key_id", LargeBinary, primary_key=True, comment="as sealed messages name it"),
    Column("public", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False, comment="the private key under the master key"),
    Column("created_at", _TIME, nullable=False, server_default=func.clock_timestamp()),
)

vault_looks = Table(
    "vault_looks",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _TIME, nullable=False, server_default=func.clock_timestamp()),
    Column("ref", Text, nullable=False, comment="reference of the entry, or digest of the sealed message"),
    Column("kind", Text, comment="null where there is no such entry"),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("outcome", Text, nullable=False, comment="shown, erased or why not"),
    Index("vault_looks_ref", "ref", "at"),
    Index("vault_looks_at", "at"),
)
