"""Batch transport: one Faust event per fetched partition batch, instead of one per record.

Stock Faust costs tens of microseconds per event and loses events in ordinary situations. Five methods of its consumer
and one of its topic are overridden here; `tests/contract/test_faust_overrides.py` fails when Faust changes any of them.

Which partitions are fetched, and when what they gave is handed out, says lanes.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, cast

import aiokafka
import faust
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from streams.runtime.fetching import fetched
from streams.runtime.lanes import Lanes
from streams.runtime.settings import FetchSettings

WAIT = 1.0
"""Seconds to wait for records of all partitions; when none come, the worker is at rest."""
SHORT_WAIT = 0.01
"""Seconds to wait for records while a partition is left out, so that it is fetched again soon after."""
NOWHERE = TP("", -1)


class BatchConsumer(driver.Consumer):
    """Faust's consumer, fetching whole batches of partitions that are ready and idle."""

    logger = driver.logger

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lanes = Lanes(NOWHERE, cast(BatchTransport, self.transport).fetch.max_records)
        self._changed = asyncio.Event()

    def open(self, tp: TP) -> None:
        """The partition has been taken over and sought, and may be fetched."""
        self.lanes.open(tp)
        self._changed.set()

    def next_batch(self, tp: TP) -> list[Any]:
        """Records that have come while the last batch was worked on, if any."""
        self._changed.set()
        return self.lanes.next_batch(tp)

    def _new_consumer_thread(self) -> BatchConsumerThread:
        return BatchConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(  # Faust's signature
        self,
        timeout: float,  # noqa: ASYNC109, ARG002
    ) -> AsyncIterator[tuple[TP, ConsumerMessage]]:
        """One message per fetched partition: offset of the last record, value = the list of records."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]
        asked, all_open = self.lanes.ask(self._get_active_partitions())
        if not self.lanes.asks:
            await self._wait_for_change()
            return
        records = await self._getmany(asked, WAIT if all_open else SHORT_WAIT)
        for source, batch in (records or {}).items():
            if not self.flow_active or self.should_stop:
                return
            tp = TP(source.topic, source.partition)
            if self.lanes.arrived(tp, batch):
                yield tp, self._batch_message(tp, batch)

    async def _wait_for_change(self) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), WAIT)
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
        self.lanes.shut_all()
        await super().on_partitions_revoked(revoked)

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
    """Opens the worker's aiokafka consumer read_committed and with fuller fetches, and lets it fetch seldom at rest."""

    logger = driver.logger
    _settings: FetchSettings

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        self._settings = transport.fetch
        # Faust fixes these three; the fetcher reads them when the consumer starts, so they are set before that.
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = self._settings.max_wait_ms
        consumer._fetch_min_bytes = self._settings.min_bytes
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
        found = await fetched(fetcher, active_partitions, timeout or 0.0, max_records)
        if found:
            self._pace(fetcher, self._settings.min_bytes, self._settings.max_wait_ms)
        elif timeout == WAIT:
            self._pace(fetcher, 1, self._settings.rest_wait_ms)
        return found

    def _pace(self, fetcher: Any, min_bytes: int, max_wait_ms: int) -> None:
        """Full fetches while records come; at rest few fetches, each answered as soon as there is a record."""
        fetcher._fetch_min_bytes = min_bytes
        fetcher._fetch_max_wait_ms = max_wait_ms


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
