"""The reference as Kafka holds it, for commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from ops.brokers import reader
from ops.embedded.problem import ServerProblem
from schemas.frames import Unreadable
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.reference import BadLoad, Reference
from streams.runtime.reference import Gathering


def stored(kafka: KafkaSettings, hub: HubSettings) -> Reference:
    """Every load that is committed now. Raises ServerProblem."""
    with reader(kafka) as consumer:
        return read(consumer, hub)


def read(consumer: KafkaConsumer, hub: HubSettings) -> Reference:
    """The topic from its beginning to its end, by a consumer without a group. Raises ServerProblem."""
    partition = TopicPartition(hub.topic("reference"), 0)
    if not consumer.partitions_for_topic(partition.topic):  # a consumer is silent on a topic that is not there
        raise ServerProblem(
            "The hub has no reference topic", partition.topic, "start the hub with threecross up, which makes it"
        )
    gathering = Gathering()
    consumer.assign([partition])
    consumer.seek_to_beginning(partition)
    end = consumer.end_offsets([partition])[partition]
    try:
        _read_until(lambda: consumer.position(partition) >= end, consumer, partition, gathering)
    except (Unreadable, BadLoad) as bad:
        raise ServerProblem(str(bad), partition.topic, "use a version of the hub that knows it") from bad
    return gathering.reference


def _read_until(done: Callable[[], bool], consumer: KafkaConsumer, partition: Any, gathering: Gathering) -> None:
    while not done():
        gathering.take(consumer.poll(timeout_ms=500).get(partition, ()))
