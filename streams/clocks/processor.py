"""The clocks processor: folds partitions of facts and says in time that time has passed.

What it claims, casework decides: a moment that came, whoever claims it and however often, leads to the same facts once.
So a restart, or two workers that overlap for a moment, only repeat themselves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import lmdb
import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.wire.clients import claims_arguments, fold_arguments
from schemas.wire.headers import START
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.local import Mark, open_copy
from streams.casework.writer import CopyPlace
from streams.clocks.partition import Partition
from streams.clocks.watched import Watched
from streams.core.numbering import Numbers
from streams.metrics import WorkerMetrics
from streams.runtime.processor import PartitionStopped, Progress
from streams.runtime.reading import read_to_end
from streams.runtime.reference import ReferenceReader
from streams.runtime.writing import Outgoing, send_all
from streams.views.fold import decode_batch

log = structlog.get_logger()

TICK_SECONDS = 0.25
SAVE_SECONDS = 30.0
AT_ONCE = 10_000
"""Claims sent at a time."""
BREATH = 500
"""Subjects looked at before others get their turn."""

_decode: Callable[[bytes], Watched] = msgspec.msgpack.Decoder(Watched).decode


class Clocks:
    """Processor of the facts topic. `clock` gives UTC µs; `fail` ends the process when ticking cannot go on."""

    name = "clocks"
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
        self._partitions: dict[int, Partition] = {}
        self._locks: dict[int, asyncio.Lock] = {}
        self._producer: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        self._ticking: asyncio.Task[None] | None = None
        self._saved_at = 0.0

    # ------------------------------------------------------------ processor

    async def take(self, partition: int, progress: Progress) -> int:
        """Folds the facts from the local copy on to their end, and works out every moment that is ahead or passed."""
        mine = self._partitions.get(partition)
        if mine is None:
            mine = await self._fold(partition, progress)
            self._locks[partition] = asyncio.Lock()
            self._partitions[partition] = mine
        await self._connect()
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick_regularly())
        return mine.next_offset

    async def _connect(self) -> None:
        async with self._connecting:
            if self._producer is None:
                producer = AIOKafkaProducer(**claims_arguments(self._kafka))
                await producer.start()
                self._producer = producer

    async def handle(self, partition: int, records: Sequence[Any]) -> None:
        mine = self._partitions[partition]
        async with self._locks[partition]:
            stopped = await self._take_in(mine, records, live=True)
        if stopped:
            raise PartitionStopped(stopped)

    async def release(self, partition: int) -> None:
        mine = self._partitions.pop(partition, None)
        lock = self._locks.pop(partition, None)
        if mine is not None and lock is not None:
            async with lock:
                await self._save(mine)
                if mine.local is not None:
                    mine.local.close()
        if not self._partitions:
            await self._end()

    async def _end(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticking
            self._ticking = None
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None

    # ------------------------------------------------------------ facts

    async def _fold(self, partition: int, progress: Progress) -> Partition:
        mine = Partition(await self._reader.catch_up())
        self._restore(mine, partition)
        consumer = AIOKafkaConsumer(**fold_arguments(self._kafka))
        await consumer.start()
        try:
            facts = TopicPartition(self._hub.topic(self.topic), partition)
            async for records in read_to_end(consumer, facts, mine.next_offset, progress):
                if stopped := await self._take_in(mine, records, live=False):
                    raise PartitionStopped(stopped)
        finally:
            await consumer.stop()
        await self._look(mine, list(mine.watched))
        await self._save(mine)
        return mine

    def _restore(self, mine: Partition, partition: int) -> None:
        """Starts from the local copy. Where there can be none (a full disk) everything stays in memory."""
        try:
            mine.restore(*open_copy(self._place.folder / f"clocks-{partition}", self._place.identity, _decode))
        except (lmdb.Error, OSError) as error:
            log.error("no local copy can be made", processor=self.name, partition=partition, error=str(error))

    async def _take_in(self, mine: Partition, records: Sequence[Any], *, live: bool) -> str:
        """Folds records; why it had to stop, if it had to."""
        decoded = decode_batch(records, mine.next_offset)
        if decoded.facts:
            newest = max(meta.versions.reference for _, meta, _ in decoded.facts)
            reference = await self._reader.wait_for(newest)
            touched = mine.fold(decoded.facts, self._count if live else None)
            again = mine.refer_to(reference)
            if live:
                await self._look(mine, touched.union(again))
        return decoded.stopped

    def _count(self, fact: str, clock: str) -> None:
        self._metrics.clock_facts.labels(fact, clock).inc()

    async def _look(self, mine: Partition, subjects: Iterable[str]) -> None:
        for number, subject in enumerate(subjects, 1):
            mine.look(subject, self._clock())
            if number % BREATH == 0:
                await asyncio.sleep(0)

    # ------------------------------------------------------------ time

    async def _tick_regularly(self) -> None:
        try:
            while True:
                await asyncio.sleep(TICK_SECONDS)
                for partition in list(self._partitions):
                    await self.tick(partition)
                self._observe()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 whoever runs this ends the process
            self._fail(error)

    async def tick(self, partition: int) -> None:
        """Claims every moment of the partition that has come."""
        lock, mine = self._locks.get(partition), self._partitions.get(partition)
        if lock is None or mine is None:
            return
        async with lock:
            await self._recalculate(mine)
            while found := list(mine.claims(self._clock(), AT_ONCE)):
                await self._send(partition, found)
                self._metrics.time_claims.inc(len(found))
            if self._time_to_save():
                await self._save(mine)

    async def _recalculate(self, mine: Partition) -> None:
        """A reference that has grown may have brought the calendar that a limit waited for."""
        await self._look(mine, mine.refer_to(self._reader.reference))

    async def _send(self, partition: int, claims: Sequence[tuple[str, bytes]]) -> None:
        assert self._producer is not None
        now = self._clock() // 1000
        records: list[Outgoing] = [(subject.encode(), value, [], now) for subject, value in claims]
        sent = await send_all(self._producer, self._hub.topic("claims"), partition, records)
        await asyncio.gather(*(future for future, _ in sent))

    def settled(self) -> bool:
        """Whether every moment that has come is a fact that this processor has read; for whoever moves the clock."""
        now = self._clock()
        return all(mine.settled(now) for mine in self._partitions.values())

    def _observe(self) -> None:
        every = list(self._partitions.values())
        self._metrics.timers.labels("armed").set(sum(len(one.timers) for one in every))
        self._metrics.timers.labels("held").set(sum(one.held for one in every))
        waiting = [at for one in every if (at := one.oldest_unanswered()) is not None]
        self._metrics.oldest_due.set(min(waiting, default=0) / 1e6)

    # ------------------------------------------------------------ local copy

    def _time_to_save(self) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._saved_at < SAVE_SECONDS:
            return False
        self._saved_at = now
        return True

    async def _save(self, mine: Partition) -> None:
        """Writes what has changed. When that fails (a full disk) the copy stays as it is: later restarts fold more."""
        if mine.local is None:
            return
        changed, mark = mine.take_changes(), Mark(self._place.identity, mine.next_offset, START, Numbers(), 0)
        try:
            await asyncio.to_thread(mine.local.write, changed, mark)
        except lmdb.Error as error:
            log.error("local copy cannot be written", processor=self.name, error=str(error))
            mine.changed = changed | mine.changed
        else:
            mine.forget_ended(changed)
