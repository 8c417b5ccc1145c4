"""Readers that have just answered, kept for whoever comes back with the cursor that they were left at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

from connectors.feeds.reading import Read


class Reader(Protocol):
    """What routes read with."""

    @property
    def cursor(self) -> str: ...
    def read(self, limit: int, seconds: float) -> list[Read]: ...
    def close(self) -> None: ...


Open = Callable[[str | None], Reader]
"""A reader from a cursor on, or from the beginning."""


class Shelf:
    """Any thread takes a reader and puts it back; only one has it at a time."""

    def __init__(self, opened: Open, most: int) -> None:
        self._opened = opened
        self._most = most
        self._kept: OrderedDict[str, Reader] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False

    def take(self, cursor: str | None) -> Reader:
        """One that stands at the cursor: the one that was left there, or a new one."""
        with self._lock:
            found = self._kept.pop(cursor, None) if cursor else None
        return found or self._opened(cursor)

    def put(self, reader: Reader) -> None:
        """Keep it for the next question; those that nobody came back for are closed."""
        with self._lock:
            spare = [self._kept.pop(reader.cursor, None)]
            if self._closed:
                spare.append(reader)
            else:
                self._kept[reader.cursor] = reader
            while len(self._kept) > self._most:
                spare.append(self._kept.popitem(last=False)[1])
        for one in spare:
            if one is not None:
                one.close()

    def close(self) -> None:
        """Close all that are kept, and what is put back from now on."""
        with self._lock:
            self._closed, kept = True, list(self._kept.values())
            self._kept.clear()
        for one in kept:
            one.close()
