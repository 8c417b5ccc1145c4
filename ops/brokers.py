"""What commands and workers ask Kafka: topics as they are, offsets, and how far casework has decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from ops.embedded.problem import ServerProblem
from schemas.topics import Topic, load_topics
from schemas.wire.clients import admin_arguments, consumer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings

_UNKNOWN_TOPIC = 3


@contextmanager
def answering(kafka: KafkaSettings) -> Iterator[None]:
    """Turns the client's errors into one sentence (ServerProblem)."""
    try:
        yield
    except KafkaError as error:
        what = f"Kafka does not answer as it should: {type(error).__name__}"
        raise ServerProblem(what, kafka.bootstrap, "start it, or correct --bootstrap") from error


@contextmanager
def admin(kafka: KafkaSettings) -> Iterator[KafkaAdminClient]:
    """An admin client. Raises ServerProblem."""
    with answering(kafka), closing(KafkaAdminClient(**admin_arguments(kafka))) as client:
        yield client


@contextmanager
def reader(kafka: KafkaSettings) -> Iterator[KafkaConsumer]:
    """A consumer without a group, which sees committed records only. Raises ServerProblem."""
    with answering(kafka), closing(KafkaConsumer(**consumer_arguments(kafka))) as consumer:
        yield consumer


@dataclass(frozen=True, slots=True)
class Found:
    """A declared topic and what Kafka has of it; `partitions` 0: it is not there. `offsets`: how many
    it uses now, of which a transaction takes one for its marker."""

    topic: Topic
    name: str
    id: str
    partitions: int
    config: Mapping[str, str]
    offsets: int

    def differences(self, hub: HubSettings) -> list[str]:
        """In what Kafka's topic is not as declared; empty when all is well."""
        if not self.partitions:
            return ["is not there"]
        wanted = self.topic.count(hub.partitions)
        found = [] if wanted == self.partitions else [f"has {self.partitions} partitions, not {wanted}"]
        for key, value in self.topic.config().items():
            if (actual := self.config.get(key)) != value:
                found.append(f"{key} is {actual}, not {value}")
        return found


def topics(kafka: KafkaSettings, hub: HubSettings) -> list[Found]:
    """Every declared topic beside what Kafka has, of a pattern those that there are. Raises ServerProblem."""
    with admin(kafka) as client, reader(kafka) as consumer:
        declared = _declared(hub, client.list_topics())
        described = {entry["name"]: entry for entry in client.describe_topics(list(declared))}
        there = {name: entry for name, entry in described.items() if entry["error_code"] != _UNKNOWN_TOPIC}
        configs = _configs(client, {name: declared[name] for name in there})
        return [
            _found(consumer, topic, name, there.get(name), configs.get(name, {})) for name, topic in declared.items()
        ]


def _declared(hub: HubSettings, there: Sequence[str]) -> dict[str, Topic]:
    found = {}
    for topic in load_topics():
        if not topic.is_pattern:
            found[hub.topic(topic.name)] = topic
            continue
        prefix = hub.topic(topic.name.removesuffix("*"))
        found |= {name: topic.named(name.removeprefix(prefix)) for name in sorted(there) if name.startswith(prefix)}
    return found


def _configs(client: KafkaAdminClient, there: Mapping[str, Topic]) -> dict[str, dict[str, str]]:
    if not there:
        return {}
    asked = [
        ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(topic.config())) for name, topic in there.items()
    ]
    answer = client.describe_configs(asked, config_filter="all")["topic"]
    return {name: {key: answer[name][key]["value"] for key in topic.config()} for name, topic in there.items()}


def _found(consumer: KafkaConsumer, topic: Topic, name: str, entry: Any, config: Mapping[str, str]) -> Found:
    if entry is None:
        return Found(topic, name, "", 0, {}, 0)
    count = len(entry["partitions"])
    ends, begins = end_offsets(consumer, name, count), begin_offsets(consumer, name, count)
    offsets = sum(ends[p] - begins[p] for p in range(count))
    return Found(topic, name, str(entry["topic_id"]), count, config, offsets)


def topic_id(kafka: KafkaSettings, hub: HubSettings, name: str) -> str:
    """Kafka's own id of a topic: a topic created anew has another. Raises ServerProblem when it is not there."""
    with admin(kafka) as client:
        (entry,) = client.describe_topics([hub.topic(name)])
    if entry["error_code"] == _UNKNOWN_TOPIC:
        raise ServerProblem("A topic is not there", hub.topic(name), "start the hub with threecross up, it makes them")
    return str(entry["topic_id"])


def partitions_of(topic: str, count: int) -> list[TopicPartition]:
    """All partitions of a topic."""
    return [TopicPartition(topic, number) for number in range(count)]


def end_offsets(consumer: KafkaConsumer, topic: str, count: int) -> dict[int, int]:
    """Offset behind the last record of each partition, by its number."""
    found = consumer.end_offsets(partitions_of(topic, count))
    return {tp.partition: offset for tp, offset in found.items()}


def begin_offsets(consumer: KafkaConsumer, topic: str, count: int) -> dict[int, int]:
    """Offset of the first record of each partition, by its number."""
    found = consumer.beginning_offsets(partitions_of(topic, count))
    return {tp.partition: offset for tp, offset in found.items()}
