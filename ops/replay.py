"""One case straight from Kafka: its facts in order, their fold, and in what the views differ from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import TopicPartition
from sqlalchemy import Connection

from connectors.claims_out import partition_of
from ops import sight
from ops.brokers import reader
from ops.embedded.problem import ServerProblem
from ops.queries import CaseFile, Row
from schemas import codec
from schemas.events import FactMeta, Refused
from schemas.frames import Unreadable
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.visibility import Asker, Scope, fact_as_seen
from streams.views import row as rows
from streams.views.more import More
from streams.views.row import CaseRow, PartyRow
from streams.views.shape import NOT_COLUMNS
from streams.views.sight import scope_of

Progress = Callable[[int, int], None]
"""Told (records read, records there)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """One fact as it stands on Kafka; `meta` and `fact` as schemas.codec decodes them."""

    offset: int
    meta: FactMeta
    fact: Any

    @property
    def refused(self) -> bool:
        return isinstance(self.fact, Refused)


@dataclass(frozen=True, slots=True)
class History:
    """All facts of a case, their partition, and what is wrong with their numbers."""

    partition: int
    facts: tuple[Told, ...]
    gaps: tuple[str, ...]

    @property
    def of_a_case(self) -> bool:
        return bool(self.facts) and self.facts[0].meta.subject.kind == "case"

    def fold(self, seq: int) -> CaseRow:
        """The case after fact number `seq`."""
        row = rows.NEW
        for told in self.facts:
            if row.seq < told.meta.seq <= seq:
                row = rows.evolve(row, told.meta, told.fact)
        return row


def read(kafka: KafkaSettings, hub: HubSettings, case_id: str, progress: Progress) -> History:
    """Read the partition of the case from its beginning to its end, committed records only. Raises ServerProblem."""
    partition = TopicPartition(hub.topic("facts"), partition_of(case_id, hub.partitions))
    key = case_id.encode()
    facts: list[Told] = []
    with reader(kafka) as consumer:
        consumer.assign([partition])
        begin, end = consumer.beginning_offsets([partition])[partition], consumer.end_offsets([partition])[partition]
        consumer.seek(partition, begin)
        while (at := consumer.position(partition)) < end:
            progress(at - begin, end - begin)
            for records in consumer.poll(timeout_ms=1000).values():
                facts += [fact_of(record) for record in records if record.key == key and record.offset < end]
        progress(end - begin, end - begin)
    return History(partition.partition, tuple(facts), tuple(_gaps(facts)))


def as_seen(connection: Connection, history: History, asker: Asker | None) -> History:
    """The facts as the asker may see them, by what the case is now; none of a case that it may not see."""
    if asker is None or not history.facts:
        return history
    scope = _scope(connection, history)
    others = (getattr(told.fact, name, None) for told in history.facts for name in ("other", "into"))
    unseen = sight.unseen(connection, (other for other in others if other), asker)
    seen = [(told.offset, fact_as_seen(told.meta, told.fact, scope, asker, unseen)) for told in history.facts]
    return History(history.partition, tuple(Told(offset, *fact) for offset, fact in seen if fact), history.gaps)


def _scope(connection: Connection, history: History) -> Scope:
    """Who may see the subject: a case by its row, another one by those who have acted in it."""
    subject = history.facts[0].meta.subject
    if subject.kind == "case":
        return scope_of(history.fold(history.facts[-1].meta.seq), sight.centre_of(connection, subject.id))
    acted = (told.meta.actor.org for told in history.facts if not told.refused)
    return Scope(subject.kind, owners=frozenset(acted))


def fact_of(record: Any) -> Told:
    """The fact that a record of the topic holds. Raises ServerProblem where it cannot be read."""
    try:
        meta, fact = codec.decode(record.value)
    except Unreadable as bad:
        where = f"offset {record.offset} of {record.topic}, partition {record.partition}"
        raise ServerProblem(
            f"A fact cannot be read: {bad}", where, "see the runbook: the views stop there, too"
        ) from bad
    assert isinstance(meta, FactMeta)
    return Told(record.offset, meta, fact)


def _gaps(facts: Sequence[Told]) -> list[str]:
    """Where the numbers are not 1, 2, 3 …"""
    wrong, expected = [], 1
    for told in facts:
        if told.meta.seq != expected:
            wrong.append(f"fact {told.meta.seq} at offset {told.offset} stands where fact {expected} belongs")
        expected = told.meta.seq + 1
    return wrong


def behind(history: History, seq: int, next_offset: int) -> int:
    """Number of the subject's facts that the views, which stand at fact `seq` of it, have not come to yet."""
    return sum(told.meta.seq > seq and told.offset >= next_offset for told in history.facts)


def passed_over(history: History, seq: int, next_offset: int) -> list[str]:
    """Facts that the views, which stand at fact `seq`, have left behind them without taking them."""
    passed = [told for told in history.facts if told.meta.seq > seq and told.offset < next_offset]
    return [f"fact {told.meta.seq} ({type(told.fact).__name__}) has been passed over" for told in passed]


def differences(history: History, file: CaseFile | None, next_offset: int) -> list[str]:
    """In what the views differ from the fold of the facts that they have come to; empty when in nothing.

    `next_offset` is how far the views have folded the partition.
    """
    seq = file.case["seq"] if file else 0
    wrong = passed_over(history, seq, next_offset)
    if file is None:
        return wrong
    expected = history.fold(seq)
    if expected.seq != seq:
        return [*wrong, f"they stand at fact {seq}, Kafka has {expected.seq}"]
    return [*wrong, *_fields(expected, file.case), *_parties(expected, file.parties)]


def _fields(expected: CaseRow, row: Row) -> list[str]:
    wrong = []
    told_by_clocks = _BY_CLOCKS if expected.case.clocks.marks else ()
    for name in CaseRow.__struct_fields__:
        if name in NOT_COLUMNS or name in told_by_clocks:
            continue
        theirs, ours = row[name], _as_column(getattr(expected, name), name)
        if ours != theirs:
            wrong.append(f"{name} is {_shown(theirs)}, by the facts {_shown(ours)}")
    return wrong


def _as_column(value: Any, name: str) -> Any:
    if name.endswith("_at") and value is not None:
        return _EPOCH + timedelta(microseconds=value)
    if isinstance(value, More):
        return sight.timed(value)
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)


_BY_CLOCKS = ("yellow_at", "due_at")
"""What a clock tells by the reference, where there is one: a fold of the facts alone cannot say it."""


def _parties(expected: CaseRow, found: Sequence[Row]) -> list[str]:
    told_by_clocks = _BY_CLOCKS if expected.case.clocks.marks else ()
    names = [name for name in PartyRow.__struct_fields__ if name not in told_by_clocks]
    ours = {p.org: {n: _as_column(getattr(p, n), n) for n in names} for p in expected.parties}
    theirs = {p["org"]: {n: p[n] for n in names} for p in found}
    return [
        f"party {org} is {_party(theirs.get(org))}, by the facts {_party(ours.get(org))}"
        for org in sorted(ours.keys() | theirs.keys())
        if ours.get(org) != theirs.get(org)
    ]


def _party(party: dict[str, Any] | None) -> str:
    if party is None:
        return "missing"
    return ", ".join(f"{name} {_shown(value)}" for name, value in party.items() if name != "org" and value is not None)
