"""Promises that nobody keeps: how late their run-outs are recorded. Prints one JSON line.

`--cases N --spread S`: N cases are promised to be done at moments spread over S seconds, all some time from now; then
nothing more is said. Lateness is from a promise's end to when casework recorded that it ran out.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from connectors.claims_out import partition_of
from schemas import codec, ids
from schemas.events import Commit, FactMeta, File, RanOut, Report
from schemas.wire.clients import claims_arguments, fold_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.runtime.writing import Outgoing, send_all
from tests.bench import claims

PATIENCE = 120.0
SECOND = 1_000_000


def promises(cases: int, ahead: int, spread: int, partitions: int) -> dict[int, list[Outgoing]]:
    """Claims of every case, by partition: report, file, commit. Times in µs."""
    at, rng = time.time_ns() // 1000, random.Random(5)
    body = Report(claims.CATEGORIES[0], claims.PLACES[0], "app")
    found: dict[int, list[Outgoing]] = {p: [] for p in range(partitions)}
    for n in range(cases):
        end = at + ahead + rng.randrange(max(1, spread))
        partition = partition_of(ids.case_id(claims.SYSTEM, f"H{n:09}"), partitions)
        for step in (
            ("report", claims.STREETS[0], body),
            ("file", claims.CENTRE, File()),
            ("commit", claims.CENTRE, Commit(end, "in time")),
        ):
            key, value = claims.record(n, step, at)
            found[partition].append((key, value, [], at // 1000))
    return found


async def lateness(consumer: AIOKafkaConsumer, cases: int, deadline: float) -> list[float]:
    """Seconds from the end of each promise to the record that it ran out."""
    found: list[float] = []
    while len(found) < cases:
        assert time.monotonic() < deadline, f"{len(found)} of {cases} run-outs came"
        for records in (await consumer.getmany(timeout_ms=1_000, max_records=10_000)).values():
            for record in records:
                meta, fact = codec.decode(record.value)
                if type(fact) is RanOut and type(meta) is FactMeta:
                    found.append((meta.recorded_at - fact.due_at) / SECOND)
    return found


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    kafka, hub = KafkaSettings(options.bootstrap), HubSettings(namespace=options.namespace)
    producer = AIOKafkaProducer(**claims_arguments(kafka))
    consumer = AIOKafkaConsumer(**fold_arguments(kafka))
    await producer.start()
    await consumer.start()
    consumer.assign([TopicPartition(hub.topic("facts"), p) for p in range(hub.partitions)])
    ahead = int(options.ahead * SECOND)
    for partition, records in promises(options.cases, ahead, int(options.spread * SECOND), hub.partitions).items():
        for future, _ in await send_all(producer, hub.topic("claims"), partition, records):
            await future
    found = sorted(
        await lateness(consumer, options.cases, time.monotonic() + options.ahead + options.spread + PATIENCE)
    )
    await producer.stop()
    await consumer.stop()
    return {"p50": found[len(found) // 2], "p99": found[int(len(found) * 0.99)], "last": found[-1]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--ahead", type=float, required=True, help="seconds from now to the first moment")
    parser.add_argument("--spread", type=float, required=True, help="seconds over which moments are spread")
    print(json.dumps(asyncio.run(measure(parser.parse_args()))), flush=True)


if __name__ == "__main__":
    main()
