"""Items of a feed from the bytes of their records."""

from __future__ import annotations

from connectors.contract import Item
from schemas.frames import Unreadable


def item_of(partition: int, value: bytes) -> Item:
    """The item that a record of a feed holds. Raises schemas.frames.Unreadable."""
    raise Unreadable("unknown-schema", f"Partition {partition} holds {len(value)} bytes of no known item.")
