"""One worker: a Faust app that reads the topic of one processor, in batches.

Faust gives the group membership, the assignment, the agent and the flow control; this module says what happens at an
assignment (takeover in the background, partition by partition, however long it lasts) and what happens to a failure:
an exception never leaves the agent. A partition that must stop is stopped; any other failure ends the process with
code 70, for its supervisor to start it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any, cast

import faust
import structlog
from faust.types import TP

from schemas.wire.settings import HubSettings, KafkaSettings
from streams.metrics import WorkerMetrics
from streams.runtime.batches import BatchConsumer, BatchTopic, BatchTransport, partitions_of
from streams.runtime.processor import PartitionStopped, Processor, Retake
from streams.runtime.readiness import Readiness
from streams.runtime.settings import FetchSettings, WorkerSettings

log = structlog.get_logger()

SOFTWARE_FAILURE = 70
"""Exit code (EX_SOFTWARE) after an exception that must not be survived."""
REVOKE_GRACE = 4.0
"""Seconds that a running batch may still take when its partition is revoked; well under the session time-out."""


def exit_now(code: int) -> None:
    """Ends the process at once: sys.exit in an agent would hang it."""
    logging.shutdown()
    os._exit(code)


class Worker:
    """Runs one processor. `await start()`, then `await stop()`; `readiness` tells how far it is."""

    def __init__(
        self,
        processor: Processor,
        kafka: KafkaSettings,
        hub: HubSettings,
        settings: WorkerSettings,
        metrics: WorkerMetrics,
        fail: Callable[[int], None] = exit_now,
    ) -> None:
        self.processor = processor
        self.topic = hub.topic(processor.topic)
        self.readiness = Readiness()
        self.metrics = metrics
        self._fail = fail
        self._locks: dict[int, asyncio.Lock] = {}
        self._stopping = False
        self._takeovers: dict[int, asyncio.Task[None]] = {}
        self._batches: set[asyncio.Task[None]] = set()
        self._data_dir = settings.data_dir
        wanted: FetchSettings = getattr(processor, "fetch", FetchSettings())
        self._fetch = settings.fetch or wanted
        self.app = self._new_app(kafka, hub, settings)

    # ------------------------------------------------------------ Faust

    def _new_app(self, kafka: KafkaSettings, hub: HubSettings, settings: WorkerSettings) -> faust.App:
        group = hub.group(self.processor.name)
        app = faust.App(
            group,
            broker=[f"kafka://{server}" for server in kafka.servers()],
            autodiscover=False,
            datadir=str(settings.data_dir / f"faust-{group}"),
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=1,
            stream_wait_empty=False,
            broker_session_timeout=settings.session_timeout,
            broker_heartbeat_interval=1.0,
            broker_rebalance_timeout=10.0,
            broker_request_timeout=30.0,
            broker_commit_interval=1.0,
            broker_commit_every=100_000,
            broker_max_poll_records=self._fetch.max_records,
            consumer_group_instance_id=settings.instance or None,
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=4_194_304,
            Topic=BatchTopic,
        )
        transport = BatchTransport(app.conf.broker_consumer, app)
        transport.fetch = self._fetch
        app.transport = transport
        topic = app.topic(self.topic, key_type=bytes, value_type=bytes)
        app.agent(topic, name=self.processor.name)(self._read)
        app.on_partitions_assigned.connect(self._on_assigned, weak=False)  # type: ignore[arg-type]
        app.on_partitions_revoked.connect(self._on_revoked, weak=False)  # type: ignore[arg-type]
        return app

    async def start(self) -> None:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self.app.finalize()
        await self.app.start()

    async def stop(self) -> None:
        """Leaves the group after the running batches, and lets the processor put its partitions in order."""
        self._stopping = True
        await self.app.stop()
        for task in [*self._takeovers.values(), *self._batches]:
            task.cancel()
        for partition in list(self._locks):
            await self.processor.release(partition)

    @property
    def _consumer(self) -> BatchConsumer:
        return cast(BatchConsumer, self.app.consumer)

    # ------------------------------------------------------------ assignment

    async def _on_assigned(self, _app: Any, assigned: Any, **_: Any) -> None:
        mine = partitions_of(assigned, self.topic)
        self.readiness.keep(mine)
        self.metrics.partitions(self.processor.name, len(mine))
        log.info("partitions assigned", processor=self.processor.name, partitions=sorted(mine))
        for partition in set(self._locks) - mine:
            self._locks.pop(partition)
            self.metrics.stopped(self.processor.name, partition, stopped=False)
            await self.processor.release(partition)
        for partition in mine:
            self._locks.setdefault(partition, asyncio.Lock())
            self.readiness.taking(partition, 0, 1)
            self._takeovers[partition] = asyncio.create_task(self._take(partition))

    async def _on_revoked(self, _app: Any, _revoked: Any, **_: Any) -> None:
        for task in self._takeovers.values():
            task.cancel()
        if self._batches:
            _done, late = await asyncio.wait(self._batches, timeout=REVOKE_GRACE)
            for task in late:
                task.cancel()
        await asyncio.gather(*self._takeovers.values(), *self._batches, return_exceptions=True)
        self._takeovers.clear()

    async def _take(self, partition: int) -> None:
        try:
            async with self._locks[partition]:
                offset = await self.processor.take(partition, lambda n, of: self.readiness.taking(partition, n, of))
                tp = TP(self.topic, partition)
                await self.app.consumer.seek_wait({tp: offset})
                self.readiness.working(partition)
                self.metrics.stopped(self.processor.name, partition, stopped=False)
                self._consumer.open(tp)
                log.info("partition taken over", processor=self.processor.name, partition=partition, offset=offset)
        except asyncio.CancelledError:
            raise
        except PartitionStopped as stopped:
            self._stop_partition(partition, stopped)
        except BaseException as error:  # noqa: BLE001 nothing may leave an agent
            self._give_up(partition, error)

    # ------------------------------------------------------------ batches

    async def _read(self, stream: Any) -> None:
        try:
            async for event in stream.noack().events():
                task = asyncio.create_task(self._work(event))
                self._batches.add(task)
                task.add_done_callback(self._batches.discard)
        except asyncio.CancelledError:
            if not self._stopping:
                raise

    async def _work(self, event: Any) -> None:
        message = event.message
        partition = message.partition
        lock = self._locks.get(partition)
        try:
            if lock is None or message.generation_id != self.app.consumer_generation_id:
                return  # fetched before a rebalance; its partition is sought anew
            async with lock:
                await self._handle(message)
        except asyncio.CancelledError:
            tell = log.info if self._stopping else log.warning
            tell("batch cut off by a rebalance", processor=self.processor.name, partition=partition)
        except PartitionStopped as stopped:
            self._stop_partition(partition, stopped)
        except Retake as moved:
            log.warning("partition taken again", processor=self.processor.name, partition=partition, why=str(moved))
            self._take_again(message.tp)
        except BaseException as error:  # noqa: BLE001 nothing may leave an agent
            self._give_up(partition, error)
        finally:
            event.ack()

    async def _handle(self, message: Any) -> None:
        """Works on the batch and on what has come meanwhile; the message is acknowledged as far as that went."""
        records = message.value
        while records:
            with self.metrics.batch(self.processor.name, len(records)):
                await self.processor.handle(message.partition, records)
            message.offset = records[-1].offset
            records = self._consumer.next_batch(message.tp)

    def _take_again(self, tp: TP) -> None:
        self._consumer.lanes.shut(tp)
        self._takeovers[tp.partition] = asyncio.create_task(self._take(tp.partition))

    def _stop_partition(self, partition: int, reason: PartitionStopped) -> None:
        tp = TP(self.topic, partition)
        self._consumer.lanes.shut(tp)
        self.readiness.stopped(partition, str(reason))
        self.metrics.stopped(self.processor.name, partition)
        log.error("partition stopped", processor=self.processor.name, partition=partition, reason=str(reason))

    def _give_up(self, partition: int, error: BaseException) -> None:
        log.error("worker ends", processor=self.processor.name, partition=partition, exc_info=error)
        self._fail(SOFTWARE_FAILURE)
