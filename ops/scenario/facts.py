"""Facts as a scenario sees them: read from Kafka as they come, and held against what the script expects."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from kafka import KafkaConsumer

from ops.brokers import partitions_of
from ops.lag import Decided
from ops.scenario.script import Expected
from schemas import codec
from schemas.events import FactMeta, family
from schemas.wire.headers import position_of
from schemas.wire.settings import HubSettings

PATIENCE = 30.0
"""Real seconds to wait for something that must come."""


class Fact(NamedTuple):
    """A fact, where it stands."""

    meta: FactMeta
    body: Any
    last: bool
    """Whether it is the last one that its claim led to."""

    @property
    def name(self) -> str:
        return type(self.body).__name__

    def carries(self, expected: Expected) -> bool:
        """Whether this is the fact that was expected."""
        wanted = {"fact": expected} if isinstance(expected, str) else expected
        mine = {"fact": self.name, "irregular": self.meta.irregular, **msgspec.to_builtins(self.body)}
        return all(_listed(mine.get(key)) == value for key, value in wanted.items())


def _listed(value: Any) -> Any:
    """The value as TOML would have it: lists, no tuples."""
    return [_listed(one) for one in value] if isinstance(value, (list, tuple)) else value


class Facts:
    """Every fact of a namespace so far, in the order of reading; `until` reads on."""

    def __init__(self, consumer: KafkaConsumer, hub: HubSettings, *, from_now: bool = False) -> None:
        self._consumer = consumer
        self._topic = hub.topic("facts")
        self.decided = Decided()
        self.seen: list[Fact] = []
        topics = [tp for name in ("facts", "positions") for tp in partitions_of(hub.topic(name), hub.partitions)]
        consumer.assign(topics)
        consumer.seek_to_end() if from_now else consumer.seek_to_beginning()
        for tp in topics:
            consumer.position(tp)  # seeking is lazy, and what comes next must not be missed

    def of(self, subject: str) -> list[Fact]:
        """Facts of one subject."""
        return sorted((fact for fact in self.seen if fact.meta.subject.id == subject), key=lambda fact: fact.meta.seq)

    def from_claim(self, claim_id: str) -> list[Fact]:
        """All facts that a claim led to; waits for them. None came: the claim became a dead letter, or was lost."""

        def found() -> list[Fact]:
            return [fact for fact in self.seen if fact.meta.claim_id == claim_id]

        self.until(lambda: any(fact.last for fact in found()))
        return found()

    def until(self, enough: Callable[[], bool], patience: float = PATIENCE) -> bool:
        """Read on until it is enough; False when nothing more came for so long."""
        moved = time.monotonic()
        while not enough():
            if self._poll():
                moved = time.monotonic()
            elif time.monotonic() - moved > patience:
                return False
        return True

    def _poll(self) -> int:
        count = 0
        for tp, records in self._consumer.poll(timeout_ms=50).items():
            count += len(records)
            for record in records:
                if tp.topic == self._topic:
                    meta, body = codec.decode(record.value)
                    assert isinstance(meta, FactMeta)
                    self.decided.see_fact(record)
                    _, _, index, count = position_of(record.headers)
                    self.seen.append(Fact(meta, body, index + 1 == count))
                else:
                    self.decided.see_position(record)
        return count


def told(facts: Sequence[Fact], expected: Sequence[Expected]) -> list[Fact]:
    """Facts without those of the clocks that the script does not speak of."""
    return [fact for fact in facts if family(type(fact.body)) != "clock" or any(map(fact.carries, expected))]


def exactly(facts: Sequence[Fact], expected: Sequence[Expected]) -> bool:
    """Whether just these came, in this order."""
    found = told(facts, expected)
    return len(found) == len(expected) and all(fact.carries(one) for fact, one in zip(found, expected, strict=True))


def among(facts: Sequence[Fact], expected: Sequence[Expected]) -> bool:
    """Whether these came in this order, whatever else came between them."""
    rest = iter(facts)
    return all(any(fact.carries(one) for fact in rest) for one in expected)
