"""How far casework and the views are, from what stands on Kafka itself: facts carry the position of their claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from ops.brokers import begin_offsets, end_offsets, partitions_of, reader
from schemas import codec
from schemas.events import HubPosition
from schemas.wire.headers import START, Position, position_of
from schemas.wire.settings import HubSettings, KafkaSettings

TAIL = 200
"""Offsets at the end of a partition of facts among which there surely is a fact: each transaction leaves one marker."""


@dataclass(slots=True)
class Decided:
    """How far casework has come, by partition: the newest position, and the offset of the newest fact (-1: none)."""

    positions: dict[int, Position] = field(default_factory=dict)
    newest_facts: dict[int, int] = field(default_factory=dict)

    def see_fact(self, record: Any) -> None:
        """A record of facts."""
        self.newest_facts[record.partition] = record.offset
        self._advance(record.partition, position_of(record.headers))

    def see_position(self, record: Any) -> None:
        """A record of positions, left by a batch that ended without a fact."""
        found = codec.decode_hub(record.value)
        assert isinstance(found, HubPosition)
        self._advance(record.partition, Position(found.epoch, found.offset, found.index, found.count))

    def _advance(self, partition: int, position: Position) -> None:
        self.positions[partition] = max(self.positions.get(partition, START), position)

    def waiting_claims(self, claim_ends: Mapping[int, int], epoch: int) -> int:
        """Claims not yet decided; `claim_ends`: the offset behind the last claim of each partition."""
        return sum(max(0, end - self._next_claim(p, epoch)) for p, end in claim_ends.items())

    def _next_claim(self, partition: int, epoch: int) -> int:
        position = self.positions.get(partition, START)
        return position.offset + 1 if position.epoch == epoch else 0

    def waiting_facts(self, next_offsets: Mapping[int, int]) -> int:
        """Facts not yet in the views; `next_offsets` as the views have them. Markers among them count, too."""
        return sum(max(0, newest + 1 - next_offsets.get(p, 0)) for p, newest in self.newest_facts.items())


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is still to be done."""

    claims: int
    facts: int


def waiting(kafka: KafkaSettings, hub: HubSettings, epoch: int, next_offsets: Mapping[int, int]) -> Waiting:
    """Claims before casework and facts before the views, at this moment. Raises ServerProblem."""
    with reader(kafka) as consumer:
        claim_ends = end_offsets(consumer, hub.topic("claims"), hub.partitions)
        decided = _read_tails(consumer, hub)
    return Waiting(decided.waiting_claims(claim_ends, epoch), decided.waiting_facts(next_offsets))


def _read_tails(consumer: KafkaConsumer, hub: HubSettings) -> Decided:
    facts, positions, count = hub.topic("facts"), hub.topic("positions"), hub.partitions
    ends = {tp: end for topic in (facts, positions) for tp, end in _ends(consumer, topic, count).items()}
    consumer.assign(list(ends))
    for partition, begin in begin_offsets(consumer, facts, count).items():
        tp = TopicPartition(facts, partition)
        consumer.seek(tp, max(begin, ends[tp] - TAIL))
    consumer.seek_to_beginning(*partitions_of(positions, count))
    decided = Decided()
    while any(consumer.position(tp) < end for tp, end in ends.items()):
        for tp, records in consumer.poll(timeout_ms=1000).items():
            see = decided.see_fact if tp.topic == facts else decided.see_position
            for record in records:
                see(record)
    return decided


def _ends(consumer: KafkaConsumer, topic: str, count: int) -> dict[TopicPartition, int]:
    return {TopicPartition(topic, p): end for p, end in end_offsets(consumer, topic, count).items()}
