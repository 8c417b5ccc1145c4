"""Runs a hub on one machine: servers first, then the hub's own processes; what ends is started again, until hopeless.

Every process is a child in a session of its own, so that Ctrl-C reaches only us, and dies with us, however we die. On
the way down the children stop first, then the servers.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Protocol
from urllib.error import URLError
from urllib.request import urlopen

import structlog

from ops.embedded import process
from ops.embedded.problem import ServerProblem
from ops.embedded.server import EmbeddedServer
from ops.restarts import RestartPolicy, Restarts
from ops.spares import Spares
from ops.stop import Stop

log = structlog.get_logger(__name__)

DONE = 0
CANNOT_RUN = 2
POLL_SECONDS = 0.1
SPARE_AFTER = 3.0
"""Seconds that everything has been ready when a spare is loaded: what has just begun needs the processor more."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the hub. It is ready when `ready_url` answers 200; without one, as soon as it runs.

    `program`: how many words at the beginning of `argv` make a program of which a spare may wait (ops/spares.py); 0
    where it knows no spares.
    """

    name: str
    argv: tuple[str, ...]
    ready_url: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    program: int = 0


class _Runnable(Protocol):
    """What is watched: a server or a child."""

    @property
    def name(self) -> str: ...
    def start(self) -> None: ...
    def is_running(self) -> bool: ...
    def is_ready(self) -> bool: ...
    def how_it_ended(self) -> ServerProblem: ...


class _RunningServer:
    def __init__(self, server: EmbeddedServer) -> None:
        self.name = server.name
        self._server = server
        self.start = server.start
        self.is_running = server.is_running
        self.is_ready = server.is_ready
        self.how_it_ended = server.diagnose


class _RunningChild:
    def __init__(self, child: Child, output: IO[bytes], spares: Spares) -> None:
        self.name = child.name
        self._child = child
        self._output = output
        self._spares = spares
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        child = self._child
        program, arguments = child.argv[: child.program], child.argv[child.program :]
        spare = self._spares.take(program, child.env, arguments) if program else None
        self.process = spare or process.spawn(child.argv, output=self._output, env={**os.environ, **child.env})
        log.info("process started", part=self.name, pid=self.process.pid, spare=spare is not None)

    def keep_spare(self) -> None:
        if self._child.program:
            self._spares.keep(self._child.argv[: self._child.program], self._child.env)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        if self._child.ready_url is None:
            return True
        with suppress(URLError, OSError), urlopen(self._child.ready_url, timeout=0.5) as answer:
            return bool(answer.status == 200)
        return False

    def how_it_ended(self) -> ServerProblem:
        code = None if self.process is None else self.process.poll()
        how = f"signal {-code}" if code is not None and code < 0 else f"code {code}"
        command = " ".join(self._child.argv[:4])
        return ServerProblem(f"The process {self.name} ended with {how}", command, "its last lines above say why")


class _Watched:
    """One runnable with its record."""

    def __init__(self, runnable: _Runnable, policy: RestartPolicy, now: float) -> None:
        self.runnable = runnable
        self.restarts = Restarts(policy)
        self.started = now
        self.start_at: float | None = None
        self.is_ready = False

    def poll(self, now: float) -> None:
        """Start it when it is time to, see that it runs and is ready. Raises ServerProblem when hopeless."""
        if self.start_at is not None:
            if now >= self.start_at:
                self.start_at, self.started = None, now
                self.runnable.start()
        elif not self.runnable.is_running():
            self._ended(now)
        elif not self.is_ready and self.runnable.is_ready():
            self.is_ready = True
            log.info("process ready", part=self.runnable.name, seconds=round(now - self.started, 2))

    def _ended(self, now: float) -> None:
        self.is_ready = False
        how = self.runnable.how_it_ended()
        self.start_at = self.restarts.next_start(self.started, now)
        if self.start_at is None:
            tries = f"{how.what}, {self.restarts.failures} times in a row"
            raise ServerProblem(tries, how.where, how.what_to_do) from how
        wait = round(self.start_at - now, 1)
        log.warning("process ended", part=self.runnable.name, how=str(how), restart_in_seconds=wait)


class Supervisor:
    """Servers and children of one hub, in one process of ours.

    `prepare` is called when the servers are ready and names the children, which may need the servers' addresses.
    `output` (default: our standard error) receives what the children print: each of their lines names its process.
    """

    def __init__(
        self,
        servers: Sequence[EmbeddedServer],
        prepare: Callable[[], Sequence[Child]],
        *,
        output: IO[bytes] | None = None,
        policy: RestartPolicy | None = None,
        grace: float = 10.0,
    ) -> None:
        self._servers = servers
        self._prepare = prepare
        self._output = output or sys.stderr.buffer
        self._policy = policy or RestartPolicy()
        self._grace = grace
        self._spares = Spares(self._output)
        self._whole_since = math.inf
        self._children: list[_RunningChild] = []
        self._watched: list[_Watched] = []
        self.all_ready = threading.Event()
        self.problem: ServerProblem | None = None

    def run(self, stop: Stop) -> int:
        """Start, watch until `stop` is requested, end everything; exit code 0, or 2 with the reason in `problem`."""
        try:
            with stop.interrupting():
                self.start()
            while not stop.requested.wait(POLL_SECONDS):
                self.poll()
        except KeyboardInterrupt:
            log.info("start interrupted")
        except ServerProblem as problem:
            self.problem = problem
            log.info("the hub cannot run", problem=str(problem))  # whoever started it is told by `problem`
        finally:
            self.stop(stop.hastened)
        return DONE if self.problem is None else CANNOT_RUN

    def start(self) -> None:
        """Start the servers, wait for them, start the children. Raises ServerProblem."""
        began = time.monotonic()
        for server in self._servers:
            server.start()
        for server in self._servers:
            server.wait_ready()
            log.info("server ready", part=server.name, pid=server.pid, port=server.port)
        self._watch([_RunningServer(server) for server in self._servers])
        self._children = [_RunningChild(child, self._output, self._spares) for child in self._prepare()]
        for child in self._children:
            child.start()
        self._watch(self._children)
        log.info("hub started", seconds=round(time.monotonic() - began, 2))

    def poll(self) -> None:
        """Look after everything once; never waits long. Raises ServerProblem when one of them is hopeless."""
        now = time.monotonic()
        for watched in self._watched:
            watched.poll(now)
        if all(watched.is_ready for watched in self._watched):
            self.all_ready.set()
            self._whole_since = min(self._whole_since, now)
        else:
            self.all_ready.clear()
            self._whole_since = math.inf
        if now - self._whole_since > SPARE_AFTER:
            for child in self._children:
                child.keep_spare()

    def stop(self, hasten: threading.Event | None = None) -> None:
        """End the children, then the servers; setting `hasten` shortens every wait."""
        self._spares.stop()
        running = [child.process for child in self._children if child.process is not None]
        for each in running:
            process.send(each, signal.SIGTERM, whole_session=False)
        in_order = process.wait_for_all(running, self._grace, hasten)
        for each in running:
            process.send(each, signal.SIGKILL)
            each.wait()
        if self._servers:
            with ThreadPoolExecutor(len(self._servers), thread_name_prefix="stop") as pool:
                list(pool.map(lambda server: server.stop(hasten), self._servers))
        self.all_ready.clear()
        log.info("hub stopped", in_order=in_order)

    def pids(self) -> dict[str, int]:
        """Process ids by name, of what runs now."""
        servers = {server.name: server.pid for server in self._servers}
        children = {child.name: child.process.pid for child in self._children if child.process and child.is_running()}
        return {**{name: pid for name, pid in servers.items() if pid is not None}, **children}

    def _watch(self, runnables: Sequence[_Runnable]) -> None:
        now = time.monotonic()
        self._watched += [_Watched(runnable, self._policy, now) for runnable in runnables]
