"""Locks held by an open file: the system lets go of them when the last process that has it open ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.embedded.problem import ServerProblem

PATIENCE = 3.0
"""Seconds to wait for a lock: the servers of a hub that was killed need a moment to end."""


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class DirectoryLock:
    """One directory belongs to one hub. Give `.handle` to a server to keep the lock until the server has ended, too."""

    def __init__(self, directory: Path, *, file: str = "hub.lock", patience: float = PATIENCE) -> None:
        """Take the lock. Raises ServerProblem when another process keeps it for longer than `patience` seconds."""
        self._directory = directory
        self._file = directory / file
        self.handle = self._open()
        deadline = time.monotonic() + patience
        while not _try_lock(self.handle):
            if time.monotonic() > deadline:
                raise self._in_use()
            time.sleep(0.05)
        os.truncate(self.handle, 0)
        os.pwrite(self.handle, str(os.getpid()).encode(), 0)

    def _open(self) -> int:
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._file.parent.mkdir(exist_ok=True)
            return os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise ServerProblem(
                f"The data directory cannot be written: {error.strerror}",
                str(self._directory),
                "choose another with --data-dir",
            ) from error

    def _in_use(self) -> ServerProblem:
        holder = os.pread(self.handle, 20, 0).decode("ascii", "replace") or "unknown"
        self.release()
        where = f"{self._directory}, process {holder}"
        return ServerProblem(
            "The data directory is in use by another hub", where, "stop that one, or choose another with --data-dir"
        )

    def release(self) -> None:
        """Let go; once is enough, more often does no harm."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for others as long as they need."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def is_locked(path: Path) -> bool:
    """True when a process holds the lock file `path`."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
