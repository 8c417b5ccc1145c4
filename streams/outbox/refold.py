"""Items of one feed from scratch: what the outbox must have written, whatever happened to it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.events import FeedItem
from streams.core.reference import Reference
from streams.outbox.items import Told
from streams.outbox.partition import Feed, Partition, no_problem
from streams.outbox.wanting import Version


def refold(told: Sequence[Told], versions: tuple[Version, ...], reference: Reference) -> list[FeedItem]:
    """Every item of a feed of these versions, from all facts of a partition in order."""
    fold, feed = Partition(), Feed(versions)
    fold.feeds = {feed.code: feed}
    before = [one for one in told if one.offset < feed.next_offset]
    found = fold.take(before, reference, no_problem)
    if feed.introduces:
        found += fold.introductions(feed, reference)
        feed.number = len(found)
    return found + fold.take(told[len(before) :], reference, no_problem)
