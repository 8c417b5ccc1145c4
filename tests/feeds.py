"""Feeds in tests: facts of several subjects as they stand in a partition, subscriptions, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas import codec
from schemas.events import FactMeta, FeedItem, Subscription
from streams.core.reference import EMPTY, Reference
from streams.outbox.items import Told
from streams.outbox.partition import Feed, Partition
from streams.outbox.wanting import Version
from tests.linking import Fact


def placed(facts: Iterable[Fact], first: int = 0, step: int = 1) -> list[Told]:
    """The facts in this order, at offsets with holes where `step` is above 1."""
    return [Told(first + n * step, codec.encode(meta, body), meta, body) for n, (meta, body) in enumerate(facts)]


def subscription(code: str = "power", owner: str = "power", **changes: Any) -> Subscription:
    return Subscription(code=code, owner=owner, **changes)


def since(subscribed: Subscription, offset: int = 0, *, open_before: bool = False, version: int = 1) -> Version:
    """The subscription as it holds from an offset on."""
    return Version(version, offset, open_before, subscribed)


def problems_are_failures(subject: str, why: str) -> None:
    raise AssertionError(f"{subject}: {why}")


def fed(told: Iterable[Told], *versions: Version, reference: Reference = EMPTY) -> list[FeedItem]:
    """Items of one feed that goes with the facts from the first one on."""
    partition, feed = Partition(), Feed(versions)
    partition.feeds = {feed.code: feed}
    return partition.take(told, reference, problems_are_failures)


def what_happened(items: Iterable[FeedItem]) -> list[str]:
    """Each item in a word: introduced, gone, or the name of its fact."""
    return [(item.fact_type or item.reason).rpartition(".")[2] for item in items]


def fact_in(item: FeedItem) -> tuple[FactMeta, Any]:
    """The fact that an item carries."""
    assert item.fact is not None
    meta, body = codec.decode(item.fact)
    assert isinstance(meta, FactMeta)
    return meta, body
