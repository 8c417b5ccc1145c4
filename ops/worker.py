"""A process of the hub: one or several processors and their HTTP port, until SIGTERM.

    python -m ops.worker casework [views …] [--instance 1] [--http-port 0]

Everything else comes from THREECROSS_… in the environment; `threecross up` starts it so. `--spare` alone loads all
this and waits for its arguments, see ops/spares.py. Exit code 0: ended in order; 2: could not start, one sentence on
standard error says why; 70: something broke that must not be survived.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from ops import settings as all_settings
from ops.database.engine import DatabaseProblem
from ops.embedded.locks import DirectoryLock
from ops.embedded.problem import ServerProblem
from ops.http import HttpServer, application
from ops.logs import log_to_file
from ops.processors import PROCESSORS, Surroundings, load_ahead
from ops.settings import Settings, SettingsProblem
from ops.spares import SPARE
from schemas.frames import Unreadable
from schemas.wire.settings import KafkaSettings
from streams.core.reference import BadLoad
from streams.runtime.interpreter import tune_interpreter
from streams.runtime.reference import ReferenceReader
from streams.runtime.settings import WorkerSettings
from streams.runtime.worker import SOFTWARE_FAILURE, Worker, exit_now

log = structlog.get_logger(__name__)

DONE = 0
CANNOT_RUN = 2
WATCH_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Role:
    """Which processors a process runs. `instance` tells workers of one data directory apart."""

    processors: tuple[str, ...]
    instance: str = "1"

    @property
    def name(self) -> str:
        """Name of the process, of its log and of its note in `run/`."""
        base = "-".join(self.processors)
        return base if self.instance == "1" else f"{base}-{self.instance}"

    def member(self, settings: Settings, processor: str) -> str:
        """Static id in the processor's consumer group: no other process has it, a restarted one has it again."""
        return f"{settings.hub.namespace}-{processor}-{settings.data.identity()}-{self.instance}"


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    if words == [SPARE] and not (words := _wait_to_be_told()):
        return DONE
    arguments = _parser().parse_args(words)
    role = Role(tuple(arguments.processors), arguments.instance)
    try:
        settings = all_settings.load(http_port=arguments.http_port)
        log_to_file(settings.data.logs, role.name)
        tune_interpreter()
        with _alone(settings, role):
            return asyncio.run(_run(settings, role))
    except (ServerProblem, DatabaseProblem, SettingsProblem) as problem:
        print(f"{role.name}: {problem}", file=sys.stderr)
        return CANNOT_RUN


def _wait_to_be_told() -> list[str]:
    """Arguments from standard input, when everything is loaded; none when whoever started us has no use for us."""
    load_ahead()
    line = sys.stdin.readline()
    return list(json.loads(line)) if line else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.worker", description="A process of the hub.")
    parser.add_argument("processors", nargs="+", choices=sorted(PROCESSORS))
    parser.add_argument("--instance", default="1", help="tells workers of one data directory apart")
    parser.add_argument("--http-port", type=int, help="0: a free one, written to run/<process>.json")
    return parser


@contextmanager
def _alone(settings: Settings, role: Role) -> Iterator[None]:
    """Hold the places of this role: two workers with the same static id would take turns for ever."""
    locks: list[DirectoryLock] = []
    try:
        locks.extend(_place(settings, processor, role.instance) for processor in role.processors)
        yield
    finally:
        for lock in locks:
            lock.release()


def _place(settings: Settings, processor: str, instance: str) -> DirectoryLock:
    try:
        return DirectoryLock(settings.data.root, file=f"run/{processor}-{instance}.lock")
    except ServerProblem as taken:
        what = f"Worker {instance} of {processor} runs already on this data directory"
        raise ServerProblem(what, taken.where, "end it, or give this one another --instance") from None


async def _run(settings: Settings, role: Role) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    registry = CollectorRegistry()
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    kafka = _kafka(settings)
    reference = ReferenceReader(kafka, settings.hub, lambda _problem: exit_now(SOFTWARE_FAILURE))
    workers = await _workers(settings, role, registry, reference)
    http = HttpServer(settings.http_host, settings.http_port)
    http.start(application({name: worker.readiness for name, worker in workers.items()}, registry, settings.hub))
    note = {"pid": os.getpid(), "port": http.port, "processors": list(workers)}
    settings.data.write_note(f"{role.name}.json", json.dumps(note))
    log.info("process started", pid=os.getpid(), port=http.port)
    await _read_whole(reference, kafka)
    watching = [asyncio.create_task(_watch(worker)) for worker in workers.values()]
    await asyncio.gather(*(worker.start() for worker in workers.values()))
    await stop.wait()
    for task in watching:
        task.cancel()
    await asyncio.gather(*(worker.stop() for worker in workers.values()))
    await reference.stop()
    await http.stop()
    log.info("process ended")
    return DONE


def _kafka(settings: Settings) -> KafkaSettings:
    if settings.bootstrap is None or settings.dsn is None:
        raise SettingsProblem("A worker must be told THREECROSS_BOOTSTRAP and THREECROSS_DSN.")
    return KafkaSettings(settings.bootstrap)


async def _read_whole(reference: ReferenceReader, kafka: KafkaSettings) -> None:
    """No process works before it has read the reference. Raises ServerProblem."""
    try:
        await reference.start()
    except (Unreadable, BadLoad) as bad:
        raise ServerProblem(
            f"The reference cannot be read: {bad}", kafka.bootstrap, "run a version of the hub that knows it"
        ) from bad


async def _workers(
    settings: Settings, role: Role, registry: CollectorRegistry, reference: ReferenceReader
) -> dict[str, Worker]:
    assert settings.dsn is not None
    kafka, state = _kafka(settings), settings.data.state / role.instance
    around = Surroundings(kafka, settings.dsn, settings.hub, state, registry, reference)
    workers = {}
    for name in role.processors:
        processor = await asyncio.to_thread(PROCESSORS[name], around)
        own = WorkerSettings(state, role.member(settings, name))
        workers[name] = Worker(processor, kafka, settings.hub, own, around.metrics)
    return workers


async def _watch(worker: Worker) -> None:
    """End the process when Faust has given up: it would otherwise sit there and do nothing."""
    while not worker.app.crashed:  # noqa: ASYNC110  mode has an event for it, but a private one
        await asyncio.sleep(WATCH_SECONDS)
    log.error("faust has given up", processor=worker.processor.name, reason=repr(worker.app.crash_reason))
    exit_now(SOFTWARE_FAILURE)


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
