"""The casework processor: takes partitions of claims, decides their batches, commits them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.deciding import Decider, Rules
from streams.casework.state import Batch, PartitionState
from streams.casework.writer import CopyPlace, PartitionWriter, Seal
from streams.core.reference import NotReadYet
from streams.metrics import WorkerMetrics
from streams.runtime.processor import PartitionStopped, Progress
from streams.runtime.reference import ReferenceReader


class Casework:
    """Processor of the claims topic. `clock` gives UTC µs; `seal` encrypts what goes into dead letters.

    Without a `reader` of the reference it judges by the reference in `rules`.
    """

    name = "casework"
    topic = "claims"

    def __init__(
        self,
        kafka: KafkaSettings,
        hub: HubSettings,
        rules: Rules,
        seal: Seal,
        place: CopyPlace,
        clock: Callable[[], int],
        metrics: WorkerMetrics,
        reader: ReferenceReader | None = None,
    ) -> None:
        self._kafka = kafka
        self._hub = hub
        self._rules = rules
        self._seal = seal
        self._place = place
        self._clock = clock
        self._metrics = metrics
        self._reader = reader
        self._writers: dict[int, PartitionWriter] = {}

    async def take(self, partition: int, progress: Progress) -> int:
        """Fences earlier owners, folds the facts, and returns the claim behind the last decided one.

        A partition that a rebalance gives back at once keeps its writer: had another worker taken it meanwhile, that
        one's fencing would end this process at its next commit.
        """
        writer = self._writers.get(partition)
        if writer is None or writer.uncertain:
            writer = await self._take_over(partition, progress)
        if self._reader is not None:  # no claim is judged by an older version than a fact before it
            await self._reader.catch_up()
        position = writer.state.position
        if position.epoch > self._rules.epoch:
            raise PartitionStopped(
                f"facts come from epoch {position.epoch} of the claims topic, this hub is in epoch {self._rules.epoch}"
            )
        return position.offset + 1 if position.epoch == self._rules.epoch else 0

    async def _take_over(self, partition: int, progress: Progress) -> PartitionWriter:
        await self.release(partition)
        with self._metrics.takeover_seconds.labels(self.name).time():
            writer = PartitionWriter(partition, self._kafka, self._hub, self._seal, self._place)
            try:
                await writer.start(progress)
            except BaseException:
                await writer.stop()
                raise
        self._writers[partition] = writer
        return writer

    async def handle(self, partition: int, records: Sequence[Any]) -> None:
        writer = self._writers[partition]
        batch = await self._decide(writer.state, partition, records)
        if batch.position == writer.state.position:
            return
        await writer.commit(batch)
        self._count(batch)

    async def _decide(self, state: PartitionState, partition: int, records: Sequence[Any]) -> Batch:
        """Judged by the newest version that is known, and by a newer one where a claim names it."""
        now = self._clock()
        if self._reader is not None:
            with suppress(NotReadYet):
                return Decider(self._current_rules(), partition, caught_up=False).decide_batch(state, records, now)
            await self._reader.catch_up()
        return Decider(self._current_rules(), partition).decide_batch(state, records, now)

    def _current_rules(self) -> Rules:
        if self._reader is not None and self._reader.reference is not self._rules.reference:
            self._rules = replace(self._rules, reference=self._reader.reference)
        return self._rules

    def _count(self, batch: Batch) -> None:
        m = self._metrics
        counters = {"fact": m.facts, "refused": m.refused, "irregular": m.irregular, "dead": m.dead_letters}
        for (metric, label), n in batch.counts.items():
            counter = counters.get(metric)
            if counter is None:
                m.repeated.inc(n)
            else:
                counter.labels(label).inc(n)

    async def release(self, partition: int) -> None:
        writer = self._writers.pop(partition, None)
        if writer is not None:
            await writer.stop()
