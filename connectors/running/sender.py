"""Claims of running connectors to Kafka: kafka-python's idempotent producer, every replica acknowledges, in order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from connectors.contract import Claim, Refused
from schemas.wire.clients import producer_arguments
from schemas.wire.settings import KafkaSettings

ACKNOWLEDGE_SECONDS = 60.0
LINGER_MILLISECONDS = 2
"""Someone waits for the answer: no longer than many callers need to be put together."""


class Sender:
    """The claims topic, to write to. One thread uses it at a time; after a failure it begins with a new producer, so
    that nothing of the failed sending arrives behind what is sent next."""

    def __init__(self, kafka: KafkaSettings, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._producer: KafkaProducer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, wrong: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def send(self, claims: Sequence[Claim]) -> None:
        """Send claims in their order; returns when Kafka has acknowledged all. Raises Refused where it does not."""
        try:
            producer = self._open()
            waiting = [
                producer.send(self._topic, key=claim.subject.encode("ascii"), value=claim.value) for claim in claims
            ]
            producer.flush(ACKNOWLEDGE_SECONDS)
            for sent in waiting:
                sent.get(0)
        except (KafkaError, AssertionError) as wrong:
            self.close(0)
            raise Refused(
                f"Kafka at {self._kafka.bootstrap} did not acknowledge the claims ({type(wrong).__name__}): they are "
                "kept and sent when it is back"
            ) from None

    def close(self, seconds: float = 5.0) -> None:
        """Give the producer up."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with suppress(KafkaError):
                producer.close(timeout=seconds)

    def _open(self) -> KafkaProducer:
        if self._producer is None:
            given = producer_arguments(self._kafka) | {"linger_ms": LINGER_MILLISECONDS}
            self._producer = KafkaProducer(**given)
        return self._producer
