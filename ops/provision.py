"""Make a hub's topics on Kafka and record which life of the claims topic this is (its epoch).

Doing it again changes nothing. Two at once agree: what they write depends only on what Kafka holds. Existing topics
that do not fit (another number of partitions, another way of keeping records) are refused, never altered: the number of
partitions decides where each subject lives, for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import structlog
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from ops.embedded.problem import ServerProblem
from schemas import codec
from schemas.events import HubEpoch
from schemas.topics import Topic, load_topics
from schemas.wire.clients import admin_arguments, consumer_arguments, producer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings

log = structlog.get_logger(__name__)

EPOCH_KEY = b"epoch"
_UNKNOWN_TOPIC = 3


def provision(kafka: KafkaSettings, hub: HubSettings, now: int) -> HubEpoch:
    """Create what is missing, check what exists, return the epoch; `now` is UTC microseconds. Raises ServerProblem."""
    topics = [topic for topic in load_topics() if not topic.is_pattern]
    with _answering(kafka), closing(KafkaAdminClient(**admin_arguments(kafka))) as admin:
        existing = _describe(admin, hub, topics)
        _check_partitions(hub, topics, existing)
        if missing := [topic for topic in topics if topic.name not in existing]:
            _create(admin, hub, missing)
            existing = _describe(admin, hub, topics)
            _check_partitions(hub, topics, existing)  # somebody else may have been faster, with another number
        _check_keeping(admin, hub, topics)
        return _settle_epoch(kafka, hub, str(existing["claims"]["topic_id"]), now)


def read_epoch(kafka: KafkaSettings, hub: HubSettings) -> HubEpoch | None:
    """The recorded epoch; None where the hub was never provisioned. Raises ServerProblem."""
    with _answering(kafka):
        return _last_epoch(kafka, hub)


def next_epoch(recorded: HubEpoch | None, claims_topic_id: str, partitions: int, now: int) -> HubEpoch:
    """The epoch of a claims topic with this id: the recorded one, else the one after it."""
    if recorded is not None and recorded.claims_topic_id == claims_topic_id:
        return recorded
    number = 1 if recorded is None else recorded.epoch + 1
    return HubEpoch(epoch=number, claims_topic_id=claims_topic_id, partitions=partitions, created_at=now)


def _settle_epoch(kafka: KafkaSettings, hub: HubSettings, claims_topic_id: str, now: int) -> HubEpoch:
    recorded = _last_epoch(kafka, hub)
    if recorded is not None and recorded.partitions != hub.partitions:
        raise _other_partitions(hub, hub.topic("hub"), recorded.partitions)
    epoch = next_epoch(recorded, claims_topic_id, hub.partitions, now)
    if epoch is not recorded:
        _write_epoch(kafka, hub, epoch)
        log.info("epoch of the claims topic recorded", namespace=hub.namespace, epoch=epoch.epoch)
    return epoch


def _write_epoch(kafka: KafkaSettings, hub: HubSettings, epoch: HubEpoch) -> None:
    with closing(KafkaProducer(**producer_arguments(kafka))) as producer:
        producer.send(hub.topic("hub"), key=EPOCH_KEY, value=codec.encode_hub(epoch)).get(timeout=30)


def _last_epoch(kafka: KafkaSettings, hub: HubSettings) -> HubEpoch | None:
    partition = TopicPartition(hub.topic("hub"), 0)
    with closing(KafkaConsumer(**consumer_arguments(kafka))) as consumer:
        if not consumer.partitions_for_topic(partition.topic):  # a consumer is silent on a topic that is not there
            return None
        consumer.assign([partition])
        end = consumer.end_offsets([partition])[partition]
        consumer.seek_to_beginning(partition)
        last = None
        while consumer.position(partition) < end:
            for record in consumer.poll(timeout_ms=500).get(partition, ()):
                last = record.value if record.key == EPOCH_KEY else last
    decoded = None if last is None else codec.decode_hub(last)
    return decoded if isinstance(decoded, HubEpoch) else None


def _describe(admin: KafkaAdminClient, hub: HubSettings, topics: Sequence[Topic]) -> dict[str, Mapping[str, Any]]:
    """Short name → Kafka's description, of those that exist."""
    names = {hub.topic(topic.name): topic.name for topic in topics}
    found = admin.describe_topics(list(names))
    return {names[entry["name"]]: entry for entry in found if entry["error_code"] != _UNKNOWN_TOPIC}


def _create(admin: KafkaAdminClient, hub: HubSettings, topics: Sequence[Topic]) -> None:
    wanted = {
        hub.topic(topic.name): {"num_partitions": topic.count(hub.partitions), "configs": topic.config()}
        for topic in topics
    }
    admin.create_topics(wanted, raise_errors=False)
    admin.wait_for_topics(list(wanted))
    log.info("topics created", namespace=hub.namespace, topics=[topic.name for topic in topics])


def _check_partitions(hub: HubSettings, topics: Sequence[Topic], existing: Mapping[str, Mapping[str, Any]]) -> None:
    for topic in topics:
        count = len(existing[topic.name]["partitions"]) if topic.name in existing else 0
        if count not in (0, topic.count(hub.partitions)):
            raise _other_partitions(hub, hub.topic(topic.name), count)


def _other_partitions(hub: HubSettings, name: str, count: int) -> ServerProblem:
    what = f"This hub has {count} partitions on Kafka, but {hub.partitions} were asked for"
    todo = "the number is fixed at the first start: give the first one, or another namespace"
    return ServerProblem(what, f"topic {name}", todo)


def _check_keeping(admin: KafkaAdminClient, hub: HubSettings, topics: Sequence[Topic]) -> None:
    """Refuse topics that would forget: facts are never compacted and never expire."""
    names = {hub.topic(topic.name): topic for topic in topics}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(names[name].config())) for name in names]
    answer = admin.describe_configs(asked, config_filter="all")["topic"]
    for name, topic in names.items():
        for key, value in topic.config().items():
            if (actual := answer[name][key]["value"]) != value:
                what = f"A topic keeps its records in another way than this hub needs: {key} is {actual}"
                raise ServerProblem(what, f"topic {name}", f"set it to {value}, or use another namespace")


@contextmanager
def _answering(kafka: KafkaSettings) -> Iterator[None]:
    """Turn the client's errors into one sentence."""
    try:
        yield
    except KafkaError as error:
        what = f"Kafka does not answer as it should: {type(error).__name__}"
        raise ServerProblem(what, kafka.bootstrap, "start it, or correct --bootstrap") from error
