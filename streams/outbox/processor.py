"""The outbox processor: folds partitions of facts and puts what subscriptions ask for into their feeds.

Facts and items go together: one fenced transaction holds the items of all feeds and how far they come, and a takeover
goes on from there. A feed that is behind (new from the beginning, or resumed) is brought up beside the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer

from schemas.wire.clients import fold_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.writer import CopyPlace
from streams.metrics import WorkerMetrics
from streams.outbox.keeper import Keeper
from streams.outbox.writer import OUTBOX
from streams.runtime.processor import PartitionStopped, Progress
from streams.runtime.reference import ReferenceReader

log = structlog.get_logger()

TICK_SECONDS = 0.25


class Outbox:
    """Processor of the facts topic. `clock` gives UTC µs; `fail` ends the process when it cannot go on beside."""

    name = OUTBOX
    topic = "facts"

    def __init__(
        self,
        kafka: KafkaSettings,
        hub: HubSettings,
        reader: ReferenceReader,
        place: CopyPlace,
        clock: Callable[[], int],
        metrics: WorkerMetrics,
        fail: Callable[[BaseException], None],
    ) -> None:
        self._kafka = kafka
        self._hub = hub
        self._reader = reader
        self._place = place
        self._clock = clock
        self._metrics = metrics
        self._fail = fail
        self._keepers: dict[int, Keeper] = {}
        self._ticking: asyncio.Task[None] | None = None

    async def take(self, partition: int, progress: Progress) -> int:
        """Fences earlier owners and folds the facts up to where the feeds stand; reading goes on from there.

        A partition that a rebalance gives back at once keeps what is known: had another worker taken it meanwhile, that
        one's fencing would end this process at its next commit.
        """
        keeper = self._keepers.get(partition)
        if keeper is None or keeper.uncertain:
            keeper = await self._take_over(partition, progress)
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick_regularly())
        return keeper.live.next_offset

    async def _take_over(self, partition: int, progress: Progress) -> Keeper:
        await self.release(partition)
        with self._metrics.takeover_seconds.labels(self.name).time():
            keeper = Keeper(
                partition, self._kafka, self._hub, self._reader, self._place, self._clock, self._metrics, self._fail
            )
            consumer = AIOKafkaConsumer(**fold_arguments(self._kafka))
            await consumer.start()
            try:
                await keeper.start(consumer, progress)
            except BaseException:
                await keeper.stop()
                raise
            finally:
                await consumer.stop()
        self._keepers[partition] = keeper
        return keeper

    async def handle(self, partition: int, records: Sequence[Any]) -> None:
        if stopped := await self._keepers[partition].handle(records):
            raise PartitionStopped(stopped)

    async def release(self, partition: int) -> None:
        keeper = self._keepers.pop(partition, None)
        if keeper is not None:
            await keeper.stop()
        if not self._keepers and self._ticking is not None:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
            self._ticking = None

    async def _tick_regularly(self) -> None:
        """New subscriptions and quiet partitions are looked after though no fact comes."""
        try:
            while True:
                await asyncio.sleep(TICK_SECONDS)
                for keeper in list(self._keepers.values()):
                    await keeper.tick()
                self._metrics.feeds_behind.set(sum(keeper.behind for keeper in self._keepers.values()))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 whoever runs this ends the process
            self._fail(error)

    def settled(self) -> bool:
        """Whether every feed that goes on has come as far as the facts that were read."""
        return not any(keeper.behind for keeper in self._keepers.values())
