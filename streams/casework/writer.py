"""The single writer of one partition of facts.

Whoever starts the transactional producer of a partition fences every earlier owner and aborts what it left open; only
then are the facts folded, and reading resumes at the position that the facts themselves carry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.codec import decode_hub, encode_hub
from schemas.events import HubPosition
from schemas.wire.clients import fold_arguments, writer_arguments
from schemas.wire.headers import Position, dead_letter_headers
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.state import Batch, PartitionState
from streams.runtime.processor import Progress
from streams.runtime.reading import read_to_end

Seal = Callable[[bytes], bytes]


class PartitionWriter:
    """Producer and state of one partition. `await start()`, `await commit(batch)`, `await stop()`."""

    def __init__(self, partition: int, kafka: KafkaSettings, hub: HubSettings, seal: Seal) -> None:
        self.partition = partition
        self.state = PartitionState()
        self._kafka = kafka
        self._hub = hub
        self._seal = seal
        self._producer: AIOKafkaProducer | None = None
        self.uncertain = False
        """True while a transaction is open: if it is cut off then, only a new takeover tells how it ended."""

    async def start(self, progress: Progress) -> None:
        """Fences other owners, then folds the facts to their end."""
        transactional_id = self._hub.group(f"casework-{self.partition}")
        self._producer = AIOKafkaProducer(**writer_arguments(self._kafka, transactional_id))
        await self._producer.start()
        consumer = AIOKafkaConsumer(**fold_arguments(self._kafka))
        await consumer.start()
        try:
            await self._fold_facts(consumer, progress)
            await self._fold_positions(consumer)
        finally:
            await consumer.stop()

    async def _fold_facts(self, consumer: AIOKafkaConsumer, progress: Progress) -> None:
        facts = TopicPartition(self._hub.topic("facts"), self.partition)
        async for records in read_to_end(consumer, facts, self.state.facts_offset, progress):
            for record in records:
                self.state.fold(record)

    async def _fold_positions(self, consumer: AIOKafkaConsumer) -> None:
        positions = TopicPartition(self._hub.topic("positions"), self.partition)
        async for records in read_to_end(consumer, positions, 0, lambda _done, _total: None):
            for record in records:
                p = decode_hub(record.value)
                if type(p) is HubPosition:
                    self.state.advance(Position(p.epoch, p.offset, p.index, p.count))

    async def commit(self, batch: Batch) -> None:
        """One transaction: the facts, the dead letters, and the position where no fact carries it."""
        producer = self._producer
        assert producer is not None
        self.uncertain = True
        await producer.begin_transaction()
        sent = await self._send_facts(producer, batch)
        for dead in batch.dead:
            sent.append(await self._send_dead_letter(producer, dead))
        if batch.position.facts == 0:
            sent.append(await self._send_position(producer, batch.position))
        await asyncio.gather(*sent)
        await producer.commit_transaction()
        self.state.merge(batch)
        self.uncertain = False

    async def _send_facts(self, producer: AIOKafkaProducer, batch: Batch) -> list[Any]:
        topic = self._hub.topic("facts")
        futures = []
        builder = producer.create_batch()
        for key, value, headers, at in batch.facts:
            if builder.append(key=key, value=value, timestamp=at, headers=headers) is None:
                futures.append(await producer.send_batch(builder, topic, partition=self.partition))
                builder = producer.create_batch()
                builder.append(key=key, value=value, timestamp=at, headers=headers)
        if builder.record_count():
            futures.append(await producer.send_batch(builder, topic, partition=self.partition))
        return futures

    async def _send_dead_letter(self, producer: AIOKafkaProducer, dead: Any) -> Any:
        record = dead.record
        headers = dead_letter_headers(
            record.topic, record.partition, record.offset, "casework", dead.reason, dead.detail
        )
        return await producer.send(
            self._hub.topic("deadletters"),
            value=self._seal(record.value or b""),
            key=record.key,
            partition=self.partition,
            headers=headers,
        )

    async def _send_position(self, producer: AIOKafkaProducer, at: Position) -> Any:
        value = encode_hub(HubPosition(at.epoch, at.offset, at.fact, at.facts))
        topic = self._hub.topic("positions")
        return await producer.send(topic, value=value, key=b"%d" % self.partition, partition=self.partition)

    async def stop(self) -> None:
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None
