"""What could not be read or mapped: dead letters on Kafka (casework's) and in PostgreSQL (connectors').

Each has an id: `partition-offset` on Kafka, a UUID in PostgreSQL. Its bytes are sealed; only the vault opens them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Connection, select

from connectors.tables import connector_dead_letters as table
from ops.brokers import begin_offsets, end_offsets, partitions_of, reader
from schemas.wire import headers
from schemas.wire.settings import HubSettings, KafkaSettings

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One dead letter. `position` says where the original stands; `detail` carries nothing of its content.

    `key` is the key of the record, the id of its subject in a record of the hub's own making.
    """

    id: str
    stage: str
    reason: str
    detail: str
    position: str
    at: datetime
    sealed: bytes = field(repr=False)
    key: str = ""


def on_kafka(kafka: KafkaSettings, hub: HubSettings, progress: Progress) -> list[DeadLetter]:
    """All dead letters of the topic, by time. Raises ServerProblem."""
    topic, count = hub.topic("deadletters"), hub.partitions
    found: list[DeadLetter] = []
    with reader(kafka) as consumer:
        begins, ends = begin_offsets(consumer, topic, count), end_offsets(consumer, topic, count)
        consumer.assign(partitions_of(topic, count))
        consumer.seek_to_beginning()
        total = sum(ends.values()) - sum(begins.values())
        while (done := _done(consumer, topic, begins, ends)) < total:
            progress(done, total)
            for records in consumer.poll(timeout_ms=1000).values():
                found += [_from_record(record) for record in records]
    return sorted(found, key=lambda letter: (letter.at, letter.id))


def _done(consumer: KafkaConsumer, topic: str, begins: dict[int, int], ends: dict[int, int]) -> int:
    return sum(min(consumer.position(TopicPartition(topic, p)), ends[p]) - begins[p] for p in ends)


def on_kafka_by_id(kafka: KafkaSettings, hub: HubSettings, wanted: str) -> DeadLetter | None:
    """The dead letter with an id like `3-17`. Raises ServerProblem."""
    partition, _, offset = wanted.partition("-")
    if not (partition.isdigit() and offset.isdigit()) or int(partition) >= hub.partitions:
        return None
    place, at = TopicPartition(hub.topic("deadletters"), int(partition)), int(offset)
    with reader(kafka) as consumer:
        consumer.assign([place])
        if not consumer.beginning_offsets([place])[place] <= at < consumer.end_offsets([place])[place]:
            return None
        consumer.seek(place, at)
        while consumer.position(place) <= at:
            for record in consumer.poll(timeout_ms=1000, max_records=1).get(place, []):
                return _from_record(record) if record.offset == at else None
    return None


def _from_record(record: Any) -> DeadLetter:
    told = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    topic, partition, offset = (
        told.get(name, "?") for name in (headers.ERROR_TOPIC, headers.ERROR_PARTITION, headers.ERROR_OFFSET)
    )
    return DeadLetter(
        id=f"{record.partition}-{record.offset}",
        stage=told.get(headers.ERROR_STAGE, "?"),
        reason=told.get(headers.ERROR_REASON, "?"),
        detail=told.get(headers.ERROR_DETAIL, ""),
        position=f"{topic}, partition {partition}, offset {offset}",
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        sealed=record.value,
        key=(record.key or b"").decode("ascii", "replace"),
    )


def of_connectors(connection: Connection, wanted: str | None = None) -> list[DeadLetter]:
    """Rows that connectors could not map, by time; only the one with the id `wanted` where it is given."""
    query = select(table).order_by(table.c.at, table.c.id)
    rows = connection.execute(query if wanted is None else query.where(table.c.id == wanted))
    return [
        DeadLetter(row.id, row.connector, row.reason, row.detail, _place(row.position), row.at, row.sealed)
        for row in rows
    ]


def _place(position: dict[str, Any]) -> str:
    line = f"line {position['line']}" if "line" in position else str(position)
    source = str(position.get("source", ""))[:12]
    return f"{line} of file {source}…" if source else line
