"""Sends many records to one partition in whole batches, built by aiokafka's compiled code alone."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaProducer

Outgoing = tuple[bytes, bytes, list[tuple[str, bytes]], int]
"""Key, value, headers, milliseconds since 1970."""


async def send_all(
    producer: AIOKafkaProducer, topic: str, partition: int, records: Iterable[Outgoing]
) -> list[tuple[Future[Any], int]]:
    """Hands the records to the producer, in order; gives, for each batch, the future of its metadata and its length."""
    sent = []
    batch = producer.create_batch()
    append = batch._builder.append  # BatchBuilder.append costs more than what it calls
    n = 0
    for key, value, headers, at in records:
        if append(n, at, key, value, headers) is None:
            sent.append(await _send(producer, topic, partition, batch, n))
            batch = producer.create_batch()
            append = batch._builder.append
            append(0, at, key, value, headers)
            n = 0
        n += 1
    if n:
        sent.append(await _send(producer, topic, partition, batch, n))
    return sent


async def _send(producer: AIOKafkaProducer, topic: str, partition: int, batch: Any, n: int) -> tuple[Future[Any], int]:
    batch._relative_offset = n
    return await producer.send_batch(batch, topic, partition=partition), n
