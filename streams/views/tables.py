"""Tables of the views: what the facts say now, for queries. All of it can be thrown away and folded again.

One process writes a partition's rows (streams/views); everybody else reads. Times are UTC with microseconds. There are
no foreign keys: rows come in batches from the fold of one partition, which cannot contradict itself, and checking them
again row by row would cost more than writing them.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

_UUID = Uuid(as_uuid=False)
_TIME = DateTime(timezone=True)


def _time(name: str, *, nullable: bool = True, comment: str | None = None) -> Column[object]:
    return Column(name, _TIME, nullable=nullable, comment=comment)


cases = Table(
    "cases",
    metadata,
    Column("case_id", _UUID, primary_key=True),
    Column("number", Text, unique=True, comment="speakable number; null before filing"),
    Column("system", Text, nullable=False, comment="system of the opening report"),
    Column("source_number", Text, nullable=False, comment="its number there, a random alias where that is personal"),
    Column("stage", Text, nullable=False),
    Column("category_scheme", Text),
    Column("category_version", Text),
    Column("category_code", Text),
    Column("division", Text),
    Column("grid", Text),
    Column("longitude", Double, comment="degrees east, CGCS2000/WGS-84"),
    Column("latitude", Double, comment="degrees north, CGCS2000/WGS-84"),
    Column("inlet", Text),
    _time("opened_at", comment="null where no report was ever accepted, only refused"),
    _time("filed_at"),
    _time("dispatched_at"),
    _time("handed_back_at"),
    _time("checked_at"),
    _time("closed_at"),
    Column("closing_kind", Text),
    Column("lead", Text, comment="organisation that leads"),
    _time("committed_due_at", comment="promised end"),
    _time("yellow_at", comment="80 % of the limit used"),
    _time("due_at", comment="end of the limit"),
    Column("reworks", Integer, nullable=False, server_default=text("0")),
    Column("refused", Integer, nullable=False, server_default=text("0"), comment="refused claims"),
    Column("irregular", ARRAY(Text), nullable=False, server_default=text("'{}'"), comment="rules that were broken"),
    Column("upstream_status", Text, comment="own word of the system that opened the case"),
    Column("reporting_org", Text, comment="organisation that the report came from"),
    Column("restricted", Boolean, nullable=False, server_default=text("false"), comment="only some may see it"),
    Column("centre", Text, comment="organisation that files and dispatches here; null: not known"),
    Column("condition", Text, comment="filing condition: scheme, version, code"),
    Column("more", JSONB, comment="what only some cases have; names of streams/views/more.py, times in UTC µs"),
    Column("blocks", Text, comment="what blocks its closing, as of its last fact; empty: nothing; null: it has ended"),
    Column("seq", BigInteger, nullable=False, comment="number of the last fact"),
    _time("last_recorded_at", nullable=False),
    Column("partition", Integer, nullable=False),
    Column("first_offset", BigInteger, nullable=False, comment="offset of its first fact in facts"),
    Column("last_offset", BigInteger, nullable=False, comment="offset of its last fact in facts"),
    Column("state", LargeBinary, nullable=False, comment="msgpack of the folded state"),
    Index("cases_stage", "stage"),
    Index("cases_division", "division"),
    Index("cases_lead", "lead"),
    Index("cases_opened_at", "opened_at"),
    Index("cases_closed_at", "closed_at"),
    Index("cases_open_due_at", "due_at", postgresql_where=text("closed_at IS NULL")),
    Index("cases_partition", "partition"),
)

parties = Table(
    "parties",
    metadata,
    Column("case_id", _UUID, primary_key=True),
    Column("org", Text, primary_key=True),
    Column("role", Text, nullable=False, comment="lead, assist or inform"),
    Column("status", Text, nullable=False),
    _time("dispatched_at"),
    _time("acknowledged_at"),
    _time("handed_back_at"),
    _time("returned_at"),
    _time("gone_at", comment="transferred or released"),
    _time("yellow_at", comment="80 % of its own limit used"),
    _time("due_at", comment="end of its own limit"),
    Column("seq", BigInteger, nullable=False, server_default=text("0"), comment="fact that made it a party"),
    Index("parties_org", "org", "status"),
)

three_cross = Table(
    "three_cross",
    metadata,
    Column("case_id", _UUID, primary_key=True),
    Column("region", Boolean, comment="null: the reference cannot tell"),
    Column("department", Boolean, comment="null: the reference cannot tell"),
    Column("authority", Boolean, comment="null: the reference cannot tell"),
    Column("rule", Text, nullable=False, comment="name and version of the rule that says so"),
    Column("reference", BigInteger, nullable=False, comment="version of the reference that counted"),
    Column("why", JSONB, nullable=False, comment="for each part a sentence and the facts (seq) that it rests on"),
    Index("three_cross_any", "case_id", postgresql_where=text("region OR department OR authority")),
)

clocks = Table(
    "clocks",
    metadata,
    Column("case_id", _UUID, primary_key=True),
    Column("clock", Text, primary_key=True, comment="disposal, closure, report_in, acceptance …"),
    Column("party", Text, primary_key=True, comment="empty: of the case"),
    Column("opened_by", BigInteger, primary_key=True, autoincrement=False, comment="fact that opened it"),
    Column("verdict", Text, nullable=False, comment="as of the last fact: running, paused, met, overdue, exempt …"),
    _time("opened_at", nullable=False),
    _time("closed_at"),
    _time("yellow_at", comment="80 % of the limit used"),
    _time("due_at", comment="end of the limit; null: nobody can say"),
    _time("overdue_at"),
    _time("not_before", comment="where due_at is not known: the limit does not end before"),
    Column("extensions", Integer, nullable=False, server_default=text("0"), comment="how often it was extended 延期"),
    Column("amount", BigInteger, comment="the limit as stated; null: it cannot be read"),
    Column("unit", Text, nullable=False, comment="of the amount; empty: it cannot be read"),
    Column("limit_us", BigInteger, comment="the limit in µs of the clock's own time, extensions included"),
    Column("used_us", BigInteger, nullable=False, comment="µs of its own time used by the last fact"),
    Column("calendar", Text, nullable=False, comment="name and version; empty: runs day and night"),
    Column("basis", Text, nullable=False, comment="on what the limit rests: condition and version, summons, promise"),
    Column("trouble", Text, nullable=False, comment="why the limit cannot be read; empty: it can"),
    Index("clocks_running", "due_at", postgresql_where=text("closed_at IS NULL")),
    Index("clocks_due", "clock", "due_at"),
)

summons = Table(
    "summons",
    metadata,
    Column("case_id", _UUID, primary_key=True),
    Column("org", Text, primary_key=True),
    _time("called_at", comment="null: it reported in without having been called"),
    _time("due_at", comment="null: by the city's rule"),
    _time("reported_in_at"),
    Index("summons_org", "org", postgresql_where=text("reported_in_at IS NULL")),
)

case_links = Table(
    "case_links",
    metadata,
    Column("case_id", _UUID, primary_key=True),
    Column("other", _UUID, primary_key=True),
    Column("kind", Text, primary_key=True, comment="related … follow_up, suspected, dismissed, merged, absorbed"),
    _time("since", nullable=False),
    Index("case_links_other", "other"),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", _UUID, primary_key=True),
    Column("case_id", _UUID, primary_key=True),
    Index("group_members_case_id", "case_id"),
)

subjects = Table(
    "subjects",
    metadata,
    Column("subject_id", _UUID, primary_key=True),
    Column("kind", Text, nullable=False, comment="group, account, worker or household"),
    _time("opened_at", comment="when its first fact happened"),
    Column("last_fact", Text, nullable=False, comment="name of its last fact that is no refusal"),
    Column("refused", Integer, nullable=False, comment="refused claims"),
    Column("seq", BigInteger, nullable=False, comment="number of the last fact"),
    _time("last_recorded_at", nullable=False),
    Column("partition", Integer, nullable=False),
    Column("first_offset", BigInteger, nullable=False, comment="offset of its first fact in facts"),
    Column("last_offset", BigInteger, nullable=False, comment="offset of its last fact in facts"),
    Column("state", LargeBinary, nullable=False, comment="msgpack of the folded state"),
    Index("subjects_kind", "kind"),
    Index("subjects_partition", "partition"),
)

aliases = Table(
    "aliases",
    metadata,
    Column("system", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("case_id", _UUID, nullable=False),
    Index("aliases_case_id", "case_id"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("fact_id", _UUID, primary_key=True),
    Column("case_id", _UUID, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("claim_type", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("detail", Text, nullable=False),
    _time("recorded_at", nullable=False),
    Index("refusals_case_id", "case_id", "seq"),
    Index("refusals_recorded_at", "recorded_at"),
)

partitions = Table(
    "partitions",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False, comment="offset of the next fact to fold"),
    _time("watermark", comment="recorded_at of the last fact folded: the views are final up to here"),
    Column("topic_id", Text, comment="Kafka's id of the facts topic that was folded"),
    Column("fold_version", Text, nullable=False, comment="digest of schemas and core; another one means refold"),
    Column("broken", JSONB, nullable=False, server_default=text("'{}'"), comment="subject to reason"),
)
