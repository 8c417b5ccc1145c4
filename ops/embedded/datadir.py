"""One directory for all that a hub keeps here: `kafka/`, `postgres/`, `log/`, `state/`, `run/` (lock, addresses)."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import platformdirs

from ops.embedded.locks import DirectoryLock, is_locked

_LOCK = "run/hub.lock"
_NOTE = "hub.json"


def default_data_dir() -> Path:
    """Where this user's hub lives unless told otherwise."""
    return platformdirs.user_data_path("threecross")


@dataclass(frozen=True, slots=True)
class Running:
    """Where the servers of a running hub are; `pid` is its supervisor, `departments` the folder of their files.

    `pids` and `http` (address of each process) are filled once all of them are ready.
    """

    pid: int
    bootstrap: str
    dsn: str
    namespace: str = "threecross"
    partitions: int = 4
    timezone: str = "Asia/Shanghai"
    division: str = "411702"
    departments: str | None = None
    pids: Mapping[str, int] = field(default_factory=dict)
    http: Mapping[str, str] = field(default_factory=dict)


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

    @property
    def run(self) -> Path:
        """Locks, and notes of who runs where."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """Log files of the hub's own processes."""
        return self.root / "log"

    @property
    def state(self) -> Path:
        """Local copies of state: losing them costs time only."""
        return self.root / "state"

    def lock(self) -> DirectoryLock:
        """Take the directory for one hub. Raises ServerProblem when another hub uses it."""
        return DirectoryLock(self.root, file=_LOCK)

    def announce(self, running: Running) -> None:
        """Tell other commands where the servers are; call while holding the lock. The DSN may hold a password."""
        self.write_note(_NOTE, json.dumps(asdict(running)))

    def running(self) -> Running | None:
        """The hub that runs on this directory now; None where none does."""
        note = self.run / _NOTE
        if not is_locked(self.root / _LOCK) or not note.is_file():
            return None
        known = {f.name for f in fields(Running)}
        found = json.loads(note.read_text("utf-8"))
        return Running(**{name: value for name, value in found.items() if name in known})

    def write_note(self, name: str, text: str) -> None:
        """Write a file of `run/` at once, readable by its owner only."""
        self.run.mkdir(parents=True, exist_ok=True)
        new = self.run / f"{name}.new"
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        new.replace(self.run / name)

    def identity(self) -> str:
        """Eight hex characters that tell this directory from others; made once."""
        note = self.root / "identity"
        if not note.is_file():
            self.root.mkdir(parents=True, exist_ok=True)
            note.write_text(secrets.token_hex(4))
        return note.read_text().strip()
