"""Processes that prepare and check, and are not measured: `python -m tests.bench.helpers NAME --bootstrap … …`."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.wire.clients import claims_arguments, fold_arguments
from schemas.wire.settings import KafkaSettings
from streams.runtime.reading import read_to_end
from streams.runtime.writing import Outgoing, send_all
from tests.bench import claims
from tests.bench.stage import PARTITIONS

CHUNK = 5_000


async def fill(kafka: KafkaSettings, topic: str, records: Iterable[tuple[int, bytes, bytes, int]]) -> int:
    """Writes (partition, key, value, milliseconds) in the order of each partition; returns how many."""
    producer = AIOKafkaProducer(**claims_arguments(kafka))
    await producer.start()
    waiting: dict[int, list[Outgoing]] = defaultdict(list)
    count = 0
    for partition, key, value, at in records:
        count += 1
        chunk = waiting[partition]
        chunk.append((key, value, [], at))
        if len(chunk) == CHUNK:
            await _flush(producer, topic, partition, chunk)
    for partition, chunk in waiting.items():
        await _flush(producer, topic, partition, chunk)
    await producer.stop()
    return count


async def _flush(producer: AIOKafkaProducer, topic: str, partition: int, chunk: list[Outgoing]) -> None:
    for future, _ in await send_all(producer, topic, partition, chunk):
        await future
    chunk.clear()


async def fill_claims(options: argparse.Namespace) -> dict[str, Any]:
    """Fills a topic with the claims of whole lives of cases."""
    records = claims.records(options.cases, PARTITIONS)
    return {"records": await fill(KafkaSettings(options.bootstrap), options.topic, records)}


async def checksum(options: argparse.Namespace) -> dict[str, Any]:
    """Count and SHA-256 of each partition: key, value and timestamp of each record, in order."""
    found: dict[str, Any] = {}
    consumer = AIOKafkaConsumer(**fold_arguments(KafkaSettings(options.bootstrap)))
    await consumer.start()
    counts: Counter[int] = Counter()
    for partition in range(PARTITIONS):
        digest = hashlib.sha256()
        async for records in read_to_end(consumer, TopicPartition(options.topic, partition), 0, lambda _a, _b: None):
            digest.update(b"".join(r.key + r.value + r.timestamp.to_bytes(8, "big") for r in records))
            counts[partition] += len(records)
        found[str(partition)] = f"{counts[partition]} {digest.hexdigest()[:32]}"
    await consumer.stop()
    return {"count": sum(counts.values()), "partitions": found}


HELPERS = {"fill-claims": fill_claims, "checksum": checksum}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("helper", choices=sorted(HELPERS))
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--cases", type=int, default=0)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(HELPERS[options.helper](options))), flush=True)


if __name__ == "__main__":
    main()
