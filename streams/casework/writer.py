"""The single writer of one partition of facts.

Whoever starts the transactional producer of a partition fences every earlier owner and aborts what it left open; only
then are the facts folded (from the local copy on, where there is one), and reading resumes at the position that the
facts themselves carry.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import lmdb
import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.codec import decode_hub, encode_hub
from schemas.events import HubPosition
from schemas.wire.clients import fold_arguments, writer_arguments
from schemas.wire.headers import Position, dead_letter_headers
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.deciding import MAX_FACT_BYTES
from streams.casework.local import Identity, decode_state, open_copy
from streams.casework.state import Batch, PartitionState
from streams.runtime.interpreter import nothing_collected
from streams.runtime.processor import Progress
from streams.runtime.reading import read_to_end
from streams.runtime.writing import send_all

log = structlog.get_logger()

Seal = Callable[[bytes], bytes]

IS_SUBJECT = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
"""Whether a key is a subject's id: whoever sends rubbish may have put anything there, a phone number too."""
SAVE_SECONDS = 5.0
"""The local copy lags behind by about this long; a restart folds the facts of that time."""
SAVE_CASES = 50_000
"""It is written earlier when so many cases have changed."""


class CopyPlace(msgspec.Struct, frozen=True):
    """Where a process keeps its local copies, and what they must have been made from."""

    folder: Path
    identity: Identity


class PartitionWriter:
    """Producer and state of one partition. `await start()`, `await commit(batch)`, `await stop()`."""

    def __init__(self, partition: int, kafka: KafkaSettings, hub: HubSettings, seal: Seal, place: CopyPlace) -> None:
        self.partition = partition
        self.state = PartitionState()
        self.uncertain = True
        """True until taken over, and while a transaction is open: cut off then, only a new takeover tells how it ended,
        and the local copy must not be written."""
        self._kafka = kafka
        self._hub = hub
        self._seal = seal
        self._place = place
        self._producer: AIOKafkaProducer | None = None
        self._saving: asyncio.Task[None] | None = None
        self._saved_at = 0.0

    # ------------------------------------------------------------ takeover

    async def start(self, progress: Progress) -> None:
        """Fences other owners, then folds the facts to their end. Cut off in the middle, the writer must be stopped."""
        transactional_id = self._hub.group(f"casework-{self.partition}")
        self._producer = AIOKafkaProducer(**writer_arguments(self._kafka, transactional_id))
        await self._producer.start()
        await self._restore()
        consumer = AIOKafkaConsumer(**fold_arguments(self._kafka))
        await consumer.start()
        try:
            with nothing_collected():
                await self._fold_facts(consumer, progress)
            await self._fold_positions(consumer)
        finally:
            await consumer.stop()
        await self._in_thread(self._save())
        self.uncertain = False

    async def _restore(self) -> None:
        """Starts from the local copy. Where there can be none (a full disk) every case stays in memory."""
        try:
            local, mark = open_copy(
                self._place.folder / f"casework-{self.partition}", self._place.identity, decode_state
            )
        except (lmdb.Error, OSError) as error:
            log.error("no local copy can be made", partition=self.partition, error=str(error))
            return
        await self._in_thread(asyncio.to_thread(self.state.restore, local, mark))

    async def _fold_facts(self, consumer: AIOKafkaConsumer, progress: Progress) -> None:
        facts = TopicPartition(self._hub.topic("facts"), self.partition)
        async for records in read_to_end(consumer, facts, self.state.facts_offset, progress):
            self.state.fold_all(records)
            if len(self.state.changed) > SAVE_CASES:
                await self._in_thread(self._save())

    async def _fold_positions(self, consumer: AIOKafkaConsumer) -> None:
        positions = TopicPartition(self._hub.topic("positions"), self.partition)
        async for records in read_to_end(consumer, positions, 0, lambda _done, _total: None):
            for record in records:
                p = decode_hub(record.value)
                if type(p) is HubPosition:
                    self.state.advance(Position(p.epoch, p.offset, p.index, p.count))

    # ------------------------------------------------------------ commit

    async def commit(self, batch: Batch) -> None:
        """One transaction: the facts, the dead letters, and the position where no fact carries it."""
        producer = self._producer
        assert producer is not None
        self.uncertain = True
        await producer.begin_transaction()
        sent = await send_all(producer, self._hub.topic("facts"), self.partition, batch.facts)
        others = [await self._send_dead_letter(producer, dead) for dead in batch.dead]
        if batch.position.facts == 0:
            others.append(await self._send_position(producer, batch.position))
        await asyncio.gather(*others)
        ends = [(await future).offset + count for future, count in sent]
        await producer.commit_transaction()
        self.state.merge(batch, max(ends, default=self.state.facts_offset))
        self.uncertain = False
        self._save_in_time()

    async def _send_dead_letter(self, producer: AIOKafkaProducer, dead: Any) -> Any:
        """Sealed bytes (of a huge record its beginning: the whole stays in claims); no key that may say anything."""
        record = dead.record
        headers = dead_letter_headers(
            self._hub.topic("claims"), self.partition, record.offset, "casework", dead.reason, dead.detail
        )
        return await producer.send(
            self._hub.topic("deadletters"),
            value=self._seal((record.value or b"")[:MAX_FACT_BYTES]),
            key=record.key if record.key and IS_SUBJECT(record.key) else None,
            partition=self.partition,
            headers=headers,
        )

    async def _send_position(self, producer: AIOKafkaProducer, at: Position) -> Any:
        value = encode_hub(HubPosition(at.epoch, at.offset, at.fact, at.facts))
        topic = self._hub.topic("positions")
        return await producer.send(topic, value=value, key=b"%d" % self.partition, partition=self.partition)

    # ------------------------------------------------------------ local copy

    def _save_in_time(self) -> None:
        """Writes the local copy beside the work, one writing at a time."""
        now = asyncio.get_running_loop().time()
        due = now - self._saved_at > SAVE_SECONDS or len(self.state.changed) > SAVE_CASES
        if due and self.state.local is not None and (self._saving is None or self._saving.done()):
            self._saving = asyncio.create_task(self._save())

    async def _save(self) -> None:
        """Writes what has changed. When that fails (a full disk) the copy stays as it is: later restarts fold more."""
        local = self.state.local
        if local is None:
            return
        changed, mark = self.state.take_changes(self._place.identity)
        try:
            await asyncio.to_thread(local.write, changed, mark)
        except lmdb.Error as error:
            log.error("local copy cannot be written", partition=self.partition, error=str(error))
            self.state.changed = changed | self.state.changed
        else:
            self.state.forget_ended(changed)
        self._saved_at = asyncio.get_running_loop().time()

    async def _in_thread(self, work: Coroutine[Any, Any, None]) -> None:
        """Waits for work on the local copy. Cut off, it goes on; `stop` waits for it before it closes the copy."""
        self._saving = asyncio.create_task(work)
        await asyncio.shield(self._saving)

    async def stop(self) -> None:
        """Ends the producer and leaves the local copy complete."""
        if self._saving is not None:
            await self._saving
        if self._producer is not None:
            await self._producer.stop()
            self._producer = None
        if self.state.local is not None:
            if not self.uncertain:
                await self._save()
            self.state.local.close()
            self.state.local = None
