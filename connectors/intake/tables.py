"""What an intake remembers: files that callers put, and its feed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, MetaData, Table, Text, Uuid

metadata = MetaData()

files = Table(
    "intake_files",
    metadata,
    Column("intake", Text, primary_key=True, comment="its system"),
    Column("caller", Text, primary_key=True, comment="name of the key"),
    Column("sha256", Text, primary_key=True, comment="digest by which the caller names it"),
    Column("ref", Text, nullable=False, comment="reference in the vault"),
    Column("digest", LargeBinary, nullable=False, comment="salted digest, as in claims"),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
)

cases = Table(
    "intake_cases",
    metadata,
    Column("intake", Text, primary_key=True, comment="its system"),
    Column("case_id", Uuid(as_uuid=False), primary_key=True),
    Column("seq", BigInteger, nullable=False, comment="fact that this row shows"),
    Column("hidden", Boolean, nullable=False, comment="restricted, or gone"),
    Column("number", Text, comment="speakable number, once it is filed"),
    Column("stage", Text, nullable=False),
    Column("lead", Text, comment="organisation that has it"),
    Column("due_at", BigInteger, comment="UTC microseconds"),
    Index("intake_cases_number", "intake", "number"),
)
