"""Items of a feed from the bytes of their records."""

from __future__ import annotations

from typing import Any

from connectors.contract import Item
from schemas import codec
from schemas.events import FactMeta, FeedItem
from schemas.frames import Unreadable


def item_of(partition: int, value: bytes) -> Item:
    """The item that a record of a feed holds. Raises schemas.frames.Unreadable."""
    found = codec.decode_hub(value)
    if not isinstance(found, FeedItem):
        raise Unreadable("unknown-schema", f"The feed holds a {type(found).__name__}, which is no item.")
    meta, fact = _fact(found.fact)
    return Item(
        *(found.subscription, partition, found.number, found.reason, found.subject, found.seq, found.card),
        recorded_at=found.recorded_at,
        meta=meta,
        fact=fact,
    )


def _fact(value: bytes | None) -> tuple[FactMeta | None, Any | None]:
    if value is None:
        return None, None
    meta, fact = codec.decode(value)
    if not isinstance(meta, FactMeta):
        raise Unreadable("unknown-schema", "An item of the feed holds what is no fact.")
    return meta, fact
