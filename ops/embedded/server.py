"""What embedded servers have in common: a directory, a log, a port, a life of start, ready, stop, kill."""

from __future__ import annotations

import shutil
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from ops.embedded import process
from ops.embedded.locks import DirectoryLock
from ops.embedded.problem import ServerProblem

ROOM_TO_START = 64 * 2**20
"""Bytes that must be free before a server is started."""
ROOM_LEFT = 2**20
"""With fewer bytes than this, a server that ended did so for want of room."""


class EmbeddedServer(ABC):
    """One server process with its own directory. `start` returns at once, `wait_ready` when it serves."""

    name: ClassVar[str]
    log_name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    stop_grace: ClassVar[float] = 20.0

    def __init__(self, directory: Path, *, port: int | None = None) -> None:
        self.directory = directory.absolute()
        self.log_path = self.directory / self.log_name
        self._wanted_port = port
        self._port = port or 0
        self._lock: DirectoryLock | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self.is_running() else None

    @property
    def port(self) -> int:
        """TCP port on the loopback address; 0 before the first start."""
        return self._port

    def is_running(self) -> bool:
        """True while the process exists, ready or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the process; does nothing when it runs. Raises ServerProblem."""
        if self.is_running():
            return
        if self._lock is None:
            self._lock = DirectoryLock(self.directory)
        try:
            self._require_room()
            self._port = self._choose_port()
            self._start()
        except BaseException:
            self._release()
            raise

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Return when the server serves. Raises ServerProblem when it ends first or needs over `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            if not self.is_running() and not self._start_elsewhere():
                problem = self.diagnose()
                self._release()
                raise problem
            if time.monotonic() > deadline:
                self.kill()
                todo = "see that log; give the machine more time or fewer other tasks"
                raise ServerProblem(f"{self.name} was not ready within {timeout:.0f} s", str(self.log_path), todo)
            time.sleep(0.02)
        self._wanted_port = self._port  # clients know it now: a restart may not move
        self._on_ready()

    def stop(self, hasten: threading.Event | None = None) -> None:
        """End the server in order; it is killed after a grace period, or when `hasten` is set.

        Does nothing when it does not run.
        """
        if self._process is not None:
            process.stop(self._process, grace=self.stop_grace, signal_number=self.stop_signal, hasten=hasten)
            self._process = None
        self._release()

    def kill(self) -> None:
        """End the server with kill -9."""
        if self._process is not None:
            process.stop(self._process, grace=0, signal_number=signal.SIGKILL)
            self._process = None
        self._release()

    def restart(self, timeout: float = 60.0) -> None:
        """Stop, start on the same port, wait until ready. Raises ServerProblem."""
        self.stop()
        self.start()
        self.wait_ready(timeout)

    def __enter__(self) -> Self:
        """Start and wait until ready."""
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def diagnose(self) -> ServerProblem:
        """Why the server ended, by its exit code, its log and the room on its disk."""
        code = None if self._process is None else self._process.poll()
        if self._free_bytes() < ROOM_LEFT:
            return self._disk_full()
        return self._explain("ended" if code is None else f"ended with code {code}", self._log())

    def _disk_full(self) -> ServerProblem:
        return ServerProblem(
            f"The disk is full, so {self.name} cannot go on", str(self.directory), "make room and start again"
        )

    def _port_taken(self) -> ServerProblem:
        todo = "stop the program that listens there, or choose another port"
        return ServerProblem(f"{self.name} cannot listen: its port is taken", f"127.0.0.1:{self._port}", todo)

    def _unknown(self, how: str, why: str) -> ServerProblem:
        return ServerProblem(f"{self.name} {how}: {why}", str(self.log_path), "see that log")

    def _require_room(self) -> None:
        if self._free_bytes() < ROOM_TO_START:
            todo = f"make room: at least {ROOM_TO_START >> 20} MiB must be free"
            raise ServerProblem(f"The disk is full, so {self.name} cannot start", str(self.directory), todo)

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self.directory).free

    def _choose_port(self) -> int:
        """The wanted port, else that of last time (so that clients find it again), else any free one."""
        if self._wanted_port is not None:
            self._port = self._wanted_port
            if not process.is_free(self._wanted_port):
                raise self._port_taken()
            return self._wanted_port
        note = self.directory / "port"
        with suppress(OSError, ValueError):
            last = int(note.read_text())
            if process.is_free(last):
                return last
        port = process.free_port()
        note.write_text(str(port))
        return port

    def _start_elsewhere(self) -> bool:
        """Try again with another port of our own choice when somebody else took it meanwhile."""
        if self._wanted_port is not None or not self._is_port_conflict(self._log()):
            return False
        self._port = process.free_port()
        (self.directory / "port").write_text(str(self._port))
        self._start()
        return True

    def _log(self) -> str:
        """The log's last 64 KiB."""
        if not self.log_path.is_file():
            return ""
        with self.log_path.open("rb") as file:
            file.seek(max(0, self.log_path.stat().st_size - 65536))
            return file.read().decode("utf-8", "replace")

    def _fresh_log(self) -> None:
        """Begin a new log; the one before is kept beside it."""
        if self.log_path.exists():
            self.log_path.replace(self.log_path.with_suffix(".previous.log"))

    def _spawn(self, argv: list[str], *, death_signal: signal.Signals, never_root: Path | None = None) -> None:
        assert self._lock is not None
        self._fresh_log()
        with self.log_path.open("ab") as log:
            self._process = process.spawn(
                argv, output=log, death_signal=death_signal, never_root=never_root, keep=[self._lock.handle]
            )

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _on_ready(self) -> None:  # noqa: B027
        """Once, each time the server has become ready."""

    @abstractmethod
    def _start(self) -> None:
        """Prepare the directory and start the process on `self._port`."""

    @abstractmethod
    def is_ready(self) -> bool:
        """True when the server serves."""

    @abstractmethod
    def _is_port_conflict(self, log: str) -> bool:
        """True when this log says that the port was taken."""

    @abstractmethod
    def _explain(self, how: str, log: str) -> ServerProblem:
        """What this log means."""
