"""Producers of a campaign: claims at a constant rate to every partition, and on command rubbish, repetitions, delays.

    python -m tests.faults.load FOLDER BOOTSTRAP TOPIC PARTITIONS RATE SEED

Writes down every record that Kafka acknowledges; what it does not acknowledge is sent again, the same bytes. Commands
on standard input, one a line: `poison N`, `again N` (records sent long ago once more), `hold N SECONDS` (the next N
claims come so much later), `stop`. Prints the number of acknowledged claims each second; ends when standard input does.
"""

from __future__ import annotations

import heapq
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError

from schemas.wire.clients import producer_arguments
from schemas.wire.settings import KafkaSettings
from tests.faults import journal
from tests.faults.journal import Acknowledged
from tests.faults.stories import Desk, Raw, poison

TICK = 0.02
MOST_A_TICK = 400
KEPT = 20_000
"""Records kept to be sent again; old ones make room at random."""


class Parcel(NamedTuple):
    """One record on its way."""

    kind: str
    record: Raw
    partition: int


class Sender:
    """Sends until acknowledged, and writes that down. Only `post` and `flush` are called from outside."""

    def __init__(self, kafka: KafkaSettings, topic: str, folder: Path) -> None:
        self.acknowledged = 0
        self._arguments = producer_arguments(kafka) | {"reconnect_backoff_max_ms": journal.RECONNECT_MS}
        self._topic = topic
        self._file = journal.open_acknowledged(folder)
        self._unsent: deque[Parcel] = deque()
        self._producer = KafkaProducer(**self._arguments)

    def post(self, parcel: Parcel) -> None:
        """Send; sent again later when that fails."""
        key, value = parcel.record
        try:
            sent = self._producer.send(self._topic, key=key, value=value, partition=parcel.partition)
        except KafkaError:
            self._unsent.append(parcel)
            self._renew()
            return
        sent.add_callback(self._done, parcel)
        sent.add_errback(lambda _error: self._unsent.append(parcel))

    def _done(self, parcel: Parcel, metadata: object) -> None:
        digest = sha256(parcel.record[1] or b"").digest()
        place = (metadata.partition, metadata.offset)  # type: ignore[attr-defined]
        journal.write_acknowledged(self._file, Acknowledged(parcel.kind, *place, digest))
        self.acknowledged += parcel.kind == "claim"

    def _renew(self) -> None:
        """A producer that has given up is of no use any more."""
        self._producer.close(timeout=1)
        self._producer = KafkaProducer(**self._arguments)

    def post_again(self) -> None:
        """Once more what was not acknowledged."""
        for _ in range(len(self._unsent)):
            self.post(self._unsent.popleft())

    def flush(self) -> None:
        """Returns when everything is acknowledged and written down."""
        while True:
            self._producer.flush()
            if not self._unsent:
                break
            self.post_again()
        self._producer.close()
        self._file.close()


class Load:
    """What is sent when."""

    def __init__(self, sender: Sender, partitions: int, rate: float, random: Random) -> None:
        self._sender = sender
        self._random = random
        self._rate = rate
        self._partitions = partitions
        self._desks = [Desk(p, partitions, Random(random.random())) for p in range(partitions)]
        self._kept: list[Parcel] = []
        self._held: list[tuple[float, int, Parcel]] = []
        self._hold: tuple[int, float] = (0, 0.0)
        self._poisoned = 0
        self._issued = 0
        self.stopped = False

    def obey(self, line: str) -> None:
        """One command."""
        word, *arguments = line.split()
        commands: dict[str, Callable[..., None]] = {
            "poison": self._send_poison,
            "again": self._send_again,
            "hold": self._set_hold,
            "stop": self._stop,
        }
        commands[word](*map(float, arguments))

    def _send_poison(self, n: float) -> None:
        for _ in range(int(n)):
            self._poisoned += 1
            where = self._random.randrange(self._partitions)
            self._sender.post(Parcel("poison", poison(self._random, self._poisoned), where))

    def _send_again(self, n: float) -> None:
        for parcel in self._random.sample(self._kept, min(int(n), len(self._kept))):
            self._sender.post(parcel._replace(kind="again"))

    def _set_hold(self, n: float, seconds: float) -> None:
        self._hold = (int(n), seconds)

    def _stop(self) -> None:
        self.stopped = True

    def work(self, elapsed: float) -> None:
        """Sends what is due after so many seconds."""
        for _ in range(min(MOST_A_TICK, int(elapsed * self._rate) - self._issued)):
            self._one(elapsed)
        while self._held and (self.stopped or self._held[0][0] <= elapsed):
            self._send(heapq.heappop(self._held)[2])
        self._sender.post_again()

    def _one(self, elapsed: float) -> None:
        partition = self._issued % self._partitions
        self._issued += 1
        said = self._desks[partition].next()
        parcel = Parcel("claim", (said.key, said.value), partition)
        n, seconds = self._hold
        if n:
            self._hold = (n - 1, seconds)
            heapq.heappush(self._held, (elapsed + seconds, self._issued, parcel))
        else:
            self._send(parcel)

    def _send(self, parcel: Parcel) -> None:
        self._sender.post(parcel)
        if len(self._kept) < KEPT:
            self._kept.append(parcel)
        elif self._random.random() < 0.1:
            self._kept[self._random.randrange(KEPT)] = parcel


def _listen(commands: deque[str]) -> None:
    for line in sys.stdin:
        commands.append(line)
    os._exit(1)  # whoever started us has gone


def main() -> None:
    """Entry point."""
    folder, bootstrap, topic, partitions, rate, seed = sys.argv[1:]
    commands: deque[str] = deque()
    threading.Thread(target=_listen, args=(commands,), daemon=True).start()
    sender = Sender(KafkaSettings(bootstrap), topic, Path(folder))
    load = Load(sender, int(partitions), float(rate), Random(f"load {seed}"))
    began, told = time.monotonic(), 0
    with closing(sys.stdout):
        while not load.stopped:
            while commands:
                load.obey(commands.popleft())
            elapsed = time.monotonic() - began
            load.work(elapsed)
            if elapsed >= told:
                told += 1
                print(sender.acknowledged, flush=True)
            time.sleep(TICK)
        sender.flush()
        print(sender.acknowledged, flush=True)


if __name__ == "__main__":
    main()
