"""Reads the reference topic: whole before a process works, then whatever is loaded.

Promise: `reference` only grows, by whole loads in the order of the topic. What cannot be read ends the reading, never
skips a load: then `problem` says why and every wait raises it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.codec import decode_hub
from schemas.wire.clients import fold_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.reference import EMPTY, Reference, whole_loads
from streams.runtime.reading import read_to_end

log = structlog.get_logger()

POLL_MS = 500


class Gathering:
    """A reference that grows by records in the order of the topic, however they are cut into batches."""

    def __init__(self) -> None:
        self.reference: Reference = EMPTY
        self._rest: list[Any] = []

    def take(self, records: Iterable[Any]) -> None:
        """Records of the consumer. Raises Unreadable and BadLoad; what came before them stays."""
        self._rest += [decode_hub(record.value) for record in records]
        loads, rest = whole_loads(self._rest)
        self.reference = self.reference.after(loads)
        self._rest = list(rest)


class ReferenceReader:
    """Follows the reference. `await start()`, then `reference` and the waits; `await stop()`.

    `on_problem` is told once when reading has ended by an error.
    """

    def __init__(
        self, kafka: KafkaSettings, hub: HubSettings, on_problem: Callable[[BaseException], None] | None = None
    ) -> None:
        self._kafka = kafka
        self._partition = TopicPartition(hub.topic("reference"), 0)
        self._gathering = Gathering()
        self._position = 0
        self._changed = asyncio.Condition()
        self._consumer: AIOKafkaConsumer | None = None
        self._following: asyncio.Task[None] | None = None
        self._on_problem = on_problem
        self.problem: BaseException | None = None

    @property
    def reference(self) -> Reference:
        """The newest version read."""
        return self._gathering.reference

    async def start(self) -> None:
        """Reads the topic to its end, then follows it in the background. Raises Unreadable, BadLoad, KafkaError."""
        self._consumer = AIOKafkaConsumer(**fold_arguments(self._kafka))
        await self._consumer.start()
        async for records in read_to_end(self._consumer, self._partition, 0, lambda _done, _total: None):
            self._gathering.take(records)
        self._position = await self._consumer.position(self._partition)
        self._following = asyncio.create_task(self._follow(self._consumer))
        log.info("reference read", version=self.reference.version)

    async def wait_for(self, version: int) -> Reference:
        """The reference once it has at least this version."""
        return await self._until(lambda: self.reference.version >= version)

    async def catch_up(self) -> Reference:
        """The reference with every load that was complete at the time of the call."""
        assert self._consumer is not None
        end = (await self._consumer.end_offsets([self._partition]))[self._partition]
        return await self._until(lambda: self._position >= end)

    async def _until(self, reached: Callable[[], bool]) -> Reference:
        async with self._changed:
            await self._changed.wait_for(lambda: reached() or self.problem is not None)
        if self.problem is not None:
            raise self.problem
        return self.reference

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        try:
            while True:
                found = await consumer.getmany(self._partition, timeout_ms=POLL_MS)
                self._gathering.take(found.get(self._partition, ()))
                self._position = await consumer.position(self._partition)
                async with self._changed:
                    self._changed.notify_all()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 whoever waits is told
            await self._end_by(error)

    async def _end_by(self, error: BaseException) -> None:
        log.error("the reference cannot be read on", version=self.reference.version, error=str(error))
        self.problem = error
        async with self._changed:
            self._changed.notify_all()
        if self._on_problem is not None:
            self._on_problem(error)

    async def stop(self) -> None:
        """Ends reading."""
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError):
                await self._following
        if self._consumer is not None:
            await self._consumer.stop()
