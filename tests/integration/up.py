"""A whole `threecross up` in a process of its own, as a person would start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0


def environment() -> dict[str, str]:
    """Ours, without settings of a hub of this machine."""
    return {name: value for name, value in os.environ.items() if not name.startswith("THREECROSS_")}


def argv(*words: object) -> list[str]:
    """The command line program of this environment."""
    return [sys.executable, "-c", "import sys; from ops.cli import main; sys.exit(main())", *map(str, words)]


@dataclass
class Up:
    """A running hub: its process, where it lives, what it said when it was ready."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    log: Path
    ready: dict[str, Any]

    def everything(self) -> list[psutil.Process]:
        """The supervisor and all that it started."""
        mother = psutil.Process(self.process.pid)
        return [mother, *mother.children(recursive=True)]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; returns its exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def up(data_dir: Path, *words: object) -> Iterator[Up]:
    """Start it, wait until it is ready; at the end nothing of it is left."""
    log = data_dir.with_suffix(".out")
    command = argv("up", "--data-dir", data_dir, "--json", *words)
    with log.open("wb") as output:
        child = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=output, stderr=subprocess.STDOUT)
    try:
        yield Up(child, data_dir, log, wait_ready(child, log))
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait(PATIENCE)


def wait_ready(child: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """What it says when all is ready."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        said = log.read_text("utf-8")
        if said.rstrip().endswith("}") and '"ready": true' in said:
            return dict(json.loads(said[said.index("{\n") :]))
        assert child.poll() is None, said
        time.sleep(0.05)
    raise AssertionError(f"not ready after {PATIENCE} s: {log.read_text('utf-8')}")
