"""Reads a feed from a cursor on, committed items only, and refuses one with a number missing."""

from __future__ import annotations

from types import TracebackType
from typing import Any, NamedTuple, Self

from kafka import KafkaConsumer, TopicPartition

from connectors.contract import Refused
from connectors.feeds import cursor as cursors
from connectors.feeds.cursor import Place
from schemas.events import FactMeta, FeedItem
from schemas.feeds import read_item
from schemas.frames import Unreadable
from schemas.topics import feed_topic
from schemas.wire.clients import consumer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings


class NoFeed(Refused):
    """There is no such feed (yet); one sentence."""


class BadFeed(Refused):
    """A feed with a number missing, or with a record that cannot be read. Nothing is passed over."""


class Read(NamedTuple):
    """An item and where it lay; `meta` and `fact` are None where it carries no fact."""

    partition: int
    offset: int
    item: FeedItem
    meta: FactMeta | None
    fact: Any | None


class FeedReader:
    """One reader, outside any group: `read`, then `cursor` is behind what was read. One thread uses it."""

    def __init__(self, kafka: KafkaSettings, hub: HubSettings, subscription: str, cursor: str | None = None) -> None:
        """Begins at a cursor, or at the beginning. Raises NoFeed, BadCursor, KafkaError."""
        self.subscription = subscription
        self._consumer = KafkaConsumer(**consumer_arguments(kafka))
        try:
            self._begin(hub.topic(feed_topic(subscription).name), cursor)
        except BaseException:
            self._consumer.close()
            raise

    def _begin(self, topic: str, cursor: str | None) -> None:
        partitions = self._consumer.partitions_for_topic(topic)  # a consumer is silent on a topic that is not there
        if not partitions:
            what = f"There is no feed {self.subscription}"
            raise NoFeed(f"{what}: subscribe first, or wait a moment until the outbox has made it.")
        count = len(partitions)
        self._stands = cursors.parse(cursor, self.subscription, count) if cursor else cursors.beginning(count)
        self._places = [TopicPartition(topic, partition) for partition in sorted(partitions)]
        self._consumer.assign(self._places)
        for place in self._places:
            self._consumer.seek(place, self._stands[place.partition].offset)

    @property
    def cursor(self) -> str:
        """Where it stands, as a text."""
        return cursors.text(self.subscription, self._stands)

    def read(self, limit: int, seconds: float) -> list[Read]:
        """At most so many items, as soon as there is one; none after so many seconds. Raises BadFeed."""
        found = self._consumer.poll(timeout_ms=round(seconds * 1000), max_records=limit)
        return [self._read(place.partition, record) for place, records in found.items() for record in records]

    def _read(self, partition: int, record: Any) -> Read:
        where = f"offset {record.offset} of partition {partition} of the feed {self.subscription}"
        try:
            item, meta, fact = read_item(record.value)
        except Unreadable as bad:
            raise BadFeed(f"The item at {where} cannot be read: {bad}.") from bad
        expected = self._stands[partition].number + 1
        if item.number != expected:
            raise BadFeed(f"Item {item.number} stands where item {expected} belongs, at {where}.")
        self._stands[partition] = Place(item.number, record.offset + 1)
        return Read(partition, record.offset, item, meta, fact)

    def at_end(self) -> bool:
        """Whether everything that is there now has been read."""
        ends = self._consumer.end_offsets(self._places)
        return all(self._consumer.position(place) >= end for place, end in ends.items())

    def close(self) -> None:
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()
