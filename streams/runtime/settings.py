"""Settings of the engine: what Faust and the fetcher are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How full a fetch should be: at low load fewer, fuller batches cost half the CPU and are sooner done.

    At rest a fetch waits for a first record, up to `rest_wait_ms`; a partition opened meanwhile waits as long.
    """

    min_bytes: int = 65_536
    max_wait_ms: int = 30
    rest_wait_ms: int = 250
    max_records: int = 8_000


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """One worker process. `instance` is the static member id in the group; empty means a dynamic one.

    Without `fetch`, batches are as the processor wants them.
    """

    data_dir: Path
    instance: str = ""
    session_timeout: float = 6.0
    fetch: FetchSettings | None = None
