"""A journal: events appended to a file, each durable before anything else happens because of it.

The file holds one JSON object a line. A last line that was cut off by a fault never happened, and is taken away.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from connectors.contract import Refused

S = TypeVar("S")
E = TypeVar("E")


class Journal(Generic[S, E]):
    """State as the fold of a file of events. One process at a time writes to it."""

    def __init__(self, path: Path, events: Any, evolve: Callable[[S, E], S], empty: S) -> None:
        self._path = path
        self._evolve = evolve
        self._encode = msgspec.json.Encoder().encode
        self.state = empty
        path.parent.mkdir(parents=True, exist_ok=True)
        decoder: msgspec.json.Decoder[E] = msgspec.json.Decoder(events)
        whole = self._read(decoder) if path.exists() else 0
        self._file = path.open("ab")
        self._file.truncate(whole)

    def close(self) -> None:
        self._file.close()

    def append(self, events: Iterable[E]) -> None:
        """Write events down, then fold them."""
        told = list(events)
        if not told:
            return
        self._file.write(b"".join(self._encode(event) + b"\n" for event in told))
        self._file.flush()
        os.fsync(self._file.fileno())
        for event in told:
            self.state = self._evolve(self.state, event)

    def _read(self, decoder: msgspec.json.Decoder[E]) -> int:
        """Fold what is there; returns how many bytes of it are whole lines."""
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                self.state = self._evolve(self.state, decoder.decode(line))
            except msgspec.DecodeError as wrong:
                raise Refused(
                    f"{self._path}, line {number}: is not what a journal holds ({wrong}): restore it from the backup"
                ) from None
        return len(whole)
