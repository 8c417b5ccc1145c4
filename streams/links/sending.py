"""Sends the claims that wait in PostgreSQL, in order, and forgets those that Kafka has acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaProducer
from sqlalchemy import Engine

from schemas.wire.clients import claims_arguments
from schemas.wire.settings import KafkaSettings
from streams.links import store

MOST = 2_000
"""Claims sent at a time."""

InThread = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs work on PostgreSQL in a thread, again while PostgreSQL is away."""


class Sender:
    """The claims topic, to write to. `await start()`, `await send_waiting(partition)`, `await stop()`."""

    def __init__(self, engine: Engine, kafka: KafkaSettings, topic: str, in_thread: InThread) -> None:
        self._in_thread = in_thread
        self._engine = engine
        self._kafka = kafka
        self._topic = topic
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Connects; again without effect."""
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(**claims_arguments(self._kafka))
                await producer.start()
                self._producer = producer

    async def send_waiting(self, partition: int) -> None:
        """Sends every claim that waits for the partition; returns when Kafka has acknowledged them."""
        assert self._producer is not None
        while found := await self._in_thread(lambda: store.waiting(self._engine, partition, MOST)):
            sent = [await self._producer.send(self._topic, value, subject.encode()) for _, subject, value in found]
            await asyncio.gather(*sent)
            numbers = [number for number, _, _ in found]
            await self._in_thread(lambda: store.acknowledged(self._engine, numbers))  # noqa: B023 awaited here
            if len(found) < MOST:
                return

    async def stop(self) -> None:
        """Ends the producer."""
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None
