"""The views processor: takes partitions of facts, folds their batches, writes them to PostgreSQL.

A reader never skips a fact. While PostgreSQL is away the batch waits and is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import stamina
import structlog
from sqlalchemy import Connection, Engine

from streams.core.reference import EMPTY
from streams.metrics import WorkerMetrics
from streams.runtime.processor import PartitionStopped, Progress, Retake
from streams.runtime.reference import ReferenceReader
from streams.runtime.settings import FetchSettings
from streams.views import store
from streams.views.fold import AnyKept, Decoded, Folded, decode_batch, fold_batch
from streams.views.judging import judge

log = structlog.get_logger()
T = TypeVar("T")
Write = Callable[[Connection, int, Folded], None]

CACHED_ROWS = 50_000
"""Rows of subjects touched lately, kept for each partition so that they need not be read again: about so many."""
FETCH = FetchSettings(max_records=16_000)
"""Where there is much to catch up on, a row is written once for more facts than in batches of the usual size."""


class _Partition:
    """What the processor remembers of one partition between batches; of rows, those touched last and before that."""

    def __init__(self, next_offset: int, broken: dict[str, str]) -> None:
        self.next_offset = next_offset
        self.broken = broken
        self._last: dict[str, AnyKept] = {}
        self._before: dict[str, AnyKept] = {}

    def known(self, subjects: Iterable[str]) -> dict[str, AnyKept]:
        """The rows of these subjects, as far as they are remembered."""
        last, before = self._last, self._before
        return {s: kept for s in subjects if (kept := last.get(s) or before.get(s)) is not None}

    def remember(self, folded: Folded) -> None:
        self.next_offset = folded.next_offset
        self.broken.update(folded.broken)
        self._last.update(folded.rows)
        self._last.update(folded.subjects)
        if len(self._last) > CACHED_ROWS // 2:
            self._last, self._before = {}, self._last


def _others(decoded: Decoded) -> set[str]:
    """Ids of what may be no case. A case that begins here is not looked for among them: that would be most."""
    return {meta.subject.id for _, meta, _ in decoded.facts if meta.subject.kind != "case" or meta.seq > 1}


class Views:
    """Processor of the facts topic. `topic_id` and `fold_version` say what the rows were folded from, and by what.

    Facts that were judged by a version of the reference that `reader` has not read wait for it.
    """

    name = "views"
    topic = "facts"
    fetch = FETCH

    def __init__(
        self,
        engine: Engine,
        fold_version: str,
        topic_id: str,
        clock: Callable[[], int],
        metrics: WorkerMetrics,
        reader: ReferenceReader | None = None,
    ) -> None:
        self._engine = engine
        self._fold_version = fold_version
        self._topic_id = topic_id
        self._clock = clock
        self._metrics = metrics
        self._reader = reader
        self._partitions: dict[int, _Partition] = {}

    async def take(self, partition: int, progress: Progress) -> int:
        """Reads where PostgreSQL stands; Kafka is sought from there, never from the group's commit."""
        next_offset, broken = await self._retrying(
            lambda: store.begin_partition(self._engine, partition, self._fold_version, self._topic_id)
        )
        progress(1, 1)
        self._partitions[partition] = _Partition(next_offset, broken)
        return next_offset

    async def handle(self, partition: int, records: Sequence[Any]) -> None:
        mine = self._partitions[partition]
        decoded = decode_batch(records, mine.next_offset)
        if decoded.facts:
            await self._wait_for_reference(decoded)
            try:
                folded = await self._retrying(lambda: self._write(partition, mine, decoded))
            except store.Moved as moved:
                raise Retake(str(moved)) from moved
            mine.remember(folded)
            self._observe(folded)
        if decoded.stopped:
            raise PartitionStopped(decoded.stopped)

    async def _wait_for_reference(self, decoded: Decoded) -> None:
        if self._reader is not None:
            await self._reader.wait_for(max(meta.versions.reference for _, meta, _ in decoded.facts))

    def _write(self, partition: int, mine: _Partition, decoded: Decoded) -> Folded:
        try:
            return self._write_by(store.write, partition, mine, decoded)
        except store.NOT_STORABLE as error:
            log.warning("a row cannot be written; looking for it", partition=partition, error=type(error).__name__)
            return self._write_by(store.write_what_can_be, partition, mine, decoded)

    def _write_by(self, write: Write, partition: int, mine: _Partition, decoded: Decoded) -> Folded:
        subjects = {meta.subject.id for _, meta, _ in decoded.facts}
        with self._engine.begin() as connection:
            store.lock_partition(connection, partition, mine.next_offset)
            known = mine.known(subjects)
            known |= store.load_cases(connection, subjects - known.keys())
            known |= store.load_others(connection, _others(decoded) - known.keys())
            folded = fold_batch(decoded, known, mine.broken)
            judge(folded, self._reader.reference if self._reader else EMPTY)
            write(connection, partition, folded)
        return folded

    async def _retrying(self, work: Callable[[], T]) -> T:
        async for attempt in stamina.retry_context(
            on=store.AWAY, attempts=None, timeout=None, wait_initial=0.1, wait_max=5.0
        ):
            with attempt:
                if attempt.num > 1:
                    log.warning("PostgreSQL is away; trying again", attempt=attempt.num)
                return await asyncio.to_thread(work)
        raise AssertionError("unreachable: retries without end")

    def _observe(self, folded: Folded) -> None:
        self._metrics.view_delay.observe(max(0, self._clock() - folded.watermark) / 1e6)
        for subject, reason in folded.broken.items():
            self._metrics.broken_subjects.inc()
            log.error("subject broken", subject=subject, reason=reason)

    async def release(self, partition: int) -> None:
        self._partitions.pop(partition, None)
