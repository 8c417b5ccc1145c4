"""The stage of a measurement: a broker on a core of its own, topics, and worker processes on another core."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from kafka import KafkaAdminClient

from ops.embedded.kafka import EmbeddedKafka
from ops.embedded.postgres import EmbeddedPostgres
from schemas.generate.compile import CannotCompile
from schemas.generate.compile import build as build_codec
from schemas.wire.clients import admin_arguments
from schemas.wire.settings import KafkaSettings
from tests.bench.job import native

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "bench"
PEER = Path(__file__).parent / "peers" / "kafka-streams"
PARTITIONS = 4


@dataclass(frozen=True)
class Plan:
    """How much is measured: runs of each row, and the factor on the number of records (1: full size)."""

    runs: int = 5
    scale: float = 1.0

    def count(self, full: int) -> int:
        """A number of things, at this scale."""
        return max(1, int(full * self.scale))


def cores() -> tuple[int, int]:
    """(worker's core, broker's core); the same where there is only one."""
    usable = sorted(os.sched_getaffinity(0))
    return usable[0], usable[1] if len(usable) > 1 else usable[0]


class Stage:
    """One embedded Kafka with the compiler and the memory that throughput needs; PostgreSQL where a row asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.worker_core, self.broker_core = cores()
        self.broker = EmbeddedKafka(folder / "kafka", heavy=True)
        self._postgres: EmbeddedPostgres | None = None
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.broker.__enter__()
        pin(self.broker.pid or 0, self.broker_core)
        return self

    def __exit__(self, *_: object) -> None:
        self.broker.stop()
        if self._postgres is not None:
            self._postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def kafka(self) -> KafkaSettings:
        return KafkaSettings(self.broker.bootstrap)

    @property
    def dsn(self) -> str:
        """PostgreSQL, started at the first wish, on the broker's core."""
        if self._postgres is None:
            self._postgres = EmbeddedPostgres(self.folder / "postgres")
            self._postgres.__enter__()
            pin(self._postgres.pid or 0, self.broker_core)
        return self._postgres.dsn

    @cached_property
    def compiled(self) -> Path | None:
        """Folder of the hub's compiled codec; None where it cannot be compiled."""
        return self._compiled("hub", build_codec)

    @cached_property
    def compiled_job(self) -> Path | None:
        """Folder of the yardstick's compiled codec; None where it cannot be compiled."""
        return self._compiled("job", native.build)

    def _compiled(self, name: str, build: Any) -> Path | None:
        try:
            build(BUILD / "compiled" / name)
        except CannotCompile as error:
            print(error, file=sys.stderr)
            return None
        return BUILD / "compiled" / name

    @cached_property
    def streams_jar(self) -> Path | None:
        """Folder of the built Kafka Streams peer; None where there is no Java 17 compiler or no Maven."""
        if not (shutil.which("mvn") and shutil.which("java")):
            print("No Kafka Streams peer: it needs Java 17 and Maven.", file=sys.stderr)
            return None
        built = BUILD / "kafka-streams"
        if not (built / "target" / "libs").exists():
            shutil.copytree(PEER, built, dirs_exist_ok=True)
            subprocess.run(["mvn", "-q", "package"], cwd=built, check=True)
        return built

    # ------------------------------------------------------------ topics

    def name(self, word: str) -> str:
        """A name that nobody has used on this stage."""
        return f"{word}-{next(self._numbers)}"

    def create(self, *topics: str, partitions: int = PARTITIONS) -> None:
        """Creates topics whose records never expire."""
        wanted = {t: {"num_partitions": partitions, "configs": {"retention.ms": "-1"}} for t in topics}
        with closing(KafkaAdminClient(**admin_arguments(self.kafka))) as admin:
            admin.create_topics(wanted)
            admin.wait_for_topics(list(topics))

    def delete(self, *topics: str) -> None:
        """Deletes topics and waits until they are gone."""
        with closing(KafkaAdminClient(**admin_arguments(self.kafka))) as admin:
            admin.delete_topics(list(topics))
            while set(topics) & set(admin.list_topics()):
                time.sleep(0.2)

    # ------------------------------------------------------------ processes

    def command(self, module: str, *arguments: object) -> list[str]:
        """Command line of a Python module that is told where Kafka is."""
        return [sys.executable, "-m", module, "--bootstrap", self.kafka.bootstrap, *map(str, arguments)]

    def worker(self, *arguments: object, module: str = "tests.bench.workers") -> dict[str, Any]:
        """Runs a measured Python process on the worker's core; returns the last JSON line that it prints."""
        return run(self.command(module, *arguments), self.worker_core)[-1]

    def run_alone(self, command: list[str]) -> dict[str, Any]:
        """Runs a measured command line on the worker's core; returns the last JSON line."""
        return run(command, self.worker_core)[-1]

    def helper(self, *arguments: object) -> dict[str, Any]:
        """Runs a process that is not measured (filling, checksums)."""
        return run(self.command("tests.bench.helpers", *arguments), self.worker_core)[-1]


def pin(pid: int, core: int) -> None:
    """Keeps every thread of a process on one core."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def pinned(command: Sequence[str], core: int) -> list[str]:
    """The command, kept on one core where the system can do that."""
    return ["taskset", "-c", str(core), *command] if shutil.which("taskset") else list(command)


def run(command: Sequence[str], core: int, timeout: float = 3600) -> list[dict[str, Any]]:
    """Runs a process on one core; returns its JSON lines. Raises RuntimeError with the end of its output."""
    done = subprocess.run(pinned(command, core), cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        raise RuntimeError(
            f"{' '.join(command[:4])} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}"
        )
    return lines
