"""Subscriptions and their feeds on real Kafka: loaded as documents, read as committed, and folded anew to compare."""

from __future__ import annotations

from typing import Any

from ops.brokers import reader
from ops.reference import loading
from ops.reference.documents import Document
from ops.reference.stored import read
from schemas.codec import decode, decode_hub
from schemas.events import FeedItem, HubOutbox, Subscription
from schemas.feeds import read_item
from streams.core.reference import Reference
from streams.outbox.items import Told
from streams.outbox.refold import refold
from streams.outbox.subscribing import feeds_of
from tests.integration.engine import Hub, now, wait_until


def subscribe(hub: Hub, *subscriptions: Subscription, name: str = "departments") -> None:
    """Loads these subscriptions in place of those of the document before."""
    document = Document("subscriptions", name, subscriptions)
    loading.load(hub.kafka, hub.settings, [document], loading.By("centre", "steward"), now())


def feed(hub: Hub, code: str) -> list[tuple[int, FeedItem]]:
    """Every committed item with its partition; nothing where there is no such topic."""
    with reader(hub.kafka) as consumer:
        if not consumer.partitions_for_topic(hub.settings.topic(f"feed.{code}")):
            return []
    return [(record.partition, read_item(record.value).item) for record in hub.records(f"feed.{code}")]


def numbers(items: list[tuple[int, FeedItem]]) -> dict[int, list[int]]:
    """Numbers of the items in each partition, as they stand."""
    found: dict[int, list[int]] = {}
    for partition, item in items:
        found.setdefault(partition, []).append(item.number)
    return found


def newest_records(hub: Hub) -> dict[int, HubOutbox]:
    """How far the outbox says it has come."""
    found: dict[int, HubOutbox] = {}
    for record in hub.records("outbox"):
        told = decode_hub(record.value)
        assert isinstance(told, HubOutbox)
        found[record.partition] = told
    return found


def reference_of(hub: Hub) -> Reference:
    with reader(hub.kafka) as consumer:
        return read(consumer, hub.settings)


def refolded(hub: Hub, code: str) -> list[tuple[int, FeedItem]]:
    """What the feed must hold: all facts that it has come to, folded from scratch."""
    reference = reference_of(hub)
    found: list[tuple[int, FeedItem]] = []
    facts = hub.records("facts")
    for partition, record in sorted(newest_records(hub).items()):
        for one in feeds_of(record, reference):
            if one.code == code:
                told = [_told(fact) for fact in facts if fact.partition == partition and fact.offset < one.next_offset]
                found += [(partition, item) for item in refold(told, one.versions, reference)]
    return found


def _told(record: Any) -> Told:
    meta, fact = decode(record.value)
    return Told(record.offset, record.value, meta, fact)  # type: ignore[arg-type]


def assert_whole(hub: Hub, code: str) -> list[tuple[int, FeedItem]]:
    """No gap, no number twice, and item for item what the facts say."""
    items = feed(hub, code)
    for partition, found in numbers(items).items():
        assert found == list(range(1, len(found) + 1)), f"partition {partition}"
    assert items == refolded(hub, code)
    return items


def wait_for(hub: Hub, code: str, count: int) -> list[tuple[int, FeedItem]]:
    wait_until(lambda: len(feed(hub, code)) >= count, f"{count} items of {code}, there are {len(feed(hub, code))}")
    return feed(hub, code)
