"""The hub of a campaign: what `threecross up` runs, with casework in two processes, so that partitions can move."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil

from ops import settings as all_settings
from ops.embedded import process
from ops.hub import Hub
from ops.restarts import RestartPolicy
from ops.settings import Settings
from ops.spares import SPARE
from ops.stop import Stop
from ops.supervisor import Child
from tests.faults.workers import WorkerProcess, readiness_of, wait_until

CASEWORK = ("casework", "casework-2")
SERVERS = ("Kafka", "PostgreSQL")
FORGIVING = RestartPolicy(healthy_after=3.0)
"""A campaign kills more often in a minute than life in a year: a worker that has run for 3 s has a clean record."""
SPARE_SECONDS = 30.0
"""How long a spare may need to load its program on a busy machine before we go on without it."""
BACK_SECONDS = 180.0
"""How long a hub may need to be whole again after a fault on a busy machine; longer is a failure of its own."""


class _TwoOfCasework(Hub):
    """A hub with a second worker of casework under the same supervisor."""

    def _prepare(self) -> list[Child]:
        children = super()._prepare()
        (first,) = (child for child in children if child.name == "casework")
        port = process.free_port()
        argv = (sys.executable, "-m", "ops.worker", "casework", "--instance", "2", "--http-port", str(port))
        return [*children, replace(first, name="casework-2", argv=argv, ready_url=f"http://127.0.0.1:{port}/readyz")]


class FaultHub:
    """A running hub and what a campaign may do to it: look, signal, and wait until it is whole again."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.settings = hub.settings
        self.folder = hub.settings.data.root
        self._guests: list[WorkerProcess] = []

    @property
    def bootstrap(self) -> str:
        return self._hub.running.bootstrap

    @property
    def dsn(self) -> str:
        return self._hub.running.dsn

    @property
    def partitions(self) -> set[int]:
        return set(range(self.settings.partitions))

    # ------------------------------------------------------------ look

    def pid(self, name: str) -> int | None:
        """Process id of a server or worker; None while it does not run."""
        return self._hub.supervisor.pids().get(name)

    def owned(self, name: str) -> set[int]:
        """Partitions of claims on which a worker of casework works."""
        report = readiness_of(self.folder / "run" / f"{name}.json")
        words = report.get("processors", {}).get("casework", {}).get("partitions", {})
        return {int(partition) for partition, word in words.items() if word == "working"}

    def owner(self, partition: int) -> str | None:
        """Worker under the supervisor that works on a partition."""
        return next((name for name in CASEWORK if partition in self.owned(name)), None)

    def is_whole(self) -> bool:
        """Everything runs, each partition has one worker of casework, and each worker of ours has work."""
        if any(self.pid(name) is None for name in (*CASEWORK, *SERVERS, "views")):
            return False
        owned = [self.owned(name) for name in (*CASEWORK, *(guest.name for guest in self._guests))]
        whole = sum(map(len, owned)) == len(self.partitions) and set().union(*owned) == self.partitions
        return (
            whole
            and all(owned[: len(CASEWORK)])
            and bool(readiness_of(self.folder / "run" / "views.json").get("ready"))
        )

    def wait_whole(self) -> None:
        """Fails when the hub does not become whole again."""

        wait_until(lambda: self.goes_on() and self.is_whole(), "the hub to be whole again", BACK_SECONDS)

    def goes_on(self) -> bool:
        """True; fails when the supervisor has given up."""
        problem = self._hub.supervisor.problem
        assert problem is None, f"the supervisor has given up: {problem}"
        return True

    # ------------------------------------------------------------ do

    def signal(self, name: str, number: signal.Signals) -> int:
        """Sends a signal; the process id. Waits for the process where it is just being started again."""
        wait_until(lambda: self.pid(name) is not None, f"{name} to run", BACK_SECONDS)
        pid = self.pid(name)
        assert pid is not None
        os.kill(pid, number)
        return pid

    def wait_restarted(self, name: str, pid: int) -> None:
        """Returns when another process than `pid` has this role."""
        wait_until(
            lambda: self.goes_on() and self.pid(name) not in (None, pid), f"{name} to be started again", BACK_SECONDS
        )

    def wait_for_spare(self) -> None:
        """Returns when the supervisor has a spare that has loaded its program, or soon after it should have one."""
        ends, used = time.monotonic() + SPARE_SECONDS, -1.0
        while time.monotonic() < ends:
            before, used = used, self._spare_seconds()
            if used == before > 0:
                return  # it waits
            time.sleep(0.5)

    def _spare_seconds(self) -> float:
        """Processor time that the supervisor's spare has used; 0 where there is none."""
        workers = set(self._hub.supervisor.pids().values())
        with suppress(psutil.Error):
            for child in psutil.Process().children():
                if child.pid not in workers and SPARE in child.cmdline():
                    return float(sum(child.cpu_times()[:2]))
        return 0.0

    @contextmanager
    def guest(self) -> Iterator[WorkerProcess]:
        """A third worker of casework, which the supervisor does not know."""
        data = {"bootstrap": self.bootstrap, "dsn": self.dsn, "data_dir": self.folder}
        same = {name: getattr(self.settings, name) for name in ("namespace", "partitions", "timezone", "division")}
        environment = {f"THREECROSS_{name.upper()}": str(value) for name, value in (data | same).items()}
        worker = WorkerProcess(("casework",), environment, self.folder, "3")
        worker.start()
        self._guests.append(worker)
        try:
            yield worker
        finally:
            worker.kill()
            self._guests.remove(worker)


@contextmanager
def running_hub(folder: Path, partitions: int) -> Iterator[FaultHub]:
    """A whole hub with servers of its own on a folder of its own; nothing of it runs afterwards."""
    settings: Settings = all_settings.load(data_dir=folder, partitions=partitions)
    stop = Stop()
    folder.mkdir(parents=True, exist_ok=True)
    lock = settings.data.lock()
    with (folder / "output.log").open("ab") as output:
        made = _TwoOfCasework(settings, ["casework", "views"], lambda _what: None, output, FORGIVING)
        thread = threading.Thread(target=made.supervisor.run, args=(stop,))
        thread.start()
        try:
            assert made.supervisor.all_ready.wait(BACK_SECONDS), f"no start: {made.supervisor.problem}"
            hub = FaultHub(made)
            hub.wait_whole()
            yield hub
        finally:
            stop.press()
            thread.join(60)
            lock.release()


def start_program(module: str, *arguments: str) -> subprocess.Popen[str]:
    """A program of the campaign, with pipes to it and from it; it ends when we do."""
    command = [sys.executable, "-m", module, *arguments]
    root = Path(__file__).parents[2]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=root)
