"""The yardstick job on Quix Streams: librdkafka, fastavro, a dict as state, in an environment of its own."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from quixstreams import Application, message_context

sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.bench.peers.plain_job import PlainJob


class Clock:
    """CPU of the process and records, from the first record on."""

    def __init__(self) -> None:
        self.records = 0
        self.facts = 0
        self.cpu = 0.0
        self.wall = 0.0

    def begin(self) -> None:
        if not self.records:
            self.cpu, self.wall = time.process_time(), time.perf_counter()


def run(options: argparse.Namespace, folder: str) -> dict[str, Any]:
    app = Application(
        broker_address=options.bootstrap,
        consumer_group=options.group,
        auto_offset_reset="earliest",
        state_dir=folder,
        use_changelog_topics=False,
        auto_create_topics=False,
        loglevel="ERROR",
        producer_extra_config={"acks": "all", "linger.ms": 50, "batch.size": 262_144},
    )
    claims = app.topic(options.claims, key_deserializer="bytes", value_deserializer="bytes")
    facts = app.topic(options.facts, key_serializer="bytes", value_serializer="bytes")
    job, clock = PlainJob(), Clock()

    def work(value: bytes, key: bytes, _timestamp: int, _headers: Any) -> bytes | None:
        clock.begin()
        clock.records += 1
        fact = job.handle(key, value, message_context().offset)
        clock.facts += fact is not None
        if clock.records == options.records:
            app.stop()
        return fact

    frame = app.dataframe(claims).apply(work, metadata=True).filter(lambda fact: fact is not None)
    frame.to_topic(facts)
    app.run()
    cpu, wall = time.process_time() - clock.cpu, time.perf_counter() - clock.wall
    return {"records": clock.records, "facts": clock.facts, "seconds": wall, "cpu_s_per_M": cpu / clock.records * 1e6}


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("bootstrap", "claims", "facts", "group"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--records", type=int, required=True)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run(parser.parse_args(), folder)), flush=True)


if __name__ == "__main__":
    main()
