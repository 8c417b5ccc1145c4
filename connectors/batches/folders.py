"""The two one-way folders: a carrier takes files out of one and puts files into the other; nothing else crosses.

A file appears whole or not at all: it is written beside under a temporary name, made durable, and renamed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from connectors.batches.batch import LARGEST, Lane

BATCH, ACKNOWLEDGEMENT = ".batch", ".ack"


def file_name(lane: Lane, number: int, suffix: str = BATCH) -> str:
    """The name of a file of ours; for people, since a name proves nothing."""
    return f"{lane}-{number:08}{suffix}"


def write(path: Path, content: bytes) -> None:
    """Write a whole file, durably. Raises OSError, and leaves nothing of it then."""
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    _make_durable(path.parent)


def move(path: Path, folder: Path) -> Path:
    """Move a file into another folder of the same disk or another one, under a name that is free there."""
    target = folder / path.name
    count = 1
    while target.exists():
        count += 1
        target = folder / f"{path.stem}.{count}{path.suffix}"
    write(target, path.read_bytes())
    path.unlink()
    return target


def arrived(folder: Path, suffix: str) -> Iterator[Path]:
    """Files with this suffix that have arrived whole, in the order of their names."""
    return (path for path in sorted(folder.glob(f"*{suffix}")) if not path.name.startswith(".") and path.is_file())


def content(path: Path) -> bytes | None:
    """The bytes of a file; None where it is larger than any batch. Raises OSError."""
    return path.read_bytes() if path.stat().st_size <= LARGEST else None


def _make_durable(folder: Path) -> None:
    """The rename itself."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
