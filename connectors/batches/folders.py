"""The two one-way folders: a carrier takes files out of one and puts files into the other; nothing else crosses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.batches.batch import LARGEST, Lane

BATCH, ACKNOWLEDGEMENT = ".batch", ".ack"


def file_name(lane: Lane, number: int, suffix: str = BATCH) -> str:
    """The name of a file of ours; for people, since a name proves nothing."""
    return f"{lane}-{number:08}{suffix}"


def arrived(folder: Path, suffix: str) -> Iterator[Path]:
    """Files with this suffix that have arrived whole, in the order of their names. Raises OSError."""
    folder.stat()
    return (path for path in sorted(folder.glob(f"*{suffix}")) if not path.name.startswith(".") and path.is_file())


def content(path: Path) -> bytes | None:
    """The bytes of a file; None where it is larger than any batch. Raises OSError."""
    return path.read_bytes() if path.stat().st_size <= LARGEST else None
