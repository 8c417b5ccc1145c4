"""The yardstick job on this project's engine: worker, batch transport, generated codec.

Like the peer it delivers at least once: no transactions, `acks=all`, an idempotent producer. The peer logs its state
to a changelog; here the state is the fold of the facts, and the next claim to read is the one behind the last fact's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.wire.clients import fold_arguments
from schemas.wire.settings import KafkaSettings
from streams.runtime.processor import Progress
from streams.runtime.reading import read_to_end
from streams.runtime.writing import send_all
from tests.bench.job.codec import decode_fact
from tests.bench.job.fold import CaseState, decide, refold
from tests.bench.job.progress import Stopwatch

BATCH_BYTES = 262_144
"""As the peer's producer."""


class BenchJob:
    """Processor of the yardstick job."""

    name = "bench"

    def __init__(self, kafka: KafkaSettings, topic: str, facts: str, watch: Stopwatch) -> None:
        self.topic = topic
        self._kafka = kafka
        self._facts = facts
        self._watch = watch
        self._states: dict[int, dict[bytes, CaseState]] = {}
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._kafka.servers(), acks="all", enable_idempotence=True, max_batch_size=BATCH_BYTES
        )
        await self._producer.start()

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()

    async def take(self, partition: int, progress: Progress) -> int:
        """Folds the facts written so far."""
        states: dict[bytes, CaseState] = {}
        following = 0
        consumer = AIOKafkaConsumer(**fold_arguments(self._kafka))
        await consumer.start()
        try:
            async for records in read_to_end(consumer, TopicPartition(self._facts, partition), 0, progress):
                for record in records:
                    fact = decode_fact(record.value)
                    state = states.setdefault(record.key, CaseState())
                    refold(state, fact)
                    following = fact.source_offset + 1
        finally:
            await consumer.stop()
        self._states[partition] = states
        return following

    async def handle(self, partition: int, records: Sequence[Any]) -> None:
        self._watch.begin()
        facts = decide(self._states[partition], records)
        assert self._producer is not None
        for future, _ in await send_all(self._producer, self._facts, partition, facts):
            await future
        self._watch.done(len(records), len(facts))

    async def release(self, partition: int) -> None:
        self._states.pop(partition, None)
