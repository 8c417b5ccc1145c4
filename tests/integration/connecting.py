"""The connectors process on real servers, with feeds that a test writes itself: started, killed, asked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import sqlalchemy as sa
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from msgspec.structs import replace

from connectors.claims_out import partition_of
from ops.database import drop_namespace, engine, migrate
from ops.embedded import process
from ops.provision import provision
from ops.vault import Vault, open_vault
from schemas import codec
from schemas.events import FactMeta, FeedCard, FeedItem, FeedReasonSymbol, Subject, TextRef
from schemas.wire.clients import admin_arguments, consumer_arguments, producer_arguments
from schemas.wire.settings import HubSettings, KafkaSettings
from tests.builders import T0

PATIENCE = 40.0
CARD = FeedCard("4117", "filed")
ROOT = Path(__file__).parents[2]


def wait_until(true: Callable[[], Any], what: str, patience: float = PATIENCE) -> None:
    """Returns when it is true; fails when it does not become so."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen in {patience} s"
        time.sleep(0.1)


class Feed:
    """The feed of one subscription, written as the outbox would."""

    def __init__(self, hub: HubSettings, producer: KafkaProducer, code: str) -> None:
        self._topic = hub.topic(f"feed.{code}")
        self._partitions = hub.partitions
        self._producer = producer
        self._code = code
        self._numbers = dict.fromkeys(range(hub.partitions), 0)

    def tell(
        self,
        case: str,
        seq: int,
        card: FeedCard | None = None,
        *,
        reason: FeedReasonSymbol = "introduced",
        skip: int = 0,
    ) -> None:
        """Add an item about a case; `skip` leaves numbers out, which the outbox never does."""
        self._put(case, FeedItem(self._code, skip, reason, Subject("case", case), seq, T0, card or CARD))

    def tell_fact(self, meta: FactMeta, body: Any, card: FeedCard, recorded_at: int | None = None) -> None:
        """Add a fact as the department may see it; it was recorded when `meta` says, or then."""
        about, name = meta.subject, type(body).__name__
        fact = codec.encode(meta, body)
        self._put(
            about.id,
            FeedItem(self._code, 0, "fact", about, meta.seq, recorded_at or meta.recorded_at, card, name, fact),
        )

    def _put(self, case: str, item: FeedItem) -> None:
        """`number` of the item: how many numbers are left out before it."""
        partition = partition_of(case, self._partitions)
        self._numbers[partition] += 1 + item.number
        value = codec.encode_hub(replace(item, number=self._numbers[partition]))
        self._producer.send(self._topic, key=case.encode(), value=value, partition=partition).get(10)


class Linked:
    """A hub's servers, tables and vault, a folder of departments, and at most one connectors process."""

    def __init__(self, kafka: KafkaSettings, hub: HubSettings, dsn: str, folder: Path) -> None:
        provision(kafka, hub, T0)
        migrate(dsn, hub.sql_schema)
        self.kafka, self.hub, self.dsn, self.folder = kafka, hub, dsn, folder
        self.engine = engine(dsn, hub.sql_schema)
        self.vault: Vault = open_vault(self.engine, folder / "data" / "vault.key")
        self.vault.dead_letter_public_key()
        self.departments = folder / "departments"
        self.departments.mkdir()
        self.producer = KafkaProducer(**producer_arguments(kafka))
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.patience = PATIENCE

    def department(self, name: str, text: str) -> None:
        """Write a department's file."""
        (self.departments / f"{name}.toml").write_text(text, encoding="utf-8")

    def feed(self, code: str) -> Feed:
        """A feed of its own topic."""
        with closing(KafkaAdminClient(**admin_arguments(self.kafka))) as admin:
            name = self.hub.topic(f"feed.{code}")
            admin.create_topics({name: {"num_partitions": self.hub.partitions}}, raise_errors=False)
            admin.wait_for_topics([name])
        return Feed(self.hub, self.producer, code)

    def start(self, **environment: str) -> None:
        """Start the process, and wait until it is ready."""
        self.port = process.free_port()
        given = {"data_dir": self.folder / "data", "bootstrap": self.kafka.bootstrap, "dsn": self.dsn}
        given |= {"namespace": self.hub.namespace, "partitions": self.hub.partitions, "departments": self.departments}
        ours = {name: value for name, value in os.environ.items() if not name.startswith("THREECROSS_")}
        ours |= {f"THREECROSS_{name.upper()}": str(value) for name, value in given.items()}
        command = [sys.executable, "-m", "ops.connecting", "--http-port", str(self.port)]
        with (self.folder / "connectors.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=ours | environment, stdout=log, stderr=log)
        wait_until(self._ready, "the connectors process being ready", self.patience)

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "connectors.log").read_text()
        with suppress(OSError):
            return bool(self.ask("/readyz")["ready"])
        return False

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal it and wait; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process = None
        return code

    def ask(self, path: str, method: str = "GET", body: bytes | None = None) -> Any:
        """One question to its HTTP side; the JSON of its answer."""
        with urlopen(Request(f"http://127.0.0.1:{self.port}{path}", body, method=method), timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def rows(self, query: str, **given: Any) -> list[Any]:
        """What PostgreSQL answers."""
        with self.engine.connect() as c:
            return list(c.execute(sa.text(query), given).mappings())

    def claims(self) -> list[tuple[Any, Any]]:
        """Every claim on Kafka, decoded, in the order of each partition."""
        with closing(KafkaConsumer(**consumer_arguments(self.kafka))) as consumer:
            topic = self.hub.topic("claims")
            parts = [TopicPartition(topic, number) for number in range(self.hub.partitions)]
            consumer.assign(parts)
            ends = consumer.end_offsets(parts)
            consumer.seek_to_beginning()
            found: list[tuple[Any, Any]] = []
            while any(consumer.position(part) < ends[part] for part in parts):
                for records in consumer.poll(500).values():
                    found += [codec.decode(record.value) for record in records]
            return found

    def log(self) -> str:
        """Everything that the process has logged."""
        found = [*(self.folder / "data" / "log").glob("connectors*.jsonl"), self.folder / "connectors.log"]
        return "".join(path.read_text("utf-8") for path in found if path.exists())


@contextmanager
def linked(kafka: KafkaSettings, hub: HubSettings, dsn: str, folder: Path) -> Iterator[Linked]:
    """A hub for connectors, taken away at the end."""
    made = Linked(kafka, hub, dsn, folder)
    try:
        yield made
    finally:
        if made.process is not None:
            made.end(signal.SIGKILL)
        made.producer.close()
        made.engine.dispose()
        drop_namespace(dsn, hub.sql_schema)


def text_in(vault: Vault, text: str) -> TextRef:
    """A text put into the vault."""
    return vault.put_text(text)


def names(folder: Path) -> Sequence[str]:
    """Names of the JSON files in a folder."""
    return sorted(path.name for path in folder.glob("*.json"))
