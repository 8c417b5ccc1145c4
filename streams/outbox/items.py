"""What one fact means for one feed: nothing, or a subject introduced, the fact as its owner may see it, or gone. Pure.

Promise: an item carries only what its reader may see at that fact. Ids of other subjects are always withheld: whether a
reader may see those cannot be told from one partition of facts.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from msgspec.structs import replace

from schemas.codec import encode, encode_hub
from schemas.events import FactMeta, FeedCard, FeedItem, FeedReasonSymbol, FeedScope, Subject, Subscription, full_name
from streams.core.reference import Reference
from streams.core.visibility import fact_as_seen
from streams.outbox import card as cards
from streams.outbox.known import Known, scope
from streams.outbox.wanting import Version, asker, has, shows, version_at

MAX_ITEM_BYTES = 900_000
"""A larger item would not fit into a batch of Kafka (1 MiB)."""


class Told(NamedTuple):
    """A fact as it stands in its partition: its offset, its framed bytes, and what they say."""

    offset: int
    value: bytes
    meta: FactMeta
    fact: Any


class _Every(Collection[str]):
    """Holds every id."""

    def __contains__(self, _id: object) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


EVERY_OTHER = _Every()
"""Ids of other subjects that are withheld: all."""


class Happening:
    """One fact and the subject before and after it; what several feeds need of that is made once.

    `reference` is the version that the fact cites.
    """

    def __init__(self, told: Told, before: Known | None, now: Known, reference: Reference) -> None:
        self.told = told
        self.before = before
        self.now = now
        self.reference = reference
        self._card: FeedCard | None = None
        self._values: dict[tuple[str, str], bytes | None] = {}

    def card(self) -> FeedCard:
        """The subject's card after the fact."""
        if self._card is None:
            self._card = cards.card(self.now, self.reference)
        return self._card

    def value_for(self, subscription: Subscription) -> bytes | None:
        """The framed fact as the owner may see it."""
        key = subscription.owner, subscription.role
        if key not in self._values:
            self._values[key] = self._seen(subscription)
        return self._values[key]

    def _seen(self, subscription: Subscription) -> bytes | None:
        value, meta, fact = self.told.value, self.told.meta, self.told.fact
        seen = fact_as_seen(meta, fact, scope(self.now, self.reference), asker(subscription), EVERY_OTHER)
        if seen is None:
            return None
        return value if seen[0] is meta and seen[1] is fact else encode(*seen)


def items(versions: tuple[Version, ...], what: Happening, number: int) -> list[FeedItem]:
    """Items of a feed of these versions for a fact; the first of them gets the number after `number`."""
    version = version_at(versions, what.told.offset)
    if version is None:
        return []
    subscription, now = version.subscription, what.now
    had = has(versions, what.before, what.reference)
    if not shows(subscription, now, what.reference):
        if not had:
            return []
        assert what.before is not None
        return [_item(subscription, number + 1, "gone", what.told, cards.gone(what.before))]
    found = [] if had else [_item(subscription, number + 1, "introduced", what.told, what.card())]
    return [*found, _fact(subscription, number + len(found) + 1, what)]


def _item(subscription: Subscription, number: int, reason: FeedReasonSymbol, told: Told, card: FeedCard) -> FeedItem:
    meta = told.meta
    return FeedItem(subscription.code, number, reason, meta.subject, meta.seq, meta.recorded_at, card)


def _fact(subscription: Subscription, number: int, what: Happening) -> FeedItem:
    meta = what.told.meta
    return FeedItem(
        subscription.code,
        number,
        "fact",
        meta.subject,
        meta.seq,
        meta.recorded_at,
        what.card(),
        full_name(type(what.told.fact)),
        what.value_for(subscription) if subscription.scope == FeedScope.FULL else None,
    )


def encoded(item: FeedItem) -> bytes:
    """The item as it is written. One that no record could hold is written lean: a fact may be as large as a record."""
    value = encode_hub(item)
    return value if len(value) <= MAX_ITEM_BYTES else encode_hub(lean(item))


def lean(item: FeedItem) -> FeedItem:
    """The item without what may be large: that something happened, and where the case stands."""
    card = item.card
    small = FeedCard(number=card.number, stage=card.stage, due_at=card.due_at, restricted=card.restricted)
    return replace(item, fact=None, card=small)


def introduced(subscription: Subscription, subject: str, known: Known, number: int, reference: Reference) -> FeedItem:
    """The item by which an open subject comes into a new feed. `reference` is the version that its last fact cites."""
    of = Subject(known.kind, subject)
    card = cards.card(known, reference)
    return FeedItem(subscription.code, number, "introduced", of, known.seq, known.recorded_at, card)
