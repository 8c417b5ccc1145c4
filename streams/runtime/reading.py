"""Reads a partition from an offset to its end, outside any consumer group."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.runtime.fetching import fetched
from streams.runtime.processor import Progress

CHUNK = 5_000


async def read_to_end(
    consumer: AIOKafkaConsumer, partition: TopicPartition, start: int, progress: Progress
) -> AsyncIterator[list[Any]]:
    """Yields lists of records from `start` to the last stable offset at the time of the call."""
    consumer.assign([partition])
    end = (await consumer.end_offsets([partition]))[partition]
    begin = (await consumer.beginning_offsets([partition]))[partition]
    at = max(start, begin)
    consumer.seek(partition, at)
    while at < end:
        records = (await fetched(consumer._fetcher, [partition], 0.5, CHUNK)).get(partition, [])
        if records:
            yield records
        at = await consumer.position(partition)
        progress(at - start, end - start)
