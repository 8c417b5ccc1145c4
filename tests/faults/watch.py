"""A reader of committed facts that writes down what it sees, and when, while a campaign runs.

    python -m tests.faults.watch FOLDER BOOTSTRAP TOPIC PARTITIONS

Prints the numbers of facts seen, by partition, four times a second. On the line `stop` it reads up to the present end
and leaves; it also ends when standard input does.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from hashlib import sha256
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

from tests.faults import journal
from tests.faults.journal import HEAD, Sighting


def _listen(stop: threading.Event) -> None:
    for _ in sys.stdin:
        stop.set()
    os._exit(1)  # whoever started us has gone


def _consumer(bootstrap: str) -> KafkaConsumer:
    return KafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        fetch_min_bytes=4_096,
        fetch_max_wait_ms=50,
        max_poll_records=5_000,
        reconnect_backoff_max_ms=journal.RECONNECT_MS,
    )


def main() -> None:
    """Entry point."""
    folder, bootstrap, topic, partitions = sys.argv[1:]
    stop = threading.Event()
    threading.Thread(target=_listen, args=(stop,), daemon=True).start()
    consumer = _consumer(bootstrap)
    places = [TopicPartition(topic, p) for p in range(int(partitions))]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    seen, told = [0] * len(places), 0.0
    with journal.open_sightings(Path(folder)) as file:
        while not stop.is_set() or _behind(consumer, places):
            for found in consumer.poll(timeout_ms=200).values():
                at = time.monotonic()
                for record in found:
                    seen[record.partition] += 1
                    head = sha256(record.value).digest()[:HEAD]
                    journal.write_sighting(file, Sighting(record.partition, record.offset, at, head))
            if time.monotonic() - told > 0.25:
                told = time.monotonic()
                print(*seen, flush=True)
    print(*seen, flush=True)


def _behind(consumer: KafkaConsumer, places: list[TopicPartition]) -> bool:
    ends = consumer.end_offsets(places)
    return any(consumer.position(place) < ends[place] for place in places)


if __name__ == "__main__":
    main()
