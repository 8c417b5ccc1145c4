"""Arguments of the Kafka clients, in one place.

Connectors and tools use kafka-python, the processors aiokafka (Faust's client).
"""

from __future__ import annotations

from typing import Any

from schemas.wire.settings import KafkaSettings

MAX_RECORD_BYTES = 900_000
"""A claim larger than this is refused before it is sent: the broker's limit is 1 MiB for a whole batch."""


def producer_arguments(kafka: KafkaSettings) -> dict[str, Any]:
    """kafka-python producer: idempotent, acknowledged by all replicas, in order."""
    return {
        "bootstrap_servers": kafka.servers(),
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": 20,
        "batch_size": 262_144,
        "bootstrap_timeout_ms": 10_000,
    }


def loader_arguments(kafka: KafkaSettings, transactional_id: str) -> dict[str, Any]:
    """kafka-python producer of reference data: one transaction for each load."""
    return producer_arguments(kafka) | {"transactional_id": transactional_id, "transaction_timeout_ms": 60_000}


def claims_arguments(kafka: KafkaSettings) -> dict[str, Any]:
    """aiokafka producer of claims: idempotent, acknowledged by all replicas; whole batches, built in compiled code."""
    return {
        "bootstrap_servers": kafka.servers(),
        "acks": "all",
        "enable_idempotence": True,
        "max_batch_size": 524_288,
        "linger_ms": 0,
    }


def consumer_arguments(kafka: KafkaSettings) -> dict[str, Any]:
    """kafka-python consumer without a group: assigned by hand, sees committed records only."""
    return {
        "bootstrap_servers": kafka.servers(),
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "max_partition_fetch_bytes": 4_194_304,
        "max_poll_records": 5_000,
        "bootstrap_timeout_ms": 10_000,
    }


def admin_arguments(kafka: KafkaSettings) -> dict[str, Any]:
    """kafka-python admin client."""
    return {"bootstrap_servers": kafka.servers(), "bootstrap_timeout_ms": 10_000}


def writer_arguments(kafka: KafkaSettings, transactional_id: str) -> dict[str, Any]:
    """aiokafka transactional producer of one claims partition (fencing: see streams/runtime)."""
    return {
        "bootstrap_servers": kafka.servers(),
        "transactional_id": transactional_id,
        "transaction_timeout_ms": 20_000,
        "acks": "all",
        "max_batch_size": 524_288,
        "linger_ms": 0,
    }


def fold_arguments(kafka: KafkaSettings) -> dict[str, Any]:
    """aiokafka consumer that reads facts to their end, outside any group."""
    return {
        "bootstrap_servers": kafka.servers(),
        "group_id": None,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "isolation_level": "read_committed",
        "max_partition_fetch_bytes": 4_194_304,
        "check_crcs": False,
    }
