"""A hub's engine in this process, on real servers: casework and views on a loop of their own, and a rogue producer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, select, text

from connectors.claims_out import partition_of
from ops.database import drop_namespace, engine, migrate
from ops.provision import provision
from schemas import codec, ids
from schemas.events import FactMeta
from schemas.wire.clients import consumer_arguments, producer_arguments
from schemas.wire.headers import ERROR_DETAIL, ERROR_OFFSET, ERROR_REASON
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.casework.deciding import Rules
from streams.casework.local import Identity
from streams.casework.processor import Casework
from streams.casework.writer import CopyPlace, PartitionWriter
from streams.clocks.processor import Clocks
from streams.core.authority import load_authority
from streams.links.processor import Links
from streams.metrics import WorkerMetrics
from streams.outbox.processor import Outbox
from streams.runtime.processor import Processor
from streams.runtime.reference import ReferenceReader
from streams.runtime.settings import WorkerSettings
from streams.runtime.worker import Worker
from streams.views import row as rows
from streams.views import tables
from streams.views.processor import Views
from streams.views.row import CaseRow
from streams.views.store import _decode_case
from tests.builders import SYSTEM, Said

T = TypeVar("T")
SEALED = b"sealed "
PATIENCE = 30.0
"""Seconds that a test waits for what must come."""


def now() -> int:
    """UTC microseconds."""
    return time.time_ns() // 1000


def wait_until(true: Callable[[], Any], what: str, patience: float = PATIENCE) -> None:
    """Returns when it is true; fails when it does not become so."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited {patience:.0f} s in vain: {what}"
        time.sleep(0.05)


def number_in(partition: int, partitions: int = 2, nth: int = 0) -> str:
    """The nth source number whose case lies in this partition."""
    found = (str(n) for n in range(10_000) if partition_of(ids.case_id(SYSTEM, str(n)), partitions) == partition)
    return next(number for i, number in enumerate(found) if i == nth)


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], patience: float = 60.0) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(patience)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@dataclass
class Running:
    """A worker, and the codes with which it wanted to end the process."""

    worker: Worker
    failures: list[int]
    registry: CollectorRegistry

    @property
    def words(self) -> dict[int, str]:
        return self.worker.readiness.partitions

    def ready(self) -> bool:
        return self.worker.readiness.ready

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0


@dataclass
class Told:
    """A fact as it stands on Kafka."""

    partition: int
    offset: int
    meta: FactMeta
    body: Any


@dataclass
class Hub:
    """One namespace with its topics and tables; what it starts, it stops."""

    kafka: KafkaSettings
    settings: HubSettings
    engine: Engine
    folder: Path
    loop: Loop
    epoch: int
    producer: KafkaProducer
    started: list[Running] = field(default_factory=list)
    readers: list[ReferenceReader] = field(default_factory=list)

    # ------------------------------------------------------------ workers

    def rules(self) -> Rules:
        return Rules(load_authority(), ZoneInfo(self.settings.timezone), self.settings.division, self.epoch)

    def place(self, name: str) -> CopyPlace:
        return CopyPlace(self.folder / name, Identity("1", "facts", self.epoch))

    def casework(self, name: str = "a", wait: bool = True, reader: ReferenceReader | None = None) -> Running:
        """A running worker of casework; ready unless `wait` is False."""
        return self._start(lambda metrics: self.processor(name, metrics, reader), name, wait)

    def processor(
        self, name: str, metrics: WorkerMetrics | None = None, reader: ReferenceReader | None = None
    ) -> Casework:
        """Casework without a worker around it."""
        metrics = metrics or WorkerMetrics(CollectorRegistry())
        rules, place = self.rules(), self.place(name)
        return Casework(self.kafka, self.settings, rules, lambda b: SEALED + b, place, now, metrics, reader)

    def views(
        self, name: str = "a", fold_version: str = "1", wait: bool = True, reader: ReferenceReader | None = None
    ) -> Running:
        """A running worker of views; ready unless `wait` is False."""
        return self._start(lambda metrics: Views(self.engine, fold_version, "facts", now, metrics, reader), name, wait)

    def clocks(self, name: str = "clocks", clock: Callable[[], int] = now) -> Running:
        """A running worker of clocks that reads this clock."""
        reader = self.reference()

        def failed(problem: BaseException) -> None:
            raise problem

        return self._start(
            lambda metrics: Clocks(self.kafka, self.settings, reader, self.place(name), clock, metrics, failed), name
        )

    def links(self, name: str = "links", fold_version: str = "1", wait: bool = True) -> Running:
        """A running worker of links; ready unless `wait` is False."""
        reader = self.reference()
        return self._start(lambda metrics: self.linking(fold_version, metrics, reader), name, wait)

    def linking(
        self, fold_version: str = "1", metrics: WorkerMetrics | None = None, reader: ReferenceReader | None = None
    ) -> Links:
        """Links without a worker around it."""
        metrics, folded = metrics or WorkerMetrics(CollectorRegistry()), (fold_version, "facts")
        reader = reader or self.reference()
        return Links(self.engine, self.kafka, self.settings, reader, folded, now, metrics)

    def outbox(self, name: str = "outbox", wait: bool = True) -> Running:
        """A running worker of the outbox; ready unless `wait` is False."""
        reader = self.reference()

        def make(metrics: WorkerMetrics) -> Outbox:
            return Outbox(self.kafka, self.settings, reader, self.place(name), now, metrics, self._failed)

        return self._start(make, name, wait)

    @staticmethod
    def _failed(problem: BaseException) -> None:
        raise problem

    def reference(self) -> ReferenceReader:
        """Follows the reference topic from here on."""
        reader = ReferenceReader(self.kafka, self.settings)
        self.loop.run(reader.start())
        self.readers.append(reader)
        return reader

    def _start(self, processor: Callable[[WorkerMetrics], Processor], name: str, wait: bool = True) -> Running:
        registry = CollectorRegistry()
        metrics, failures = WorkerMetrics(registry), list[int]()

        async def start() -> Worker:
            settings = WorkerSettings(self.folder / name)
            worker = Worker(processor(metrics), self.kafka, self.settings, settings, metrics, failures.append)
            await worker.start()
            return worker

        running = Running(self.loop.run(start()), failures, registry)
        self.started.append(running)
        if wait:
            wait_until(running.ready, f"worker {name} to be ready")
        return running

    def stop(self, running: Running) -> None:
        """The worker leaves in order."""
        self.started.remove(running)
        self.loop.run(running.worker.stop())

    def writer(self, partition: int, name: str) -> PartitionWriter:
        """A writer that has taken the partition over, without a worker around it."""
        writer = PartitionWriter(partition, self.kafka, self.settings, lambda b: SEALED + b, self.place(name))
        self.loop.run(writer.start(lambda _done, _total: None))
        return writer

    # ------------------------------------------------------------ Kafka

    def send(self, said: Iterable[Said]) -> None:
        """Claims, each acknowledged, to the partitions of their subjects."""
        futures = [self.producer.send(self.settings.topic("claims"), key=s.key, value=s.value) for s in said]
        for future in futures:
            future.get(30)

    def rogue(self, topic: str, partition: int, value: bytes | None, key: bytes | None = None, **more: Any) -> int:
        """Any record anywhere; its offset."""
        sent = self.producer.send(self.settings.topic(topic), value=value, key=key, partition=partition, **more)
        return int(sent.get(30).offset)

    def records(self, topic: str, **arguments: Any) -> list[Any]:
        """Every committed record of a topic, by partition and offset."""
        name = self.settings.topic(topic)
        with closing(KafkaConsumer(**consumer_arguments(self.kafka) | arguments)) as consumer:
            places = [TopicPartition(name, p) for p in range(self.settings.partitions)]
            consumer.assign(places)
            ends = consumer.end_offsets(places)
            consumer.seek_to_beginning(*places)
            found: list[Any] = []
            while any(consumer.position(place) < ends[place] for place in places):
                for records in consumer.poll(timeout_ms=200).values():
                    found += records
        return sorted(found, key=lambda record: (record.partition, record.offset))

    def facts(self) -> list[Told]:
        return [
            Told(record.partition, record.offset, *codec.decode(record.value))  # type: ignore[arg-type]
            for record in self.records("facts")
        ]

    def dead_letters(self) -> list[tuple[str, int, str, bytes]]:
        """Reason, offset of the claim, detail and opened bytes of each."""
        found = []
        for record in self.records("deadletters"):
            told = dict(record.headers)
            opened = record.value.removeprefix(SEALED)
            found.append((told[ERROR_REASON].decode(), int(told[ERROR_OFFSET]), told[ERROR_DETAIL].decode(), opened))
        return found

    # ------------------------------------------------------------ PostgreSQL

    def rows(self) -> dict[str, CaseRow]:
        with self.engine.connect() as c:
            found = c.execute(select(tables.cases.c.case_id, tables.cases.c.state))
            return {str(row.case_id): _decode_case(row.state) for row in found}

    def stages(self) -> dict[str, int]:
        """Number of cases by stage, from the table's own column."""
        with self.engine.connect() as c:
            found = c.execute(text("SELECT stage, count(*) AS n FROM cases GROUP BY stage"))
            return {row.stage: row.n for row in found}

    def partition(self, partition: int) -> Any:
        """The partition's row in the views."""
        with self.engine.connect() as c:
            return c.execute(select(tables.partitions).where(tables.partitions.c.partition == partition)).first()

    def execute(self, statement: str) -> None:
        with self.engine.begin() as c:
            c.execute(text(statement))

    def assert_views_are_the_fold_of_the_facts(self) -> None:
        """Rows, their columns, parties and aliases, each against the facts as Kafka has them."""
        expected: dict[str, CaseRow] = {}
        for told in self.facts():
            subject = told.meta.subject.id
            row = expected.get(subject, rows.NEW)
            assert told.meta.seq == row.seq + 1, f"fact {told.meta.seq} of {subject} after {row.seq}"
            expected[subject] = rows.evolve(row, told.meta, told.body)
        assert self.rows() == expected
        with self.engine.connect() as c:
            for one in c.execute(text("SELECT case_id::text, stage, seq, number, lead FROM cases")):
                row = expected[one.case_id]
                assert (one.stage, one.seq, one.number, one.lead) == (row.stage, row.seq, row.number, row.lead)
            count = c.execute(text("SELECT count(*) FROM parties")).scalar()
        assert count == sum(len(row.parties) for row in expected.values())


@contextmanager
def running_hub(kafka: KafkaSettings, settings: HubSettings, dsn: str, folder: Path) -> Iterator[Hub]:
    """A hub provisioned and migrated, with no worker yet; everything stopped and dropped afterwards."""
    epoch = provision(kafka, settings, now()).epoch
    migrate(dsn, settings.sql_schema)
    bound = engine(dsn, settings.sql_schema)
    loop, producer = Loop(), KafkaProducer(**producer_arguments(kafka))
    hub = Hub(kafka, settings, bound, folder, loop, epoch, producer)
    try:
        yield hub
    finally:
        for running in list(hub.started):
            hub.stop(running)
        for reader in hub.readers:
            loop.run(reader.stop())
        producer.close()
        loop.close()
        bound.dispose()
        drop_namespace(dsn, settings.sql_schema)
