"""The single writer of one partition of all feeds.

Whoever starts the transactional producer of a partition fences every earlier owner and aborts what it left open; only
then is read how far that one had come. A transaction holds the items of all feeds and the record of where they end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.codec import decode_hub, encode_hub
from schemas.events import FeedItem, HubOutbox
from schemas.feeds import headers
from schemas.topics import feed_topic
from schemas.wire.clients import writer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.outbox.items import encoded
from streams.runtime.reading import read_to_end
from streams.runtime.writing import Outgoing, send_all

OUTBOX = "outbox"


class FeedWriter:
    """`await start()`, `await last(consumer)`, `await commit(…)`, `await stop()`."""

    def __init__(self, partition: int, kafka: KafkaSettings, hub: HubSettings) -> None:
        self.partition = partition
        self.uncertain = True
        """True until taken over, and while a transaction is open: cut off then, only a new takeover tells its end."""
        self._hub = hub
        arguments = writer_arguments(kafka, hub.group(f"{OUTBOX}-{partition}"))
        self._producer = AIOKafkaProducer(**arguments)
        self._topics: dict[str, str] = {}

    async def start(self) -> None:
        """Fences other owners."""
        await self._producer.start()

    async def last(self, consumer: AIOKafkaConsumer) -> HubOutbox | None:
        """The newest record of this partition; None: there is none yet."""
        place = TopicPartition(self._hub.topic(OUTBOX), self.partition)
        found = None
        async for records in read_to_end(consumer, place, 0, lambda _done, _total: None):
            for record in records:
                told = decode_hub(record.value)
                found = told if isinstance(told, HubOutbox) else found
        return found

    async def commit(self, items: Iterable[FeedItem], record: HubOutbox) -> None:
        """One transaction: the items in order, and how far they bring their feeds."""
        producer = self._producer
        by_topic: dict[str, list[Outgoing]] = {}
        for item in items:
            by_topic.setdefault(self._topic(item.subscription), []).append(self._outgoing(item))
        self.uncertain = True
        await producer.begin_transaction()
        sent = []
        for topic, records in by_topic.items():
            sent += await send_all(producer, topic, self.partition, records)
        value, key = encode_hub(record), b"%d" % self.partition
        last = await producer.send(self._hub.topic(OUTBOX), value=value, key=key, partition=self.partition)
        await asyncio.gather(last, *(future for future, _ in sent))
        await producer.commit_transaction()
        self.uncertain = False

    def _topic(self, code: str) -> str:
        if code not in self._topics:
            self._topics[code] = self._hub.topic(feed_topic(code).name)
        return self._topics[code]

    def _outgoing(self, item: FeedItem) -> Outgoing:
        told = headers(item, self._hub.namespace, self.partition)
        return item.subject.id.encode(), encoded(item), told, item.recorded_at // 1000

    async def stop(self) -> None:
        await self._producer.stop()
