"""Subscriptions and their feeds, for commands: what is subscribed, how far each feed has come, pausing, going on."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from ops.brokers import partitions_of, reader
from ops.embedded.problem import ServerProblem
from ops.reference import loading
from ops.reference.documents import Document
from ops.reference.loading import By, Outcome
from ops.reference.stored import stored
from schemas.codec import decode_hub
from schemas.events import HubOutbox, Subscription
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.reference import Loaded, Reference


class NoSubscription(ServerProblem):
    """Nobody has subscribed under this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is no subscription {code}", "reference", "threecross feed show lists them")


@dataclass(frozen=True, slots=True)
class Subscribed:
    """A subscription in force and the load that brought it."""

    load: Loaded
    subscription: Subscription


def subscribed(reference: Reference, now: int) -> dict[str, Subscribed]:
    """By code, what is in force at `now` (UTC µs)."""
    loads = sorted(reference.in_force(now).documents(Subscription), key=lambda load: load.header.version)
    return {item.code: Subscribed(load, item) for load in loads for item in load.items}


def pause(kafka: KafkaSettings, hub: HubSettings, code: str, by: By, now: int, *, paused: bool) -> Outcome:
    """Loads the document of a subscription again, with it paused or not. Raises ServerProblem."""
    found = subscribed(stored(kafka, hub), now).get(code)
    if found is None:
        raise NoSubscription(code)
    items = tuple(replace(i, paused=paused) if i.code == code else i for i in found.load.items)
    header = found.load.header
    document = Document(header.kind, header.name, items, header.edition)
    return loading.load(kafka, hub, [document], by, now)[0]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a feed has come: its items in all partitions, partitions in which it has begun, and by how many offsets
    it is behind the feeds that go with the facts."""

    items: int
    begun: int
    behind: int


def standing(kafka: KafkaSettings, hub: HubSettings) -> dict[str, Standing]:
    """How far each feed has come, by code. Raises ServerProblem."""
    found: dict[str, Standing] = {}
    for record in _records(kafka, hub).values():
        for feed in record.feeds:
            known = found.get(feed.subscription, Standing(0, 0, 0))
            behind = max(0, record.next_offset - feed.next_offset)
            found[feed.subscription] = Standing(known.items + feed.number, known.begun + 1, known.behind + behind)
    return found


def _records(kafka: KafkaSettings, hub: HubSettings) -> dict[int, HubOutbox]:
    """The newest record of each partition."""
    found: dict[int, HubOutbox] = {}
    with reader(kafka) as consumer:
        topic = hub.topic("outbox")
        places = partitions_of(topic, len(consumer.partitions_for_topic(topic) or ()))
        if not places:
            return {}
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < end for place, end in ends.items()):
            for place, records in consumer.poll(timeout_ms=500).items():
                for record in records:
                    if isinstance(told := decode_hub(record.value), HubOutbox):
                        found[place.partition] = told
    return found
