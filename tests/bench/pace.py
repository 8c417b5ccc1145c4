"""Sends claims 1 ms apart and reads their facts, read_committed.

Prints p50 and p99 of the time between, in ms, and how many seconds all took.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import uuid
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas import codec
from schemas.events import Report
from schemas.wire.settings import HubSettings
from tests.bench import claims

GAP = 0.001
"""Seconds between claims."""
PATIENCE = 60.0


async def send(producer: AIOKafkaProducer, topic: str, count: int) -> None:
    """Claims that open a case each; the moment of sending is when they occurred, in µs."""
    body = Report(claims.CATEGORIES[0], claims.PLACES[0], "app")
    run = uuid.uuid4().int % 10**12
    due = time.perf_counter()
    for n in range(count):
        due += GAP
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        step = (f"report-{run}", claims.STREETS[0], body)
        key, value = claims.record(run + n, step, time.time_ns() // 1000)
        await producer.send(topic, value, key=key)


async def receive(consumer: AIOKafkaConsumer, count: int) -> list[float]:
    """ms from the sending of each claim to the reading of its fact."""
    found: list[float] = []
    while len(found) < count:
        fetched = await asyncio.wait_for(consumer.getmany(timeout_ms=1_000), PATIENCE)
        now = time.time_ns() // 1000
        for records in fetched.values():
            found += [(now - codec.decode_meta(record.value).occurred_at) / 1000 for record in records]
    return found


async def measure(options: argparse.Namespace) -> dict[str, Any]:
    hub = HubSettings(namespace=options.namespace)
    producer = AIOKafkaProducer(bootstrap_servers=options.bootstrap, acks="all", linger_ms=0)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=options.bootstrap, isolation_level="read_committed", fetch_max_wait_ms=10, group_id=None
    )
    await producer.start()
    await consumer.start()
    parts = [TopicPartition(hub.topic("facts"), p) for p in range(hub.partitions)]
    consumer.assign(parts)
    await consumer.seek_to_end(*parts)
    for part in parts:
        await consumer.position(part)
    started = time.perf_counter()
    sending = asyncio.create_task(send(producer, hub.topic("claims"), options.records))
    found = sorted(await receive(consumer, options.records))
    await sending
    seconds = time.perf_counter() - started
    await producer.stop()
    await consumer.stop()
    return {"p50": found[len(found) // 2], "p99": found[int(len(found) * 0.99)], "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--namespace", required=True)
    parser.add_argument("--records", type=int, required=True)
    print(json.dumps(asyncio.run(measure(parser.parse_args()))), flush=True)


if __name__ == "__main__":
    main()
