"""Items of feeds on Kafka: CloudEvents 1.0 headers in binary mode, and an item with the fact that it carries.

Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from schemas import ids
from schemas.codec import decode, decode_hub
from schemas.events import FactMeta, FeedItem
from schemas.frames import Unreadable

CONTENT_TYPE = b"application/avro"
TYPE = "threecross.feed"
"""Type of items that carry no fact, with their reason behind it; others have the full name of their fact."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ReadItem(NamedTuple):
    """An item and the fact in it; `meta` and `fact` are None where it carries none."""

    item: FeedItem
    meta: FactMeta | None
    fact: Any | None


def read_item(value: bytes) -> ReadItem:
    """The item in a record of a feed. Raises Unreadable."""
    item = decode_hub(value)
    if not isinstance(item, FeedItem):
        raise Unreadable("bad-value", f"{type(item).__name__} is no item of a feed.")
    if item.fact is None:
        return ReadItem(item, None, None)
    meta, fact = decode(item.fact)
    if not isinstance(meta, FactMeta):
        raise Unreadable("bad-value", "The item carries a claim, not a fact.")
    return ReadItem(item, meta, fact)


def source(namespace: str, subscription: str, partition: int) -> str:
    """Where an item comes from: with its id it names the item for ever."""
    return f"/{namespace}/feeds/{subscription}/{partition}"


def type_of(item: FeedItem) -> str:
    """What an item tells, as a CloudEvents type."""
    return item.fact_type or f"{TYPE}.{item.reason}"


def time_of(item: FeedItem) -> str:
    """When the hub recorded it, RFC 3339."""
    return (_EPOCH + timedelta(microseconds=item.recorded_at)).isoformat().replace("+00:00", "Z")


def attributes(item: FeedItem, namespace: str, partition: int) -> dict[str, str]:
    """CloudEvents attributes of an item; `sequence` is its number."""
    return {
        "specversion": "1.0",
        "id": ids.item_id(item.subscription, partition, item.number),
        "source": source(namespace, item.subscription, partition),
        "type": type_of(item),
        "subject": f"{item.subject.kind}/{item.subject.id}",
        "time": time_of(item),
        "sequence": str(item.number),
    }


def headers(item: FeedItem, namespace: str, partition: int) -> list[tuple[str, bytes]]:
    """Headers of an item's record."""
    told = attributes(item, namespace, partition).items()
    return [("content-type", CONTENT_TYPE), *((f"ce_{name}", value.encode()) for name, value in told)]
