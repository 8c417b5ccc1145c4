"""Kafka as the judges read it: kafka-python, fastavro with the schemas as released, nothing of the hub's own code."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import fastavro
from kafka import KafkaConsumer, TopicPartition

from schemas.registry import released

SCHEMAS = {entry.id: fastavro.parse_schema(json.loads(entry.schema)) for entry in released()}
NAMES = {entry.id: entry.name.rpartition(".")[2] for entry in released()}


def decode(value: bytes) -> tuple[str, dict[str, Any]]:
    """Name and fields of an event. Raises all kinds of errors for bytes that are none."""
    stream = io.BytesIO(value)
    magic, schema_id = stream.read(1), int.from_bytes(stream.read(4), "big")
    event = fastavro.schemaless_reader(stream, SCHEMAS[schema_id], None)
    if magic != b"\0" or stream.read() or not isinstance(event, dict):
        raise ValueError("no frame of one event")
    return NAMES[schema_id], event


def records(bootstrap: str, topic: str) -> Iterator[Any]:
    """Every committed record of a topic up to its present end; those of each partition in order."""
    arguments = {"isolation_level": "read_committed", "enable_auto_commit": False, "max_poll_records": 5_000}
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, **arguments)) as consumer:
        places = [TopicPartition(topic, p) for p in sorted(consumer.partitions_for_topic(topic) or ())]
        assert places, f"{topic} is not there"
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        consumer.seek_to_beginning(*places)
        while any(consumer.position(place) < ends[place] for place in places):
            for found in consumer.poll(timeout_ms=500).values():
                yield from found
