"""The demo's own reading of Kafka: facts folded by hand into what its figures need, without the views' code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer

from ops.brokers import begin_offsets, end_offsets, partitions_of
from ops.lag import Decided
from schemas import codec, events
from schemas.events import FactMeta
from schemas.frames import Unreadable
from schemas.wire.settings import HubSettings


@dataclass(slots=True)
class CaseTold:
    """What the facts tell of one case; times are UTC µs."""

    system: str = ""
    facts: int = 0
    refused: int = 0
    irregular: bool = False
    self_handled: bool = False
    dispatched: bool = False
    lead: str | None = None
    status: str | None = None
    due: int | None = None
    closed: int | None = None
    ran_out: bool = False
    reworks: int = 0

    def see(self, meta: FactMeta, fact: Any) -> None:
        """One more fact."""
        self.facts += 1
        self.irregular |= bool(meta.irregular)
        match fact:
            case events.Reported():
                self.system, self.status = meta.source.system, fact.upstream_status
            case events.Refused():
                self.refused += 1
            case events.Dispatched():
                self.dispatched = True
                self.lead = next((party.org for party in fact.parties if party.role == "lead"), None)
            case events.Committed():
                self.due = fact.due_at
            case events.RanOut():
                self.ran_out = True
            case events.SelfHandled():
                self.self_handled = True
            case events.ReworkOrdered():
                self.reworks += 1
            case events.Closed():
                self.closed, self.status = meta.occurred_at, fact.upstream_status or self.status


@dataclass(slots=True)
class Claims:
    """Claims of one system on Kafka: their ids, the subjects they are about, and where each stands."""

    subjects: set[str] = field(default_factory=set)
    places: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


class Reading:
    """Reads facts (and positions) as they come, from the beginning. `poll` waits for more, at most half a second."""

    def __init__(self, consumer: KafkaConsumer, hub: HubSettings) -> None:
        self._consumer = consumer
        self._hub = hub
        self._facts = hub.topic("facts")
        self.decided = Decided()
        self.cases: dict[str, CaseTold] = {}
        self.claim_ids: set[str] = set()
        consumer.assign(
            [tp for name in ("facts", "positions") for tp in partitions_of(hub.topic(name), hub.partitions)]
        )
        consumer.seek_to_beginning()

    def poll(self) -> int:
        """Take in what has come; returns the number of records."""
        count = 0
        for tp, records in self._consumer.poll(timeout_ms=500).items():
            count += len(records)
            for record in records:
                if tp.topic == self._facts:
                    self._see_fact(record)
                else:
                    self.decided.see_position(record)
        return count

    def _see_fact(self, record: Any) -> None:
        meta, fact = codec.decode(record.value)
        assert isinstance(meta, FactMeta)
        self.decided.see_fact(record)
        self.claim_ids.add(meta.claim_id)
        self.cases.setdefault(meta.subject.id, CaseTold()).see(meta, fact)

    def unnoticed(self, now: int) -> int:
        """Open cases whose promise is over at `now` (UTC µs), which no fact says yet."""
        every = self.cases.values()
        return sum(
            case.closed is None and case.due is not None and case.due < now and not case.ran_out for case in every
        )

    def of(self, system: str) -> list[CaseTold]:
        """Cases that were opened by a report of this system."""
        return [case for case in self.cases.values() if case.system == system]


def ends(consumer: KafkaConsumer, hub: HubSettings, topic: str) -> dict[int, int]:
    """Offset behind the last record of each partition of a topic."""
    return end_offsets(consumer, hub.topic(topic), hub.partitions)


def read_claims(consumer: KafkaConsumer, hub: HubSettings) -> Mapping[str, Claims]:
    """All claims on Kafka, by source system. A record that cannot be read belongs to none."""
    topic = hub.topic("claims")
    wanted, begins = ends(consumer, hub, "claims"), begin_offsets(consumer, topic, hub.partitions)
    consumer.assign(partitions_of(topic, hub.partitions))
    consumer.seek_to_beginning()
    found: dict[str, Claims] = defaultdict(Claims)
    missing = sum(wanted.values()) - sum(begins.values())
    while missing > 0:
        for records in consumer.poll(timeout_ms=500).values():
            for record in records:
                if record.offset < wanted[record.partition]:
                    missing -= 1
                    _see_claim(found, record)
    return found


def _see_claim(found: Mapping[str, Claims], record: Any) -> None:
    try:
        meta = codec.decode_meta(record.value)
    except Unreadable:
        return
    claims = found[meta.source.system]
    claims.subjects.add(meta.subject.id)
    claims.places[meta.claim_id].add(f"{record.topic}, partition {record.partition}, offset {record.offset}")
