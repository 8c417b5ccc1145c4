"""The links processor: works on partitions of facts, keeps what it must know in PostgreSQL, sends claims.

Claims are kept in the transaction that works on their facts and sent afterwards, in order; once Kafka has acknowledged
them they are forgotten. Whoever takes the partition next sends what was left over, in the same bytes: what had come
through already is a repetition to casework.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol, TypeVar

import stamina
import structlog
from sqlalchemy import Engine

from schemas.wire.settings import HubSettings, KafkaSettings
from streams.core.reference import Reference
from streams.links import regimes, store
from streams.links.fold import work_on
from streams.links.saying import Said
from streams.links.sending import Sender
from streams.links.store import Standing
from streams.metrics import WorkerMetrics
from streams.runtime.processor import PartitionStopped, Progress, Retake
from streams.views.fold import Decoded, decode_batch
from streams.views.store import AWAY

log = structlog.get_logger()
T = TypeVar("T")

SWEEP_SECONDS = 1.0
SETTLE = 2_000_000
"""Regime changes are told this long (µs) after their moment: a load may be on its way for a while."""


class References(Protocol):
    """Follows the reference topic."""

    @property
    def reference(self) -> Reference: ...

    async def wait_for(self, version: int) -> Reference: ...

    async def catch_up(self) -> Reference: ...


class Links:
    """Processor of the facts topic. `topic_id` and `fold_version` say what the rows were folded from, and by what."""

    name = "links"
    topic = "facts"

    def __init__(
        self,
        engine: Engine,
        kafka: KafkaSettings,
        hub: HubSettings,
        references: References,
        folded: tuple[str, str],
        clock: Callable[[], int],
        metrics: WorkerMetrics,
    ) -> None:
        """`folded` is the fold version and the id of the facts topic; `clock` gives UTC µs."""
        self._engine = engine
        self._references = references
        self._fold_version, self._topic_id = folded
        self._clock = clock
        self._metrics = metrics
        self._sender = Sender(engine, kafka, hub.topic("claims"), self._retrying)
        self._partitions: dict[int, Standing] = {}
        self._locks: dict[int, asyncio.Lock] = {}
        self._sweeping: asyncio.Task[None] | None = None

    # ------------------------------------------------------------ processor

    async def take(self, partition: int, progress: Progress) -> int:
        """Reads where PostgreSQL stands and sends what waits; Kafka is sought from there, not from a commit."""
        standing = await self._retrying(
            lambda: store.begin_partition(self._engine, partition, self._fold_version, self._topic_id)
        )
        await self._sender.start()
        await self._sender.send_waiting(partition)
        progress(1, 1)
        self._partitions[partition] = standing
        self._locks[partition] = asyncio.Lock()
        if self._sweeping is None:
            self._sweeping = asyncio.create_task(self._sweep_regularly())
        return standing.next_offset

    async def handle(self, partition: int, records: Sequence[Any]) -> None:
        async with self._locks[partition]:
            decoded = await self.keep(partition, records)
            await self._sender.send_waiting(partition)
        if decoded.stopped:
            raise PartitionStopped(decoded.stopped)

    async def release(self, partition: int) -> None:
        self._partitions.pop(partition, None)
        self._locks.pop(partition, None)
        if not self._partitions:
            await self._end()

    async def _end(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeping
            self._sweeping = None
        await self._sender.stop()

    # ------------------------------------------------------------ facts

    async def keep(self, partition: int, records: Sequence[Any]) -> Decoded:
        """Works on the records: rows, waiting claims and position in one transaction. Nothing is sent yet."""
        standing = self._partitions[partition]
        decoded = decode_batch(records, standing.next_offset)
        if decoded.facts:
            newest = max(meta.versions.reference for _, meta, _ in decoded.facts)
            reference = await self._references.wait_for(newest)
            try:
                await self._retrying(lambda: self._keep(partition, decoded, reference))
            except store.Moved as moved:
                raise Retake(str(moved)) from moved
        return decoded

    def _keep(self, partition: int, decoded: Decoded, reference: Reference) -> None:
        before = self._partitions[partition]
        with self._engine.begin() as connection:
            store.alone(connection)
            store.lock_partition(connection, partition, before.next_offset)
            known = store.load(connection, decoded.facts)
            worked = work_on(known, decoded.facts, reference, before.swept_at, before.broken)
            store.write(connection, partition, known, worked.claims)
            after = Standing(decoded.next_offset, before.swept_at, before.broken | worked.broken)
            store.move(connection, partition, after)
        self._observe(before, after, worked.claims)
        self._partitions[partition] = after

    def _observe(self, before: Standing, after: Standing, claims: Sequence[Said]) -> None:
        for said in claims:
            self._metrics.links_claims.labels(type(said.body).__name__).inc()
        for subject in after.broken.keys() - before.broken.keys():
            self._metrics.links_broken.inc()
            log.error("subject broken", processor=self.name, subject=subject, reason=after.broken[subject])

    # ------------------------------------------------------------ regimes

    async def _sweep_regularly(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                reference = await self._references.catch_up()
                for partition in list(self._partitions):
                    await self.sweep(partition, reference)
            except Exception as error:  # noqa: BLE001 the next round tries again
                log.warning("regime changes could not be told; trying again", error=str(error))

    async def sweep(self, partition: int, reference: Reference) -> None:
        """Tells the open cases of a partition what has changed in their areas since the last time."""
        until = self._clock() - SETTLE
        lock = self._locks.get(partition)
        if lock is None:
            return
        async with lock:
            standing = self._partitions.get(partition)
            if standing is None or not any(standing.swept_at < at <= until for at in regimes.moments(reference)):
                return
            await self._retrying(lambda: self._sweep(partition, reference, until))
            await self._sender.send_waiting(partition)

    def _sweep(self, partition: int, reference: Reference, until: int) -> None:
        before = self._partitions[partition]
        told: list[Said] = []
        with self._engine.begin() as connection:
            store.alone(connection)
            store.lock_partition(connection, partition, before.next_offset)
            known = store.load_open(connection, partition)
            for case_id in sorted(known.cases):
                told += regimes.told(known, case_id, reference, before.swept_at, until)
            store.write(connection, partition, known, told)
            after = Standing(before.next_offset, until, before.broken)
            store.move(connection, partition, after)
        self._observe(before, after, told)
        self._partitions[partition] = after

    async def _retrying(self, work: Callable[[], T]) -> T:
        async for attempt in stamina.retry_context(
            on=AWAY, attempts=None, timeout=None, wait_initial=0.1, wait_max=5.0
        ):
            with attempt:
                if attempt.num > 1:
                    log.warning("PostgreSQL is away; trying again", attempt=attempt.num)
                return await asyncio.to_thread(work)
        raise AssertionError("unreachable: retries without end")
