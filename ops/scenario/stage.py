"""The stage of a scenario: a namespace of its own on real servers, whose processors share the simulated clock.

All processors run in this process, in a thread with an event loop, since a clock can be shared there. The servers are
those of the hub that runs here, else embedded ones for as long as the scenario lasts.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from prometheus_client import CollectorRegistry
from sqlalchemy.schema import DropSchema

from ops import hub as hubs
from ops.brokers import admin
from ops.database.engine import engine, plain_errors
from ops.embedded.problem import ServerProblem
from ops.finding import Found
from ops.hub import Hub
from ops.processors import PROCESSORS, Surroundings
from ops.settings import Settings
from ops.stop import Stop
from schemas.wire.settings import HubSettings, KafkaSettings
from streams.runtime.reference import ReferenceReader
from streams.runtime.settings import WorkerSettings
from streams.runtime.worker import Worker

READY_SECONDS = 60.0
PARTITIONS = 2
"""A place has few cases; two partitions are enough to show that what belongs together may lie apart."""


@contextmanager
def servers(settings: Settings, say: Callable[[str], None]) -> Iterator[Settings]:
    """Settings with the addresses of real servers. Raises ServerProblem."""
    running = settings.data.running()
    if running is not None or (settings.bootstrap and settings.dsn):
        found = (
            settings
            if running is None
            else settings.model_copy(update={"bootstrap": running.bootstrap, "dsn": running.dsn})
        )
        yield found
        return
    lock = settings.data.lock()
    stopped = ServerProblem("The servers were stopped before they were ready", str(settings.data.root), "start again")
    stop = Stop()
    hub = Hub(settings, [], say)
    thread = threading.Thread(target=hub.supervisor.run, args=(stop,), name="servers")
    thread.start()
    try:
        while not hub.supervisor.all_ready.wait(0.05):
            if not thread.is_alive():
                raise hub.supervisor.problem or stopped
        yield settings.model_copy(update={"bootstrap": hub.running.bootstrap, "dsn": hub.running.dsn})
    finally:
        stop.requested.set()
        thread.join()
        hubs.forget(settings.data)
        lock.release()


def namespace(settings: Settings, name: str, division: str) -> Found:
    """A hub made anew, `name` and a number behind it; earlier ones of this name go. Raises ServerProblem."""
    number = _forget_earlier(settings, name) + 1
    own = settings.model_copy(update={"namespace": f"{name}-{number}", "division": division, "partitions": PARTITIONS})
    assert own.bootstrap is not None
    assert own.dsn is not None
    hubs.prepare(own, own.bootstrap, own.dsn, lambda _what: None)
    return Found(own, KafkaSettings(own.bootstrap), own.dsn)


def _forget_earlier(settings: Settings, name: str) -> int:
    """Remove topics and tables of earlier performances; the number of the last one, 0 where there was none."""
    earlier = re.compile(rf"({re.escape(name)}-(\d+))\..+")
    with admin(KafkaSettings(settings.bootstrap or "")) as client:
        found = {topic: match for topic in client.list_topics() if (match := earlier.fullmatch(topic))}
        if found:
            client.delete_topics(list(found))
    namespaces = {match[1] for match in found.values()}
    bound = engine(settings.dsn or "", settings.hub.sql_schema, application="threecross scenario", pool=1)
    with plain_errors(settings.dsn or ""), bound.begin() as connection:
        for old in namespaces:
            connection.execute(DropSchema(HubSettings(old).sql_schema, cascade=True, if_exists=True))
    bound.dispose()
    return max((int(match[2]) for match in found.values()), default=0)


class Processors:
    """The processors of a namespace in a thread of this process; a context manager."""

    def __init__(self, found: Found, clock: Callable[[], int]) -> None:
        self._found = found
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="processors", daemon=True)
        self._workers: list[Worker] = []
        self._folder = tempfile.TemporaryDirectory(prefix="threecross-scenario-")
        self._reference = ReferenceReader(found.kafka, found.settings.hub)
        self.failed: list[int] = []

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(READY_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(READY_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._folder.cleanup()

    def catch_up(self) -> None:
        """Wait until the processors know what was loaded: a script's next words may follow within a millisecond."""
        asyncio.run_coroutine_threadsafe(self._reference.catch_up(), self._loop).result(READY_SECONDS)

    async def _start(self) -> None:
        hub, state = self._found.settings.hub, Path(self._folder.name)
        await self._reference.start()
        registry, kafka = CollectorRegistry(), self._found.kafka
        around = Surroundings(kafka, self._found.dsn, hub, state, registry, self._reference, self._clock)
        for make in PROCESSORS.values():
            processor = await asyncio.to_thread(make, around)
            self._workers.append(
                Worker(processor, self._found.kafka, hub, WorkerSettings(state), around.metrics, self.failed.append)
            )
        await asyncio.gather(*(worker.start() for worker in self._workers))
        while not all(worker.readiness.ready for worker in self._workers):
            if self.failed:
                raise ServerProblem("A processor of the scenario ended", hub.namespace, "see the log")
            await asyncio.sleep(0.05)

    async def _stop(self) -> None:
        await asyncio.gather(*(worker.stop() for worker in self._workers))
        await self._reference.stop()
