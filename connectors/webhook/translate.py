"""From an item of the feed to the message about it: every item is one. Pure."""

from __future__ import annotations

from typing import Any

from connectors.contract import Item, Step
from connectors.feeds.shown import data
from schemas import ids
from schemas.events import FeedItem, FileRef, TextRef, full_name

OPENED = (TextRef, FileRef)


def step(item: Item, opens: bool) -> Step:
    """The message about an item, a CloudEvent without the source, which only the transport knows."""
    told = FeedItem(
        item.subscription,
        item.n,
        item.reason,
        item.subject,
        item.seq,
        item.recorded_at,
        item.card,
        None if item.fact is None else full_name(type(item.fact)),
    )
    shown = data(told, item.meta, item.fact, item.partition, lambda value: opens and isinstance(value, OPENED))
    event: dict[str, Any] = {
        "id": ids.item_id(item.subscription, item.partition, item.n),
        "type": told.fact_type or f"threecross.feed.{item.reason}",
        "subject": f"{item.subject.kind}/{item.subject.id}",
        "time": shown["recorded_at"],
        "sequence": str(item.n),
        "data": shown,
    }
    return Step(f"item-{item.partition}-{item.n}", event)
