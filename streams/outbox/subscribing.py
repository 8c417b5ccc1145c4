"""Which feeds there are, and from where on a version of a subscription holds. Pure.

Promise: what is decided here once is recorded with the items, so that it is the same for whoever folds again. A feed
that is paused, or whose subscription is not in force, stands still and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from schemas.events import FeedActivation, FeedProgress, FeedStart, HubOutbox, Subscription
from streams.core.reference import InForce, Reference
from streams.outbox.partition import Feed
from streams.outbox.wanting import Version

Wanted = Mapping[str, tuple[int, Subscription]]
"""Code → version of the reference that brought it, and the subscription."""


def wanted(view: InForce) -> dict[str, tuple[int, Subscription]]:
    """The subscriptions in force, by code; of two that have one code the later load counts."""
    loads = sorted(view.documents(Subscription), key=lambda load: load.header.version)
    return {item.code: (load.header.version, item) for load in loads for item in load.items}


def active(wanted: Wanted) -> set[str]:
    """Codes of the feeds that go on."""
    return {code for code, (_, subscription) in wanted.items() if not subscription.paused}


class Begins(NamedTuple):
    """A feed that is new, before its first offset is known: `start_at` (UTC µs) must be looked up where it has one."""

    code: str
    start_at: int | None


def beginning(wanted: Wanted, known: Iterable[str], now: int) -> tuple[list[Begins], int | None]:
    """Feeds that begin now (UTC µs), and when the next one does of those that wait for their moment."""
    new = active(wanted) - set(known)
    found = [Begins(code, wanted[code][1].start_at) for code in sorted(new)]
    later = [one.start_at for one in found if one.start_at is not None and one.start_at > now]
    return [one for one in found if one.start_at is None or one.start_at <= now], min(later, default=None)


def begun(wanted: Wanted, one: Begins, next_offset: int, looked_up: int | None) -> Feed:
    """A new feed; `next_offset` is where the partition stands, `looked_up` where its moment lies."""
    version, subscription = wanted[one.code]
    if one.start_at is not None:
        return Feed((Version(version, next_offset if looked_up is None else looked_up, False, subscription),))
    start = subscription.start
    offset = 0 if start == FeedStart.BEGINNING else next_offset
    return Feed((Version(version, offset, start == FeedStart.OPEN, subscription),))


def renewed(feed: Feed, wanted: Wanted) -> bool:
    """Gives a feed that goes on the newest version of its subscription; whether that is another one."""
    version, subscription = wanted[feed.code]
    last = feed.versions[-1]
    if subscription.paused or _says(last.subscription) == _says(subscription):
        return False
    feed.versions = (*feed.versions, Version(version, feed.next_offset, False, subscription))
    return True


def _says(subscription: Subscription) -> Subscription:
    """What of a subscription decides its items, once it has begun."""
    return replace(subscription, paused=False, start=FeedStart.NOW, start_at=None)


# ------------------------------------------------------------ the record of it


def recorded(facts_topic_id: str, next_offset: int, feeds: Iterable[Feed]) -> HubOutbox:
    """How far the partition has come, to be written with its items."""
    told = sorted(feeds, key=lambda feed: feed.code)
    return HubOutbox(facts_topic_id, next_offset, tuple(_progress(feed) for feed in told))


def _progress(feed: Feed) -> FeedProgress:
    activations = tuple(FeedActivation(v.version, v.from_offset, v.open_before) for v in feed.versions)
    return FeedProgress(feed.code, feed.number, feed.next_offset, activations)


def feeds_of(record: HubOutbox, reference: Reference) -> list[Feed]:
    """The feeds as a record tells them. Raises NotReadYet, LookupError where the reference lacks a subscription."""
    return [Feed(_versions(told, reference), told.number, told.next_offset) for told in record.feeds]


def _versions(told: FeedProgress, reference: Reference) -> tuple[Version, ...]:
    return tuple(
        Version(one.version, one.from_offset, one.open_before, _subscription(reference, one.version, told.subscription))
        for one in told.activations
    )


def _subscription(reference: Reference, version: int, code: str) -> Subscription:
    load = reference.at(version).loads[-1]
    for item in load.items:
        if isinstance(item, Subscription) and item.code == code:
            return item
    raise LookupError(f"version {version} of the reference has no subscription {code}")
