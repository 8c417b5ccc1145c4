"""Sending claims to Kafka so that each arrives once, in order: idempotent producer, all replicas acknowledge."""

from __future__ import annotations

from collections.abc import Iterable
from struct import unpack
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from connectors.contract import Claim, Refused

ACKNOWLEDGE_SECONDS = 60.0


def partition_of(subject: str, partitions: int) -> int:
    """Partition of a subject: murmur2 over its 36 ASCII bytes, as Kafka's own clients compute it."""
    h = 0x9747B28C ^ 36
    for k in unpack("<9I", subject.encode("ascii")):
        k = k * 0x5BD1E995 & 0xFFFFFFFF
        h = (h * 0x5BD1E995 ^ (k ^ k >> 24) * 0x5BD1E995) & 0xFFFFFFFF
    h = (h ^ h >> 13) * 0x5BD1E995 & 0xFFFFFFFF
    return ((h ^ h >> 15) & 0x7FFFFFFF) % partitions


class ClaimsOut:
    """The claims topic, to write to. `producer` comes from schemas.wire.clients.producer_arguments."""

    def __init__(self, producer: KafkaProducer, topic: str) -> None:
        self._send = producer.send
        self._topic = topic
        try:
            found = producer.partitions_for(topic)
        except KafkaError as wrong:
            raise Refused(f"Kafka does not tell about the topic {topic} ({wrong}): is the hub up?") from None
        if not found:
            raise Refused(f"the topic {topic} does not exist: start the hub once, it makes its topics")
        self._partitions = len(found)

    def send(self, claims: Iterable[Claim]) -> list[Any]:
        """Hand claims to the producer in their order; the answer is what `settle` waits for."""
        send, topic, partitions, previous, partition = self._send, self._topic, self._partitions, "", 0
        futures = []
        try:
            for claim in claims:
                if claim.subject != previous:
                    previous = claim.subject
                    partition = partition_of(previous, partitions)
                futures.append(send(topic, claim.value, previous.encode("ascii"), None, partition))
        except KafkaError as wrong:
            raise _unanswered(wrong) from None
        return futures

    def settle(self, futures: list[Any]) -> None:
        """Wait until Kafka has acknowledged all. Raises Refused where it has not: what is stored will be sent again."""
        try:
            for future in futures:
                future.get(timeout=ACKNOWLEDGE_SECONDS)
        except KafkaError as wrong:
            raise _unanswered(wrong) from None


def _unanswered(wrong: KafkaError) -> Refused:
    return Refused(
        f"Kafka did not acknowledge the claims ({type(wrong).__name__}): when it is back, run the import again, it goes on "
        "where it stopped and sends nothing twice"
    )
