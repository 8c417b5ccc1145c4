"""Files that appear whole or not at all: written beside under a temporary name, made durable, and renamed."""

from __future__ import annotations

import os
from pathlib import Path


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
    """Move a file into another folder, of whatever disk, under a name that is free there. Raises OSError."""
    target = free(folder / path.name)
    write(target, path.read_bytes())
    path.unlink()
    return target


def free(path: Path) -> Path:
    """The same path, or with a number where a file of that name is there already."""
    count, found = 1, path
    while found.exists():
        count += 1
        found = path.with_name(f"{path.stem}.{count}{path.suffix}")
    return found


def _make_durable(folder: Path) -> None:
    """The rename itself."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
