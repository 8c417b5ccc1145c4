"""The first tables: views, what connectors remember, vault."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UUID = sa.Uuid(as_uuid=False)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create everything; there is no way down: views are folded again, the rest comes back from a backup."""
    _views()
    _connectors()
    _vault()


def _views() -> None:
    op.create_table(
        "aliases",
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("case_id", UUID, nullable=False),
        sa.PrimaryKeyConstraint("system", "number"),
    )
    op.create_index("aliases_case_id", "aliases", ["case_id"])
    op.create_table(
        "cases",
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("number", sa.Text, comment="speakable number; null before filing"),
        sa.Column("system", sa.Text, nullable=False, comment="system of the opening report"),
        sa.Column(
            "source_number", sa.Text, nullable=False, comment="its number there, a random alias where that is personal"
        ),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("category_scheme", sa.Text),
        sa.Column("category_version", sa.Text),
        sa.Column("category_code", sa.Text),
        sa.Column("division", sa.Text),
        sa.Column("grid", sa.Text),
        sa.Column("longitude", sa.Double, comment="degrees east, CGCS2000/WGS-84"),
        sa.Column("latitude", sa.Double, comment="degrees north, CGCS2000/WGS-84"),
        sa.Column("inlet", sa.Text),
        sa.Column("opened_at", TIME, comment="null where no report was ever accepted, only refused"),
        sa.Column("filed_at", TIME),
        sa.Column("dispatched_at", TIME),
        sa.Column("handed_back_at", TIME),
        sa.Column("checked_at", TIME),
        sa.Column("closed_at", TIME),
        sa.Column("closing_kind", sa.Text),
        sa.Column("lead", sa.Text, comment="organisation that leads"),
        sa.Column("committed_due_at", TIME, comment="promised end"),
        sa.Column("yellow_at", TIME, comment="80 % of the limit used"),
        sa.Column("due_at", TIME, comment="end of the limit"),
        sa.Column("reworks", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("refused", sa.Integer, server_default=sa.text("0"), nullable=False, comment="refused claims"),
        sa.Column(
            "irregular",
            sa.ARRAY(sa.Text),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="rules that were broken",
        ),
        sa.Column("upstream_status", sa.Text, comment="the source's own word"),
        sa.Column("seq", sa.BigInteger, nullable=False, comment="number of the last fact"),
        sa.Column("last_recorded_at", TIME, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("first_offset", sa.BigInteger, nullable=False, comment="offset of its first fact in facts"),
        sa.Column("last_offset", sa.BigInteger, nullable=False, comment="offset of its last fact in facts"),
        sa.Column("state", sa.LargeBinary, nullable=False, comment="msgpack of the folded state"),
        sa.PrimaryKeyConstraint("case_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("cases_closed_at", "cases", ["closed_at"])
    op.create_index("cases_division", "cases", ["division"])
    op.create_index("cases_lead", "cases", ["lead"])
    op.create_index("cases_open_due_at", "cases", ["due_at"], postgresql_where=sa.text("closed_at IS NULL"))
    op.create_index("cases_opened_at", "cases", ["opened_at"])
    op.create_index("cases_partition", "cases", ["partition"])
    op.create_index("cases_stage", "cases", ["stage"])
    op.create_table(
        "parties",
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("org", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False, comment="lead, assist or inform"),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("dispatched_at", TIME),
        sa.Column("acknowledged_at", TIME),
        sa.Column("handed_back_at", TIME),
        sa.PrimaryKeyConstraint("case_id", "org"),
    )
    op.create_index("parties_org", "parties", ["org", "status"])
    op.create_table(
        "partitions",
        sa.Column("partition", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger, nullable=False, comment="offset of the next fact to fold"),
        sa.Column("watermark", TIME, comment="recorded_at of the last fact folded: the views are final up to here"),
        sa.Column("topic_id", sa.Text, comment="Kafka's id of the facts topic that was folded"),
        sa.Column(
            "fold_version", sa.Text, nullable=False, comment="digest of schemas and core; another one means refold"
        ),
        sa.Column("broken", JSONB, server_default=sa.text("'{}'"), nullable=False, comment="subject to reason"),
        sa.PrimaryKeyConstraint("partition"),
    )
    op.create_table(
        "refusals",
        sa.Column("fact_id", UUID, nullable=False),
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("claim_type", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("recorded_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("fact_id"),
    )
    op.create_index("refusals_case_id", "refusals", ["case_id", "seq"])
    op.create_index("refusals_recorded_at", "refusals", ["recorded_at"])


def _connectors() -> None:
    op.create_table(
        "claim_store",
        sa.Column("connector", sa.Text, nullable=False),
        sa.Column("claim_id", UUID, nullable=False),
        sa.Column(
            "number",
            sa.BigInteger,
            sa.Identity(always=True),
            nullable=False,
            comment="order of storing, hence of resending",
        ),
        sa.Column("subject", UUID, nullable=False, comment="key of the Kafka record"),
        sa.Column("value", sa.LargeBinary, nullable=False, comment="the very bytes that are sent, and sent again"),
        sa.Column("stored_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("connector", "claim_id"),
    )
    op.create_index("claim_store_order", "claim_store", ["connector", "number"])
    op.create_table(
        "connector_dead_letters",
        sa.Column(
            "id",
            UUID,
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="derived from connector and position where possible, so that importing again adds none",
        ),
        sa.Column("connector", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, comment="code of the reason"),
        sa.Column("detail", sa.Text, nullable=False, comment="one sentence without personal content"),
        sa.Column("position", JSONB, nullable=False, comment="where in the source"),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="the original bytes, sealed for the vault"),
        sa.Column("at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("connector_dead_letters_at", "connector_dead_letters", ["connector", "at"])
    op.create_table(
        "positions",
        sa.Column("connector", sa.Text, nullable=False),
        sa.Column(
            "position", JSONB, nullable=False, comment="how far the source has been read, in the source's own terms"
        ),
        sa.Column(
            "acknowledged",
            sa.BigInteger,
            server_default=sa.text("0"),
            nullable=False,
            comment="Kafka has acknowledged stored claims up to this number; a mark on each would double the writing",
        ),
        sa.Column("updated_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("connector"),
    )


def _vault() -> None:
    op.create_table(
        "vault_key_pairs",
        sa.Column("key_id", sa.LargeBinary, nullable=False, comment="as sealed messages name it"),
        sa.Column("public", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False, comment="the private key under the master key"),
        sa.Column("created_at", TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "vault_keys",
        sa.Column("key_id", UUID, nullable=False, comment="the person, or the entry that has a key of its own"),
        sa.Column("wrapped", sa.LargeBinary, comment="the key under the master key; null once erased"),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.Column("erased_at", TIME),
        sa.CheckConstraint("(wrapped IS NULL) = (erased_at IS NOT NULL)", name="vault_keys_erased"),
        sa.PrimaryKeyConstraint("key_id"),
    )
    op.create_table(
        "vault_looks",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("at", TIME, server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("ref", sa.Text, nullable=False, comment="reference of the entry, or digest of the sealed message"),
        sa.Column("kind", sa.Text, comment="null where there is no such entry"),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False, comment="shown, erased or why not"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("vault_looks_at", "vault_looks", ["at"])
    op.create_index("vault_looks_ref", "vault_looks", ["ref", "at"])
    op.create_table(
        "vault_master",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False, comment="recognises the master key"),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("id = 1", name="vault_master_one_row"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "vault_entries",
        sa.Column("ref", UUID, nullable=False),
        sa.Column("key_id", UUID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False, comment="text, file, contact or number"),
        sa.Column("media_type", sa.Text),
        sa.Column("size", sa.BigInteger, nullable=False, comment="bytes of the content"),
        sa.Column("digest", sa.LargeBinary, nullable=False, comment="SHA-256 of salt and content, as in the reference"),
        sa.Column("sealed", sa.LargeBinary, comment="salt and content, encrypted; null once erased alone"),
        sa.Column("put_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["vault_keys.key_id"], name="vault_entries_key"),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("vault_entries_key_id", "vault_entries", ["key_id"])
    op.create_table(
        "vault_lookups",
        sa.Column("lookup", sa.LargeBinary, nullable=False, comment="keyed digest of a source number or an identity"),
        sa.Column("ref", UUID, nullable=False),
        sa.ForeignKeyConstraint(
            ["ref"], ["vault_entries.ref"], name="vault_lookups_entry", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("lookup"),
        sa.UniqueConstraint("ref"),
    )
