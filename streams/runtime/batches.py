"""Batch transport: one Faust event per fetched partition batch, instead of one per record.

Stock Faust costs tens of microseconds per event and loses events in ordinary situations. Five methods of its consumer
and one of its topic are overridden here; `tests/contract/test_faust_overrides.py` fails when Faust changes any of them.

A partition is fetched only while it is ready (its processor has taken it over) and idle (its last batch is done), so a
slow partition never starves another and nothing is buffered twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import aiokafka
import faust
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.runtime.fetching import fetched
from streams.runtime.settings import FetchSettings

IDLE_WAIT = 1.0
"""Seconds to wait for records when no batch is being worked on."""
BUSY_WAIT = 0.01
"""Seconds to wait for other partitions while one is being worked on, so that it is fetched again soon after."""


class BatchConsumer(driver.Consumer):
    """Faust's consumer, fetching whole batches of partitions that are ready and idle."""

    logger = driver.logger

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ready: set[TP] = set()
        self.working: set[TP] = set()
        self._changed = asyncio.Event()

    def open(self, tp: TP) -> None:
        """The partition has been taken over and may be fetched."""
        self.ready.add(tp)
        self._changed.set()

    def shut(self, tp: TP) -> None:
        """The partition may not be fetched (any more)."""
        self.ready.discard(tp)

    def done(self, tp: TP) -> None:
        """The last batch of the partition has been worked on."""
        self.working.discard(tp)
        self._changed.set()

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(  # Faust's signature
        self,
        timeout: float,  # noqa: ASYNC109, ARG002
    ) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """One message per fetched partition: offset of the last record, value = the list of records."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]
        free = (self.ready - self.working) & self._get_active_partitions()
        if not free:
            await self._wait_for_change()
            return
        records = await self._getmany(free, BUSY_WAIT if self.working else IDLE_WAIT)
        for source, batch in (records or {}).items():
            if not self.flow_active or self.should_stop:
                return
            tp = TP(source.topic, source.partition)
            if tp in self.ready:
                self.working.add(tp)
                yield tp, self._batch_message(tp, batch)

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), IDLE_WAIT)
        except TimeoutError:
            return

    def _batch_message(self, tp: TP, batch: list[Any]) -> ConsumerMessage:
        last = batch[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000.0,
            last.timestamp_type,
            None,
            None,
            batch,  # type: ignore[arg-type]
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def perform_seek(self) -> None:
        """After an assignment nothing is sought: each partition is sought by its takeover, then opened."""
        self._changed.set()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Lets running batches end, then forgets them; the next owner resumes from the positions in the facts."""
        await super().on_partitions_revoked(revoked)
        self.ready.clear()
        self.working.clear()

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Transaction markers and compacted records leave holes in the offsets; they are not missing messages."""

    def _new_offset(self, tp: TP) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        newest = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return int(newest) + 1


class BatchConsumerThread(driver.AIOKafkaConsumerThread):
    """Opens the worker's aiokafka consumer read_committed and with fuller fetches."""

    logger = driver.logger

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        fetch: FetchSettings = transport.fetch
        # Faust fixes these three; the fetcher reads them when the consumer starts, so they are set before that.
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = fetch.max_wait_ms
        consumer._fetch_min_bytes = fetch.min_bytes
        return consumer

    async def _fetch_records(  # Faust's signature
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: Any,
        timeout: float | None = None,  # noqa: ASYNC109
        max_records: int | None = None,
    ) -> Any:
        """Hands out records as they were parsed, see fetching.py."""
        if not self.consumer.flow_active:
            return {}
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError
        return await fetched(fetcher, active_partitions, timeout or 0.0, max_records)


class BatchTransport(driver.Transport):
    """Faust's aiokafka transport with the batch consumer."""

    Consumer = BatchConsumer
    fetch: FetchSettings


class BatchTopic(faust.Topic):
    """A topic whose events are lists of records, handed on undecoded."""

    def _compile_decode(self) -> None:
        self.decode = self._decode_batch  # type: ignore[method-assign]

    async def _decode_batch(self, message: Any, **_options: Any) -> Any:
        return self._create_event(None, message.value, None, message=message)


def partitions_of(tps: Iterable[TP], topic: str) -> set[int]:
    """Partition numbers of one topic among `tps`."""
    return {tp.partition for tp in tps if tp.topic == topic}
