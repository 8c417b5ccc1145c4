"""Keeps the feeds of one partition: takes it over, gives items, lets feeds begin, pause and catch up."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import lmdb
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from schemas.events import FeedItem
from schemas.wire.clients import fold_arguments
from schemas.wire.headers import START
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.local import Mark, open_copy
from streams.casework.writer import CopyPlace
from streams.core.numbering import Numbers
from streams.core.reference import InForce
from streams.metrics import WorkerMetrics
from streams.outbox import subscribing
from streams.outbox.behind import bring_up
from streams.outbox.items import Told
from streams.outbox.known import decode_known
from streams.outbox.partition import Feed, Partition
from streams.outbox.topics import make_topics
from streams.outbox.writer import FeedWriter
from streams.runtime.processor import PartitionStopped, Progress
from streams.runtime.reading import read_to_end
from streams.runtime.reference import ReferenceReader
from streams.views.fold import decode_batch

log = structlog.get_logger()

SAVE_SECONDS = 30.0
PORTION = 1_000
"""Facts that go into one transaction; others have their turn after it."""


class Uncertain(Exception):
    """A commit was cut off: the partition has to be taken over again before it goes on."""


class Keeper:
    """`await start(consumer, progress)`, then `await handle(records)` and `await tick()`; `await stop()`.

    `live` has the subjects and the feeds that go with the facts; the others stand still or are brought up.
    """

    def __init__(
        self,
        partition: int,
        kafka: KafkaSettings,
        hub: HubSettings,
        reader: ReferenceReader,
        place: CopyPlace,
        clock: Callable[[], int],
        metrics: WorkerMetrics,
        fail: Callable[[BaseException], None],
    ) -> None:
        self.partition = partition
        self.live = Partition()
        self.others: dict[str, Feed] = {}
        self.lock = asyncio.Lock()
        self.reader = reader
        self.kafka = kafka
        self.facts = TopicPartition(hub.topic("facts"), partition)
        self._hub = hub
        self.place = place
        self._clock = clock
        self._metrics = metrics
        self._fail = fail
        self._writer = FeedWriter(partition, kafka, hub)
        self._view: InForce | None = None
        self._look_again_at: int | None = None
        self._wanted: subscribing.Wanted = {}
        self._made: set[str] = set()
        self._recorded_offset = -1
        self._saved_at = 0.0
        self._bringing_up: asyncio.Task[None] | None = None

    @property
    def uncertain(self) -> bool:
        """Whether only a new takeover can tell how far the feeds are."""
        return self._writer.uncertain

    @property
    def behind(self) -> int:
        """How many feeds are being brought up."""
        return len(self.to_bring_up())

    def to_bring_up(self) -> list[Feed]:
        """Feeds that are behind and not paused."""
        going = subscribing.active(self._wanted)
        return [feed for code, feed in self.others.items() if code in going]

    # ------------------------------------------------------------ takeover

    async def start(self, consumer: AIOKafkaConsumer, progress: Progress) -> None:
        """Fences other owners, then folds the facts up to where the feeds stand. Raises PartitionStopped."""
        await self._writer.start()
        last = await self._writer.last(consumer)
        topic_id = self.place.identity.facts_topic_id
        if last is not None and last.facts_topic_id != topic_id:
            raise PartitionStopped("the feeds were made from another facts topic, see the runbook")
        until = None if last is None else last.next_offset
        await asyncio.to_thread(self._restore, until)
        await self._fold(consumer, until, progress)
        if last is not None:
            self._recorded_offset = self.live.next_offset = last.next_offset
            for feed in subscribing.feeds_of(last, await self.reader.catch_up()):
                self.others[feed.code] = feed
        await self._look_at_subscriptions()
        if self._recorded_offset < self.live.next_offset:
            await self._record([])
        self._writer.uncertain = False

    def _restore(self, until: int | None) -> None:
        """Starts from the local copy, unless it goes further than the feeds do. Where there can be none (a full disk)
        everything stays in memory."""
        folder = self.place.folder / f"outbox-{self.partition}"
        try:
            local, mark = open_copy(folder, self.place.identity, decode_known)
            if mark is not None and until is not None and mark.facts_offset > until:
                local.close()
                shutil.rmtree(folder)
                local, mark = open_copy(folder, self.place.identity, decode_known)
            self.live.restore(local, mark)
        except (lmdb.Error, OSError) as error:
            log.error("no local copy can be made", processor="outbox", partition=self.partition, error=str(error))

    async def _fold(self, consumer: AIOKafkaConsumer, until: int | None, progress: Progress) -> None:
        """Facts that every feed has behind it; where nothing was ever recorded, all that there are."""
        if until is not None and until <= self.live.next_offset:
            return
        async for records in read_to_end(consumer, self.facts, self.live.next_offset, progress):
            mine = [record for record in records if until is None or record.offset < until]
            _, stopped = await self.take(self.live, mine)
            if stopped:
                raise PartitionStopped(stopped)
            if len(mine) < len(records):
                return

    # ------------------------------------------------------------ facts

    async def handle(self, records: Sequence[Any]) -> str:
        """Takes facts in and commits what follows, portion by portion; why it had to stop, if it had to."""
        stopped = ""
        for start in range(0, len(records), PORTION):
            async with self.lock:
                items, stopped = await self.take(self.live, records[start : start + PORTION])
                if items:
                    await self._record(items)
            if stopped:
                break
            await asyncio.sleep(0)
        return stopped

    async def take(self, into: Partition, records: Sequence[Any]) -> tuple[list[FeedItem], str]:
        """Items that the records lead to in a partition's feeds, and why they end early if they do."""
        decoded = decode_batch(records, into.next_offset)
        if not decoded.facts:
            return [], decoded.stopped
        reference = await self.reader.wait_for(max(meta.versions.reference for _, meta, _ in decoded.facts))
        values = {record.offset: record.value for record in records}
        told = [Told(offset, values[offset], meta, fact) for offset, meta, fact in decoded.facts]
        return into.take(told, reference, self._tell_problem), decoded.stopped

    def _tell_problem(self, subject: str, why: str) -> None:
        self._metrics.outbox_broken.inc()
        log.error("fact not put into feeds", subject=subject, reason=why)

    async def _record(self, items: Sequence[FeedItem]) -> None:
        """Commits items with how far all feeds are; the lock is held."""
        feeds = [*self.live.feeds.values(), *self.others.values()]
        topic_id = self.place.identity.facts_topic_id
        await self._writer.commit(items, subscribing.recorded(topic_id, self.live.next_offset, feeds))
        self._recorded_offset = self.live.next_offset
        for item in items:
            self._metrics.feed_items.labels(item.subscription, item.reason).inc()

    async def record_of_others(self, items: Sequence[FeedItem]) -> None:
        """The same for feeds that are brought up. Raises Uncertain."""
        if self.uncertain:
            raise Uncertain
        await self._record(items)

    # ------------------------------------------------------------ beside the facts

    async def tick(self) -> None:
        """Lets feeds begin and go on; writes the local copy now and then."""
        async with self.lock:
            if self.uncertain:
                return
            now = self._clock()
            again = self._look_again_at is not None and self._look_again_at <= now
            if again or self.reader.reference.in_force(now) is not self._view:
                await self._look_at_subscriptions()
            self._bring_up()
            if asyncio.get_running_loop().time() - self._saved_at > SAVE_SECONDS:
                await self._save()

    async def _look_at_subscriptions(self) -> None:
        """Feeds begin, go on by another version, or stand still, as the reference says now."""
        now = self._clock()
        self._view = self.reader.reference.in_force(now)
        self._wanted = wanted = subscribing.wanted(self._view)
        going = subscribing.active(wanted)
        await self._make_topics(going)
        feeds = {**self.live.feeds, **self.others}
        begins, self._look_again_at = subscribing.beginning(wanted, feeds, now)
        for one in begins:
            feeds[one.code] = subscribing.begun(wanted, one, self.live.next_offset, await self._offset(one))
        changed = [subscribing.renewed(feeds[code], wanted) for code in sorted(going & feeds.keys())]
        self._part(feeds, going)
        if begins or any(changed):
            await self._record([])

    def _part(self, feeds: dict[str, Feed], going: set[str]) -> None:
        """Tells those that go with the facts from those that stand still or have to be brought up."""
        here = self.live.next_offset
        with_facts = {
            code for code, feed in feeds.items() if code in going and feed.next_offset == here and not feed.introduces
        }
        self.live.feeds = {code: feed for code, feed in feeds.items() if code in with_facts}
        self.others = {code: feed for code, feed in feeds.items() if code not in with_facts}

    async def _make_topics(self, codes: set[str]) -> None:
        await make_topics(self.kafka, self._hub, codes - self._made)
        self._made |= codes

    async def _offset(self, one: subscribing.Begins) -> int | None:
        """Of the first fact recorded from a moment on; None: there is none yet, or no moment is asked for."""
        if one.start_at is None:
            return None
        consumer = AIOKafkaConsumer(**fold_arguments(self.kafka))
        await consumer.start()
        try:
            found = await consumer.offsets_for_times({self.facts: one.start_at // 1000})
        finally:
            await consumer.stop()
        place = found.get(self.facts)
        return None if place is None else min(int(place.offset), self.live.next_offset)

    def _bring_up(self) -> None:
        if self.to_bring_up() and (self._bringing_up is None or self._bringing_up.done()):
            self._bringing_up = asyncio.create_task(self._bring_up_safely())

    async def _bring_up_safely(self) -> None:
        try:
            await bring_up(self)
        except Uncertain:
            return  # whoever takes the partition over begins anew
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 whoever runs this ends the process
            self._fail(error)

    # ------------------------------------------------------------ local copy

    async def _save(self) -> None:
        """Writes what has changed, never further than the feeds have been recorded. When that fails (a full disk) the
        copy stays as it is: later restarts fold more."""
        live = self.live
        self._saved_at = asyncio.get_running_loop().time()
        if self._recorded_offset < live.next_offset:
            await self._record([])
        if live.local is None:
            return
        changed, mark = live.take_changes(), Mark(self.place.identity, live.next_offset, START, Numbers(), 0)
        try:
            await asyncio.to_thread(live.local.write, changed, mark)
        except lmdb.Error as error:
            log.error("local copy cannot be written", processor="outbox", error=str(error))
            live.changed = changed | live.changed
        else:
            live.forget_ended(changed)

    async def stop(self) -> None:
        """Ends what runs beside, and leaves the local copy complete where it is known what was committed."""
        if self._bringing_up is not None:
            self._bringing_up.cancel()
            with suppress(asyncio.CancelledError):
                await self._bringing_up
        async with self.lock:
            if not self.uncertain:
                with suppress(KafkaError):
                    await self._save()
            await self._writer.stop()
            if self.live.local is not None:
                self.live.local.close()
                self.live.local = None
