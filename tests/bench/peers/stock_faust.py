"""The yardstick job on stock Faust: an agent that sees one event at a time, fastavro, a dict as state (no table)."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from typing import Any

import faust

from tests.bench.job.progress import Stopwatch
from tests.bench.peers.plain_job import PlainJob


def application(options: argparse.Namespace, watch: Stopwatch, folder: str) -> faust.App:
    app = faust.App(
        options.group,
        broker=f"kafka://{options.bootstrap}",
        datadir=folder,
        autodiscover=False,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        producer_linger=0.05,
        producer_max_batch_size=262_144,
    )
    raw = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
    claims = app.topic(options.claims, **raw)
    facts = app.topic(options.facts, **raw)
    job = PlainJob()
    sent: list[Any] = []

    async def work(stream: Any) -> None:
        async for event in stream.events():
            watch.begin()
            message = event.message
            value = job.handle(message.key, message.value, message.offset)
            if value is not None:
                future = await facts.send(
                    key=message.key, value=value, partition=message.partition, timestamp=message.timestamp
                )
                sent.append(future)
            if watch.records + 1 == watch.total:
                await asyncio.gather(*sent[-20_000:])
            watch.done(1, value is not None)

    app.agent(claims, name="bench")(work)
    return app


async def run(options: argparse.Namespace) -> dict[str, float]:
    watch = Stopwatch(options.records)
    with tempfile.TemporaryDirectory() as folder:
        app = application(options, watch, folder)
        app.finalize()
        await app.start()
        await watch.ended.wait()
        await app.stop()
    return watch.report()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "claims", "facts", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--records", type=int, required=True)
    print(json.dumps(asyncio.run(run(parser.parse_args()))), flush=True)


if __name__ == "__main__":
    main()
