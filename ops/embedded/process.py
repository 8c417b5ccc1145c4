"""Child processes that end with us: each in a session of its own, stopped by signal, killed when we die."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO

SERVERS_PORTS = range(15_000, 32_768)
_LAUNCH = str(Path(__file__).with_name("launch.py"))
# Linux ties the parent-death signal to the thread that started the child: one thread that lives as long as the process
# starts them all.
_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


def spawn(
    argv: Sequence[str],
    *,
    output: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    never_root: Path | None = None,
    keep: Sequence[int] = (),
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start `argv` in its own session with both outputs going to `output`; it gets `death_signal` when we die.

    `never_root` names the directory of a program that refuses to run as root. The file descriptors in `keep` stay open
    in the child. Raises OSError.
    """
    directory = "" if never_root is None else str(never_root)
    command = [sys.executable, "-I", "-S", _LAUNCH, str(os.getpid()), str(int(death_signal)), directory, *argv]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            pass_fds=tuple(keep),
            start_new_session=True,
        )

    return _SPAWNER.submit(start).result()


def send(process: subprocess.Popen[bytes], signal_number: int, *, whole_session: bool = True) -> None:
    """Send a signal to a child, or to its whole session; nothing happens when it has gone."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            (os.killpg if whole_session else os.kill)(process.pid, signal_number)


def stop(
    process: subprocess.Popen[bytes],
    *,
    grace: float,
    signal_number: int = signal.SIGTERM,
    hasten: threading.Event | None = None,
) -> int:
    """Ask a child to end; kill it after `grace` seconds or when `hasten` is set.

    Returns its exit code (negative: the signal that ended it).
    """
    send(process, signal_number, whole_session=False)
    wait_for_all([process], grace, hasten)
    send(process, signal.SIGKILL)
    return process.wait()


def wait_for_all(processes: Iterable[subprocess.Popen[bytes]], grace: float, hasten: threading.Event | None) -> bool:
    """Wait until all have ended; False when `grace` seconds have passed or `hasten` was set before that."""
    deadline = time.monotonic() + grace
    for process in processes:
        while process.poll() is None:
            if time.monotonic() >= deadline or (hasten is not None and hasten.is_set()):
                return False
            time.sleep(0.02)
    return True


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on at this moment. Raises OSError when there is none.

    It lies below those that systems give to clients' own ends (32768 and up): one of those may be gone to a client's
    connection before the server that was to have it listens.
    """
    for port in random.sample(SERVERS_PORTS, len(SERVERS_PORTS)):
        if is_free(port):
            return port
    raise OSError(f"no free TCP port between {SERVERS_PORTS[0]} and {SERVERS_PORTS[-1]} on 127.0.0.1")


def is_free(port: int) -> bool:
    """True when a server could listen on this TCP port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
