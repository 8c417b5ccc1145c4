"""One directory for all that a hub keeps here: `kafka/`, `postgres/`, `run/` (lock, addresses of the running hub)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from ops.embedded.locks import DirectoryLock, is_locked

_LOCK = "run/hub.lock"


def default_data_dir() -> Path:
    """Where this user's hub lives unless told otherwise."""
    return platformdirs.user_data_path("threecross")


@dataclass(frozen=True, slots=True)
class Running:
    """Where the servers of a running hub are; `pid` is its supervisor."""

    pid: int
    bootstrap: str
    dsn: str


@dataclass(frozen=True, slots=True)
class DataDir:
    """The directory of one hub."""

    root: Path

    @property
    def kafka(self) -> Path:
        """Directory of the embedded Kafka."""
        return self.root / "kafka"

    @property
    def postgres(self) -> Path:
        """Directory of the embedded PostgreSQL."""
        return self.root / "postgres"

    def lock(self) -> DirectoryLock:
        """Take the directory for one hub. Raises ServerProblem when another hub uses it."""
        return DirectoryLock(self.root, file=_LOCK)

    def announce(self, running: Running) -> None:
        """Tell other commands where the servers are; call while holding the lock."""
        new = self.root / "run" / "hub.json.new"
        new.write_text(json.dumps(asdict(running)))
        new.replace(self.root / "run" / "hub.json")

    def running(self) -> Running | None:
        """The hub that runs on this directory now; None where none does."""
        note = self.root / "run" / "hub.json"
        if not is_locked(self.root / _LOCK) or not note.is_file():
            return None
        return Running(**json.loads(note.read_text()))
