"""The embedded Kafka: a real broker that starts, stops, survives and explains itself."""

import time

from kafka import KafkaAdminClient

from ops.embedded.kafka import EmbeddedKafka
from schemas.wire.clients import admin_arguments
from schemas.wire.settings import KafkaSettings


def test_the_shared_broker_answers_clients(kafka_settings: KafkaSettings) -> None:
    admin = KafkaAdminClient(**admin_arguments(kafka_settings))
    try:
        assert len(admin.describe_cluster()["brokers"]) == 1
    finally:
        admin.close()
