"""Reading a department's feed: items in their numbers, without gaps, into obligations, in one transaction with the
position. Positions are kept in PostgreSQL, beside what they stand for; Kafka knows of no group."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from connectors.contract import CallOff, Item, Refused, Sink, Step
from connectors.delivery import store
from connectors.delivery.attempt import place_of
from connectors.delivery.items import item_of
from connectors.delivery.store import FeedPosition
from connectors.delivery.untranslated import untranslated
from connectors.running.signals import Bell
from schemas.frames import Unreadable
from schemas.wire.clients import consumer_arguments
from schemas.wire.settings import KafkaSettings

POLL_MILLISECONDS = 500
RETRY_SECONDS = 2.0
TOPIC_SECONDS = 2.0


class BadFeed(Refused):
    """The feed is not what it must be: a number is missing or a record cannot be read. Nothing is passed over."""


class Feeding:
    """The loop of one feed, in a thread of its own. `poke` is called when there is something new to deliver."""

    def __init__(
        self,
        department: str,
        topic: str,
        kafka: KafkaSettings,
        engine: Engine,
        sink: Sink,
        clock: Callable[[], int],
        poke: Callable[[], None],
        log: Any,
    ) -> None:
        self._department = department
        self._topic = topic
        self._kafka = kafka
        self._engine = engine
        self._sink = sink
        self._clock = clock
        self._poke = poke
        self._log = log
        self.detail = ""

    def run(self, bell: Bell) -> None:
        """Read until it is stopped. Servers that do not answer are waited for. Raises BadFeed."""
        while not bell.stopped:
            try:
                with closing(KafkaConsumer(**consumer_arguments(self._kafka))) as consumer:
                    if self._assigned(consumer):
                        self._read(consumer, bell)
                    else:
                        self._wait(bell, f"the topic {self._topic} is not there yet", TOPIC_SECONDS)
            except (KafkaError, SQLAlchemyError) as wrong:
                self._wait(bell, f"a server does not answer ({type(wrong).__name__})", RETRY_SECONDS)

    def _wait(self, bell: Bell, detail: str, seconds: float) -> None:
        if detail != self.detail:
            self._log.warning("feed waits", connector=self._department, reason=detail)
        self.detail = detail
        bell.wait(seconds)

    def _assigned(self, consumer: KafkaConsumer) -> bool:
        partitions = consumer.partitions_for_topic(self._topic)
        if not partitions:
            return False
        with self._engine.begin() as c:
            kept = store.positions(c, self._department)
        consumer.assign([TopicPartition(self._topic, number) for number in sorted(partitions)])
        for number in partitions:
            consumer.seek(TopicPartition(self._topic, number), kept[number].next_offset if number in kept else 0)
        return True

    def _read(self, consumer: KafkaConsumer, bell: Bell) -> None:
        while not bell.stopped:
            polled = consumer.poll(timeout_ms=POLL_MILLISECONDS)
            self.detail = ""
            for partition, records in polled.items():
                self.take(partition.partition, [(record.offset, record.value) for record in records])

    def take(self, partition: int, records: Sequence[tuple[int, bytes]]) -> int:
        """Records of one partition (offset, value) become obligations; returns how many are new. Raises BadFeed."""
        with self._engine.begin() as c:
            kept = store.positions(c, self._department).get(partition, FeedPosition(0, 0))
            items = list(self._following(partition, records, kept.n))
            new = store.intend(
                c, self._department, [(item, self._steps(item, value)) for item, value in items], self._clock()
            )
            last = items[-1][0].n if items else kept.n
            store.keep_position(c, self._department, partition, FeedPosition(records[-1][0] + 1, last))
        if new:
            self._poke()
        return new

    def _following(
        self, partition: int, records: Sequence[tuple[int, bytes]], last: int
    ) -> Iterator[tuple[Item, bytes]]:
        for _, value in records:
            item = self._item(partition, value)
            if item.n <= last:
                continue
            if item.n != last + 1:
                raise BadFeed(
                    f"{self._topic}, partition {partition}: item {item.n} follows item {last}, so items are missing: "
                    "see whether the topic lost records; nothing is delivered past the gap"
                )
            last = item.n
            yield item, value

    def _item(self, partition: int, value: bytes) -> Item:
        try:
            return item_of(partition, value)
        except Unreadable as wrong:
            raise BadFeed(
                f"{self._topic}, partition {partition}: a record cannot be read ({wrong}): run a version of the hub "
                "that knows it; nothing is passed over"
            ) from None

    def _steps(self, item: Item, value: bytes) -> Sequence[Step | CallOff]:
        try:
            return self._sink.translate(item)
        except Exception as wrong:  # noqa: BLE001  an error in a translation holds up its case, and no other
            self._log.error("translation broke", connector=self._department, where=place_of(wrong))
            return [untranslated(item, value)]
