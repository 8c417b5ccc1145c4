"""Worker processes of a hub, as the supervisor starts them, for tests that kill, stop and wake them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60.0


def wait_until(true: Callable[[], Any], what: str, patience: float = PATIENCE) -> None:
    """Returns when it is true; fails when it does not become so."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, f"waited {patience:.0f} s in vain: {what}"
        time.sleep(0.1)


def readiness_of(note: Path) -> dict[str, Any]:
    """What /readyz of the worker with this note (`run/<name>.json`) says; empty while it does not answer."""
    try:
        port = json.loads(note.read_text())["port"]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        return dict(json.load(error))
    except (OSError, ValueError):
        return {}


class WorkerProcess:
    """One worker process. `environment` is what `threecross up` gives its children."""

    def __init__(self, processors: tuple[str, ...], environment: dict[str, str], data_dir: Path, instance: str) -> None:
        self.name = "-".join(processors) if instance == "1" else f"{'-'.join(processors)}-{instance}"
        self._command = [sys.executable, "-m", "ops.worker", *processors, "--instance", instance, "--http-port", "0"]
        self._environment = os.environ | environment
        self._note = data_dir / "run" / f"{self.name}.json"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._note.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, env=self._environment, stderr=subprocess.DEVNULL)

    def readiness(self) -> dict[str, Any]:
        """What /readyz says; empty while the process does not answer."""
        return readiness_of(self._note)

    def partitions(self, processor: str) -> dict[str, str]:
        """Partition → how far it is."""
        return dict(self.readiness().get("processors", {}).get(processor, {}).get("partitions", {}))

    def is_ready(self) -> bool:
        return bool(self.readiness().get("ready"))

    @property
    def code(self) -> int | None:
        """Exit code; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)

    def end(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(30)


@contextmanager
def kept_running(*workers: WorkerProcess) -> Iterator[None]:
    """Starts the workers; none is left afterwards."""
    try:
        for worker in workers:
            worker.start()
        yield
    finally:
        for worker in workers:
            worker.kill()
