"""Topics and epoch on a real Kafka."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from kafka import KafkaAdminClient

from ops.embedded.problem import ServerProblem
from ops.provision import provision, read_epoch
from schemas.topics import load_topics
from schemas.wire.clients import admin_arguments
from schemas.wire.settings import HubSettings, KafkaSettings

NOW = 1_763_856_000_000_000
LATER = NOW + 1


@pytest.fixture
def admin(kafka_settings: KafkaSettings) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(**admin_arguments(kafka_settings))
    yield client
    client.close()


def partitions(admin: KafkaAdminClient, hub: HubSettings) -> dict[str, int]:
    names = [hub.topic(topic.name) for topic in load_topics() if not topic.is_pattern]
    return {entry["name"]: len(entry["partitions"]) for entry in admin.describe_topics(names)}


def delete(admin: KafkaAdminClient, topic: str) -> None:
    """Delete a topic and wait until the broker knows it no longer."""
    admin.delete_topics([topic])
    while topic in admin.list_topics():
        time.sleep(0.05)


def test_every_declared_topic_exists_afterwards_with_its_partitions(
    kafka_settings: KafkaSettings, hub_settings: HubSettings, admin: KafkaAdminClient
) -> None:
    provision(kafka_settings, hub_settings, NOW)
    expected = {
        hub_settings.topic(topic.name): topic.count(hub_settings.partitions)
        for topic in load_topics()
        if not topic.is_pattern
    }
    assert partitions(admin, hub_settings) == expected


def test_the_first_epoch_is_1_and_is_recorded(kafka_settings: KafkaSettings, hub_settings: HubSettings) -> None:
    assert read_epoch(kafka_settings, hub_settings) is None
    epoch = provision(kafka_settings, hub_settings, NOW)
    assert (epoch.epoch, epoch.partitions, epoch.created_at) == (1, hub_settings.partitions, NOW)
    assert read_epoch(kafka_settings, hub_settings) == epoch


def test_doing_it_again_changes_nothing(kafka_settings: KafkaSettings, hub_settings: HubSettings) -> None:
    first = provision(kafka_settings, hub_settings, NOW)
    assert provision(kafka_settings, hub_settings, LATER) == first


def test_several_at_once_agree(kafka_settings: KafkaSettings, hub_settings: HubSettings) -> None:
    with ThreadPoolExecutor(4) as pool:
        epochs = list(pool.map(lambda _: provision(kafka_settings, hub_settings, NOW), range(4)))
    assert set(epochs) == {read_epoch(kafka_settings, hub_settings)}


def test_the_epoch_rises_when_claims_is_created_anew(
    kafka_settings: KafkaSettings, hub_settings: HubSettings, admin: KafkaAdminClient
) -> None:
    first = provision(kafka_settings, hub_settings, NOW)
    delete(admin, hub_settings.topic("claims"))
    second = provision(kafka_settings, hub_settings, LATER)
    assert second.epoch == 2
    assert second.claims_topic_id != first.claims_topic_id
    assert read_epoch(kafka_settings, hub_settings) == second


def test_another_number_of_partitions_is_refused_in_one_sentence(
    kafka_settings: KafkaSettings, hub_settings: HubSettings
) -> None:
    provision(kafka_settings, hub_settings, NOW)
    with pytest.raises(ServerProblem, match=r"has 2 partitions on Kafka, but 3 were asked for .*claims.*another names"):
        provision(kafka_settings, replace(hub_settings, partitions=3), LATER)


def test_a_facts_topic_that_forgets_is_refused(
    kafka_settings: KafkaSettings, hub_settings: HubSettings, admin: KafkaAdminClient
) -> None:
    admin.create_topics(
        {hub_settings.topic("facts"): {"num_partitions": 2, "configs": {"cleanup.policy": "compact"}}},
        wait_for_metadata=True,
    )
    with pytest.raises(ServerProblem, match=r"cleanup\.policy is compact .*facts\): set it to delete"):
        provision(kafka_settings, hub_settings, NOW)


def test_a_kafka_that_is_not_there_is_one_sentence(hub_settings: HubSettings, free_port: int) -> None:
    nowhere = KafkaSettings(f"127.0.0.1:{free_port}")
    with pytest.raises(ServerProblem, match=rf"does not answer .*\(127\.0\.0\.1:{free_port}\): start it, or correct"):
        provision(nowhere, hub_settings, NOW)
