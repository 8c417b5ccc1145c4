"""What the embedded Kafka is told: its properties and the options of its Java machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NODE = 1
CLUSTER = "dGhyZWVjcm9zczAwMDAwMA"
"""Cluster id (16 bytes, URL-safe base64) of every embedded Kafka: it never meets another."""

_ONE_NODE = {
    "process.roles": "broker,controller",
    "node.id": str(NODE),
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "log.retention.ms": "-1",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # after kill -9 the broker takes itself for still alive as long as its last session lasts: 9 s by default
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
}
_SMALL = {"log.cleaner.dedupe.buffer.size": "8388608"}


@dataclass(frozen=True, slots=True)
class Memory:
    """How the Java machine spends memory and processor: small for a hub on one machine, heavy for benchmarks."""

    heap_mb: int = 256
    heavy: bool = False

    def options(self) -> list[str]:
        """Options of the Java machine."""
        if self.heavy:
            return [f"-Xms{self.heap_mb}m", f"-Xmx{self.heap_mb}m", "-XX:+UseG1GC"]
        return [f"-Xmx{self.heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]


def properties(data: Path, port: int, controller_port: int, extra: Mapping[str, str], *, heavy: bool) -> str:
    """server.properties of one node that is broker and controller, reachable on the loopback address only."""
    entries = {
        **_ONE_NODE,
        **({} if heavy else _SMALL),
        "controller.quorum.voters": f"{NODE}@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "log.dirs": str(data).replace("\\", "\\\\"),
        **extra,
    }
    return "".join(f"{key}={value}\n" for key, value in entries.items())


_LOGGING = {
    "defaultLogLevel": "warn",
    "log.kafka.server.KafkaRaftServer": "info",
    "showDateTime": "true",
    "dateTimeFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "showThreadName": "false",
}


def java_options(memory: Memory, startup_cache: Path | None) -> list[str]:
    """All options of the Java machine except class path and main class."""
    return [
        *memory.options(),
        *([] if startup_cache is None else [f"-XX:AOTCache={startup_cache}"]),
        "-XX:+ExitOnOutOfMemoryError",
        "-Xlog:disable",
        "-Xlog:all=error:stderr",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED",
        "-Djava.awt.headless=true",
        *(f"-Dorg.slf4j.simpleLogger.{key}={value}" for key, value in _LOGGING.items()),
    ]


READY = "Kafka Server started"
"""What the broker logs when it serves."""

_CAUSES = {
    "disk-full": re.compile(r"No space left on device"),
    "port-taken": re.compile(r"Address already in use|BindException"),
    "locked": re.compile(r"Failed to acquire lock on file"),
    "memory": re.compile(r"OutOfMemoryError|insufficient memory"),
}
_ERROR = re.compile(r"(?:ERROR|FATAL|Exception|Error)\b.*")


def cause(log: str) -> str:
    """Why a broker ended, judged by its log: disk-full, port-taken, locked, memory, or the first error line."""
    for name, pattern in _CAUSES.items():
        if pattern.search(log):
            return name
    found = _ERROR.search(log)
    return found.group(0)[:200] if found else "it left no error in its log"
