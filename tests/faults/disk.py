"""A disk that can be full: a small file system of its own where we may mount one, else a limit on a process's files."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE_MB = 64


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """The folder as a disk of 64 MB; gives False where this system does not let us, and the folder is as any other."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[Callable[[], None]]:
    """Inside, nothing more can be written on the small disk; gives a function that fills again what became free."""
    ballast = folder / "ballast"

    def fill() -> None:
        with ballast.open("ab", buffering=0) as file:
            _fill(file.fileno())

    try:
        fill()
        yield fill
    finally:
        ballast.unlink()


def _fill(handle: int) -> None:
    for size in (2**20, 4096, 1):
        try:
            while os.write(handle, bytes(size)) == size:
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


@contextmanager
def no_file_may_grow(pid: int) -> Iterator[None]:
    """Inside, every write of this process to a file fails as if its disk were full."""
    _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        if Path(f"/proc/{pid}").exists():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))
