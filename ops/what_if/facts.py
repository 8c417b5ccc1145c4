"""Every fact on Kafka, read by a consumer without a group: nothing is committed, so reading leaves no trace."""

from __future__ import annotations

from collections.abc import Iterator

from ops.brokers import begin_offsets, end_offsets, partitions_of, reader
from ops.replay import Progress, Told, fact_of
from schemas.wire.settings import HubSettings, KafkaSettings


def every_fact(kafka: KafkaSettings, hub: HubSettings, progress: Progress) -> Iterator[Told]:
    """All partitions from their beginning to their end as it is now, those of a subject in their order.

    Raises ServerProblem.
    """
    topic = hub.topic("facts")
    with reader(kafka) as consumer:
        begins, ends = (found(consumer, topic, hub.partitions) for found in (begin_offsets, end_offsets))
        partitions = partitions_of(topic, hub.partitions)
        consumer.assign(partitions)
        consumer.seek_to_beginning()
        total = sum(ends.values()) - sum(begins.values())
        while (left := sum(max(0, ends[tp.partition] - consumer.position(tp)) for tp in partitions)) > 0:
            progress(total - left, total)
            for records in consumer.poll(timeout_ms=1000).values():
                yield from (fact_of(record) for record in records if record.offset < ends[record.partition])
        progress(total, total)
