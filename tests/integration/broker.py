"""Mosquitto, the broker that districts run, on a port of its own; it may be killed and comes back with what it had."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Self

from ops.embedded.process import free_port
from tests.integration.engine import wait_until


class Mosquitto:
    """One broker; a context manager."""

    def __init__(self, folder: Path) -> None:
        found = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
        assert found, "mosquitto is missing: run `make test` as root once, or install the package mosquitto"
        self.port = free_port()
        self._config = folder / "mosquitto.conf"
        self._command = [found, "-c", str(self._config)]
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "max_queued_messages 0", "persistence true"]
        lines += [f"persistence_location {folder}/", "autosave_interval 1", "autosave_on_changes true"]
        self._config.write_text("\n".join([*lines, f"user {getpass.getuser()}", ""]), "utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._answers, "the broker")

    def stop(self) -> None:
        """End it; it keeps sessions and what is queued for them."""
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        assert self._process.poll() is None, "the broker has ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
