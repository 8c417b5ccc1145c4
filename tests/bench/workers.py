"""Measured processes that read from Kafka: `python -m tests.bench.workers NAME --bootstrap … …` prints one JSON line.

Modules that take functions of a codec are imported after the choice of the codec, hence inside functions.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition
from prometheus_client import CollectorRegistry

from schemas.wire.clients import consumer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.metrics import WorkerMetrics
from streams.runtime.interpreter import tune_interpreter
from streams.runtime.processor import Processor
from streams.runtime.settings import FetchSettings, WorkerSettings
from tests.bench.codecs import use_compiled_hub, use_compiled_job
from tests.bench.job.progress import Stopwatch


def size(kafka: KafkaSettings, topic: str) -> int:
    """Records in a topic, transaction markers included."""
    consumer = KafkaConsumer(**consumer_arguments(kafka))
    partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
    begin, end = consumer.beginning_offsets(partitions), consumer.end_offsets(partitions)
    consumer.close()
    return sum(end[p] - begin[p] for p in partitions)


class Watched:
    """A processor whose batches are counted and timed."""

    def __init__(self, inner: Processor, watch: Stopwatch) -> None:
        self.name, self.topic = inner.name, inner.topic
        self.take, self.release = inner.take, inner.release
        self.fetch = getattr(inner, "fetch", FetchSettings())
        self._inner, self._watch = inner, watch

    async def handle(self, partition: int, records: Sequence[Any]) -> None:
        self._watch.begin()
        await self._inner.handle(partition, records)
        self._watch.done(len(records), 0)


async def _run(options: argparse.Namespace, processor: Processor, until: Coroutine[Any, Any, Any], folder: str) -> None:
    from streams.runtime.worker import Worker

    hub = HubSettings(namespace=options.namespace)
    fetch = FetchSettings(max_records=options.max_records) if options.max_records else None
    settings = WorkerSettings(Path(folder), fetch=fetch)
    worker = Worker(processor, KafkaSettings(options.bootstrap), hub, settings, WorkerMetrics(CollectorRegistry()))
    await worker.start()
    await until
    await worker.stop()


async def engine(options: argparse.Namespace) -> dict[str, Any]:
    """The yardstick job on the engine. The hub's namespace is the prefix of the topics."""
    use_compiled_job(options.compiled)
    from tests.bench.job.engine import BenchJob

    kafka, hub = KafkaSettings(options.bootstrap), HubSettings(namespace=options.namespace)
    watch = Stopwatch(size(kafka, hub.topic(options.topic)))
    job = BenchJob(kafka, options.topic, hub.topic(options.facts), watch)
    await job.start()
    with tempfile.TemporaryDirectory() as folder:
        await _run(options, job, watch.ended.wait(), folder)
    await job.stop()
    return watch.report()


async def casework(options: argparse.Namespace) -> dict[str, Any]:
    """The hub's own casework over the claims of a namespace: rules, transactions, local copy."""
    use_compiled_hub(options.compiled)
    from tests.bench.hub import casework_processor

    watch = Stopwatch(options.records or size(KafkaSettings(options.bootstrap), f"{options.namespace}.claims"))
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        processor = casework_processor(options.bootstrap, options.namespace, Path(folder))
        await _run(options, Watched(processor, watch), watch.ended.wait(), folder)
    return watch.report()


async def takeover(options: argparse.Namespace) -> dict[str, Any]:
    """Takes over every partition of casework: from the facts alone, or from a local copy where `folder` holds one."""
    use_compiled_hub(options.compiled)
    from tests.bench.hub import casework_processor

    processor = casework_processor(options.bootstrap, options.namespace, Path(options.folder))
    wall, cpu = time.perf_counter(), time.process_time()
    partitions = range(HubSettings().partitions)
    await asyncio.gather(*(processor.take(p, lambda _a, _b: None) for p in partitions))
    report = {"seconds": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    report["cases"] = sum(len(w.state.subjects) for w in processor._writers.values())
    for p in partitions:
        await processor.release(p)
    return report


async def views(options: argparse.Namespace) -> dict[str, Any]:
    """The views processor over the facts of a namespace, into PostgreSQL."""
    use_compiled_hub(options.compiled)
    from tests.bench.hub import views_processor

    watch = Stopwatch(options.records)
    processor = views_processor(options.bootstrap, options.namespace, options.dsn)
    with tempfile.TemporaryDirectory() as folder:
        await _run(options, Watched(processor, watch), watch.ended.wait(), folder)
    return watch.report()


async def serve(options: argparse.Namespace) -> dict[str, Any]:
    """Casework that runs until its input is closed; says what it used up between the lines that it reads."""
    use_compiled_hub(options.compiled)
    from tests.bench.hub import casework_processor

    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        processor = casework_processor(options.bootstrap, options.namespace, Path(folder))
        await _run(options, processor, _answer_lines(), folder)
    return {"ended": True}


async def notice(options: argparse.Namespace) -> dict[str, Any]:
    """The clocks processor until its input is closed, like `serve`."""
    use_compiled_hub(options.compiled)
    from streams.runtime.reference import ReferenceReader
    from tests.bench.hub import clocks_processor

    reader = ReferenceReader(KafkaSettings(options.bootstrap), HubSettings(namespace=options.namespace))
    await reader.start()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        processor = clocks_processor(options.bootstrap, options.namespace, Path(folder), reader)
        await _run(options, processor, _answer_lines(), folder)
    await reader.stop()
    return {"ended": True}


async def _answer_lines() -> None:
    """Answers each line on standard input with the clock and the CPU seconds of this process."""
    import sys

    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps({"wall": time.perf_counter(), "cpu": time.process_time()}), flush=True)


WORKERS: dict[str, Callable[[argparse.Namespace], Coroutine[Any, Any, dict[str, Any]]]] = {
    "engine": engine,
    "casework": casework,
    "takeover": takeover,
    "views": views,
    "serve": serve,
    "notice": notice,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("worker", choices=sorted(WORKERS))
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--namespace", default="bench")
    parser.add_argument("--topic", default="claims")
    parser.add_argument("--facts", default="facts")
    parser.add_argument("--folder")
    parser.add_argument("--dsn", default="")
    parser.add_argument("--records", type=int, default=0)
    parser.add_argument("--max-records", type=int, default=0, help="of a batch; 0: what the processor wants")
    parser.add_argument("--compiled", type=Path, help="folder of the compiled codec; without it, Python")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    tune_interpreter()
    print(json.dumps(asyncio.run(WORKERS[options.worker](options))), flush=True)


if __name__ == "__main__":
    main()
