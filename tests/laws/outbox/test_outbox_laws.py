"""Laws of feeds: from scratch as in steps, by the definition of who is told what, and never a gap."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.codec import decode_hub, encode_hub
from schemas.events import (
    Acknowledged,
    Amended,
    Closed,
    FeedItem,
    HubOutbox,
    Place,
    ReferenceAnswered,
    ReferenceAsked,
    Reopened,
    ReportWithdrawn,
    Restricted,
    Subscription,
    Summoned,
    Transferred,
)
from streams.core.reference import EMPTY, Reference
from streams.outbox import known as knowing
from streams.outbox.items import Told
from streams.outbox.known import Known
from streams.outbox.partition import Feed, Partition
from streams.outbox.refold import refold
from streams.outbox.subscribing import feeds_of, recorded
from streams.outbox.wanting import Version, shows, version_at
from tests.builders import dispatched, filed, reported
from tests.feeds import fed, placed, problems_are_failures, since, subscription, what_happened
from tests.linking import Fact, story
from tests.reference_samples import load

AWAY = Place("411702002001", "411702002001001")
bodies = st.sampled_from(
    [
        filed(),
        dispatched(),
        Acknowledged("power"),
        Transferred("power", "gas", "not-ours"),
        Transferred("gas", "power", "not-ours"),
        Amended("wrong-place", place=AWAY),
        Amended("wrong-place", place=reported().place),
        Restricted("mediation"),
        Restricted("mediation", ("gas",)),
        Summoned(("gas",)),
        ReferenceAsked("gas", "identity"),
        ReferenceAnswered("gas", "unknown"),
        Closed("checked"),
        Reopened("not-done"),
        ReportWithdrawn("settled"),
    ]
)
lives = st.lists(st.tuples(st.booleans(), st.lists(bodies, max_size=6)), min_size=1, max_size=4)
subscriptions = st.builds(
    Subscription,
    code=st.just("gas"),
    owner=st.sampled_from(["gas", "power"]),
    involved_as=st.sampled_from([(), ("lead",), ("lead", "assist", "summoned"), ("reporting",)]),
    grids=st.sampled_from([(), ("411702001",), ("411702002",)]),
    asked=st.booleans(),
)


@st.composite
def partitions(draw: st.DrawFn) -> list[Told]:
    """Facts of some cases, those of each in their order, at offsets with holes."""
    stories = [
        story(str(n), reported(restricted=restricted), *more) for n, (restricted, more) in enumerate(draw(lives))
    ]
    return placed(interleaved(stories, Random(draw(st.integers()))), step=2)


def interleaved(stories: list[list[Fact]], dice: Random) -> list[Fact]:
    left, found = [list(one) for one in stories], list[Fact]()
    while left := [one for one in left if one]:
        found.append(dice.choice(left).pop(0))
    return found


@st.composite
def versioned(draw: st.DrawFn, most: int = 3) -> tuple[Version, ...]:
    """Versions of a subscription, each from a later offset on."""
    offsets = sorted(draw(st.lists(st.integers(0, 40), min_size=1, max_size=most)))
    opens = draw(st.booleans())
    return tuple(
        since(draw(subscriptions), offset, open_before=opens and n == 0, version=n + 1)
        for n, offset in enumerate(offsets)
    )


def referring(versions: tuple[Version, ...]) -> Reference:
    """The reference that has brought these versions."""
    return EMPTY.after(load(v.version, "subscriptions", [v.subscription]) for v in versions)


class Reader:
    """A second way: keeps what the reader has instead of working it out. Items are (subject, seq, word)."""

    def __init__(self, versions: tuple[Version, ...]) -> None:
        self.versions = versions
        self.subjects: dict[str, Known] = {}
        self.held: set[str] = set()
        self.items: list[tuple[str, int, str]] = []

    def begin(self) -> None:
        first = self.versions[0]
        for subject, known in sorted(self.subjects.items()):
            if first.open_before and not known.ended and shows(first.subscription, known, EMPTY):
                self.held.add(subject)
                self.items.append((subject, known.seq, "introduced"))

    def hear(self, one: Told) -> None:
        subject, seq = one.meta.subject.id, one.meta.seq
        known = self.subjects[subject] = knowing.after(self.subjects.get(subject), one.offset, one.meta, one.fact)
        version = version_at(self.versions, one.offset)
        if version is not None and shows(version.subscription, known, EMPTY):
            self.items += [] if subject in self.held else [(subject, seq, "introduced")]
            self.items.append((subject, seq, type(one.fact).__name__))
            self.held.add(subject)
        elif version is not None and subject in self.held:
            self.items.append((subject, seq, "gone"))
            self.held.remove(subject)


def by_definition(told: list[Told], versions: tuple[Version, ...]) -> list[tuple[str, int, str]]:
    reader = Reader(versions)
    before = [one for one in told if one.offset < versions[0].from_offset]
    for one in before:
        reader.hear(one)
    reader.begin()
    for one in told[len(before) :]:
        reader.hear(one)
    return reader.items


def summary(items: list[FeedItem]) -> list[tuple[str, int, str]]:
    return [(item.subject.id, item.seq, word) for item, word in zip(items, what_happened(items), strict=True)]


@given(partitions(), versioned(most=1))
def test_a_feed_is_what_its_definition_says(told: list[Told], versions: tuple[Version, ...]) -> None:
    items = refold(told, versions, EMPTY)
    assert summary(items) == by_definition(told, versions)
    assert [item.number for item in items] == list(range(1, len(items) + 1))


def in_steps(told: list[Told], versions: tuple[Version, ...], dice: Random, forget: Any = None) -> list[FeedItem]:
    """The same, taken in portions, with a takeover now and then: all is folded again up to what was recorded."""
    reference = referring(versions)
    partition, feed, items = Partition(), Feed(versions), list[FeedItem]()
    partition.feeds = {feed.code: feed}
    left = list(told)
    while True:
        if feed.introduces and (not left or left[0].offset >= feed.next_offset):
            found = list(partition.introductions(feed, reference))[: dice.randint(0, 2)]
            feed.number += len(found)
            items += found
            if list(partition.introductions(feed, reference)):
                partition, feed = taken_over(told, partition, feed, reference, forget)
                continue
        if not left:
            return items
        stop = feed.next_offset if feed.introduces and left[0].offset < feed.next_offset else 1 << 40
        portion = [one for one in left[: dice.randint(1, 4)] if one.offset < stop]
        items += partition.take(portion, reference, problems_are_failures)
        left = left[len(portion) :]
        if dice.random() < 0.4:
            partition, feed = taken_over(told, partition, feed, reference, forget)


def taken_over(
    told: list[Told], before: Partition, feed: Feed, reference: Reference, forget: Any
) -> tuple[Partition, Feed]:
    record = decode_hub(encode_hub(recorded("facts", before.next_offset, [feed])))
    assert isinstance(record, HubOutbox)
    fresh = Partition()
    fresh.take([one for one in told if one.offset < record.next_offset], reference, problems_are_failures)
    (again,) = feeds_of(forget(record) if forget else record, reference)
    fresh.feeds = {again.code: again}
    return fresh, again


@given(partitions(), versioned(), st.integers())
def test_a_feed_in_steps_and_takeovers_is_the_feed_from_scratch(
    told: list[Told], versions: tuple[Version, ...], seed: int
) -> None:
    assert in_steps(told, versions, Random(seed)) == refold(told, versions, referring(versions))


@given(partitions(), versioned(), versioned())
def test_feeds_do_not_disturb_one_another(
    told: list[Told], versions: tuple[Version, ...], others: tuple[Version, ...]
) -> None:
    second = tuple(replace(one, subscription=replace(one.subscription, code="second")) for one in others)
    together = Partition()
    together.feeds = {"gas": Feed(versions), "second": Feed(second)}
    items = together.take(told, EMPTY, problems_are_failures)
    for mine in (versions, second):
        code = mine[0].subscription.code
        assert [item for item in items if item.subscription == code] == fed(told, *mine)


# ------------------------------------------------------------ twins


def forgets_the_number(record: HubOutbox) -> HubOutbox:
    (feed,) = record.feeds
    return replace(record, feeds=(replace(feed, number=0),))


def forgets_earlier_versions(record: HubOutbox) -> HubOutbox:
    (feed,) = record.feeds
    return replace(record, feeds=(replace(feed, activations=feed.activations[-1:]),))


@pytest.mark.parametrize("forget", [forgets_the_number, forgets_earlier_versions])
def test_a_takeover_that_forgets_makes_another_feed(forget: Callable[[HubOutbox], HubOutbox]) -> None:
    everything, nothing = (
        since(subscription("gas", "gas")),
        since(subscription("gas", "gas", grids=("9",)), 3, version=2),
    )
    told = placed(story("1", reported(), filed(), dispatched(), Acknowledged("power"), Closed("checked")), step=2)
    versions = (everything, nothing)
    expected = refold(told, versions, referring(versions))
    assert any(in_steps(told, versions, Random(seed), forget) != expected for seed in range(20))
    assert all(in_steps(told, versions, Random(seed)) == expected for seed in range(20))
